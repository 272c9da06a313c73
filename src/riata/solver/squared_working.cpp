#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "riata/solver/column_products.hpp"
#include "riata/solver/quadratic.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {
namespace {

/// The quadratic by its residual, kept up to date: one dot product a gradient entry.
class RunningResidual final : public AheadQuadratic {
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
    }
    settle(columns, values, delta);
  }

  void gradient(std::span<const Index> columns, std::span<double> out) override {
    dot_columns(*fitted_.design, columns, weighted_, out, context_);
  }

  Index rows() const override { return fitted_.rows(); }
  Index most_active() const override {
    return std::ranges::count_if(fitted_.weights, [](double w) { return w > 0; }) - (fitted_.intercept ? 1 : 0);
  }

  void rows_after(std::span<const Index> columns, ConstMatrix delta, Matrix rows) override {
    for (Index k = 0; k < rows.cols; ++k) {
      const auto row = rows.column(k);
      std::ranges::transform(residual_, row.begin(), std::negate<>());
    }
    if (!columns.empty()) fitted_.design->multiply(columns, delta, rows, {}, context_);
    for (Index k = 0; k < rows.cols; ++k) std::ranges::transform(rows.column(k), rows.column(k).begin(), std::negate<>());
  }

  void gradients(std::span<const Index> columns, ConstMatrix rows, Matrix out) override {
    std::vector<double> sides(static_cast<std::size_t>(rows.rows * rows.cols));
    const Matrix weighted(sides.data(), rows.rows, rows.cols);
    for (Index k = 0; k < rows.cols; ++k) {
      std::ranges::transform(rows.column(k), fitted_.weights, weighted.column(k).begin(), std::multiplies<>());
    }
    column_products(*fitted_.design, columns, weighted, out, context_);
  }

  void adopt(std::span<const Index> columns, std::span<const double> values, std::span<const double> delta,
             std::span<const double> rows) override {
    std::ranges::copy(rows, residual_.begin());
    settle(columns, values, delta);
  }

 private:
  /// After the residual has moved.
  void settle(std::span<const Index> columns, std::span<const double> values, std::span<const double> delta) {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const double norm = fitted_.norm[static_cast<std::size_t>(columns[k])];
      travelled_ += std::abs(delta[k]) * norm;
      size_ += (std::abs(values[k]) - std::abs(values[k] - delta[k])) * norm;
    }
    double mean = 0;  // an intercept takes the residuals' mean, which is rounding
    for (std::size_t i = 0; fitted_.intercept && i < residual_.size(); ++i) mean += fitted_.weights[i] * residual_[i];
    mean_ += mean;
    for (std::size_t i = 0; i < residual_.size(); ++i) {
      residual_[i] -= mean;
      weighted_[i] = fitted_.weights[i] * residual_[i];
    }
  }

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
  Index solve_ahead(std::span<const ElasticBox> penalties, std::span<const Index> working, const Precision& precision,
                    const Outlook& outlook, const std::function<bool(Index)>& solved) override {
    if (working.empty() || fitted_.design->stored() / fitted_.cols() * std::ssize(working) < kCached) return 0;
    Outlook exact = outlook;
    if (outlook.rough) quadratic_.gradient(working, exact.gradient);
    return active_.solve_ahead(quadratic_, penalties, working, precision(), std::move(exact), [&](Index k) {
      if (quadratic_.stale()) recompute();
      return solved(k);
    });
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
  static constexpr Index kCached = 524288;  // numbers that λ by λ read again and again at little cost

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
