#include "riata/app/fit_problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "riata/app/choose_loss.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Index kDefaultFolds = 10;
constexpr double kDefaultRatio = 0.5;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Roles roles_of(const FitSpec& spec) {
  return {.target = spec.target,
          .features = spec.features,
          .exclude = spec.exclude,
          .categorical = spec.categorical,
          .weights = spec.weights,
          .offset = spec.offset,
          .fold_column = spec.fold_column,
          .group_column = spec.group_column,
          .missing = spec.missing,
          .reference_level = spec.penalty == PenaltyChoice::none};
}

PenaltySpec penalty_of(const FitSpec& spec) {
  switch (spec.penalty.value_or(PenaltyChoice::l2)) {
    case PenaltyChoice::none: return {"none", 0};
    case PenaltyChoice::l1: return {"l1", 1};
    case PenaltyChoice::l2: return {"l2", 0};
    case PenaltyChoice::elastic_net: return {"elastic-net", spec.l1_ratio.value_or(kDefaultRatio)};
    case PenaltyChoice::lassonet: break;
  }
  return {};
}

struct Rarest {
  std::string name;
  Index rows = 0;
};

Rarest rarest_class(const Dataset& dataset) {
  const Response& response = dataset.response;
  std::vector<Index> rows(response.classes.size());
  for (const double value : response.values) ++rows[static_cast<std::size_t>(value)];
  const auto least = std::ranges::min_element(rows);
  return {response.classes[at(least - rows.begin())], *least};
}

/// Every fold is to hold every class: as many folds as the rarest class has rows where no number was asked for.
Index fewer_folds(const FitSpec& spec, const Rarest& rarest, Index n_folds, std::vector<std::string>& warnings) {
  const std::string few = "the class '" + printable(rarest.name) + "' has " + std::to_string(rarest.rows) +
                          (rarest.rows == 1 ? " row" : " rows") + " for " + std::to_string(n_folds) + " folds";
  if (rarest.rows < 2) {
    throw Error(ErrorKind::input, few +
                                      ", and cross-validation needs at least two of each class; give one --lambda, or "
                                      "--folds 0 and --select bic");
  }
  if (spec.folds) {
    throw Error(ErrorKind::argument,
                few + ", and each fold needs one; give --folds " + std::to_string(rarest.rows) + " or fewer");
  }
  warnings.push_back(few + ": cross-validation takes " + std::to_string(rarest.rows));
  return rarest.rows;
}

}  // namespace

std::vector<double> per_column(const Assignments& assignments, const Coding& coding, double otherwise, const char* option) {
  if (assignments.empty()) return {};
  const std::vector<std::string> names = coding.column_names();
  std::vector<double> out(names.size(), otherwise);
  const std::vector<Index> owners = coding.column_features();
  for (const auto& [name, value] : assignments) {
    bool found = false;
    for (std::size_t j = 0; j < out.size(); ++j) {
      if (!name.empty() && coding.features[at(owners[j])].name != name && names[j] != name) continue;
      out[j] = value;
      found = true;
    }
    if (!found && !name.empty()) {
      throw Error(ErrorKind::column,
                  std::string(option) + ": there is no feature '" + printable(name) + "'" + did_you_mean(name, names));
    }
  }
  return out;
}

FitProblem::FitProblem(const FitSpec& spec, const Table& table, const Context& context)
    : dataset(make_dataset(table, roles_of(spec), context)), penalty(penalty_of(spec)) {
  ChosenLoss chosen = choose_loss(spec.loss, std::move(dataset.response), dataset.weights, table.source);
  dataset.response = std::move(chosen.response);
  factor = per_column(spec.penalty_factor, dataset.coding, 1, "--penalty-factor");
  lower = per_column(spec.lower, dataset.coding, -kInfinity, "--lower");
  upper = per_column(spec.upper, dataset.coding, kInfinity, "--upper");
  problem.design = dataset.imputed_design ? dataset.imputed_design(dataset.weights) : dataset.design;
  problem.loss = loss_by_name(chosen.name);
  problem.response = dataset.response.values;
  problem.weights = dataset.weights;
  problem.offset = dataset.offset;
  problem.penalty_factor = factor;
  problem.lower = lower;
  problem.upper = upper;
  problem.intercept = spec.intercept;
  problem.standardize = spec.standardize;
  problem.check();
  const auto& w = dataset.weights;
  total_weight = w.empty() ? static_cast<double>(problem.design->rows()) : std::accumulate(w.begin(), w.end(), 0.0);
}

std::vector<double> make_lambdas(const FitSpec& spec, const FitProblem& fit, const Context& context) {
  if (fit.penalty.name == "none") return {0.0};
  GridSpec grid{.lambdas = spec.lambdas, .n_lambdas = spec.n_lambdas.value_or(100), .min_ratio = spec.lambda_min_ratio};
  const double divisor = spec.lambda_scale == LambdaScale::sum     ? fit.total_weight
                         : spec.lambda_scale == LambdaScale::batch ? static_cast<double>(fit.problem.design->rows())
                                                                   : 1.0;
  for (double& lambda : grid.lambdas) lambda /= divisor;
  return lambda_grid(fit.problem, fit.penalty, grid, context);
}

std::optional<Folds> make_folds(const FitSpec& spec, const FitProblem& fit, std::vector<std::string>& warnings) {
  const auto seed = static_cast<std::uint64_t>(spec.seed);
  const auto& weights = fit.dataset.weights;
  const Index n_rows = fit.problem.design->rows();
  if (!spec.fold_column.empty()) return labelled_folds(fit.dataset.fold_labels, weights);
  const bool asked = !spec.group_column.empty() || spec.folds_in_time;
  Index n_folds = spec.folds.value_or(spec.lambdas.size() == 1 && !asked ? 0 : kDefaultFolds);
  if (n_folds == 0) return std::nullopt;
  if (!spec.folds && !asked && n_rows < n_folds) {
    if (n_rows < 2) {
      throw Error(ErrorKind::input,
                  "cross-validation needs at least two rows; give one --lambda, or --folds 0 and --select bic");
    }
    n_folds = n_rows;
    warnings.push_back("only " + std::to_string(n_folds) + " rows: cross-validation leaves one out at a time");
  }
  if (!spec.group_column.empty()) return group_folds(fit.dataset.group_labels, n_folds, seed, weights);
  if (spec.folds_in_time) return time_folds(n_rows, n_folds, weights);
  if (fit.dataset.response.classes.empty()) return random_folds(n_rows, n_folds, seed, weights);
  const Rarest rarest = rarest_class(fit.dataset);
  if (rarest.rows < n_folds) n_folds = fewer_folds(spec, rarest, n_folds, warnings);
  return stratified_folds(fit.dataset.response.values, n_folds, seed, weights);
}

std::string objective_text(const FitProblem& fit, const PenaltySpec& penalty) {
  std::string loss(fit.problem.loss->formula());
  const std::string scaled = fit.problem.standardize ? "sⱼ" : "";
  if (penalty.name == "none") return loss;
  if (penalty.name == "l1") return loss + " + λ Σ vⱼ" + scaled + "|βⱼ|";
  const std::string square = scaled.empty() ? "βⱼ²" : "(sⱼβⱼ)²";
  if (penalty.name == "l2") return loss + " + λ/2 Σ vⱼ" + square;
  const std::string ratio = to_text(penalty.l1_ratio);
  return loss + " + λ Σ vⱼ(" + ratio + " " + scaled + "|βⱼ| + (1-" + ratio + ")/2 " + square + ")";
}

}  // namespace riata
