#pragma once

#include <memory>

#include "riata/design/dense_algorithms.hpp"

/// Gram matrices of dense designs, whatever their layout (see dense_algorithms.hpp for what a Source is).
namespace riata::dense {

inline constexpr Index kGramTile = 512;  // columns of a tile of the Gram matrix
inline constexpr Index kGramRows = 256;  // rows packed at once: two packed tiles stay in the second-level cache

struct Tile {
  Index row, col, rows, cols;
};

/// The tiles that cover rows × cols; of a symmetric matrix the lower half alone.
inline std::vector<Tile> gram_tiles(Index rows, Index cols, bool symmetric) {
  std::vector<Tile> tiles;
  for (Index col = 0; col < cols; col += kGramTile) {
    for (Index row = symmetric ? col : 0; row < rows; row += kGramTile) {
      tiles.push_back({row, col, std::min(kGramTile, rows - row), std::min(kGramTile, cols - col)});
    }
  }
  return tiles;
}

/// Adds AᵀB of the rows of each of several parts to a tile of that part's Gram matrix (and AᵀV where A = B), in one pass
/// over A and B: rows are packed (shifted and scaled by √w) where their part collects them, and multiplied whenever a part
/// has enough. So the sums of a part do not depend on which others are taken along.
template <class Source>
class GramTile {
 public:
  /// part_of: n entries; rows of no part in [first, first + outs.size()) are passed over. Empty: all rows are part 0.
  GramTile(const Source& source, std::span<const double> root_weights, ConstMatrix v, std::span<const double> shift,
           std::span<const Index> part_of)
      : source_(source), root_weights_(root_weights), v_(v), shift_(shift), part_of_(part_of) {}

  void accumulate(std::span<const Index> left, std::span<const Index> right, bool symmetric, Index begin, Index end,
                  Index first, std::span<const PartSums> outs) const {
    const auto n_parts = std::ssize(outs);
    Packed a(left, pick(shift_, left), n_parts), b(right, pick(shift_, right), symmetric ? 0 : n_parts);
    const std::vector<Index> sides = range(0, symmetric ? v_.cols : 0);
    Packed v(sides, {}, n_parts);
    BlockReader<Source> reader(source_, kGramRows, std::max(std::ssize(left), std::ssize(right)));
    std::vector<Index> filled(outs.size());
    const auto multiply = [&](Index part) {
      const auto k = static_cast<std::size_t>(part);
      if (symmetric) {
        blas::syrk(blas::Triangle::lower, blas::Op::transpose, 1.0, a.part(part, filled[k]), 1.0, outs[k].gram);
        if (!sides.empty()) add_products(a, part, v.part(part, filled[k]), outs[k].products);
      } else {
        blas::gemm(blas::Op::transpose, blas::Op::none, 1.0, a.part(part, filled[k]), b.part(part, filled[k]), 1.0,
                   outs[k].gram);
      }
      filled[k] = 0;
    };
    for (Index row = begin; row < end;) {
      const Rows rows = next_rows(row, end, first, filled);
      pack(reader.read(row, rows.length, left), row, rows, a);
      if (!symmetric) pack(reader.read(row, rows.length, right), row, rows, b);
      std::vector<const double*> pointers;
      for (const Index c : sides) pointers.push_back(&v_(row, c));
      pack(pointers.data(), row, rows, v);
      row += rows.length;
      for (Index k = 0; k < n_parts; ++k) {
        if (filled[static_cast<std::size_t>(k)] == kGramRows) multiply(k);
      }
    }
    for (Index k = 0; k < n_parts; ++k) {
      if (filled[static_cast<std::size_t>(k)] > 0) multiply(k);
    }
  }

 private:
  /// Columns, and the rows of each part that wait to be multiplied.
  struct Packed {
    Packed(std::span<const Index> which, std::vector<double> centres, Index n_parts)
        : columns(which),
          shift(std::move(centres)),
          memory(std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(n_parts * size()))) {}
    Index size() const { return kGramRows * std::ssize(columns); }
    double* at(Index part, Index row) const { return memory.get() + part * size() + row; }
    ConstMatrix part(Index k, Index rows) const { return {at(k, 0), rows, std::ssize(columns), kGramRows}; }

    std::span<const Index> columns;
    std::vector<double> shift;
    std::unique_ptr<double[]> memory;  ///< kGramRows × columns a part
  };

