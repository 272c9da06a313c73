#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "riata/penalty/elastic_net.hpp"
#include "riata/solver/active_set.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {

struct NewtonOptions {
  double tolerance = 1e-6;         ///< relative gap that counts as converged; steps are exact, so most gaps are near 1e-15
  Index max_rounds = 0;            ///< of the active set per λ; 0: its own bound
  bool degrees_of_freedom = true;  ///< false: NaN where an l2 part makes them cost as much as a solve
  bool penalised = true;           ///< false: λ counts as zero, whatever is given
  bool predictions_only = false;   ///< true: iterative steps go no farther than the tolerance asks
};

/// The active-set Newton solver for the elastic net in a box: exact steps for the squared loss (l1_ratio > 0), proximal
/// Newton steps on the same core for any other (working_problem.hpp), so that accuracy costs next to nothing. Looks ahead
/// over several λ where gradients cost a pass over the design (look_ahead.hpp); works in p dimensions where the quadratic
/// comes from moments (it keeps no residuals then).
class NewtonSolver final : public PathSolver {
 public:
  NewtonSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, ElasticNet penalty, NewtonOptions options,
               const Context& context);

  std::string_view name() const override { return "newton"; }
  Solution solve(double lambda, State& state) override;
  Status solve_path(std::span<const double> lambdas, const SolutionSink& sink) override;

 private:
  Status solve_by_residual(std::span<const double> lambdas, const SolutionSink& sink);
  Status solve_by_moments(std::span<const double> lambdas, const SolutionSink& sink);
  /// How a solve on moments ended.
  struct Ended {
    Status status;
    double degrees_of_freedom;
  };
  std::vector<Ended> solve_ahead(ActiveSet& active, ActiveQuadratic& moments, std::span<const double> lambdas,
                                 std::vector<double>& points) const;
  Status hand_over(Certifier& certifier, std::span<const double> lambdas, std::size_t k, const Ended& ended,
                   const SolutionSink& sink);
  Solution judge_moments(Certifier& certifier, double lambda, std::span<const double> b, Status status) const;

  std::shared_ptr<Quadratic> quadratic_;
  ElasticNet penalty_;
  NewtonOptions options_;
  State state_;  ///< of the λ that is handed over
};

}  // namespace riata
