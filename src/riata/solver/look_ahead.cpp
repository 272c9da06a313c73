#include "riata/solver/look_ahead.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

#include "riata/solver/working_problem.hpp"

namespace riata {
namespace {

constexpr Index kMostAhead = 10;            // λ solved before one certifying pass
constexpr Index kAheadEntries = 8'000'000;  // of the block of residuals kept meanwhile
constexpr double kFirstMargin = 0.1;        // how much nearer than predicted a gradient may come to its threshold
constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();

/// Steps that converge quadratically or nearly so: far below the tolerance costs a step or two.
double iterative_precision(double tolerance) { return 0.003 * std::min(tolerance, 1e-10); }

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

class LookAhead {
 public:
  LookAhead(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, double tolerance,
            Index most_rounds, const Context& context)
      : fitted_(fitted),
        context_(context),
        l1_ratio_(l1_ratio),
        lambdas_(lambdas),
        most_rounds_(most_rounds),
        problem_(fitted.loss->name() == "squared" ? squared_working_problem(fitted, context)
                                                  : smooth_working_problem(fitted, context)),
        precision_(gradient_precision(fitted, fitted.loss->name() == "squared" ? 0.0 : iterative_precision(tolerance))),
        gradient_(at(fitted.cols())),
        slope_(at(fitted.cols())),
        most_ahead_(std::clamp<Index>(kAheadEntries / std::max<Index>(1, fitted.rows()), 1, kMostAhead)) {
    excluded_.resize(at(fitted.cols()));
    for (const Index j : fitted.excluded) excluded_[at(j)] = 1;
  }

  Status run(const SolvedPointSink& sink) {
    start();
    const Index count = static_cast<Index>(lambdas_.size());
    for (Index k = 0; k < count;) {
      if (context_.interrupted()) return Status::interrupted;
      const Index ahead = std::min(ahead_, count - k);
      if (missed_at_once_) {
        widen();
      } else {
        extend(k, ahead);
      }
      solve_ahead(k, ahead);
      certify(ahead);
      const Index good = accept(k, ahead, sink);
      if (good < 0) return Status::interrupted;
      missed_at_once_ = good == 0;
      ahead_ = good == ahead ? std::min(most_ahead_, ahead_ + 1) : std::max<Index>(1, std::max(good, ahead_ / 2));
      k += good;
    }
    return Status::converged;
  }

 private:
  ElasticBox box(double lambda) const {
    return {lambda * l1_ratio_, lambda * (1 - l1_ratio_), fitted_.factor, fitted_.lower, fitted_.upper};
  }

  /// The null model: unpenalised columns fitted, every gradient known.
  void start() {
    working_ = fitted_.unpenalised;
    (void)problem_->solve(box(lambdas_.empty() ? 0.0 : lambdas_.front()), working_, precision_, most_rounds_);
    fitted_.design->transpose_multiply(0, {problem_->pull().data(), fitted_.rows(), 1},
                                       {gradient_.data(), fitted_.cols(), 1}, {}, context_);
    previous_ = l1_ratio_ > 0 ? largest_ratio() / l1_ratio_ : 0.0;
  }

  double largest_ratio() const {
    double largest = 0;
    for (Index j = 0; j < fitted_.cols(); ++j) {
      if (!excluded_[at(j)] && fitted_.factor[at(j)] > 0) {
        largest = std::max(largest, std::abs(gradient_[at(j)]) / fitted_.factor[at(j)]);
      }
    }
    return largest;
  }

  /// The working set for the λ of k … k + ahead − 1: the present support, and every column whose predicted gradient comes
  /// near its threshold by the last of them.
  void extend(Index k, Index ahead) {
    const double last = lambdas_[at(k + ahead - 1)];
    const double drop = std::max(0.0, previous_ - last) * l1_ratio_;
    working_.clear();
    const auto b = problem_->coefficients();
    for (Index j = 0; j < fitted_.cols(); ++j) {
      if (excluded_[at(j)]) continue;
      const double threshold = last * l1_ratio_ * fitted_.factor[at(j)];
      const double predicted = std::abs(gradient_[at(j)] - drop * slope_[at(j)]);
      const double slack = margin_ * (threshold + drop);
      if (b[at(j)] != 0 || fitted_.factor[at(j)] == 0 || forced(j) || predicted + slack >= threshold) working_.push_back(j);
    }
  }

  /// Nothing could be accepted: the same working set and what it lacked, so that it can only grow.
  void widen() {
    std::vector<Index> both;
    std::ranges::set_union(working_, forced_, std::back_inserter(both));
    working_ = std::move(both);
  }

  bool forced(Index j) const { return std::binary_search(forced_.begin(), forced_.end(), j); }

