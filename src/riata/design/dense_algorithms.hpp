#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "riata/design/design.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/kernels/kernels.hpp"

/// What dense designs share, whatever their layout. A Source says how to see a block of rows of some columns as contiguous
/// columns:
///
///   using Element                                    float or double
///   Index rows() const
///   static constexpr bool kCopies                    whether block() fills `scratch` (columns of rows + kPadding elements)
///   void block(Index row, Index count, std::span<const Index> columns, Element* scratch, const Element** out) const
///
/// Sums run over rows in blocks, blocks in chunks; both sizes are fixed, so results depend on the data alone.
namespace riata::dense {

inline constexpr Index kRowBlock =
    kernels::kMaxBlockRows;                // rows a kernel sees at once: a few columns of it stay in the first-level cache
inline constexpr Index kRowChunk = 16384;  // rows a partial sum covers
inline constexpr Index kColumnBlock = 64;  // columns a task works on
inline constexpr Index kManySides = 8;     // right-hand sides from which packing columns pays

inline constexpr Index kPadding = 8;  // a stride that is a power of two would put all columns into the same cache sets

inline Index blocks_of(Index total, Index size) { return (total + size - 1) / size; }

/// Pointers to the columns of one block of rows, and the memory behind them where the source must copy.
template <class Source>
class BlockReader {
 public:
  using Element = typename Source::Element;
  BlockReader(const Source& source, Index max_rows, Index max_columns)
      : source_(source), pointers_(static_cast<std::size_t>(max_columns)) {
    if (Source::kCopies) scratch_.resize(static_cast<std::size_t>((max_rows + kPadding) * max_columns));
  }
  const Element* const* read(Index row, Index count, std::span<const Index> columns) {
    source_.block(row, count, columns, scratch_.data(), pointers_.data());
    return pointers_.data();
  }

 private:
  const Source& source_;
  std::vector<Element> scratch_;
  std::vector<const Element*> pointers_;
};

inline std::vector<Index> range(Index first, Index count) {
  std::vector<Index> columns(static_cast<std::size_t>(count));
  std::iota(columns.begin(), columns.end(), first);
  return columns;
}

/// The entries of `shift` that belong to `columns`; empty for an empty shift.
inline std::vector<double> pick(std::span<const double> shift, std::span<const Index> columns) {
  std::vector<double> picked;
  if (shift.empty()) return picked;
  picked.reserve(columns.size());
  for (Index j : columns) picked.push_back(shift[static_cast<std::size_t>(j)]);
  return picked;
}

inline const double* data_or_null(const std::vector<double>& values) { return values.empty() ? nullptr : values.data(); }

/// Chunks of rows of one result: chunk k adds to part(k), `combine` adds the parts up in order. One chunk adds to the result
/// itself.
class PartialSums {
 public:
  PartialSums(Matrix out, Index chunks)
      : out_(out), chunks_(chunks), memory_(static_cast<std::size_t>(chunks == 1 ? 0 : chunks * out.rows * out.cols), 0.0) {
    for (Index c = 0; c < out.cols && chunks == 1; ++c) std::fill_n(out.data + c * out.stride, out.rows, 0.0);
  }
  Matrix part(Index k, Index first, Index count) {
    if (chunks_ == 1) return {out_.data + first, count, out_.cols, out_.stride};
    return {memory_.data() + k * out_.rows * out_.cols + first, count, out_.cols, out_.rows};
  }
  void combine() const {
    if (chunks_ == 1) return;
    const Index size = out_.rows * out_.cols;
    for (Index c = 0; c < out_.cols; ++c) {
      for (Index j = 0; j < out_.rows; ++j) {
        double sum = 0;
        for (Index k = 0; k < chunks_; ++k) sum += memory_[static_cast<std::size_t>(k * size + c * out_.rows + j)];
        out_(j, c) = sum;
      }
    }
  }

