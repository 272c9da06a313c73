#include "riata/app/train_fingerprint.hpp"

#include <span>
#include <utility>

#include "riata/app/option.hpp"
#include "riata/app/train_checkpoint.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

/// Where the entries of sparse rows are.
std::string places_of(const RowEntries& rows) {
  const auto bytes = [](const auto& list) {
    return std::string(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(list[0]));
  };
  return bytes(rows.starts) + bytes(rows.positions);
}

template <class Spec>
void add_options(const Spec& spec, std::vector<std::string>& texts) {
  for (const auto& [name, value] : recorded_options(spec)) texts.emplace_back(name).append("=").append(value);
}

void add_folds(const TrainProblem& problem, std::vector<std::string>& texts) {
  for (const auto* labels : {&problem.fold_labels, &problem.group_labels}) {
    texts.insert(texts.end(), labels->begin(), labels->end());
  }
}

std::string with_data(std::vector<std::string> texts, const TrainProblem& problem) {
  std::vector<std::span<const double>> numbers;
  for (const RawRows* rows : {&problem.training, problem.validation ? &*problem.validation : nullptr}) {
    if (rows == nullptr) continue;
    if (rows->entries) {
      texts.push_back(places_of(*rows->entries));
      numbers.emplace_back(rows->entries->values);
    }
    RawColumns columns(*rows);
    for (Index j = 0; j < problem.inputs() && !rows->entries; ++j) texts.push_back(fingerprint_of({}, {columns.of(j)}));
    for (const auto* part : {&rows->response, &rows->weights, &rows->offset}) numbers.emplace_back(*part);
  }
  return fingerprint_of(texts, numbers);
}

}  // namespace

std::string network_fingerprint(const TrainSpec& spec, const TrainProblem& problem, double lambda) {
  std::vector<std::string> texts = {to_text(lambda)};
  for (const auto& [name, value] : recorded_options(spec)) {
    const bool sets_rates = spec.schedule.kind == ScheduleOptions::Kind::cosine && spec.schedule.length == 0;
    if (name == "epochs" && !sets_rates) continue;                 // more epochs may follow
    if (name == "learning-rate" || name == "clip-norm") continue;  // and go on after divergence
    texts.emplace_back(name).append("=").append(value);
  }
  return with_data(std::move(texts), problem);
}

std::string grid_fingerprint(const TrainSpec& spec, const TrainProblem& problem, const std::vector<double>& lambdas,
                             std::string_view start) {
  std::vector<std::string> texts = {"grid", std::string(start)};
  for (const double lambda : lambdas) texts.push_back(to_text(lambda));
  add_options(spec, texts);
  add_folds(problem, texts);
  return with_data(std::move(texts), problem);
}

std::string contest_fingerprint(const CompareSpec& spec, const TrainProblem& problem, const std::vector<NetworkWay>& ways) {
  std::vector<std::string> texts = {"contest"};
  for (const NetworkWay& way : ways) {
    texts.push_back(way.name);
    for (const double strength : way.strengths) texts.push_back(to_text(strength));
  }
  add_options(spec, texts);
  add_folds(problem, texts);
  return with_data(std::move(texts), problem);
}

}  // namespace riata
