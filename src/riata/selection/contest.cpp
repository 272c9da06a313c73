#include "riata/selection/contest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <numeric>
#include <optional>

#include "riata/core/error.hpp"
#include "riata/selection/contest_choice.hpp"
#include "riata/selection/fold_error.hpp"
#include "riata/selection/fold_loss.hpp"
#include "riata/selection/fold_moments.hpp"
#include "riata/selection/path_losses.hpp"

namespace riata {
namespace {

constexpr Index kFoldsThatTell = 8;  // so many tell where losses have risen for good

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

class Contest {
 public:
  Contest(const Problem& problem, const std::vector<Contestant>& contestants, const Folds& folds,
          const ContestOptions& options, const Context& context)
      : problem_(problem),
        contestants_(contestants),
        folds_(folds),
        options_(options),
        context_(context),
        inside_(context),
        n_folds_(folds.n_folds),
        sign_(larger_is_better(options.measure) ? -1.0 : 1.0),
        total_(problem.weights.empty() ? static_cast<double>(problem.design->rows()) : sum(problem.weights)),
        inner_(contestants.size()),
        outer_(contestants.size()),
        chosen_(contestants.size()),
        reach_(contestants.size()),
        standings_(contestants.size()) {
    inside_.on_progress = nullptr;
    for (std::size_t c = 0; c < contestants.size(); ++c) {
      inner_[c].resize(at(n_folds_ * n_folds_));
      outer_[c].resize(at(n_folds_));
      standings_[c].penalty = contestants[c].penalty;
      for (const auto& grid : contestants[c].lambdas) reach_[c].push_back(grid.size());
    }
    for (Index k = 0; k < n_folds_; ++k) {
      validation_.push_back(rows_of(k));
      const bool judged = FoldLoss(problem, validation_[at(k)], options.measure).weight() > 0;
      if (judged || !(sum(validation_[at(k)]) > 0)) continue;
      throw Error(ErrorKind::argument,
                  fmt::format("fold {} has rows of one class only, and the measure auc needs both in every fold: use fewer "
                              "folds, or another measure",
                              k));
    }
    Index n_lambdas = 1;
    for (const Contestant& one : contestants) {
      for (const auto& grid : one.lambdas) n_lambdas += std::ssize(grid);
    }
    const bool moments = problem.loss->name() == "squared" && !options.fold_design && !folds.in_time &&
                         options.measure == Measure::mse &&
                         moments_pay_for_path(problem, n_lambdas, 2 * n_folds_ + 3, context);
    if (moments) moments_.emplace(problem, folds, context);
  }

  std::vector<Standing> run() {
    std::vector<std::pair<Index, Index>> couples, others;  // couples judge every fold once
    for (Index k = 0; k < n_folds_ && !folds_.in_time; ++k) {
      for (Index j = 0; j < k; ++j) (k == j + 1 && j % 2 == 0 ? couples : others).emplace_back(j, k);
    }
    total_steps_ = std::ssize(couples) + std::ssize(others) + n_folds_;
    fit_pairs(couples);
    if (n_folds_ >= kFoldsThatTell && !folds_.in_time && !context_.interrupted()) shorten(couples);
    fit_pairs(others);
    for (std::size_t c = 0; c < contestants_.size() && !folds_.in_time && !context_.interrupted(); ++c) {
      for (Index k = 0; k < n_folds_ && standings_[c].failure.empty(); ++k)
        chosen_[c].push_back(choice_for(c, k, options_.rule));
    }
    context_.for_blocks(n_folds_, [&](Index k) {
      if (!context_.interrupted()) fit_without(k, k);
      step();
    });
    if (context_.interrupted()) throw Error(ErrorKind::run, "interrupted: a comparison has no result before its end");
    for (std::size_t c = 0; c < contestants_.size(); ++c) judge(c);
    return std::move(standings_);
  }

 private:
  /// Rows of fold k with their weights.
  std::vector<double> rows_of(Index k) const {
    std::vector<double> out(folds_.validation.size(), 0.0);
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (folds_.validation[i] == k) out[i] = problem_.weights.empty() ? 1.0 : problem_.weights[i];
    }
    return out;
  }