 private:
  Matrix out_;
  Index chunks_;
  std::vector<double> memory_;
};

/// Design::dots.
template <class Source>
void dots(const Source& source, std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
          const Context& context) {
  const Index n = source.rows(), chunks = std::max<Index>(1, blocks_of(n, kRowChunk));
  PartialSums partials(out, chunks);
  context.for_blocks(blocks_of(out.rows, kColumnBlock) * chunks, [&](Index task) {
    const Index chunk = task % chunks, offset = task / chunks * kColumnBlock,
                count = std::min(kColumnBlock, out.rows - offset);
    const auto some = columns.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
    const std::vector<double> shifts = pick(shift, some);
    const Matrix partial = partials.part(chunk, offset, count);
    BlockReader<Source> reader(source, kRowBlock, count);
    const Index end = std::min(n, (chunk + 1) * kRowChunk);
    for (Index row = chunk * kRowChunk; row < end; row += kRowBlock) {
      const Index rows = std::min(kRowBlock, end - row);
      kernels::transposed_block(reader.read(row, rows, some), count, data_or_null(shifts),
                                ConstMatrix(v.data + row, rows, v.cols, v.stride), partial);
    }
  });
  partials.combine();
}

/// Design::transpose_multiply.
template <class Source>
void transpose_multiply(const Source& source, Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                        const Context& context) {
  dots(source, range(first, out.rows), v, out, shift, context);
}

/// Design::multiply. Many right-hand sides: blocks of columns are packed and multiplied as a matrix.
template <class Source>
void multiply(const Source& source, std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
              const Context& context) {
  const std::vector<double> shifts = pick(shift, columns);
  context.for_blocks(blocks_of(source.rows(), kRowBlock), [&](Index task) {
    const Index row = task * kRowBlock, rows = std::min(kRowBlock, source.rows() - row);
    const Matrix part(out.data + row, rows, out.cols, out.stride);
    const Index total = static_cast<Index>(columns.size());
    BlockReader<Source> reader(source, kRowBlock, std::min(kColumnBlock, total));
    std::vector<double> packed(
        static_cast<std::size_t>(b.cols < kManySides ? 0 : (rows + kPadding) * std::min(kColumnBlock, total)));
    for (Index k = 0; k < total; k += kColumnBlock) {
      const Index count = std::min(kColumnBlock, total - k);
      const auto some = columns.subspan(static_cast<std::size_t>(k), static_cast<std::size_t>(count));
      const auto* const* pointers = reader.read(row, rows, some);
      const ConstMatrix own(b.data + k, count, b.cols, b.stride);
      if (packed.empty()) {
        kernels::multiply_block(pointers, count, shifts.empty() ? nullptr : shifts.data() + k, own, part);
        continue;
      }
      for (Index j = 0; j < count; ++j) {
        const double centre = shifts.empty() ? 0.0 : shifts[static_cast<std::size_t>(k + j)];
        kernels::load(pointers[j], centre, nullptr, packed.data() + j * (rows + kPadding), rows);
      }
      blas::gemm(blas::Op::none, blas::Op::none, 1.0, {packed.data(), rows, count, rows + kPadding}, own, 1.0, part);
    }
  });
}

/// Positions of those rows of b that are not zero everywhere.
inline std::vector<Index> rows_that_count(ConstMatrix b) {
  std::vector<Index> rows;
  for (Index k = 0; k < b.rows; ++k) {
    Index c = 0;
    while (c < b.cols && b(k, c) == 0) ++c;
    if (c < b.cols) rows.push_back(k);
  }
  return rows;
}

/// The columns' products with b, then, when all rows are done, with what f made of them.
template <class Source>
void multiply_then_back(const Source& source, std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                        std::span<const double> shift, const Context& context) {
  const Index n = source.rows();
  std::vector<Index> moving = rows_that_count(b);
  std::vector<double> coefficients, image(static_cast<std::size_t>(n * b.cols));
  for (Index c = 0; c < b.cols; ++c) {
    for (const Index k : moving) coefficients.push_back(b(k, c));
  }
  const ConstMatrix own(coefficients.data(), std::ssize(moving), b.cols);
  for (Index& k : moving) k = columns[static_cast<std::size_t>(k)];
  const Matrix rows(image.data(), n, b.cols);
  multiply(source, moving, own, rows, shift, context);
  context.for_blocks(blocks_of(n, kRowBlock), [&](Index block) {
    const Index first = block * kRowBlock;
    f(first, {&rows(first, 0), std::min(kRowBlock, n - first), b.cols, n});
  });
  dots(source, columns, rows, out, shift, context);
}

/// Design::multiply_back. Where the columns are too many for any cache, they are reached for twice a block of rows, the
/// second time in the second-level cache; not where such blocks would be low, since memory is read quickly along columns
/// alone.
template <class Source>
void multiply_back(const Source& source, std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                   std::span<const double> shift, const Context& context) {
  constexpr Index kCached = 65536;  // elements
  constexpr Index kFewestRows = 64;
  constexpr Index kMostColumns = 768;
  constexpr Index kTasks = 8;
  const Index n = source.rows(), count = static_cast<Index>(columns.size());
  if (!Source::kCopies && count > kMostColumns) {
    return multiply_then_back(source, columns, b, f, out, shift, context);
  }
  const Index block = std::clamp(kCached / std::max<Index>(1, count), kFewestRows, kRowBlock);
  const Index chunk_rows = std::clamp(blocks_of(n, kTasks), 2 * kFewestRows, kRowChunk);
  const Index chunks = std::max<Index>(1, blocks_of(n, chunk_rows));
  const std::vector<double> shifts = pick(shift, columns);
  const std::vector<Index> moving = rows_that_count(b);
  std::vector<double> moving_shifts, coefficients;
  for (const Index k : moving) {
    if (!shifts.empty()) moving_shifts.push_back(shifts[static_cast<std::size_t>(k)]);
  }
  for (Index c = 0; c < b.cols; ++c) {
    for (const Index k : moving) coefficients.push_back(b(k, c));
  }
  const ConstMatrix own(coefficients.data(), std::ssize(moving), b.cols);
  PartialSums partials(out, chunks);
  context.for_blocks(chunks, [&](Index chunk) {
    const Matrix partial = partials.part(chunk, 0, count);
    BlockReader<Source> reader(source, block, count);
    std::vector<const typename Source::Element*> some(moving.size());
    std::vector<double> image(static_cast<std::size_t>(block * b.cols));
    const Index end = std::min(n, (chunk + 1) * chunk_rows);
    for (Index row = chunk * chunk_rows; row < end; row += block) {
      const Matrix rows(image.data(), std::min(block, end - row), b.cols);
      std::ranges::fill(image, 0.0);
      const auto* const* pointers = reader.read(row, rows.rows, columns);
      std::ranges::transform(moving, some.begin(), [pointers](Index k) { return pointers[k]; });
      kernels::multiply_block(some.data(), own.rows, data_or_null(moving_shifts), own, rows);
      f(row, rows);
      kernels::transposed_block(pointers, count, data_or_null(shifts), rows, partial);
    }
  });
  partials.combine();
}

/// Weight, mean less a provisional shift, and Σ w (x − mean)² of some rows.
struct Moments {
  double weight = 0;
  double mean = 0;
  double square = 0;

