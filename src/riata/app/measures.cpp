#include "riata/app/measures.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "riata/app/apply_model.hpp"
#include "riata/app/intervals.hpp"
#include "riata/core/error.hpp"

namespace riata {

std::vector<MeasuredValue> measures_of(const JudgedRows& rows) {
  const auto& w = rows.weights;
  const MeasuredValue deviance = mean_interval("deviance", rows.deviance, w);
  if (rows.n_classes > 0) return {deviance, share_interval("error", rows.wrong, w)};
  std::vector<double> squares(rows.y.size()), sizes(rows.y.size());
  for (std::size_t i = 0; i < rows.y.size(); ++i) {
    sizes[i] = std::abs(rows.y[i] - rows.mean[i]);
    squares[i] = sizes[i] * sizes[i];
  }
  return {mean_interval("mse", squares, w), mean_interval("mae", sizes, w), r_squared(squares, rows.y, w), deviance};
}

std::string method_of(Index n_classes) {
  const std::string others = n_classes == 0 ? "r2: delta method" : "error: Wilson";
  return "95 %, means over independent rows corrected for skewness (Hall 1992; " + others + "); the model is taken as fixed";
}

std::vector<double> judged_weights(const Table& table, const std::string& column, const std::vector<Index>& rows) {
  std::vector<double> out(rows.size(), 1.0);
  if (!column.empty()) out = number_column(table, column, rows);
  const bool valid = std::ranges::all_of(out, [](double one) { return std::isfinite(one) && one >= 0; });
  if (!valid || !(std::accumulate(out.begin(), out.end(), 0.0) > 0)) {
    throw Error(ErrorKind::input, "weights must be finite, not negative and not all zero", table.source);
  }
  return out;
}

}  // namespace riata