  std::vector<double> training_rows(Index j, Index k) const {
    std::vector<double> out(folds_.validation.size(), 0.0);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Index of = folds_.validation[i];
      const bool used = folds_.in_time ? of < j : of != j && of != k;
      if (used) out[i] = problem_.weights.empty() ? 1.0 : problem_.weights[i];
    }
    return out;
  }

  void fit_pairs(const std::vector<std::pair<Index, Index>>& pairs) {
    context_.for_blocks(std::ssize(pairs), [&](Index i) {
      if (!context_.interrupted()) fit_without(pairs[at(i)].first, pairs[at(i)].second);
      step();
    });
  }

  /// Ends each grid where the losses of these pairs have risen for good: no choice falls on so weak a λ, and its fits would
  /// be the dearest (decision 0611).
  void shorten(const std::vector<std::pair<Index, Index>>& couples) {
    for (std::size_t c = 0; c < contestants_.size(); ++c) {
      if (!has_choice(c) || !standings_[c].failure.empty()) continue;
      std::vector<Losses*> folds;
      std::vector<double> weights;
      for (const auto& [j, k] : couples) {
        for (const auto& [outer, fold] : {std::pair(j, k), std::pair(k, j)}) {
          folds.push_back(&inner_[c][at(outer * n_folds_ + fold)]);
          weights.push_back(sum(validation_[at(fold)]));
        }
      }
      for (std::size_t m = 0; m < reach_[c].size(); ++m) {
        reach_[c][m] = reach_of({folds.begin(), folds.end()}, weights, m);
        for (Losses* fold : folds) (*fold)[m].resize(reach_[c][m]);
      }
    }
  }

  bool has_choice(std::size_t c) const {
    return contestants_[c].lambdas.size() > 1 || contestants_[c].lambdas.front().size() > 1;
  }

  /// Every path without folds j and k (j = k: without one), judged on both; for what there is to choose alone.
  void fit_without(Index j, Index k) {
    const std::vector<double> training = training_rows(j, k);
    if (!(sum(training) > 0)) {
      throw Error(ErrorKind::argument, fmt::format("fold {} has no rows to train on: use more rows or fewer folds", k));
    }
    Problem own = problem_;
    own.weights = training;
    if (options_.fold_design) own.design = options_.fold_design(training);
    std::optional<CrossMoments> moments;
    if (moments_) moments = moments_->training(j, j == k ? -1 : k);
    const FoldLoss first(problem_, validation_[at(j)], options_.measure),
        second(problem_, validation_[at(k)], options_.measure);
    for (std::size_t c = 0; c < contestants_.size(); ++c) {
      if (j != k && !has_choice(c)) continue;
      const auto start = std::chrono::steady_clock::now();
      try {
        fit_one(c, own, moments ? &*moments : nullptr, j, k, first, second);
      } catch (const Error& error) {
        fail(c, error);
      }
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      const std::lock_guard<std::mutex> lock(mutex_);
      standings_[c].seconds += took.count();
    }
  }

  void fit_one(std::size_t c, const Problem& own, const CrossMoments* moments, Index j, Index k, const FoldLoss& first,
               const FoldLoss& second) {
    const Contestant& one = contestants_[c];
    Losses on_j(one.mixtures.size()), on_k(one.mixtures.size());
    std::vector<std::vector<PathPoint>> points(one.mixtures.size());
    PathOptions path_options = options_.path;
    path_options.keep_coefficients = false;
    path_options.diagnostics = false;
    path_options.predictions_only = j != k;
    path_options.moments = moments;
    const double strength = options_.lambda_on_sum_scale ? total_ / sum(own.weights) : 1.0;
    for (std::size_t m = 0; m < one.mixtures.size(); ++m) {
      std::vector<double> lambdas = one.lambdas[m];
      lambdas.resize(reach_[c][m]);
      for (double& lambda : lambdas) lambda *= strength;
      PathLosses of_j(problem_, first, moments != nullptr ? &moments_->validation(j) : nullptr);
      PathLosses of_k(problem_, second, moments != nullptr ? &moments_->validation(k) : nullptr);
      const Path path = fit_path(own, one.mixtures[m], lambdas, path_options, inside_,
                                 [&](Index, const PathPoint& point, const LinearPredictor& eta) {
                                   of_j.take(point, eta);
                                   if (j != k) of_k.take(point, eta);
                                   if (j == k) points[m].push_back(kept(c, k, m, points[m].size()) ? point : PathPoint{});
                                   return !context_.interrupted();
                                 });
      if (path.status == Status::diverged) throw Error(ErrorKind::run, "the fit diverged");
      on_j[m] = signed_losses(of_j);
      if (j != k) on_k[m] = signed_losses(of_k);
      const std::lock_guard<std::mutex> lock(mutex_);
      standings_[c].status = worse(standings_[c].status, path.status);
    }
    if (j == k) {
      outer_[c][at(k)] = {std::move(on_j), std::move(points)};
    } else {
      inner_[c][at(k * n_folds_ + j)] = std::move(on_j);
      inner_[c][at(j * n_folds_ + k)] = std::move(on_k);
    }
  }