  /// out += AᵀV of a part's rows.
  void add_products(const Packed& a, Index part, ConstMatrix v, Matrix out) const {
    std::vector<const double*> pointers;
    for (std::size_t k = 0; k < a.columns.size(); ++k) pointers.push_back(a.at(part, static_cast<Index>(k) * kGramRows));
    kernels::transposed_block(pointers.data(), std::ssize(pointers), nullptr, v, out);
  }

  /// Some next rows of the source and, of those that count, where they go.
  struct Rows {
    /// What one part takes.
    struct Share {
      Index part = 0, to = 0;
      std::vector<Index> from;  ///< less the first row
    };
    Index length = 0;
    std::vector<Share> shares;
    bool together = false;  ///< all of them go to one part
  };

  /// As many as there is room for in every part.
  Rows next_rows(Index row, Index end, Index first, std::vector<Index>& filled) const {
    Rows out;
    std::vector<Index> share(filled.size(), -1);
    for (bool full = false; row < end && out.length < kGramRows && !full; ++row, ++out.length) {
      const Index part = part_of_.empty() ? 0 : part_of_[static_cast<std::size_t>(row)] - first;
      if (part < 0 || part >= std::ssize(filled)) continue;
      Index& own = share[static_cast<std::size_t>(part)];
      Index& to = filled[static_cast<std::size_t>(part)];
      if (own < 0) {
        own = std::ssize(out.shares);
        out.shares.push_back({part, to, {}});
      }
      out.shares[static_cast<std::size_t>(own)].from.push_back(out.length);
      full = ++to == kGramRows;
    }
    out.together = out.shares.size() == 1 && std::ssize(out.shares.front().from) == out.length;
    return out;
  }

  template <class T>
  void pack(const T* const* pointers, Index row, const Rows& rows, const Packed& packed) const {
    const double* scale = root_weights_.empty() ? nullptr : root_weights_.data() + row;
    for (std::size_t k = 0; k < packed.columns.size(); ++k) {
      const double centre = packed.shift.empty() ? 0.0 : packed.shift[k];
      const T* x = pointers[k];
      for (const auto& [part, first, from] : rows.shares) {
        double* to = packed.at(part, first + static_cast<Index>(k) * kGramRows);
        if (rows.together) {
          kernels::load(x, centre, scale, to, rows.length);
        } else if (scale == nullptr) {
          for (const Index i : from) *to++ = static_cast<double>(x[i]) - centre;
        } else {
          for (const Index i : from) *to++ = (static_cast<double>(x[i]) - centre) * scale[i];
        }
      }
    }
  }

  const Source& source_;
  std::span<const double> root_weights_;
  ConstMatrix v_;
  std::span<const double> shift_;
  std::span<const Index> part_of_;
};

inline std::vector<double> square_roots(std::span<const double> w) {
  std::vector<double> roots(w.begin(), w.end());
  for (double& value : roots) value = std::sqrt(value);
  return roots;
}

/// Part 0: the rows of positive weight, so that a fold's Gram costs the work of the fold's rows alone. Empty (all rows)
/// where few have none: to pick the others takes longer than to multiply by zeros.
inline std::vector<Index> counting_rows(std::span<const double> w) {
  const Index counting = std::ranges::count_if(w, [](double one) { return one > 0; });
  std::vector<Index> part_of;
  if (4 * counting > 3 * std::ssize(w)) return part_of;
  for (const double one : w) part_of.push_back(one > 0 ? 0 : -1);
  return part_of;
}

/// Where the weighted sums of a tile go.
inline PartSums of_tile(const PartSums& out, const Tile& tile) {
  const auto& [gram, products] = out;
  const bool symmetric = tile.row == tile.col && products.cols > 0;
  return {{&gram(tile.row, tile.col), tile.rows, tile.cols, gram.stride},
          symmetric ? Matrix(products.data + tile.row, tile.rows, products.cols, products.stride) : Matrix()};
}

inline void set_zero(const PartSums& sums) {
  for (const Matrix& m : {sums.gram, sums.products}) {
    for (Index c = 0; c < m.cols; ++c) std::ranges::fill(m.column(c), 0.0);
  }
}

