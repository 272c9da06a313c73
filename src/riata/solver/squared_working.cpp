#include <algorithm>
#include <cmath>
#include <functional>

#include "riata/solver/column_products.hpp"
#include "riata/solver/quadratic.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {
namespace {

/// The quadratic by its residual, kept up to date: one dot product a gradient entry.
class RunningResidual final : public ActiveQuadratic {
 public:
  RunningResidual(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted), context_(context), weighted_(fitted.weights.size()) {
    restart({}, {});
  }

  void restart(std::span<const Index> columns, std::span<const double> b) {
    residual_ = fitted_.response;
    mean_ = 0;
    travelled_ = size_ = 0;
    move(columns, b, b);
  }

  /// Whether coefficients went so far and back that the residual kept up to date has lost digits which a fresh one has.
  bool stale() const { return travelled_ > kFarther * (size_ + std::sqrt(fitted_.null_deviance)); }

  double mean() const { return mean_; }
  std::span<const double> residual() const { return residual_; }
  std::span<const double> weighted() const { return weighted_; }

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) override {
    gram_columns(*fitted_.design, left, right, fitted_.weights, out, context_);
  }

  void move(std::span<const Index> columns, std::span<const double> values, std::span<const double> delta) override {
    if (!columns.empty()) {
      std::vector<double> back(delta.size());
      std::ranges::transform(delta, back.begin(), std::negate<>());
      add_columns(*fitted_.design, columns, back, residual_, context_);
      for (std::size_t k = 0; k < columns.size(); ++k) {
        const double norm = fitted_.norm[static_cast<std::size_t>(columns[k])];
        travelled_ += std::abs(delta[k]) * norm;
        size_ += (std::abs(values[k]) - std::abs(values[k] - delta[k])) * norm;
      }
    }
    double mean = 0;  // an intercept takes the residuals' mean, which is rounding
    for (std::size_t i = 0; fitted_.intercept && i < residual_.size(); ++i) mean += fitted_.weights[i] * residual_[i];
    mean_ += mean;
    for (std::size_t i = 0; i < residual_.size(); ++i) {
      residual_[i] -= mean;
      weighted_[i] = fitted_.weights[i] * residual_[i];
    }
  }

  void gradient(std::span<const Index> columns, std::span<double> out) override {
    dot_columns(*fitted_.design, columns, weighted_, out, context_);
  }

 private:
  const FittedProblem& fitted_;
  const Context& context_;
  static constexpr double kFarther = 100;

  double mean_ = 0;
  double travelled_ = 0;  ///< Σ |Δbⱼ| ‖zⱼ‖ since the last restart
  double size_ = 0;       ///< Σ |bⱼ| ‖zⱼ‖
  std::vector<double> residual_;
  std::vector<double> weighted_;
};

class SquaredWorking final : public WorkingProblem {
 public:
  SquaredWorking(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted), context_(context), quadratic_(fitted, context), active_(quadratic_, fitted.cols()) {}

  void expect(std::span<const Index> columns) override { active_.store(columns); }
  Status solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
               Index most_rounds) override {
    Status status = active_.solve(quadratic_, penalty, working, precision, most_rounds);
    for (int again = 0; quadratic_.stale() && again < kMostRestarts; ++again) {
      start_again();
      status = active_.solve(quadratic_, penalty, working, precision, most_rounds);
    }
    if (quadratic_.stale()) start_again();  // whatever the end is, rows and coefficients agree
    return status;
  }
  void recompute() override {
    const Support support(active_.coefficients());
    quadratic_.restart(support.columns, support.values);
  }
  std::span<const double> coefficients() const override { return active_.coefficients(); }
  double b0() const override { return fitted_.response_mean + quadratic_.mean(); }
  void eta(std::span<double> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = fitted_.original_response[i] - quadratic_.residual()[i];
  }
  std::span<const double> pull() const override { return quadratic_.weighted(); }
  void rate(std::span<double> out) override {
    std::vector<Index> columns;
    std::vector<double> values;
    active_.homotopy_rate(columns, values);
    std::ranges::fill(out, 0.0);
    if (!columns.empty()) add_columns(*fitted_.design, columns, values, out, context_);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] *= fitted_.weights[i];
  }
  double degrees_of_freedom() override { return active_.degrees_of_freedom(); }

 private:
  static constexpr int kMostRestarts = 3;

  void start_again() {
    recompute();
    active_.forget_gradients();
  }

  const FittedProblem& fitted_;
  const Context& context_;
  RunningResidual quadratic_;
  ActiveSet active_;
};

}  // namespace

std::unique_ptr<WorkingProblem> squared_working_problem(const FittedProblem& fitted, const Context& context) {
  return std::make_unique<SquaredWorking>(fitted, context);
}

}  // namespace riata