  /// Whether the coefficients of outer fold k are wanted there: in time order the choice is known only afterwards.
  bool kept(std::size_t c, Index k, std::size_t mixture, std::size_t lambda) const {
    if (folds_.in_time) return true;
    if (chosen_[c].empty()) return false;
    const Choice& chosen = chosen_[c][at(k)];
    return chosen.mixture == mixture && chosen.lambda == lambda;
  }

  /// What is to be small: the measures, or less the auc.
  std::vector<double> signed_losses(PathLosses& losses) const {
    std::vector<double> out = losses.losses(inside_);
    for (double& one : out) one *= sign_;
    return out;
  }

  void fail(std::size_t c, const Error& error) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Standing& standing = standings_[c];
    const std::string why = error.what();
    if (!standing.failure.empty() && why >= standing.failure) return;
    standing.failure = why;
    standing.failed_column.reset();
    if (const auto* column = dynamic_cast<const ColumnError*>(&error)) standing.failed_column = *column;
  }

  void step() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++steps_;
    if (context_.on_progress) context_.on_progress({"comparing", steps_, total_steps_});
  }

  SelectionRule other_rule() const {
    return options_.rule == SelectionRule::min ? SelectionRule::one_standard_error : SelectionRule::min;
  }

  /// Errors that choose for outer fold k: those of the other folds.
  Choice choice_for(std::size_t c, Index k, SelectionRule rule) const {
    if (!has_choice(c)) return {};
    std::vector<const Losses*> losses;
    std::vector<double> weights;
    for (Index j = 0; j < (folds_.in_time ? k : n_folds_); ++j) {
      if (j == k || !(sum(validation_[at(j)]) > 0)) continue;
      losses.push_back(folds_.in_time ? &outer_[c][at(j)].losses : &inner_[c][at(k * n_folds_ + j)]);
      weights.push_back(sum(validation_[at(j)]));
    }
    return choose(losses, weights, rule);
  }

  /// The other rule on the same folds: λ by `chosen`, chosen on all rows, and its nested error.
  RuleChoice other_choice(std::size_t c, const Choice& chosen, const Path& path) const {
    std::vector<double> errors, weights;
    for (const FoldModel& fold : standings_[c].folds) {
      const Choice one = choice_for(c, fold.fold, other_rule());
      errors.push_back(sign_ * outer_[c][at(fold.fold)].losses[one.mixture][one.lambda]);
      weights.push_back(fold.weight);
    }
    const FoldMean mean = fold_mean(errors, weights);
    return {contestants_[c].lambdas[chosen.mixture][chosen.lambda], mean.mean, mean.standard_error,
            path.points[chosen.lambda].n_nonzero};
  }

  void judge(std::size_t c) {
    Standing& out = standings_[c];
    if (!out.failure.empty()) return;
    const Contestant& one = contestants_[c];
    std::vector<double> errors, weights, all_weights;
    std::vector<const Losses*> all;
    for (Index k = 0; k < n_folds_; ++k) {
      const double weight = sum(validation_[at(k)]);
      if (!(weight > 0)) continue;
      all.push_back(&outer_[c][at(k)].losses);
      all_weights.push_back(weight);
      if (folds_.in_time && k == 0) continue;
      const Choice chosen = folds_.in_time ? choice_for(c, k, options_.rule) : chosen_[c][at(k)];
      const PathPoint& point = outer_[c][at(k)].points[chosen.mixture][chosen.lambda];
      FoldModel& fold = out.folds.emplace_back();
      fold.fold = k;
      fold.weight = weight;
      fold.error = sign_ * outer_[c][at(k)].losses[chosen.mixture][chosen.lambda];
      fold.lambda = one.lambdas[chosen.mixture][chosen.lambda];
      fold.l1_ratio = one.mixtures[chosen.mixture].effective_l1_ratio();
      fold.intercept = point.intercept;
      fold.coefficients = point.coefficients;
      errors.push_back(fold.error);
      weights.push_back(weight);
    }
    const FoldMean mean = fold_mean(errors, weights);
    out.mean = mean.mean;
    out.standard_error = mean.standard_error;
    const Choice chosen = choose(all, all_weights, options_.rule);
    out.lambda = one.lambdas[chosen.mixture][chosen.lambda];
    out.l1_ratio = one.mixtures[chosen.mixture].effective_l1_ratio();
    const Choice other = choose(all, all_weights, other_rule());  // of the same mixture
    const std::span<const double> grid(one.lambdas[chosen.mixture].data(), std::max(chosen.lambda, other.lambda) + 1);
    PathOptions options = options_.path;
    options.diagnostics = false;
    if (moments_) options.moments = &moments_->total();
    const auto start = std::chrono::steady_clock::now();
    Path path = fit_path(problem_, one.mixtures[chosen.mixture], grid, options, inside_);
    if (path.points.size() < grid.size())
      throw Error(ErrorKind::run, "interrupted: a comparison has no result before its end");
    if (has_choice(c)) out.other = other_choice(c, other, path);
    out.model = std::move(path.points[chosen.lambda]);
    out.status = worse(out.status, path.status);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    out.seconds += took.count();
  }

  struct Outer {
    Losses losses;
    std::vector<std::vector<PathPoint>> points;
  };

  const Problem& problem_;
  const std::vector<Contestant>& contestants_;
  const Folds& folds_;
  const ContestOptions& options_;
  const Context& context_;
  Context inside_;
  Index n_folds_;
  double sign_;
  double total_;
  std::vector<std::vector<double>> validation_;
  std::optional<FoldMoments> moments_;
  std::vector<std::vector<Losses>> inner_;       ///< [contestant][outer k · folds + inner j]
  std::vector<std::vector<Outer>> outer_;        ///< [contestant][fold]
  std::vector<std::vector<Choice>> chosen_;      ///< [contestant][outer fold]
  std::vector<std::vector<std::size_t>> reach_;  ///< [contestant][mixture]: how many λ are fitted
  std::vector<Standing> standings_;
  std::mutex mutex_;
  Index steps_ = 0, total_steps_ = 0;
};

}  // namespace

FoldMean fold_mean(std::span<const double> values, std::span<const double> weights) {
  FoldMean out;
  const double total = sum(weights);
  for (std::size_t i = 0; i < values.size(); ++i) out.mean += weights[i] / total * values[i];
  out.standard_error = fold_standard_error(values, weights, total, out.mean);
  return out;
}

FoldMean paired_difference(const Standing& a, const Standing& b) {
  std::vector<double> differences, weights;
  for (std::size_t k = 0; k < a.folds.size(); ++k) {
    differences.push_back(a.folds[k].error - b.folds[k].error);
    weights.push_back(a.folds[k].weight);
  }
  return fold_mean(differences, weights);
}

std::vector<Standing> contest(const Problem& problem, const std::vector<Contestant>& contestants, const Folds& folds,
                              const ContestOptions& options, const Context& context) {
  problem.check();
  check_measure(options.measure, *problem.loss);
  if (folds.n_folds < 3) {
    throw Error(ErrorKind::argument, "a comparison needs at least three folds: two to choose λ with, one to judge on");
  }
  return Contest(problem, contestants, folds, options, context).run();
}

}  // namespace riata
