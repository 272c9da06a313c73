#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/app/apply_model.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Weighted mean with a standard error for independent rows: s² = n/(n−1) Σ wᵢ²(xᵢ − mean)² / (Σw)².
struct Mean {
  double value = 0, error = kNone;
};

Mean weighted_mean(const std::vector<double>& x, const std::vector<double>& w) {
  const double total = std::accumulate(w.begin(), w.end(), 0.0);
  Mean out;
  for (std::size_t i = 0; i < x.size(); ++i) out.value += w[i] * x[i] / total;
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += std::pow(w[i] / total * (x[i] - out.value), 2);
    n += w[i] > 0 ? 1 : 0;
  }
  if (n > 1) out.error = std::sqrt(n / (n - 1) * sum);
  return out;
}

MeasuredValue measured(const std::string& name, double value, double error, double least, double most) {
  return {name, value, std::max(least, value - kNormalQuantile * error), std::min(most, value + kNormalQuantile * error)};
}

/// 1 − mse/variance; by the delta method its error is that of the mean of (−eᵢ² + (1 − R²)(yᵢ − ȳ)²)/variance.
MeasuredValue r_squared(const std::vector<double>& squares, const std::vector<double>& y, const std::vector<double>& w) {
  const double centre = weighted_mean(y, w).value;
  std::vector<double> spread(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) spread[i] = (y[i] - centre) * (y[i] - centre);
  const double variance = weighted_mean(spread, w).value, mse = weighted_mean(squares, w).value;
  if (!(variance > 0)) return {"r2", kNone, kNone, kNone};
  const double value = 1 - mse / variance;
  std::vector<double> influence(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) influence[i] = ((1 - value) * spread[i] - squares[i]) / variance;
  return measured("r2", value, weighted_mean(influence, w).error, -std::numeric_limits<double>::infinity(), 1);
}

}  // namespace

EvaluateFacts run_evaluate(const EvaluateSpec& spec, const Model& model, const Table& table, const Context& context) {
  const std::string target = spec.target.empty() ? model.target : spec.target;
  const Index point = choose_lambda(model, spec.lambda);
  const Applied applied = apply_model(model, point, table, target, spec.unseen, context);
  const std::vector<double>& y = applied.dataset.response.values;
  if (!applied.dataset.response.classes.empty()) {
    throw Error(ErrorKind::input, "the target '" + printable(target) + "' holds no numbers", table.source);
  }
  std::vector<double> w(y.size(), 1.0);
  if (!spec.weights.empty()) w = number_column(table, spec.weights, applied.rows);
  const bool valid = std::ranges::all_of(w, [](double one) { return std::isfinite(one) && one >= 0; });
  if (!valid || !(std::accumulate(w.begin(), w.end(), 0.0) > 0)) {
    throw Error(ErrorKind::input, "weights must be finite, not negative and not all zero", table.source);
  }
  std::vector<double> squares(y.size()), sizes(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    sizes[i] = std::abs(y[i] - applied.eta[i]);
    squares[i] = sizes[i] * sizes[i];
  }
  const double infinity = std::numeric_limits<double>::infinity();
  const Mean mse = weighted_mean(squares, w), mae = weighted_mean(sizes, w);
  EvaluateFacts facts;
  facts.table = table.source.substr(table.source.find_last_of('/') + 1);
  facts.target = target;
  facts.n_samples = std::ssize(y);
  facts.lambda = model.path[static_cast<std::size_t>(point)].lambda;
  facts.measures = {measured("mse", mse.value, mse.error, 0, infinity), measured("mae", mae.value, mae.error, 0, infinity),
                    r_squared(squares, y, w), measured("deviance", mse.value, mse.error, 0, infinity)};
  facts.method =
      "95 %, normal approximation for the mean over independent rows (r2: delta method); the model is taken as fixed";
  facts.warnings = applied.dataset.warnings;
  return facts;
}

}  // namespace riata
