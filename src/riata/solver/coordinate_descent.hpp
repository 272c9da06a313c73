#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "riata/solver/path_solver.hpp"
#include "riata/solver/working_descent.hpp"

namespace riata {

struct DescentOptions {
  double tolerance = 1e-6;  ///< relative gap; KKT violation for penalties that are not convex
  Index max_sweeps = 0;     ///< per λ; 0: 100000
};

/// Coordinate descent on working sets for the squared loss and any Penalty, bounds included. A working set holds what the
/// sequential strong rule keeps (Tibshirani et al. 2012, J. R. Stat. Soc. B 74); after each solve the gradients of all
/// columns are computed afresh, violators enter, and the full problem's certificate decides.
///
/// The definitions are in this header so that a penalty of your own can use it: CoordinateDescent<MyPenalty>.
template <Penalty P>
class CoordinateDescent final : public PathSolver {
 public:
  CoordinateDescent(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, P penalty, DescentOptions options,
                    const Context& context)
      : PathSolver(fitted, context),
        quadratic_(std::move(quadratic)),
        penalty_(std::move(penalty)),
        options_(options),
        certifier_(fitted, *quadratic_, context),
        gram_model_(*quadratic_, fitted.cols()) {}

  std::string_view name() const override { return "coordinate-descent"; }
  Solution solve(double lambda, State& state) override;

 private:
  static constexpr Index kDefaultSweeps = 100000;
  static constexpr int kMostRounds = 60;
  static constexpr int kMostTightenings = 6;
  static constexpr Index kLargestGram = 8000;  // columns: half a gigabyte

  CertifiedColumn column(double lambda, const State& state, Index j) const {
    return certifier_.column(lambda, state.b, static_cast<std::size_t>(j));
  }
  bool eligible(Index j) const { return fitted_.norm[static_cast<std::size_t>(j)] > 0.0; }
  std::vector<Index> first_working_set(double lambda, const State& state) const;
  std::vector<Index> violators(double lambda, const State& state, const std::vector<char>& in_set) const;
  WorkingModel& model_for(std::size_t size);
  double degrees_of_freedom(double lambda, const State& state);

  std::shared_ptr<Quadratic> quadratic_;
  P penalty_;
  DescentOptions options_;
  Certifier certifier_;
  GramModel gram_model_;
  std::unique_ptr<ResidualModel> residual_model_;
  double last_lambda_ = -1.0;  ///< of the point at which the quadratic was evaluated last; −1: none
  std::vector<double> last_b_;
};

/// Non-zero and unpenalised columns, and those that the strong rule keeps: |vⱼ| ≥ fⱼ(2λ − λ_last) for the lasso; in general
/// the subdifferential at zero, widened by as much as it shrank since the last λ.
template <Penalty P>
std::vector<Index> CoordinateDescent<P>::first_working_set(double lambda, const State& state) const {
  std::vector<Index> working;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    if (!eligible(j)) continue;
    const CertifiedColumn now = column(lambda, state, j);
    const double v = quadratic_->gradient()[static_cast<std::size_t>(j)];
    bool keep = now.b != 0.0 || kkt_violation(penalty_, now, v) > 0.0;
    if (!keep && last_lambda_ > lambda) {
      const Interval slopes = penalty_.subdifferential(0.0, now.strength);
      const Interval before = penalty_.subdifferential(0.0, column(last_lambda_, state, j).strength);
      keep =
          (now.upper > 0.0 && v > 2.0 * slopes.high - before.high) || (now.lower < 0.0 && v < 2.0 * slopes.low - before.low);
    }
    if (keep) working.push_back(j);
  }
  return working;
}

template <Penalty P>
std::vector<Index> CoordinateDescent<P>::violators(double lambda, const State& state,
                                                   const std::vector<char>& in_set) const {
  std::vector<Index> found;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    const auto k = static_cast<std::size_t>(j);
    if (in_set[k] || !eligible(j)) continue;
    if (kkt_violation(penalty_, column(lambda, state, j), quadratic_->gradient()[k]) > 0.0) found.push_back(j);
  }
  return found;
}

template <Penalty P>
WorkingModel& CoordinateDescent<P>::model_for(std::size_t size) {
  if (static_cast<Index>(size) <= kLargestGram || quadratic_->residual().empty()) return gram_model_;
  if (!residual_model_) residual_model_ = std::make_unique<ResidualModel>(fitted_, *quadratic_, context_);
  return *residual_model_;
}

template <Penalty P>
Solution CoordinateDescent<P>::solve(double lambda, State& state) {
  if (last_b_ != state.b) {
    quadratic_->evaluate(state);
    last_lambda_ = -1.0;
  }
  const Index limit = options_.max_sweeps > 0 ? options_.max_sweeps : kDefaultSweeps;
  const double scale = fitted_.null_gradient > 0.0 ? fitted_.null_gradient : 1.0;
  double target = 0.01 * options_.tolerance * scale;
  std::vector<char> in_set(state.b.size());
  std::vector<Index> working = first_working_set(lambda, state), entering = working;
  Solution solution;
  solution.status = Status::iteration_limit;
  Index sweeps = 0;
  int tightenings = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    for (const Index j : entering) in_set[static_cast<std::size_t>(j)] = 1;
    std::vector<CertifiedColumn> columns;
    columns.reserve(working.size());
    for (const Index j : working) columns.push_back(column(lambda, state, j));
    WorkingModel& model = model_for(working.size());
    model.start(working);
    const auto result = WorkingDescent<P>(penalty_, model, columns).run(target, limit - sweeps, context_);
    sweeps += result.sweeps;
    for (std::size_t k = 0; k < working.size(); ++k) state.b[static_cast<std::size_t>(working[k])] = columns[k].b;
    quadratic_->evaluate(state);
    if (context_.interrupted()) {
      solution.status = Status::interrupted;
      break;
    }
    solution.certificate = certifier_.certify(penalty_, lambda, state.b);
    const double measure = P::kConvex ? solution.certificate.relative_gap : solution.certificate.kkt_violation;
    if (measure <= options_.tolerance) {
      if (!doubtful(fitted_, *quadratic_, state.b, options_.tolerance)) solution.status = Status::converged;
      break;
    }
    if (sweeps >= limit) break;
    entering = violators(lambda, state, in_set);
    working.insert(working.end(), entering.begin(), entering.end());
    if (!entering.empty()) continue;
    if (++tightenings > kMostTightenings) break;
    target *= 0.01;
  }
  last_b_ = state.b;
  last_lambda_ = lambda;
  solution.loss = 0.5 * quadratic_->residual_square();
  solution.degrees_of_freedom = degrees_of_freedom(lambda, state);
  return solution;
}

/// tr(G_AA (G_AA + C)⁻¹) = |A| − Σ Cₖ (H⁻¹)ₖₖ, A the coefficients strictly between their bounds, C the penalty's curvature.
template <Penalty P>
double CoordinateDescent<P>::degrees_of_freedom(double lambda, const State& state) {
  std::vector<Index> active;
  std::vector<double> curvature;
  bool curved = false;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    const CertifiedColumn c = column(lambda, state, j);
    if (c.b == 0.0 || c.b <= c.lower || c.b >= c.upper) continue;
    active.push_back(j);
    if constexpr (requires { penalty_.curvature(c.b, c.strength); }) {
      curvature.push_back(penalty_.curvature(c.b, c.strength));
      curved = curved || curvature.back() > 0.0;
    }
  }
  return curved ? shrunken_trace(*quadratic_, active, curvature) : static_cast<double>(active.size());
}

}  // namespace riata
