#include "riata/app/fit_warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"

namespace riata {
namespace {

/// Why a fit without an intercept may end short of the tolerance: columns whose mean is many times their spread are nearly
/// one direction, and what tells them apart drowns in the rounding of their common part.
std::string far_from_zero(const FitSpec& spec, const FitProblem& fit, const std::vector<std::string>& names,
                          const Context& context) {
  constexpr double kFar = 1e4;
  if (spec.intercept) return "";
  const ColumnMoments moments = fit.problem.design->moments(fit.problem.weights, context);
  double farthest = 0;
  std::size_t column = 0;
  for (std::size_t j = 0; j < moments.mean.size(); ++j) {
    if (!(moments.variance[j] > 0)) continue;
    const double far = std::abs(moments.mean[j]) / std::sqrt(moments.variance[j]);
    if (far > farthest) farthest = far, column = j;
  }
  if (farthest < kFar) return "";
  return fmt::format(
      "without an intercept the mean of \"{}\", {:.0e} times its spread, takes the digits that would tell features apart: "
      "leave "
      "out --no-intercept, or subtract the means",
      printable(names[column]), farthest);
}

}  // namespace

std::string bound_option(const FitSpec& spec) {
  return spec.solver == SolverKind::gradient_descent ? "--iterations" : "--max-iterations";
}

void warn_of_constants(const FitSpec& spec, const FitProblem& fit, std::vector<std::string>& warnings,
                       const Context& context) {
  if (spec.intercept || !spec.standardize) return;
  const ColumnMoments moments = fit.problem.design->moments(fit.problem.weights, context);
  for (std::size_t j = 0; j < moments.mean.size(); ++j) {
    if (moments.mean[j] == 0 || moments.variance[j] > 0) continue;
    warnings.push_back("\"" + printable(fit.dataset.feature_names[j]) +
                       "\" is constant: standardised it has no effect; for an intercept leave out --no-intercept, or add "
                       "--no-standardize");
    return;
  }
}

void warn_of_nearly_constants(Model& model, const FitProblem& fit, std::span<const Index> excluded) {
  const Problem& problem = fit.problem;
  std::vector<double> values(static_cast<std::size_t>(problem.design->rows()));
  Index more = -1;
  std::string first;
  for (const Index column : excluded) {
    const auto j = static_cast<std::size_t>(column);
    const bool pinned = !problem.lower.empty() && !problem.upper.empty() && problem.lower[j] == 0 && problem.upper[j] == 0;
    const bool asked = pinned || (!problem.penalty_factor.empty() && std::isinf(problem.penalty_factor[j]));
    if (asked || model.standard_deviation[j] == 0) continue;
    problem.design->gather({&column, 1}, {values.data(), problem.design->rows(), 1});
    const auto [least, most] = std::ranges::minmax(values);
    if (least == most || more++ >= 0) continue;
    const double middle = least + 0.5 * (most - least);
    first = fmt::format("\"{}\" varies by {:.1e} about {:.6g} only, which {} rows do not tell from rounding: it",
                        printable(model.feature_names[j]), 0.5 * (most - least), middle, values.size());
  }
  if (more < 0) return;
  if (more > 0) first += fmt::format(" and {} more like it count as constants; subtract their means in the table", more);
  if (more == 0) first += " counts as a constant; subtract its mean in the table";
  model.warnings.push_back(first);
}

void warn_of_unfinished(Model& model, const FitSpec& spec, const FitProblem& fit, bool folds_unfinished,
                        const Context& context) {
  Index unfinished = 0;
  double gap = 0, kkt = 0;
  for (const ModelPoint& point : model.path) {
    if (point.status != Status::iteration_limit) continue;
    ++unfinished;
    gap = std::max(gap, point.certificate.relative_gap);
    kkt = std::max(kkt, point.certificate.kkt_violation);
  }
  if (unfinished == 0 && !folds_unfinished) return;
  const std::string why = far_from_zero(spec, fit, model.feature_names, context);
  if (folds_unfinished) {
    const std::string helps = why.empty() ? "raise " + bound_option(spec) : unfinished == 0 ? why : "";
    model.warnings.push_back("some folds of the cross-validation did not converge" + (helps.empty() ? "" : "; " + helps));
  }
  if (unfinished == 0) return;
  model.warnings.push_back(
      fmt::format("{} of {} λ did not reach --tolerance {}: relative gap up to {:.1e}, KKT violation up to {:.1e}; {}",
                  unfinished, model.path.size(), to_text(spec.tolerance), gap, kkt,
                  why.empty() ? "raise " + bound_option(spec) + ", or accept a larger --tolerance" : why));
}

void warn_of_the_end(Model& model, const FitSpec& spec) {
  if (!model.cross_validation || !spec.lambdas.empty() || model.path.size() < 2) return;
  if (model.cross_validation->index_min + 1 != std::ssize(model.path)) return;
  const double ratio = model.path.back().lambda / model.path.front().lambda;
  model.warnings.push_back(fmt::format(
      "the {} is at the smallest λ of the grid, {:.3g}: less penalty may do better; try --lambda-min-ratio {:.0e}",
      model.cross_validation->measure == "auc" ? "largest auc" : "least error", model.path.back().lambda, ratio / 100));
}

}  // namespace riata
