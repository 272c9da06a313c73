#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>

#include "riata/core/error.hpp"
#include "riata/kernels/kernels.hpp"
#include "riata/penalty/none.hpp"
#include "riata/selection/fold_error.hpp"
#include "riata/selection/fold_loss.hpp"
#include "riata/selection/fold_moments.hpp"
#include "riata/selection/path_losses.hpp"
#include "riata/selection/selection.hpp"
#include "riata/solver/kernel_matrix.hpp"
#include "riata/solver/lockstep.hpp"

namespace riata {
namespace {

using IndexSet = std::shared_ptr<const std::vector<Index>>;

/// What one fold leaves behind.
struct FoldResult {
  double validation_weight = 0;
  std::vector<double> loss;       ///< per λ: mean over the validation rows
  std::vector<IndexSet> nonzero;  ///< per λ; equal sets are shared
  Path path;                      ///< where CrossValidationOptions::keep_paths
  Status status = Status::converged;
};

class Progressing {
 public:
  Progressing(const Context& context, Index total) : context_(context), total_(total) {}
  void step() {
    if (!context_.on_progress) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    context_.on_progress({"cross-validation", ++done_, total_});
  }

 private:
  const Context& context_;
  Index total_, done_ = 0;
  std::mutex mutex_;
};

struct Split {
  std::vector<double> training;    ///< weights, zero for rows not trained on
  std::vector<double> validation;  ///< weights, zero for rows not judged
  double training_weight = 0;
  double validation_weight = 0;
};

/// Adds the rows' weights to `to`; returns their sum.
double add_weights(const Problem& problem, const std::vector<Index>& rows, std::vector<double>& to) {
  double sum = 0;
  for (const Index i : rows) {
    const auto row = static_cast<std::size_t>(i);
    const double w = problem.weights.empty() ? 1.0 : problem.weights[row];
    to[row] += w;
    sum += w;
  }
  return sum;
}

double sum_of(std::span<const double> weights) {
  return kernels::sums<double>(weights.data(), nullptr, std::ssize(weights), 0.0).first;
}

Split split(const Problem& problem, const Folds& folds, Index fold) {
  const std::size_t n = folds.validation.size();
  Split out;
  out.training.assign(n, 0.0);
  out.validation.assign(n, 0.0);
  if (!folds.splits.empty()) {
    const RowSplit& rows = folds.splits[static_cast<std::size_t>(fold)];
    out.training_weight = add_weights(problem, rows.training, out.training);
    out.validation_weight = add_weights(problem, rows.validation, out.validation);
    return out;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double w = problem.weights.empty() ? 1.0 : problem.weights[i];
    const Index of = folds.validation[i];
    out.validation[i] = of == fold ? w : 0.0;
    out.training[i] = folds.in_time ? (of < fold ? w : 0.0) : w - out.validation[i];
  }
  out.training_weight = sum_of(out.training);
  out.validation_weight = sum_of(out.validation);
  return out;
}

void check(const Problem& problem, const Folds& folds) {
  const Index n = problem.design->rows();
  if (static_cast<Index>(folds.validation.size()) != n) {
    throw Error(ErrorKind::argument, fmt::format("the folds name {} rows, the data have {}", folds.validation.size(), n));
  }
  if (folds.n_folds < 1) throw Error(ErrorKind::argument, "cross-validation needs at least one fold");
  for (std::size_t i = 0; i < folds.validation.size(); ++i) {
    if (folds.validation[i] < -1 || folds.validation[i] >= folds.n_folds) {
      throw Error(ErrorKind::argument, fmt::format("row {} is in fold {}, but there are {} folds (0 to {}, or -1 for none)",
                                                   i, folds.validation[i], folds.n_folds, folds.n_folds - 1));
    }
  }
}

/// Which coefficients are non-zero: one set for all λ of a ridge path.
IndexSet nonzero_of(const PathPoint& point, const IndexSet& last) {
  if (last && *last == point.coefficients.indices) return last;
  return std::make_shared<const std::vector<Index>>(point.coefficients.indices);
}

/// What the folds share.
struct Task {
  const Problem& problem;
  const PenaltySpec& penalty;
  std::span<const double> lambdas;
  const Folds& folds;
  const PathOptions& path_options;
  const CrossValidationOptions& options;
  const FoldMoments* moments;  ///< null: every fold looks at the rows
  double total_weight;
};

/// Ridge's non-zero coefficients where it has formed none.
IndexSet all_but(const std::vector<Index>& excluded, Index p) {
  auto out = std::make_shared<std::vector<Index>>();
  for (Index j = 0; j < p; ++j) {
    if (!std::ranges::binary_search(excluded, j)) out->push_back(j);
  }
  return out;
}

FoldResult run_fold(const Task& task, Index fold, const Context& context) {
  Split rows = split(task.problem, task.folds, fold);
  const FoldLoss judged(task.problem, rows.validation, task.options.measure);
  rows.validation = std::vector<double>();
  Problem own = task.problem;
  own.weights = rows.training;
  if (task.options.fold_design) own.design = task.options.fold_design(fold, rows.training);
  std::vector<double> lambdas(task.lambdas.begin(), task.lambdas.end());
  const double strength = task.options.lambda_on_sum_scale ? task.total_weight / rows.training_weight : 1.0;
  for (double& lambda : lambdas) lambda *= strength;

  FoldResult out;
  PathOptions path_options = task.path_options;
  path_options.keep_coefficients = task.options.keep_paths;
  path_options.diagnostics = false;
  path_options.predictions_only = !task.options.keep_paths;
  const std::optional<CrossMoments> training = task.moments ? task.moments->training(fold) : std::nullopt;
  path_options.moments = training ? &*training : nullptr;
  const bool by_moments = task.moments != nullptr && task.options.measure != Measure::mae;
  PathLosses validation(task.problem, judged, by_moments ? &task.moments->validation(fold) : nullptr);
  out.validation_weight = judged.weight();
  Path path = fit_path(own, task.penalty, lambdas, path_options, context,
                       [&](Index, const PathPoint& point, const LinearPredictor& eta) {
                         validation.take(point, eta);
                         out.nonzero.push_back(nonzero_of(point, out.nonzero.empty() ? nullptr : out.nonzero.back()));
                         return true;
                       });
  out.loss = validation.losses(context);
  out.status = path.status;
  if (!path.points.empty() && !formed(path.points.front())) {
    out.nonzero.assign(out.nonzero.size(), all_but(path.excluded, own.design->cols()));
  }
  if (task.options.keep_paths) out.path = std::move(path);
  return out;
}

/// Whether all folds can go over the λ together: lasso or elastic net on the rows of one matrix.
bool can_lockstep(const Task& task) {
  const bool exact = task.path_options.solver == SolverKind::automatic || task.path_options.solver == SolverKind::newton;
  return task.moments == nullptr && exact && !task.options.keep_paths && task.path_options.max_iterations == 0 &&
         !task.options.fold_design && task.folds.splits.empty() && task.penalty.effective_l1_ratio() > 0.0 &&
         !task.lambdas.empty() && task.lambdas.back() > 0.0 &&
         std::ranges::find(task.problem.penalty_factor, 0.0) == task.problem.penalty_factor.end();
}

bool is_ridge(const PenaltySpec& penalty, const PathOptions& options) {
  return penalty.name != NoPenalty::kName && penalty.effective_l1_ratio() == 0.0 && options.solver == SolverKind::automatic;
}

/// Results of the folds; one that ended short of the tolerance says so in its status.
std::vector<FoldResult> run_in_lockstep(const Task& task, const Context& context) {
  const auto n_folds = static_cast<std::size_t>(task.folds.n_folds);
  std::vector<Split> rows;
  std::vector<FoldLoss> losses;
  std::vector<std::vector<double>> lambdas(n_folds, {task.lambdas.begin(), task.lambdas.end()});
  std::vector<LockstepMember> members;
  std::vector<FoldResult> results(n_folds);
  for (std::size_t k = 0; k < n_folds; ++k) rows.push_back(split(task.problem, task.folds, static_cast<Index>(k)));
  for (std::size_t k = 0; k < n_folds; ++k) {
    if (task.options.lambda_on_sum_scale) {
      for (double& lambda : lambdas[k]) lambda *= task.total_weight / rows[k].training_weight;
    }
    losses.emplace_back(task.problem, rows[k].validation, task.options.measure);
    members.push_back({rows[k].training, lambdas[k]});
    results[k].validation_weight = losses.back().weight();
  }
  const ElasticNet penalty{task.penalty.effective_l1_ratio()};
  const std::vector<Status> ended = solve_in_lockstep(
      task.problem, members, penalty, task.path_options.tolerance, context,
      [&](std::size_t k, const SolvedPoint& point, const Solution&) {
        results[k].loss.push_back(losses[k].mean(point.eta));
        results[k].nonzero.push_back(std::make_shared<const std::vector<Index>>(point.columns.begin(), point.columns.end()));
        return true;
      });
  for (std::size_t k = 0; k < n_folds; ++k) results[k].status = ended[k];
  return results;
}

void average(const std::vector<FoldResult>& folds, CrossValidation& out) {
  const std::size_t n_lambdas = out.fold_mean.front().size();
  double total = 0;
  std::vector<double> weights, values(folds.size());
  for (const FoldResult& fold : folds) {
    weights.push_back(fold.validation_weight);
    total += fold.validation_weight;
  }
  for (std::size_t l = 0; l < n_lambdas; ++l) {
    double mean = 0;
    for (std::size_t k = 0; k < folds.size(); ++k) {
      values[k] = out.fold_mean[k][l];
      if (weights[k] > 0) mean += weights[k] / total * values[k];
    }
    out.mean.push_back(mean);
    out.standard_error.push_back(fold_standard_error(values, weights, total, mean));
  }
}

void choose(std::span<const double> lambdas, CrossValidation& out) {
  const double sign = larger_is_better(out.measure) ? -1 : 1;
  std::size_t best = 0;
  for (std::size_t l = 1; l < out.mean.size(); ++l) {
    if (sign * out.mean[l] < sign * out.mean[best] || std::isnan(out.mean[best])) best = l;
  }
  const double error = std::isnan(out.standard_error[best]) ? 0.0 : out.standard_error[best];
  std::size_t simplest = 0;
  while (simplest < best && !(sign * out.mean[simplest] <= sign * out.mean[best] + error)) ++simplest;
  out.index_min = static_cast<Index>(best);
  out.index_1se = static_cast<Index>(simplest);
  out.lambda_min = lambdas[best];
  out.lambda_1se = lambdas[simplest];
}

void count_selected(const std::vector<FoldResult>& folds, Index p, std::vector<Index> wanted, CrossValidation& out) {
  wanted.insert(wanted.end(), {out.index_min, out.index_1se});
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  for (const Index l : wanted) {
    if (l < 0 || l >= static_cast<Index>(out.mean.size())) continue;
    std::vector<double> share(static_cast<std::size_t>(p), 0.0);
    for (const FoldResult& fold : folds) {
      for (const Index j : *fold.nonzero[static_cast<std::size_t>(l)]) share[static_cast<std::size_t>(j)] += 1;
    }
    for (double& s : share) s /= static_cast<double>(folds.size());
    out.selection_frequency.emplace_back(l, std::move(share));
  }
}

}  // namespace

CrossValidation cross_validate(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
                               const Folds& folds, const PathOptions& path_options, const CrossValidationOptions& options,
                               const Context& context) {
  problem.check();
  check(problem, folds);
  check_measure(options.measure, *problem.loss);
  const double total = problem.weights.empty() ? static_cast<double>(problem.design->rows())
                                               : std::accumulate(problem.weights.begin(), problem.weights.end(), 0.0);
  for (Index k = 0; k < folds.n_folds; ++k) {
    const Split rows = split(problem, folds, k);
    if (!(rows.training_weight > 0)) {
      throw Error(ErrorKind::argument,
                  fmt::format("fold {} has no rows to train on: use more rows or fewer folds{}", k,
                              folds.in_time ? "; in time order the first block is only trained on" : ""));
    }
    check_training(problem, rows.training, k);
  }

  std::shared_ptr<const FoldMoments> own;
  if (!options.fold_design && options.moments == nullptr) {
    own = fold_moments_if_they_pay(problem, std::ssize(lambdas), folds, context);
  }
  const FoldMoments* moments = own ? own.get() : options.moments;
  PathOptions of_folds = path_options;
  std::shared_ptr<const RowKernel> kernel;
  if (options.fold_design) {
    of_folds.kernel = nullptr;
  } else if (of_folds.kernel == nullptr && is_ridge(penalty, path_options)) {
    kernel = row_kernel_if_it_pays(problem, context);
    of_folds.kernel = kernel.get();
  }
  const Task task{problem, penalty, lambdas, folds, of_folds, options, moments, total};
  std::vector<FoldResult> results(static_cast<std::size_t>(folds.n_folds));
  Progressing progress(context, folds.n_folds);
  Context inside = context;
  inside.on_progress = nullptr;
  const bool lockstep = !context.lean && can_lockstep(task);
  if (lockstep) results = run_in_lockstep(task, inside);
  const auto run = [&](Index k) {
    FoldResult& result = results[static_cast<std::size_t>(k)];
    if (lockstep && result.status != Status::iteration_limit) {
      progress.step();
      return;
    }
    if (context.interrupted()) {
      result.status = Status::interrupted;
      return;
    }
    result = run_fold(task, k, inside);
    progress.step();
  };
  if (context.lean) {
    for (Index k = 0; k < folds.n_folds; ++k) run(k);  // one fold's vectors at a time; threads work inside
  } else {
    context.for_blocks(folds.n_folds, run);
  }

  CrossValidation out;
  out.n_folds = folds.n_folds;
  out.measure = options.measure;
  std::size_t finished = lambdas.size();
  for (const FoldResult& fold : results) finished = std::min(finished, fold.loss.size());
  for (FoldResult& fold : results) {
    out.status = worse(out.status, fold.status);
    out.fold_mean.push_back(
        std::vector<double>(fold.loss.begin(), fold.loss.begin() + static_cast<std::ptrdiff_t>(finished)));
    if (options.keep_paths) out.paths.push_back(std::move(fold.path));
  }
  if (finished == 0) return out;
  if (std::ranges::all_of(results, [](const FoldResult& fold) { return !(fold.validation_weight > 0); })) {
    throw Error(ErrorKind::input, fmt::format("no fold is judged on rows that have a value of the measure {}: the auc needs "
                                              "rows of both classes in a fold; use fewer folds, or deviance",
                                              to_string(options.measure)));
  }
  average(results, out);
  choose(lambdas, out);
  count_selected(results, problem.design->cols(), options.frequency_at, out);
  return out;
}

std::vector<double> validation_variances(const Problem& problem, const Folds& folds) {
  std::vector<double> out;
  for (Index k = 0; k < folds.n_folds; ++k) {
    const Split rows = split(problem, folds, k);
    const auto counts = [](double weight) { return weight > 0; };
    if (std::ranges::count_if(rows.validation, counts) < 2) {
      out.push_back(std::numeric_limits<double>::quiet_NaN());
      continue;
    }
    const double one =
        problem.response[static_cast<std::size_t>(std::ranges::find_if(rows.validation, counts) - rows.validation.begin())];
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < rows.validation.size(); ++i) mean += rows.validation[i] * (problem.response[i] - one);
    mean = one + mean / rows.validation_weight;  // exact where all are equal
    for (std::size_t i = 0; i < rows.validation.size(); ++i) {
      const double away = problem.response[i] - mean;
      variance += rows.validation[i] * away * away;
    }
    out.push_back(variance / rows.validation_weight);
  }
  return out;
}

}  // namespace riata
