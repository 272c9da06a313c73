#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/core/error.hpp"
#include "riata/selection/information_criteria.hpp"
#include "riata/selection/selection.hpp"

namespace riata {
namespace {

double total_weight(const Problem& problem) {
  if (problem.weights.empty()) return static_cast<double>(problem.design->rows());
  return std::accumulate(problem.weights.begin(), problem.weights.end(), 0.0);
}

/// Features that a penalty may select or not: penalised and not left out.
Index n_candidates(const Problem& problem) {
  if (problem.penalty_factor.empty()) return problem.design->cols();
  return std::count_if(problem.penalty_factor.begin(), problem.penalty_factor.end(),
                       [](double f) { return f > 0 && std::isfinite(f); });
}

Index selected_candidates(const Problem& problem, const PathPoint& point) {
  const auto& indices = point.coefficients.indices;
  if (problem.penalty_factor.empty()) return std::max(point.n_nonzero, static_cast<Index>(indices.size()));
  return std::count_if(indices.begin(), indices.end(),
                       [&](Index j) { return problem.penalty_factor[static_cast<std::size_t>(j)] > 0; });
}

}  // namespace

double log_binomial(Index n, Index k) {
  const auto a = static_cast<double>(n), b = static_cast<double>(k);
  return std::lgamma(a + 1) - std::lgamma(b + 1) - std::lgamma(a - b + 1);
}

double information_criterion(SelectionRule rule, const FitSummary& fit) {
  const double parameters = fit.degrees_of_freedom + (fit.intercept ? 1 : 0);
  if (!(parameters < fit.total_weight)) return std::numeric_limits<double>::infinity();
  const double fit_term = fit.total_weight * (fit.known_scale ? fit.deviance : std::log(fit.deviance));
  switch (rule) {
    case SelectionRule::aic: return fit_term + 2 * parameters;
    case SelectionRule::bic: return fit_term + std::log(fit.total_weight) * parameters;
    case SelectionRule::ebic:
      return fit_term + std::log(fit.total_weight) * parameters + 2 * log_binomial(fit.candidates, fit.selected);
    default: throw Error(ErrorKind::argument, "min and 1se are no information criteria: they need a cross-validation");
  }
}

std::vector<double> information_criteria(const Path& path, SelectionRule rule, const Problem& problem) {
  std::vector<double> out;
  FitSummary fit;
  fit.total_weight = total_weight(problem);
  fit.intercept = problem.intercept;
  fit.known_scale = problem.loss->name() != "squared";
  fit.candidates = n_candidates(problem);
  for (const PathPoint& point : path.points) {
    if (std::isnan(point.degrees_of_freedom)) {
      throw Error(
          ErrorKind::argument,
          "aic, bic and ebic need degrees of freedom, which with an l2 part follow from a factorisation, and this path "
          "was solved without one (it is too large or sparse, or --memory lean leaves no room): use cross-validation "
          "(--folds), or --penalty l1, where they are counted");
    }
    // A deviance below its own rounding error says nothing more.
    const double share = std::max(1 - point.deviance_ratio, std::numeric_limits<double>::epsilon());
    fit.deviance = path.null_deviance * share;
    fit.degrees_of_freedom = point.degrees_of_freedom;
    fit.selected = std::min(selected_candidates(problem, point), fit.candidates);
    out.push_back(path.null_deviance > 0 ? information_criterion(rule, fit) : 0.0);
  }
  return out;
}

Index select(const Path& path, const CrossValidation* cross_validation, SelectionRule rule, const Problem& problem) {
  if (path.points.empty()) throw Error(ErrorKind::argument, "nothing to select from: the path has no λ that was finished");
  if (rule == SelectionRule::min || rule == SelectionRule::one_standard_error) {
    if (cross_validation == nullptr || cross_validation->mean.empty()) {
      throw Error(ErrorKind::argument,
                  "the rules min and 1se need a cross-validation: ask for folds, or select by aic, bic or ebic");
    }
    const Index index = rule == SelectionRule::min ? cross_validation->index_min : cross_validation->index_1se;
    return std::min(index, static_cast<Index>(path.points.size()) - 1);
  }
  const std::vector<double> criteria = information_criteria(path, rule, problem);
  return std::min_element(criteria.begin(), criteria.end()) - criteria.begin();
}

}  // namespace riata
