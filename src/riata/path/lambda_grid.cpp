#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/path/make_path_solver.hpp"
#include "riata/penalty/list.hpp"
#include "riata/solver/column_error.hpp"
#include "riata/solver/null_model.hpp"

namespace riata {
namespace {

constexpr double kLeastRatio = 0.001;  // ρ below this would put λ_max of ridge at infinity

std::vector<double> given_grid(std::vector<double> lambdas) {
  for (const double lambda : lambdas) {
    if (std::isfinite(lambda) && lambda >= 0.0) continue;
    throw Error(ErrorKind::argument, fmt::format("lambda is {}: give a finite number that is at least 0", lambda));
  }
  std::ranges::sort(lambdas, std::ranges::greater{});
  return lambdas;
}

void check_grid(const GridSpec& grid) {
  if (grid.n_lambdas < 1) {
    throw Error(ErrorKind::argument, fmt::format("the number of lambdas is {}: it must be at least 1", grid.n_lambdas));
  }
  if (grid.min_ratio && !(*grid.min_ratio > 0.0 && *grid.min_ratio <= 1.0)) {
    throw Error(ErrorKind::argument,
                fmt::format("the lambda min ratio is {}: it must be above 0 and at most 1", *grid.min_ratio));
  }
}

/// A positive factor so small that λ_max, which is divided by it, overflows.
[[noreturn]] void refuse_smallest_factor(const FittedProblem& fitted) {
  Index smallest = 0;
  double least = std::numeric_limits<double>::infinity();
  for (Index j = 0; j < fitted.cols(); ++j) {
    const double factor = fitted.factor[static_cast<std::size_t>(j)];
    if (factor > 0 && factor < least) least = factor, smallest = j;
  }
  throw ColumnError(smallest, fmt::format(" has the penalty factor {}, too small for a grid of lambdas: the largest one, "
                                          "which is divided by it, overflows; give 0 (not penalised) or a larger factor",
                                          least));
}

}  // namespace

double PenaltySpec::effective_l1_ratio() const {
  if (name == L1::kName) return 1.0;
  return name == ElasticNet::kName ? l1_ratio : 0.0;
}

double path_lambda_max(const FittedProblem& fitted, Quadratic& quadratic, const PenaltySpec& penalty,
                       const Context& context) {
  if (penalty.name == NoPenalty::kName || fitted.null_deviance == 0.0) return 0.0;
  const double largest = largest_useful_lambda(fitted, quadratic, context);
  const double ratio = penalty.effective_l1_ratio();
  if (ratio >= kLeastRatio) return largest / ratio;
  // A squared penalty on a squared loss has no unit of the response: its λ are those of a response of unit variance.
  const double unit = fitted.loss->name() == "squared" ? std::sqrt(fitted.null_deviance) : 1.0;
  return largest / (kLeastRatio * unit);
}

std::vector<double> lambda_grid(const Problem& problem, const PenaltySpec& penalty, const GridSpec& grid,
                                const Context& context) {
  problem.check();
  penalty_by_name(penalty.name, penalty.l1_ratio);
  if (!grid.lambdas.empty()) return given_grid(grid.lambdas);
  check_grid(grid);
  if (penalty.name == NoPenalty::kName) return {0.0};
  const FittedProblem fitted = to_fitted(problem, context);
  const double largest = path_lambda_max(fitted, *residual_quadratic(fitted, context), penalty, context);
  if (largest == 0.0) return {0.0};
  if (!std::isfinite(largest)) refuse_smallest_factor(fitted);
  const double ratio = grid.min_ratio.value_or(fitted.rows() < fitted.cols() ? 1e-2 : 1e-4);
  std::vector<double> lambdas(static_cast<std::size_t>(grid.n_lambdas), largest);
  for (std::size_t k = 1; k < lambdas.size(); ++k) {
    lambdas[k] = largest * std::pow(ratio, static_cast<double>(k) / static_cast<double>(lambdas.size() - 1));
  }
  return lambdas;
}

}  // namespace riata
