#include "riata/selection/correlated.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace riata {
namespace {

constexpr Index kLeaders = 32;    // at a time: one pass over X serves them all
constexpr Index kColumns = 8192;  // whose correlations are held at a time

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

struct Columns {
  std::vector<double> mean, deviation;  ///< deviation 0: constant
};

Columns columns_of(const Design& design, std::span<const double> weights, const Context& context) {
  ColumnMoments moments = design.moments(weights, context);
  Columns out{std::move(moments.mean), std::move(moments.variance)};
  for (std::size_t j = 0; j < out.mean.size(); ++j) {
    const double floor = 1e-14 * std::abs(out.mean[j]);
    const double deviation = std::sqrt(out.deviation[j]);
    out.deviation[j] = deviation > floor ? deviation : 0.0;
  }
  return out;
}

/// Leaders as standardised columns, weighted: wᵢ (x − mean) / (sd Σw).
std::vector<double> standardised(const Design& design, std::span<const double> weights, std::span<const Index> leaders,
                                 const Columns& columns) {
  const Index n = design.rows();
  std::vector<double> out(at(n * std::ssize(leaders)));
  const Matrix all(out.data(), n, std::ssize(leaders));
  design.gather(leaders, all);
  const double total = weights.empty() ? static_cast<double>(n) : std::accumulate(weights.begin(), weights.end(), 0.0);
  for (Index a = 0; a < std::ssize(leaders); ++a) {
    const Index j = leaders[at(a)];
    const double scale = columns.deviation[at(j)] > 0 ? 1 / (columns.deviation[at(j)] * total) : 0.0;
    for (Index i = 0; i < n; ++i) {
      const double w = weights.empty() ? 1.0 : weights[at(i)];
      all(i, a) = w > 0 ? w * (all(i, a) - columns.mean[at(j)]) * scale : 0.0;
    }
  }
  return out;
}

}  // namespace

std::vector<CorrelatedGroup> correlated_groups(const Design& design, std::span<const double> weights,
                                               std::span<const Index> leaders, double least, const Context& context,
                                               std::span<const Index> owners) {
  const Index n = design.rows(), p = design.cols();
  const Columns columns = columns_of(design, weights, context);
  std::vector<bool> taken(at(p), false);
  std::vector<CorrelatedGroup> out;
  for (Index start = 0; start < std::ssize(leaders); start += kLeaders) {
    if (context.interrupted()) break;
    std::vector<Index> now;
    for (Index a = start; a < std::min(start + kLeaders, std::ssize(leaders)); ++a) {
      if (!taken[at(leaders[at(a)])] && columns.deviation[at(leaders[at(a)])] > 0) now.push_back(leaders[at(a)]);
    }
    const Index m = std::ssize(now);
    if (m == 0) continue;
    const std::vector<double> v = standardised(design, weights, now, columns);
    std::vector<std::vector<CorrelatedGroup::Member>> close(at(m));
    std::vector<double> product(at(std::min(kColumns, p) * m));
    for (Index first = 0; first < p; first += kColumns) {
      const Index count = std::min(kColumns, p - first);
      const Matrix part(product.data(), count, m);
      design.transpose_multiply(first, ConstMatrix(v.data(), n, m), part, columns.mean, context);
      for (Index a = 0; a < m; ++a) {
        for (Index j = first; j < first + count; ++j) {
          if (columns.deviation[at(j)] == 0 || j == now[at(a)]) continue;
          if (!owners.empty() && owners[at(j)] == owners[at(now[at(a)])]) continue;
          const double r = part(j - first, a) / columns.deviation[at(j)];
          if (std::abs(r) >= least) close[at(a)].push_back({j, std::clamp(r, -1.0, 1.0)});
        }
      }
    }
    for (Index a = 0; a < m; ++a) {
      if (taken[at(now[at(a)])]) continue;
      taken[at(now[at(a)])] = true;
      std::erase_if(close[at(a)], [&](const CorrelatedGroup::Member& one) { return taken[at(one.feature)]; });
      if (close[at(a)].empty()) continue;
      std::ranges::stable_sort(
          close[at(a)], [](const auto& x, const auto& y) { return std::abs(x.correlation) > std::abs(y.correlation); });
      for (const auto& one : close[at(a)]) taken[at(one.feature)] = true;
      out.push_back({now[at(a)], std::move(close[at(a)])});
    }
  }
  return out;
}

}  // namespace riata
