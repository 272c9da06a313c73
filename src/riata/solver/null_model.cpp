#include "riata/solver/null_model.hpp"

#include <algorithm>
#include <cmath>

#include "riata/penalty/none.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/separation.hpp"
#include "riata/solver/working_descent.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {

State null_model(const FittedProblem& fitted, Quadratic& quadratic, const Context& context) {
  constexpr int kRefinements = 3;
  constexpr Index kSweeps = 10000;
  constexpr double kTarget = 1e-13;
  State state = null_state(fitted);
  quadratic.evaluate(state);
  if (fitted.unpenalised.empty()) return state;
  const Certifier certifier(fitted, quadratic, context);
  GramModel model(quadratic, fitted.cols());
  for (int round = 0; round < kRefinements; ++round) {
    std::vector<CertifiedColumn> columns;
    columns.reserve(fitted.unpenalised.size());
    for (const Index j : fitted.unpenalised) columns.push_back(certifier.column(0.0, state.b, static_cast<std::size_t>(j)));
    model.start(fitted.unpenalised);
    WorkingDescent<NoPenalty>({}, model, columns).run(kTarget * fitted.null_gradient, kSweeps, context);
    for (std::size_t k = 0; k < columns.size(); ++k) state.b[static_cast<std::size_t>(fitted.unpenalised[k])] = columns[k].b;
    quadratic.evaluate(state);
  }
  return state;
}

namespace {

/// Gradients at the null model of any loss: unpenalised columns fitted, λ as good as infinite for the others.
std::vector<double> null_gradients(const FittedProblem& fitted, Quadratic& quadratic, const Context& context) {
  if (fitted.loss->name() == "squared" || fitted.unpenalised.empty()) {
    null_model(fitted, quadratic, context);
    return {quadratic.gradient().begin(), quadratic.gradient().end()};
  }
  refuse_separating_columns(fitted, fitted.unpenalised);
  const auto working = smooth_working_problem(fitted, context);
  const ElasticBox free{0.0, 0.0, fitted.factor, fitted.lower, fitted.upper};
  (void)working->solve(free, fitted.unpenalised, gradient_precision(fitted), 0);
  refuse_separation(fitted, fitted.unpenalised, working->coefficients(), working->b0());
  std::vector<double> gradients(fitted.factor.size());
  fitted.design->transpose_multiply(0, {working->pull().data(), fitted.rows(), 1}, {gradients.data(), fitted.cols(), 1}, {},
                                    context);
  return gradients;
}

}  // namespace

double largest_useful_lambda(const FittedProblem& fitted, Quadratic& quadratic, const Context& context) {
  if (fitted.unpenalised.size() + fitted.excluded.size() == fitted.factor.size()) return 0.0;
  const std::vector<double> gradients = null_gradients(fitted, quadratic, context);
  constexpr double kRounding = 1e-14;  // cosine of column and residual
  double largest = 0.0;
  for (std::size_t j = 0; j < fitted.factor.size(); ++j) {
    if (fitted.norm[j] == 0.0 || fitted.factor[j] == 0.0) continue;
    const double v = gradients[j];
    if (std::abs(v) <= kRounding * fitted.norm[j] * std::sqrt(fitted.null_deviance)) continue;
    const bool blocked =
        v > 0.0 ? !fitted.upper.empty() && fitted.upper[j] == 0.0 : !fitted.lower.empty() && fitted.lower[j] == 0.0;
    if (!blocked) largest = std::max(largest, std::abs(v) / fitted.factor[j]);
  }
  return largest * (1.0 + 3e-13);
}

}  // namespace riata
