#include "riata/data/leakage.hpp"

#include <cmath>
#include <numeric>

#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr Index kFewRows = 4;  // below that anything may line up by chance

double mean_of(std::span<const double> v) {
  return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
}

/// Centres v and scales it to length 1; false for a constant.
bool normalise(std::span<double> v) {
  const double mean = mean_of(v);
  double square = 0, largest = 0;
  for (double& x : v) {
    largest = std::max(largest, std::abs(x));
    x -= mean;
    square += x * x;
  }
  const double length = std::sqrt(square);
  if (!(length > 1e-12 * largest) || !std::isfinite(length)) return false;
  for (double& x : v) x /= length;
  return true;
}

bool counts_rows(const Design& design, Index j) {
  std::vector<double> x(static_cast<std::size_t>(design.rows()));
  design.gather(std::vector<Index>{j}, Matrix(x.data(), design.rows(), 1));
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (x[i] != x[i - 1] + 1) return false;
  }
  return true;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t k = 0; k < std::min(kShown, names.size()); ++k)
    text += (k == 0 ? "\"" : ", \"") + printable(names[k]) + "\"";
  if (names.size() > kShown) text += " and " + std::to_string(names.size() - kShown) + " more";
  return text;
}

}  // namespace

std::vector<std::string> suspicions(const Dataset& dataset, const Context& context) {
  const Design& design = *dataset.design;
  const Index n = design.rows(), p = design.cols();
  std::vector<std::string> warnings;
  const std::vector<double>& y = dataset.response.values;
  if (y.empty() || n < 2) return warnings;
  std::vector<double> probes(static_cast<std::size_t>(2 * n));  // the target and the row number, normalised
  std::copy(y.begin(), y.end(), probes.begin());
  std::iota(probes.begin() + n, probes.end(), 0.0);
  const auto half = static_cast<std::size_t>(n);
  const bool varies = normalise({probes.data(), half});
  normalise({probes.data() + half, half});
  if (std::all_of(y.begin(), y.end(), [&](double value) { return value == y.front(); })) {
    const auto& classes = dataset.response.classes;
    warnings.push_back("the target \"" + printable(dataset.response.name) + "\" is constant (" +
                       (classes.empty() ? to_text(y.front()) : printable(classes[static_cast<std::size_t>(y.front())])) +
                       "): there is nothing to learn");
  }
  if (n < kFewRows) return warnings;
  const ColumnMoments moments = design.moments({}, context);
  std::vector<double> products(static_cast<std::size_t>(2 * p));
  design.transpose_multiply(0, ConstMatrix(probes.data(), n, 2), Matrix(products.data(), p, 2), moments.mean, context);
  std::vector<std::string> copies, counters;
  for (Index j = 0; j < p; ++j) {
    const double length = std::sqrt(moments.variance[static_cast<std::size_t>(j)] * static_cast<double>(n));
    if (!(length > 0)) continue;
    const auto alike = [&](Index probe) {
      return std::abs(products[static_cast<std::size_t>(probe * p + j)]) >= length * (1 - 1e-10);
    };
    if (varies && alike(0)) copies.push_back(dataset.feature_names[static_cast<std::size_t>(j)]);
    if (alike(1) && counts_rows(design, j)) counters.push_back(dataset.feature_names[static_cast<std::size_t>(j)]);
  }
  if (!copies.empty()) {
    warnings.push_back("leakage: " + listed(copies) + " tells the target \"" + printable(dataset.response.name) +
                       "\" exactly (correlation ±1); leave it out with --exclude if it is not known before the target is");
  }
  if (!counters.empty()) {
    warnings.push_back("leakage: " + listed(counters) +
                       " counts the rows; leave it out with --exclude unless their order means something");
  }
  return warnings;
}

}  // namespace riata
