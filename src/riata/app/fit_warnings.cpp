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
