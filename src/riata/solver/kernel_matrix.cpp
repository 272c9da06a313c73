#include "riata/solver/kernel_matrix.hpp"

#include <algorithm>
#include <cmath>

#include "riata/design/standardized.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/solver/ridge.hpp"

namespace riata {
namespace {

constexpr Index kPanel = 512;  // columns held at a time
constexpr Index kGather = 32;  // of them gathered by one block
constexpr Index kTile = 96;    // rows and columns of a tile of the result

Matrix tile_of(Matrix m, Index row, Index rows, Index column, Index columns) {
  return {m.data + row + column * m.stride, rows, columns, m.stride};
}

}  // namespace

void kernel_matrix(const Design& design, std::span<const Index> columns, std::span<const double> a, Matrix out,
                   const Context& context) {
  const Index n = design.rows(), k = static_cast<Index>(columns.size());
  for (Index j = 0; j < n; ++j) std::fill_n(out.column(j).data(), n, 0.0);
  std::vector<double> storage(static_cast<std::size_t>(n * std::min(kPanel, k)));
  const Index tiles = (n + kTile - 1) / kTile;

  for (Index first = 0; first < k && !context.interrupted(); first += kPanel) {
    if (context.on_progress) context.on_progress({"kernel", first, k});
    const Matrix panel(storage.data(), n, std::min(kPanel, k - first));
    context.for_blocks((panel.cols + kGather - 1) / kGather, [&](Index block) {
      const Index from = block * kGather, width = std::min(kGather, panel.cols - from);
      design.gather(columns.subspan(static_cast<std::size_t>(first + from), static_cast<std::size_t>(width)),
                    tile_of(panel, 0, n, from, width));
      if (a.empty()) return;
      for (Index j = from; j < from + width; ++j) {
        const double root = std::sqrt(a[static_cast<std::size_t>(first + j)]);
        for (double& x : panel.column(j)) x *= root;
      }
    });
    context.for_blocks(tiles * tiles, [&](Index block) {
      const Index row = block / tiles * kTile, column = block % tiles * kTile;
      if (row < column) return;
      const Index rows = std::min(kTile, n - row), cols = std::min(kTile, n - column);
      blas::gemm(blas::Op::none, blas::Op::transpose, 1.0, tile_of(panel, row, rows, 0, panel.cols),
                 tile_of(panel, column, cols, 0, panel.cols), 1.0, tile_of(out, row, rows, column, cols));
    });
  }
  blas::mirror(blas::Triangle::lower, out);
}

std::vector<double> RowKernel::about(std::span<const double> w, bool centred) const {
  std::vector<double> out = entries;
  if (!centred) return out;
  const auto n = static_cast<Index>(w.size());
  std::vector<double> mean(w.size());
  blas::gemv(blas::Op::none, 1.0, {entries.data(), n, n}, w, 0.0, mean);
  double whole = 0;
  for (std::size_t i = 0; i < w.size(); ++i) whole += w[i] * mean[i];
  for (std::size_t j = 0; j < w.size(); ++j) {
    for (std::size_t i = 0; i < w.size(); ++i) out[i + j * w.size()] += whole - mean[i] - mean[j];
  }
  return out;
}

bool kernel_pays(const Design& design, Index columns) {
  constexpr double kIterations = 2000;
  const auto rows = static_cast<double>(design.rows());
  return rows * rows * static_cast<double>(columns) <= 4.0 * static_cast<double>(design.stored()) * kIterations;
}

std::shared_ptr<const RowKernel> row_kernel_if_it_pays(const Problem& problem, const Context& context) {
  const Index n = problem.design->rows(), p = problem.design->cols();
  const bool bounded = !problem.lower.empty() || !problem.upper.empty();
  if (problem.loss->name() != "squared" || problem.standardize || bounded || context.lean) return nullptr;
  std::vector<Index> columns;
  std::vector<double> inverse;
  for (Index j = 0; j < p; ++j) {
    const double f = problem.penalty_factor.empty() ? 1.0 : problem.penalty_factor[static_cast<std::size_t>(j)];
    if (!(f > 0) || !std::isfinite(f)) continue;
    columns.push_back(j);
    inverse.push_back(1 / f);
  }
  if (n >= std::ssize(columns) || n > kMostFactorised || !kernel_pays(*problem.design, std::ssize(columns))) return nullptr;
  std::vector<double> centre;
  if (problem.intercept) centre = problem.design->rough_means(context);
  auto out = std::make_shared<RowKernel>();
  out->entries.resize(static_cast<std::size_t>(n * n));
  kernel_matrix(StandardizedDesign(problem.design, std::move(centre), {}), columns, inverse, {out->entries.data(), n, n},
                context);
  return out;
}

}  // namespace riata
