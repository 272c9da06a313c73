#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "riata/solver/column_products.hpp"
#include "riata/solver/quadratic.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {
namespace {

constexpr Index kMostSteps = 100;     // proximal Newton steps a λ
constexpr double kContraction = 0.2;  // a step that shrinks the violation by less asks for fresh curvature
constexpr double kStagnation = 0.5;   // with fresh curvature: rounding, no more to gain
constexpr int kMostHalvings = 40;
constexpr double kObjectiveNoise = 64 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }
double sum_of(std::span<const double> v) { return std::accumulate(v.begin(), v.end(), 0.0); }

/// The quadratic model of the loss around a base point: pull and curvature hᵢ = wᵢ ∂²ℓ/∂η² (perhaps of an earlier point).
/// With an intercept b₀ is minimised out: Δb₀ = (Σ pull − Σ h ZΔ)/Σ h.
class CurvedModel final : public ActiveQuadratic {
 public:
  CurvedModel(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted),
        context_(context),
        curvature_(at(fitted.rows())),
        step_(at(fitted.rows())),
        row_(at(fitted.rows())),
        weighted_sum_(at(fitted.cols())),
        known_(at(fitted.cols())) {}

  void set_curvature(std::span<const double> curvature) {
    std::ranges::copy(curvature, curvature_.begin());
    total_ = sum_of(curvature_);
    std::ranges::fill(known_, char{0});
  }
  /// Starts a step from a point with that pull; `gradients` are those of the working set there.
  void rebase(std::span<const double> pull, std::span<const double> gradients) {
    pull_ = pull;
    at_base_ = gradients;
    std::ranges::fill(step_, 0.0);
    update();
  }

  std::span<const double> step() const { return step_; }  ///< n: ZΔ, without Δb₀
  double intercept_step() const { return intercept_step_; }

  void gram(Index j, std::span<const Index> columns, std::span<double> out) override {
    const Index self[] = {j};
    fitted_.design->gram(columns, self, curvature_, {out.data(), static_cast<Index>(columns.size()), 1}, {}, context_);
    centre({out.data(), static_cast<Index>(columns.size()), 1}, columns, self);
  }
  void gram_block(std::span<const Index> columns, Matrix out) override {
    fitted_.design->gram(columns, columns, curvature_, out, {}, context_);
    centre(out, columns, columns);
  }
  void move(std::span<const Index> columns, std::span<const double>, std::span<const double> delta) override {
    at_base_ = {};
    add_columns(*fitted_.design, columns, delta, step_, context_);
    update();
  }
  void gradient(std::span<const Index> columns, std::span<double> out) override {
    if (intercept_step_ == 0 && at_base_.size() == columns.size()) {
      std::ranges::copy(at_base_, out.begin());
    } else {
      dot_columns(*fitted_.design, columns, row_, out, context_);
    }
  }

 private:
  void update() {
    intercept_step_ = 0;
    if (fitted_.intercept && total_ > 0) {
      double moved = 0;
      for (std::size_t i = 0; i < step_.size(); ++i) moved += curvature_[i] * step_[i];
      intercept_step_ = (sum_of(pull_) - moved) / total_;
    }
    for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = pull_[i] - curvature_[i] * (step_[i] + intercept_step_);
  }

  void centre(Matrix gram, std::span<const Index> left, std::span<const Index> right) {
    if (!fitted_.intercept || !(total_ > 0)) return;
    for (const auto columns : {left, right}) {
      for (const Index j : columns) {
        if (!std::exchange(known_[at(j)], char{1})) weighted_sum_[at(j)] = fitted_.design->dot(j, curvature_, 0.0);
      }
    }
    for (Index b = 0; b < gram.cols; ++b) {
      const double share = weighted_sum_[at(right[at(b)])] / total_;
      for (Index a = 0; a < gram.rows; ++a) gram(a, b) -= weighted_sum_[at(left[at(a)])] * share;
    }
  }

  const FittedProblem& fitted_;
  const Context& context_;
  std::span<const double> pull_;
  std::span<const double> at_base_;
  std::vector<double> curvature_, step_, row_, weighted_sum_;
  std::vector<char> known_;
  double total_ = 0;
  double intercept_step_ = 0;
};

class SmoothWorking final : public WorkingProblem {
 public:
  SmoothWorking(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted),
        context_(context),
        model_(fitted, context),
        active_(model_, fitted.cols()),
        b0_(fitted.response_mean),
        eta_(at(fitted.rows())),
        pull_(at(fitted.rows())),
        scratch_(at(fitted.rows())) {
    recompute();
    refresh_curvature();
  }

  Status solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
               Index most_rounds) override;
  void recompute() override;
  std::span<const double> coefficients() const override { return active_.coefficients(); }
  double b0() const override { return b0_; }
  void eta(std::span<double> out) const override { std::ranges::copy(eta_, out.begin()); }
  std::span<const double> pull() const override { return pull_; }
  void rate(std::span<double> out) const override;
  double degrees_of_freedom() const override { return active_.degrees_of_freedom(); }

 private:
  void take_pull();
  void refresh_curvature();
  double objective(const ElasticBox& penalty) const;
  double worst_violation(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision);
  bool step(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision);

  const FittedProblem& fitted_;
  const Context& context_;
  CurvedModel model_;
  ActiveSet active_;
  double b0_;
  std::vector<double> eta_, pull_;
  mutable std::vector<double> scratch_;
  std::vector<double> gradients_;
  bool fresh_ = false;  ///< the model's curvature is of the present point
};

void SmoothWorking::recompute() {
  for (std::size_t i = 0; i < eta_.size(); ++i) eta_[i] = b0_ + (fitted_.offset.empty() ? 0.0 : fitted_.offset[i]);
  const Support support(active_.coefficients());
  if (!support.columns.empty()) add_columns(*fitted_.design, support.columns, support.values, eta_, context_);
  take_pull();
}

