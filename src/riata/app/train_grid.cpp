#include "riata/app/train_grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <span>

#include "riata/app/network_rows.hpp"
#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr double kStates = 8;  // copies of the parameters: gradient, moments, the best, the last good …

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double weight_of(const RawRows& rows) {
  return rows.weights.empty() ? static_cast<double>(rows.n) : std::accumulate(rows.weights.begin(), rows.weights.end(), 0.0);
}

std::vector<FoldRows> fold_rows(const TrainSpec& spec, const TrainProblem& problem) {
  const RawRows& all = problem.training;
  std::vector<FoldRows> out;
  if (!spec.has_folds()) {
    out.push_back({all, *problem.validation, weight_of(*problem.validation)});
    return out;
  }
  const Folds folds = train_folds(spec, problem);
  for (Index k = 0; k < folds.n_folds; ++k) {
    std::vector<Index> training, judged;
    for (Index i = 0; i < all.n; ++i) {
      const Index fold = folds.validation[at(i)];
      if (fold == k) judged.push_back(i);
      if (folds.in_time ? fold < k : fold != k) training.push_back(i);
    }
    if (training.empty() || judged.empty()) continue;
    FoldRows rows{select_rows(all, training), select_rows(all, judged), 0};
    rows.weight = weight_of(rows.judged);
    out.push_back(std::move(rows));
  }
  return out;
}

/// Rows of one class have no area under the curve: such a fold does not count.
void leave_out_unmeasured(const TrainSpec& spec, std::vector<FoldRows>& folds) {
  if (spec.measure != MeasureChoice::auc) return;
  std::erase_if(folds, [](const FoldRows& fold) {
    const auto [least, most] = std::ranges::minmax(fold.judged.response);
    return least == most;
  });
  if (folds.empty()) {
    throw Error(ErrorKind::input, "--measure auc needs rows of both classes to judge on; give other folds or --validation");
  }
}

/// Mean by weight of the folds, standard error √(weighted variance/(K − 1)).
LambdaScore score_of(double lambda, const std::vector<FoldRows>& folds, std::span<const NetworkOutcome> outcomes) {
  double total = 0, mean = 0, variance = 0, zeros = 0, nonzero = 0, used = 0;
  for (const FoldRows& fold : folds) total += fold.weight;
  for (std::size_t k = 0; k < folds.size(); ++k) {
    mean += folds[k].weight / total * outcomes[k].measured;
    zeros += outcomes[k].zeros / static_cast<double>(folds.size());
    nonzero += outcomes[k].nonzero / static_cast<double>(folds.size());
    used += outcomes[k].used / static_cast<double>(folds.size());
  }
  for (std::size_t k = 0; k < folds.size(); ++k) {
    variance += folds[k].weight / total * (outcomes[k].measured - mean) * (outcomes[k].measured - mean);
  }
  const double error = folds.size() > 1 ? std::sqrt(variance / static_cast<double>(folds.size() - 1)) : kNone;
  return {lambda, mean, error, std::lround(zeros), std::lround(nonzero), std::lround(used)};
}

void choose(const TrainSpec& spec, TrainFacts& facts) {
  const double sign = spec.measure == MeasureChoice::auc ? -1 : 1;  // the larger the better
  const auto allowed = [&](Index k) {
    return facts.grid[at(k)].n_used <= spec.max_features.value_or(facts.grid[at(k)].n_used);
  };
  Index best = -1;
  for (Index k = 0; k < std::ssize(facts.grid); ++k) {
    if (!allowed(k) || std::isnan(facts.grid[at(k)].mean)) continue;
    if (best < 0 || sign * facts.grid[at(k)].mean < sign * facts.grid[at(best)].mean) best = k;
  }
  if (best < 0 && std::ranges::all_of(facts.grid, [](const LambdaScore& one) { return std::isnan(one.mean); })) {
    throw Error(ErrorKind::run, "training diverged for every λ; give a smaller --learning-rate");
  }
  if (best < 0) {
    const auto fewest = std::ranges::min(facts.grid, {}, &LambdaScore::n_used);
    throw Error(ErrorKind::run, fmt::format("--max-features {}: no λ of the grid leaves so few features (λ = {} leaves {}); "
                                            "give larger values of --lambda, or more epochs",
                                            *spec.max_features, to_text(fewest.lambda), fewest.n_used));
  }
  facts.index_min = facts.index_1se = best;
  const LambdaScore& least = facts.grid[at(best)];
  for (Index k = best; k >= 0; --k) {
    if (sign * facts.grid[at(k)].mean <= sign * least.mean + least.standard_error) facts.index_1se = k;
  }
  const bool by_1se =
      facts.n_folds > 1 && spec.select.value_or(SelectionRule::one_standard_error) == SelectionRule::one_standard_error;
  facts.rule = by_1se ? "1se" : "min";
}