  void solve_ahead(Index k, Index ahead) {
    const Index n = fitted_.rows();
    etas_.resize(at(n * ahead));
    pulls_.resize(at(n * (ahead + 1)));
    kept_.resize(at(ahead));
    problem_->recompute();
    for (Index i = 0; i < ahead; ++i) {
      const Status status = context_.interrupted()
                                ? Status::interrupted
                                : problem_->solve(box(lambdas_[at(k + i)]), working_, precision_, most_rounds_);
      problem_->eta(std::span(etas_).subspan(at(i * n), at(n)));
      std::ranges::copy(problem_->pull(), pulls_.begin() + i * n);
      keep(i, status);
    }
    // One more right-hand side: how every gradient changes with λ from here.
    problem_->rate(std::span(pulls_).subspan(at(n * ahead), at(n)));
  }

  struct Kept {
    std::vector<std::pair<Index, double>> coefficients;
    double b0 = 0;
    double degrees_of_freedom = 0;
    Status status = Status::converged;
  };

  void keep(Index i, Status status) {
    Kept& kept = kept_[at(i)];
    kept = {{}, problem_->b0(), problem_->degrees_of_freedom(), status};
    const auto b = problem_->coefficients();
    for (const Index j : working_) {
      if (b[at(j)] != 0) kept.coefficients.emplace_back(j, b[at(j)]);
    }
  }

  void certify(Index ahead) {
    gradients_.resize(at(fitted_.cols() * (ahead + 1)));
    fitted_.design->transpose_multiply(0, {pulls_.data(), fitted_.rows(), ahead + 1},
                                       {gradients_.data(), fitted_.cols(), ahead + 1}, {}, context_);
    for (Index i = 0; i <= ahead; ++i) {
      for (const Index j : fitted_.excluded) gradients_[at(i * fitted_.cols() + j)] = 0.0;
    }
  }

  /// Hands over the solved λ up to the first at which a column outside the working set wants in; returns how many, −1: stop.
  Index accept(Index k, Index ahead, const SolvedPointSink& sink) {
    const Index n = fitted_.rows();
    const Index p = fitted_.cols();
    for (Index i = 0; i < ahead; ++i) {
      const auto gradient = std::span<const double>(gradients_).subspan(at(i * p), at(p));
      if (find_missed(box(lambdas_[at(k + i)]), gradient)) {
        margin_ = std::min(0.5, 1.5 * margin_);
        if (i > 0) remember(k, i - 1, p, ahead);
        return i;
      }
      std::vector<double> b(at(p));
      const Kept& kept = kept_[at(i)];
      for (const auto& [j, value] : kept.coefficients) b[at(j)] = value;
      if (kept.status == Status::interrupted) return -1;
      const auto eta = std::span<const double>(etas_).subspan(at(i * n), at(n));
      const auto pull = std::span<const double>(pulls_).subspan(at(i * n), at(n));
      if (!sink({k + i, b, kept.b0, eta, pull, gradient, kept.degrees_of_freedom, kept.status})) return -1;
    }
    margin_ = std::max(0.02, 0.95 * margin_);
    remember(k, ahead - 1, p, ahead);
    return ahead;
  }

  /// Gradient at the last accepted λ, and its slope (taken at the end of the block: near enough for a prediction).
  void remember(Index k, Index i, Index p, Index ahead) {
    std::copy_n(gradients_.begin() + i * p, p, gradient_.begin());
    std::copy_n(gradients_.begin() + ahead * p, p, slope_.begin());
    previous_ = lambdas_[at(k + i)];
  }

  bool find_missed(const ElasticBox& penalty, std::span<const double> gradient) {
    forced_.clear();
    auto in_working = working_.begin();
    for (Index j = 0; j < fitted_.cols(); ++j) {
      if (in_working != working_.end() && *in_working == j) {
        ++in_working;
        continue;
      }
      if (!excluded_[at(j)] && violation(penalty, j, 0.0, gradient[at(j)], precision_[at(j)]) > 0) forced_.push_back(j);
    }
    return !forced_.empty();
  }

  const FittedProblem& fitted_;
  const Context& context_;
  double l1_ratio_;
  std::span<const double> lambdas_;
  Index most_rounds_;
  std::unique_ptr<WorkingProblem> problem_;
  std::vector<double> precision_;
  std::vector<double> gradient_;  ///< p, at the last accepted λ (previous_)
  std::vector<double> slope_;     ///< p, −d gradient / d l1 … so that gradient(l1 − δ) ≈ gradient − δ·slope
  std::vector<char> excluded_;
  std::vector<Index> working_;  ///< increasing
  std::vector<Index> forced_;   ///< increasing: columns the last check missed
  std::vector<double> etas_, pulls_, gradients_;
  std::vector<Kept> kept_;
  double previous_ = 0;
  bool missed_at_once_ = false;
  double margin_ = kFirstMargin;
  Index ahead_ = 2;
  Index most_ahead_;
};

}  // namespace

std::vector<double> gradient_precision(const FittedProblem& fitted, double relative) {
  std::vector<double> precision(fitted.norm);
  for (double& value : precision) value *= std::max(kRounding, relative) * std::sqrt(fitted.null_deviance);
  return precision;
}

Status look_ahead_path(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas, double tolerance,
                       Index most_rounds, const Context& context, const SolvedPointSink& sink) {
  return LookAhead(fitted, l1_ratio, lambdas, tolerance, most_rounds, context).run(sink);
}

}  // namespace riata