  /// Chan, Golub & LeVeque 1979.
  void merge(const Moments& other) {
    if (other.weight == 0) return;
    const double total = weight + other.weight, delta = other.mean - mean;
    mean += delta * (other.weight / total);
    square += other.square + delta * delta * (weight * (other.weight / total));
    weight = total;
  }
};

/// Two passes over a block that stays in cache; `about` is near the column's values, so that nothing is lost.
template <class T>
Moments block_moments(const T* x, const double* w, Index n, double weight, double about) {
  if (weight == 0) return {};
  const double centre = about + kernels::sums(x, w, n, about).first / weight;
  const kernels::Sums rest = kernels::sums(x, w, n, centre);
  return {weight, (centre - about) + rest.first / weight, std::max(0.0, rest.second - rest.first * (rest.first / weight))};
}

inline double sum_of_weights(std::span<const double> w, Index row, Index count) {
  if (w.empty()) return static_cast<double>(count);
  double sum = 0;
  for (Index i = row; i < row + count; ++i) sum += w[static_cast<std::size_t>(i)];
  return sum;
}

/// Design::moments. One pass over memory: every block is centred while it is in cache and the blocks are merged in order.
template <class Source>
ColumnMoments moments(const Source& source, Index cols, std::span<const double> w, const Context& context) {
  using Element = typename Source::Element;
  const Index n = source.rows(), chunks = blocks_of(n, kRowChunk), column_blocks = blocks_of(cols, kColumnBlock);
  ColumnMoments result{std::vector<double>(static_cast<std::size_t>(cols), 0.0),
                       std::vector<double>(static_cast<std::size_t>(cols), 0.0)};
  const Index start = w.empty() ? 0 : std::find_if(w.begin(), w.end(), [](double x) { return x > 0; }) - w.begin();
  if (start >= n) return result;
  std::vector<Moments> partials(static_cast<std::size_t>(chunks * cols));
  std::vector<double> about(static_cast<std::size_t>(cols));
  context.for_blocks(column_blocks * chunks, [&](Index task) {
    const Index chunk = task % chunks, first = task / chunks * kColumnBlock;
    const std::vector<Index> columns = range(first, std::min(kColumnBlock, cols - first));
    const Index count = static_cast<Index>(columns.size());
    BlockReader<Source> reader(source, kRowBlock, count);
    std::vector<double> near(columns.size());
    const Element* const* pointers = reader.read(start, 1, columns);
    for (std::size_t k = 0; k < columns.size(); ++k) near[k] = static_cast<double>(*pointers[k]);
    if (chunk == 0) std::copy(near.begin(), near.end(), about.begin() + first);
    const Index end = std::min(n, (chunk + 1) * kRowChunk);
    for (Index row = chunk * kRowChunk; row < end; row += kRowBlock) {
      const Index rows = std::min(kRowBlock, end - row);
      const double weight = sum_of_weights(w, row, rows);
      pointers = reader.read(row, rows, columns);
      for (std::size_t k = 0; k < columns.size(); ++k) {
        partials[static_cast<std::size_t>(chunk * cols + columns[k])].merge(
            block_moments(pointers[k], w.empty() ? nullptr : w.data() + row, rows, weight, near[k]));
      }
    }
  });
  for (Index j = 0; j < cols; ++j) {
    Moments total;
    for (Index k = 0; k < chunks; ++k) total.merge(partials[static_cast<std::size_t>(k * cols + j)]);
    result.mean[static_cast<std::size_t>(j)] = about[static_cast<std::size_t>(j)] + total.mean;
    result.variance[static_cast<std::size_t>(j)] = total.square / total.weight;
  }
  return result;
}

/// Design::rough_means: of rows at a few places, about the first of them, so that a constant column has its value.
template <class Source>
std::vector<double> rough_means(const Source& source, Index cols, const Context& context) {
  constexpr Index kPlaces = 16, kRows = 16;
  const Index n = source.rows();
  if (n <= kPlaces * kRows) return moments(source, cols, {}, context).mean;
  std::vector<double> means(static_cast<std::size_t>(cols));
  context.for_blocks(blocks_of(cols, kColumnBlock), [&](Index block) {
    const std::vector<Index> columns = range(block * kColumnBlock, std::min(kColumnBlock, cols - block * kColumnBlock));
    BlockReader<Source> reader(source, kRows, std::ssize(columns));
    std::vector<double> about(columns.size()), sums(columns.size());
    for (Index place = 0; place < kPlaces; ++place) {
      const auto* const* pointers = reader.read(place * (n - kRows) / (kPlaces - 1), kRows, columns);
      for (std::size_t k = 0; k < columns.size(); ++k) {
        if (place == 0) about[k] = static_cast<double>(*pointers[k]);
        for (Index i = 0; i < kRows; ++i) sums[k] += static_cast<double>(pointers[k][i]) - about[k];
      }
    }
    for (std::size_t k = 0; k < columns.size(); ++k) {
      means[static_cast<std::size_t>(columns[k])] = about[k] + sums[k] / (kPlaces * kRows);
    }
  });
  return means;
}

}  // namespace riata::dense