/// What is kept of each network, and those that are under way.
template <class T>
void require_room(const NetworkGrid<T>& grid, Index networks, const Context& context) {
  const auto together = static_cast<double>(std::min(networks, kSideBySide * context.threads()));
  const double network = kStates * sizeof(T) * static_cast<double>(grid.start(0).parameters().size());
  require_memory(together * network + sizeof(NetworkOutcome) * static_cast<double>(networks),
                 fmt::format("a grid of {} networks", networks), grid.spec.seeds > 1 ? "--seeds" : "--lambdas", context);
}

}  // namespace

Folds train_folds(const TrainSpec& spec, const TrainProblem& problem) {
  const RawRows& all = problem.training;
  const auto seed = static_cast<std::uint64_t>(spec.seed);
  const Index n_folds = spec.folds.value_or(0);
  if (!spec.fold_column.empty()) return labelled_folds(problem.fold_labels, all.weights);
  if (spec.folds_in_time) return time_folds(all.n, n_folds, all.weights);
  if (!problem.group_labels.empty()) return group_folds(problem.group_labels, n_folds, seed, all.weights);
  if (!problem.classes.empty()) return stratified_folds(all.response, n_folds, seed, all.weights);
  return random_folds(all.n, n_folds, seed, all.weights);
}

template <class T>
double judge_grid(const NetworkGrid<T>& grid, TrainFacts& facts, const Context& context) {
  const TrainSpec& spec = grid.spec;
  facts.measure = measure_name(grid.problem.loss, spec.measure.value_or(MeasureChoice::deviance));
  std::vector<FoldRows> folds = fold_rows(spec, grid.problem);
  leave_out_unmeasured(spec, folds);
  const Index n_folds = std::ssize(folds), n = std::ssize(grid.lambdas), networks = n_folds * grid.n_networks();
  require_room(grid, networks, context);
  Index finished = 0;
  for (Index k = 0; k < n_folds; ++k) finished += kept_networks(grid, k);
  if (finished > 0 && context.on_log) {
    context.on_log(fmt::format("{} of {} networks of the grid are there already", finished, networks));
  }
  std::mutex telling;
  Index epochs = finished * spec.epochs;
  Context quiet = context;
  quiet.on_progress = [&](const Progress&) {  // one epoch of one network
    const std::lock_guard lock(telling);
    if (context.on_progress) context.on_progress({"cross-validation", ++epochs, networks * spec.epochs});
  };
  const auto count = [&](Index some) {
    const std::lock_guard lock(telling);
    finished += some;
  };
  std::vector<std::vector<NetworkOutcome>> outcomes(at(n_folds));
  context.for_blocks(n_folds, [&](Index k) { outcomes[at(k)] = train_fold<T>(grid, folds[at(k)], k, count, quiet); });
  if (finished < networks) {
    throw Error(
        ErrorKind::run,
        grid.parts.keeps()
            ? fmt::format("interrupted: {} of {} networks of the grid are finished, and kept in {}; --resume goes on "
                          "from there",
                          finished, networks, printable(spec.checkpoint))
            : "interrupted before the grid of λ was finished: nothing is written; --checkpoint DIR would keep the "
              "networks that are finished");
  }
  facts.n_seeds = spec.seeds;
  facts.n_folds = spec.has_folds() ? n_folds : 0;
  for (Index k = 0; k < n; ++k) {
    std::vector<NetworkOutcome> by_fold;
    for (const std::vector<NetworkOutcome>& fold : outcomes) by_fold.push_back(fold[at(k)]);
    facts.grid.push_back(score_of(grid.lambdas[at(k)], folds, by_fold));
  }
  choose(spec, facts);
  return facts.grid[at(facts.rule == "1se" ? facts.index_1se : facts.index_min)].lambda;
}

template double judge_grid(const NetworkGrid<float>&, TrainFacts&, const Context&);
template double judge_grid(const NetworkGrid<double>&, TrainFacts&, const Context&);

}  // namespace riata