/// out.gram = the Gram of `left` and `right` on all rows; where these are the same, out.products = that of `left` and V.
/// Tiles of the result times chunks of rows are the tasks; few tiles, many chunks. What an interrupted context leaves is
/// zero.
template <class Source>
void all_sums(const Source& source, std::span<const Index> left, std::span<const Index> right, std::span<const double> w,
              ConstMatrix v, const PartSums& out, std::span<const double> shift, const Context& context) {
  const bool symmetric = std::equal(left.begin(), left.end(), right.begin(), right.end());
  const std::vector<Tile> tiles = gram_tiles(out.gram.rows, out.gram.cols, symmetric);
  if (tiles.empty()) return;
  constexpr Index kTasks = 16;
  const Index n_tiles = std::ssize(tiles), n = source.rows();
  const Index counting = w.empty() ? n : std::ranges::count_if(w, [](double one) { return one > 0; });
  const Index chunks =
      std::clamp<Index>(blocks_of(kTasks, n_tiles), 1, std::max<Index>(1, blocks_of(counting, 4 * kGramRows)));
  const Index chunk_rows = blocks_of(blocks_of(n, chunks), kGramRows) * kGramRows;
  const std::vector<double> roots = square_roots(w);
  const std::vector<Index> part_of = counting_rows(w);
  const GramTile<Source> work(source, roots, v, shift, part_of);
  std::vector<std::vector<double>> partials;  // one chunk adds to the result itself
  if (chunks > 1) partials.resize(static_cast<std::size_t>(n_tiles * chunks));
  context.for_blocks(n_tiles * chunks, [&](Index task) {
    const Tile& tile = tiles[static_cast<std::size_t>(task / chunks)];
    PartSums sums = of_tile(out, tile);
    if (chunks > 1) {
      std::vector<double>& partial = partials[static_cast<std::size_t>(task)];
      partial.resize(static_cast<std::size_t>(tile.rows * (tile.cols + sums.products.cols)));
      sums = {{partial.data(), tile.rows, tile.cols},
              {partial.data() + tile.rows * tile.cols, tile.rows, sums.products.cols}};
    }
    set_zero(sums);
    if (context.interrupted()) return;
    const Index begin = task % chunks * chunk_rows;
    work.accumulate(left.subspan(static_cast<std::size_t>(tile.row), static_cast<std::size_t>(tile.rows)),
                    right.subspan(static_cast<std::size_t>(tile.col), static_cast<std::size_t>(tile.cols)),
                    symmetric && tile.row == tile.col, begin, std::min(n, begin + chunk_rows), 0, {&sums, 1});
  });
  context.for_blocks(chunks > 1 ? n_tiles : 0, [&](Index t) {
    const Tile& tile = tiles[static_cast<std::size_t>(t)];
    const auto add_up = [&](Matrix to, Index from) {
      for (Index c = 0; c < to.cols; ++c) {
        for (Index r = 0; r < to.rows; ++r) {
          double sum = 0;
          for (Index k = 0; k < chunks; ++k) {
            sum += partials[static_cast<std::size_t>(t * chunks + k)][static_cast<std::size_t>(from + c * to.rows + r)];
          }
          to(r, c) = sum;
        }
      }
    };
    const PartSums sums = of_tile(out, tile);
    add_up(sums.gram, 0);
    add_up(sums.products, tile.rows * tile.cols);
  });
  if (symmetric) blas::mirror(blas::Triangle::lower, out.gram);
}

