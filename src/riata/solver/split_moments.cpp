#include "riata/solver/split_moments.hpp"

#include <algorithm>
#include <cmath>

#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr double kLeastShare = 1e-4;  // of the sum of squares that must be left for twelve digits to be right
constexpr Index kBlock = 16;          // columns gathered at once

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

using kernels::Sums;

/// The rows of a part, or those it leaves out, whichever are fewer.
struct Part {
  bool left_out = true;
  std::vector<Index> rows;
  double weight = 0;

  Part(std::span<const double> all, std::span<const double> own) {
    std::vector<Index> in;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!(all[i] > 0)) continue;
      (own[i] > 0 ? in : rows).push_back(static_cast<Index>(i));
      weight += own[i];
    }
    left_out = rows.size() <= in.size();
    if (!left_out) rows = std::move(in);
  }

  Sums sums(std::span<const double> x, std::span<const double> w, double about) const {
    Sums out;
    for (const Index i : rows) {
      const double away = x[at(i)] - about, weighted = w[at(i)] * away;
      out.first += weighted;
      out.second += weighted * away;
    }
    return out;
  }
};

Sums sums_about(std::span<const double> x, std::span<const double> w, double about) {
  return kernels::sums(x.data(), w.data(), std::ssize(x), about);
}

/// Weighted mean in two passes.
double mean_of(std::span<const double> x, std::span<const double> w, double weight) {
  const std::size_t start = static_cast<std::size_t>(std::ranges::find_if(w, [](double v) { return v > 0; }) - w.begin());
  double about = x[start];
  for (int pass = 0; pass < 2; ++pass) about += sums_about(x, w, about).first / weight;
  return about;
}

}  // namespace

std::vector<ColumnMoments> split_moments(const Design& design, std::span<const double> weights,
                                         std::span<const std::span<const double>> parts, const Context& context) {
  const Index n = design.rows(), p = design.cols();
  std::vector<ColumnMoments> out;
  if (4 * design.stored() < n * p) {
    for (const auto part : parts) out.push_back(design.moments(part, context));
    return out;
  }
  std::vector<Part> split;
  for (const auto part : parts) split.emplace_back(weights, part);
  out.assign(parts.size(), {std::vector<double>(at(p)), std::vector<double>(at(p))});
  double total = 0;
  for (const double w : weights) total += w;
  context.for_blocks((p + kBlock - 1) / kBlock, [&](Index block) {
    std::vector<Index> columns;
    for (Index j = block * kBlock; j < std::min(p, (block + 1) * kBlock); ++j) columns.push_back(j);
    std::vector<double> gathered(at(n) * columns.size());
    const Matrix values(gathered.data(), n, std::ssize(columns));
    design.gather(columns, values);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::span<const double> x = values.column(static_cast<Index>(c));
      const double about = mean_of(x, weights, total);
      const Sums all = sums_about(x, weights, about);
      for (std::size_t k = 0; k < split.size(); ++k) {
        Sums own = split[k].sums(x, weights, about);
        if (split[k].left_out) own = {all.first - own.first, all.second - own.second};
        double centre = about + own.first / split[k].weight;
        double square = own.second - own.first * (own.first / split[k].weight);
        if (!(square > kLeastShare * all.second)) {
          centre = mean_of(x, parts[k], split[k].weight);
          const Sums exact = sums_about(x, parts[k], centre);
          square = exact.second - exact.first * (exact.first / split[k].weight);
        }
        out[k].mean[at(columns[c])] = centre;
        out[k].variance[at(columns[c])] = std::max(0.0, square) / split[k].weight;
      }
    }
  });
  return out;
}

}  // namespace riata