void SmoothWorking::take_pull() {
  fitted_.loss->gradient(fitted_.original_response, eta_, pull_);
  for (std::size_t i = 0; i < pull_.size(); ++i) pull_[i] *= -fitted_.weights[i];
}

void SmoothWorking::refresh_curvature() {
  fitted_.loss->curvature(fitted_.original_response, eta_, scratch_);
  for (std::size_t i = 0; i < scratch_.size(); ++i) scratch_[i] *= fitted_.weights[i];
  model_.set_curvature(scratch_);
  active_.forget_gram();
  fresh_ = true;
}

double SmoothWorking::objective(const ElasticBox& penalty) const {
  fitted_.loss->value(fitted_.original_response, eta_, scratch_);
  double sum = 0;
  for (std::size_t i = 0; i < scratch_.size(); ++i) {
    if (fitted_.weights[i] > 0) sum += fitted_.weights[i] * scratch_[i];
  }
  const auto b = active_.coefficients();
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (b[j] != 0) sum += penalty.factor[j] * (penalty.l1 * std::abs(b[j]) + 0.5 * penalty.l2 * b[j] * b[j]);
  }
  return sum;
}

/// The largest violation over the working set and the intercept, in units of each one's precision; 0 within precision.
double SmoothWorking::worst_violation(const ElasticBox& penalty, std::span<const Index> working,
                                      std::span<const double> precision) {
  gradients_.resize(working.size());
  dot_columns(*fitted_.design, working, pull_, gradients_, context_);
  double worst = 0;
  const auto b = active_.coefficients();
  for (std::size_t i = 0; i < working.size(); ++i) {
    const std::size_t j = at(working[i]);
    const double amount = violation(penalty, working[i], b[j], gradients_[i], precision[j]);
    worst = std::max(worst, precision[j] > 0 ? amount / precision[j] : 0.0);
  }
  if (fitted_.intercept) {
    const double unit = *std::ranges::max_element(precision.begin(), precision.end());
    const double off = std::abs(sum_of(pull_));
    if (off > unit && unit > 0) worst = std::max(worst, off / unit);
  }
  return worst;
}

/// One proximal Newton step with backtracking; false when the objective cannot be lowered any more.
bool SmoothWorking::step(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision) {
  const std::vector<double> b_before(active_.coefficients().begin(), active_.coefficients().end());
  const std::vector<double> eta_before = eta_;
  const double b0_before = b0_, before = objective(penalty);
  model_.rebase(pull_, gradients_);
  (void)active_.solve(penalty, working, precision);
  const std::vector<double> b_after(active_.coefficients().begin(), active_.coefficients().end());
  const std::vector<double> direction(model_.step().begin(), model_.step().end());
  const double intercept_step = model_.intercept_step();
  double t = 1.0;
  for (int halving = 0; halving < kMostHalvings; ++halving, t *= 0.5) {
    if (halving > 0) {
      std::vector<double> between(b_before.size());
      for (std::size_t j = 0; j < between.size(); ++j) {
        between[j] = b_before[j] == b_after[j] ? b_before[j] : b_before[j] + t * (b_after[j] - b_before[j]);
      }
      active_.set_point(between);
    }
    b0_ = b0_before + t * intercept_step;
    for (std::size_t i = 0; i < eta_.size(); ++i) eta_[i] = eta_before[i] + t * (direction[i] + intercept_step);
    if (objective(penalty) <= before + kObjectiveNoise * std::abs(before)) {
      take_pull();
      fresh_ = false;
      return true;
    }
    if (!fresh_) break;  // stale curvature: not worth a search along this direction
  }
  active_.set_point(b_before);
  b0_ = b0_before;
  eta_ = eta_before;
  return false;
}

Status SmoothWorking::solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                            Index most_rounds) {
  const Index limit = most_rounds > 0 ? most_rounds : kMostSteps;
  double before = std::numeric_limits<double>::infinity();
  bool curvature_is_new = false;
  for (Index round = 0; round < limit; ++round) {
    const double worst = worst_violation(penalty, working, precision);
    if (worst == 0) return Status::converged;
    if (curvature_is_new && worst > kStagnation * before && worst < 1e4) return Status::converged;  // rounding
    curvature_is_new = worst > kContraction * before;
    if (curvature_is_new) refresh_curvature();
    before = worst;
    if (step(penalty, working, precision)) continue;
    if (curvature_is_new) return Status::converged;  // no descent on the exact model: at the end of what float64 can see
    refresh_curvature();
    curvature_is_new = true;
    if (!step(penalty, working, precision)) return Status::converged;
  }
  return Status::iteration_limit;
}

/// H Z_A (G_AA + l2 F)⁻¹ F s, centred by the intercept's share.
void SmoothWorking::rate(std::span<double> out) const {
  std::vector<Index> columns;
  std::vector<double> values;
  active_.homotopy_rate(columns, values);
  std::ranges::fill(out, 0.0);
  if (!columns.empty()) add_columns(*fitted_.design, columns, values, out, context_);
  fitted_.loss->curvature(fitted_.original_response, eta_, scratch_);
  double total = 0, moved = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    scratch_[i] *= fitted_.weights[i];
    total += scratch_[i];
    moved += scratch_[i] * out[i];
  }
  const double mean = fitted_.intercept && total > 0 ? moved / total : 0.0;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = scratch_[i] * (out[i] - mean);
}

}  // namespace

std::unique_ptr<WorkingProblem> smooth_working_problem(const FittedProblem& fitted, const Context& context) {
  return std::make_unique<SmoothWorking>(fitted, context);
}

}  // namespace riata