/// The Gram of many `left` and fewer `right`: these are packed, weighted, for a block of rows, `left` is read as it lies.
template <class Source>
void thin_gram(const Source& source, std::span<const Index> left, std::span<const Index> right, std::span<const double> w,
               Matrix out, std::span<const double> shift, const Context& context) {
  constexpr Index kWidth = 192, kStride = kRowBlock + kPadding;  // packed columns of that many rows stay in cache
  constexpr Index kTasks = 16;
  const Index n = source.rows(), width = blocks_of(out.cols, std::max<Index>(1, blocks_of(out.cols, kWidth)));
  std::vector<Tile> tiles;
  for (Index col = 0; col < out.cols; col += width) {
    for (Index row = 0; row < out.rows; row += kGramTile) {
      tiles.push_back({row, col, std::min(kGramTile, out.rows - row), std::min(width, out.cols - col)});
    }
  }
  if (tiles.empty()) return;
  const Index n_tiles = std::ssize(tiles), most = std::max<Index>(1, blocks_of(n, kRowChunk / 2));
  const Index chunks = std::clamp<Index>(blocks_of(kTasks, n_tiles), 1, most);
  const Index chunk_rows = blocks_of(blocks_of(n, chunks), kRowBlock) * kRowBlock;
  PartialSums partials(out, chunks);
  context.for_blocks(n_tiles * chunks, [&](Index task) {
    if (context.interrupted()) return;
    const Index chunk = task % chunks, end = std::min(n, (chunk + 1) * chunk_rows);
    const Tile& tile = tiles[static_cast<std::size_t>(task / chunks)];
    const auto few = right.subspan(static_cast<std::size_t>(tile.col), static_cast<std::size_t>(tile.cols));
    const Matrix part = partials.part(chunk, 0, out.rows);
    const std::vector<double> centres = pick(shift, few);
    BlockReader<Source> reader(source, kRowBlock, std::max(kColumnBlock, tile.cols));
    const auto packed = std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(kStride * tile.cols));
    for (Index row = chunk * chunk_rows; row < end; row += kRowBlock) {
      const Index rows = std::min(kRowBlock, end - row);
      const auto* const* pointers = reader.read(row, rows, few);
      for (Index k = 0; k < tile.cols; ++k) {
        kernels::load(pointers[k], centres.empty() ? 0.0 : centres[static_cast<std::size_t>(k)],
                      w.empty() ? nullptr : w.data() + row, packed.get() + k * kStride, rows);
      }
      for (Index j = tile.row; j < tile.row + tile.rows; j += kColumnBlock) {
        const Index count = std::min(kColumnBlock, tile.row + tile.rows - j);
        const auto some = left.subspan(static_cast<std::size_t>(j), static_cast<std::size_t>(count));
        const std::vector<double> shifts = pick(shift, some);
        kernels::transposed_block(reader.read(row, rows, some), count, data_or_null(shifts),
                                  {packed.get(), rows, tile.cols, kStride},
                                  {&part(j, tile.col), count, tile.cols, part.stride});
      }
    }
  });
  partials.combine();
}

/// Design::gram.
template <class Source>
void gram(const Source& source, std::span<const Index> left, std::span<const Index> right, std::span<const double> w,
          Matrix out, std::span<const double> shift, const Context& context) {
  if (2 * right.size() <= left.size()) return thin_gram(source, left, right, w, out, shift, context);
  all_sums(source, left, right, w, {nullptr, source.rows(), 0}, {out, {}}, shift, context);
}

/// Design::part_sums. Tiles of the results times groups of parts are the tasks.
template <class Source>
void part_sums(const Source& source, std::span<const Index> columns, std::span<const Index> part_of,
               std::span<const double> w, ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
               const Context& context) {
  if (part_of.empty()) return all_sums(source, columns, columns, w, v, outs.front(), shift, context);
  constexpr Index kMostParts = 16;  // packed side by side
  const Index p = std::ssize(columns), n_parts = std::ssize(outs);
  const std::vector<Tile> tiles = gram_tiles(p, p, true);
  const Index wanted = blocks_of(context.threads(), std::max<Index>(1, std::ssize(tiles)));
  const Index group = std::clamp<Index>(blocks_of(n_parts, wanted), 1, kMostParts), groups = blocks_of(n_parts, group);
  const std::vector<double> roots = square_roots(w);
  const GramTile<Source> work(source, roots, v, shift, part_of);
  context.for_blocks(std::ssize(tiles) * groups, [&](Index task) {
    const Tile& tile = tiles[static_cast<std::size_t>(task / groups)];
    const Index first = task % groups * group;
    std::vector<PartSums> sums;
    for (Index k = first; k < std::min(n_parts, first + group); ++k) {
      sums.push_back(of_tile(outs[static_cast<std::size_t>(k)], tile));
      set_zero(sums.back());
    }
    if (context.interrupted()) return;
    work.accumulate(columns.subspan(static_cast<std::size_t>(tile.row), static_cast<std::size_t>(tile.rows)),
                    columns.subspan(static_cast<std::size_t>(tile.col), static_cast<std::size_t>(tile.cols)),
                    tile.row == tile.col, 0, source.rows(), first, sums);
  });
  context.for_blocks(n_parts, [&](Index k) { blas::mirror(blas::Triangle::lower, outs[static_cast<std::size_t>(k)].gram); });
}

}  // namespace riata::dense
