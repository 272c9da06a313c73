#include "riata/solver/kernel_matrix.hpp"

#include <algorithm>
#include <cmath>

#include "riata/kernels/blas.hpp"

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

}  // namespace riata
