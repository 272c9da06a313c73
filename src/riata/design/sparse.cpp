#include "riata/design/sparse.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/design/row_sums.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr Index kColumnBlock = 64;
constexpr Index kSmallGram = 256;  // columns: stays in the second-level cache

Index blocks_of(Index total) { return (total + kColumnBlock - 1) / kColumnBlock; }

double shift_of(std::span<const double> shift, Index j) { return shift.empty() ? 0.0 : shift[static_cast<std::size_t>(j)]; }

double sum(const double* v, Index n) { return kernels::sums(v, nullptr, n, 0.0).first; }

/// V with each row's entries together: one stored entry of X then meets one cache line of V, however many sides there are.
std::vector<double> sides_together(ConstMatrix v, const Context& context) {
  constexpr Index kRows = 4096;
  std::vector<double> result(static_cast<std::size_t>(v.rows * v.cols));
  context.for_blocks((v.rows + kRows - 1) / kRows, [&](Index block) {
    for (Index i = block * kRows; i < std::min(v.rows, (block + 1) * kRows); ++i) {
      for (Index c = 0; c < v.cols; ++c) result[static_cast<std::size_t>(i * v.cols + c)] = v(i, c);
    }
  });
  return result;
}

/// How many rows have a non-zero weight.
Index rows_that_count(std::span<const double> w, Index rows) {
  return w.empty() ? rows : std::count_if(w.begin(), w.end(), [](double x) { return x != 0.0; });
}

}  // namespace

template <class T, class I>
SparseDesign<T, I>::SparseDesign(Index rows, std::vector<Index> starts, const I* row_indices, const T* values,
                                 std::shared_ptr<const void> owner)
    : rows_(rows), starts_(std::move(starts)), row_indices_(row_indices), values_(values), owner_(std::move(owner)) {
  assert(!starts_.empty());
  check();
}

template <class T, class I>
void SparseDesign<T, I>::check() const {
  if (starts_.front() < 0 || !std::is_sorted(starts_.begin(), starts_.end())) {
    throw Error(ErrorKind::input, "sparse matrix: the column starts decrease or are negative; they must be 0 ≤ … ≤ stored");
  }
  std::vector<Index> last_seen(static_cast<std::size_t>(rows_), -1);
  for (Index j = 0; j < cols(); ++j) {
    const Column x = column(j);
    for (Index k = 0; k < x.stored; ++k) {
      const Index row = static_cast<Index>(x.rows[k]);
      if (row < 0 || row >= rows_) {
        throw Error(ErrorKind::input, "sparse matrix: column " + std::to_string(j) + " has an entry in row " +
                                          std::to_string(row) + ", outside 0 … " + std::to_string(rows_ - 1));
      }
      Index& seen = last_seen[static_cast<std::size_t>(row)];
      if (seen == j) {
        throw Error(ErrorKind::input, "sparse matrix: column " + std::to_string(j) + " has two entries in row " +
                                          std::to_string(row) + "; sum duplicates first");
      }
      seen = j;
    }
  }
}

/// Whether the column has an entry in every row of non-zero weight; `counted` is the number of those rows.
template <class T, class I>
bool SparseDesign<T, I>::full(Index j, std::span<const double> w, Index counted) const {
  const Column x = column(j);
  if (x.stored < counted || w.empty()) return x.stored == rows_;
  return std::count_if(x.rows, x.rows + x.stored, [&](I row) { return w[static_cast<std::size_t>(row)] != 0.0; }) == counted;
}

template <class T, class I>
double SparseDesign<T, I>::dot(Index j, std::span<const double> v, double shift) const {
  assert(static_cast<Index>(v.size()) == rows_);
  const Column x = column(j);
  if (full(j)) return kernels::sparse_dot(x.values, x.rows, x.stored, v.data(), shift);
  const double product = kernels::sparse_dot(x.values, x.rows, x.stored, v.data(), 0.0);
  return shift == 0.0 ? product : product - shift * sum(v.data(), rows_);
}

template <class T, class I>
void SparseDesign<T, I>::add(Index j, double a, std::span<double> v, double shift) const {
  assert(static_cast<Index>(v.size()) == rows_);
  const Column x = column(j);
  if (full(j)) {
    kernels::sparse_add(a, x.values, x.rows, x.stored, v.data(), shift);
    return;
  }
  kernels::sparse_add(a, x.values, x.rows, x.stored, v.data(), 0.0);
  if (shift != 0.0) {
    for (double& value : v) value -= a * shift;
  }
}

template <class T, class I>
void SparseDesign<T, I>::transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                            const Context& context) const {
  std::vector<Index> columns(static_cast<std::size_t>(out.rows));
  std::iota(columns.begin(), columns.end(), first);
  dots(columns, v, out, shift, context);
}

template <class T, class I>
void SparseDesign<T, I>::dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
                              const Context& context) const {
  std::vector<double> sums(static_cast<std::size_t>(v.cols), 0.0);
  if (!shift.empty()) {
    context.for_blocks(v.cols, [&](Index c) { sums[static_cast<std::size_t>(c)] = sum(&v(0, c), rows_); });
  }
  const std::vector<double> together = v.cols == 1 ? std::vector<double>() : sides_together(v, context);
  const double* sides = v.cols == 1 ? v.data : together.data();
  context.for_blocks(blocks_of(out.rows), [&](Index block) {
    std::vector<double> products(static_cast<std::size_t>(v.cols));
    const Index end = std::min(out.rows, (block + 1) * kColumnBlock);
    for (Index k = block * kColumnBlock; k < end; ++k) {
      const Index j = columns[static_cast<std::size_t>(k)];
      const Column x = column(j);
      const double s = shift_of(shift, j), inside = full(j) ? s : 0.0, rest = s - inside;
      kernels::sparse_dots(x.values, x.rows, x.stored, sides, v.cols, inside, products.data());
      for (Index c = 0; c < v.cols; ++c) {
        out(k, c) = products[static_cast<std::size_t>(c)] - rest * sums[static_cast<std::size_t>(c)];
      }
    }
  });
}

template <class T, class I>
void SparseDesign<T, I>::multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                                  const Context& context) const {
  context.for_blocks(b.cols, [&](Index c) {
    double constant = 0;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const double value = b(static_cast<Index>(k), c);
      if (value == 0.0) continue;
      const Column x = column(columns[k]);
      const double s = shift_of(shift, columns[k]);
      kernels::sparse_add(value, x.values, x.rows, x.stored, &out(0, c), full(columns[k]) ? s : 0.0);
      if (!full(columns[k])) constant += value * s;
    }
    if (constant == 0.0) return;
    for (double& value : out.column(c)) value -= constant;
  });
}

/// Values of full columns are shifted already; `rest` is the shift that is still to be applied.
template <class T, class I>
RowEntries SparseDesign<T, I>::rows_of(std::span<const Index> columns, std::span<const double> w,
                                       std::span<const double> shift) const {
  RowEntries result;
  const Index counted = rows_that_count(w, rows_);
  const auto counts = [&](Index row) { return w.empty() || w[static_cast<std::size_t>(row)] != 0.0; };
  std::vector<Index> next(static_cast<std::size_t>(rows_) + 1, 0);
  for (Index j : columns) {
    const Column x = column(j);
    for (Index k = 0; k < x.stored; ++k) {
      const Index row = static_cast<Index>(x.rows[k]);
      if (counts(row)) ++next[static_cast<std::size_t>(row) + 1];
    }
  }
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  result.starts = next;
  result.positions.resize(static_cast<std::size_t>(next.back()));
  result.values.resize(static_cast<std::size_t>(next.back()));
  for (std::size_t a = 0; a < columns.size(); ++a) {
    const Column x = column(columns[a]);
    const double s = shift_of(shift, columns[a]);
    const double inside = full(columns[a], w, counted) ? s : 0.0;
    for (Index k = 0; k < x.stored; ++k) {
      const Index row = static_cast<Index>(x.rows[k]);
      if (!counts(row)) continue;
      const auto place = static_cast<std::size_t>(next[static_cast<std::size_t>(row)]++);
      result.positions[place] = static_cast<std::int32_t>(a);
      result.values[place] = static_cast<double>(x.values[k]) - inside;
    }
    result.rest.push_back(s - inside);
  }
  return result;
}

/// What an interrupted context leaves is of no use. Row by row (Gustavson): entry (a, b) costs the rows that a and b share,
/// so the whole costs Σᵢ nnzᵢ(left) nnzᵢ(right).
template <class T, class I>
void SparseDesign<T, I>::gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w,
                              Matrix out, std::span<const double> shift, const Context& context) const {
  const bool symmetric = std::equal(left.begin(), left.end(), right.begin(), right.end());
  const RowEntries rows = rows_of(right, w, shift);
  if (symmetric && std::ssize(right) <= kSmallGram) {
    const PartSums sums{out, {}};
    return row_sums(rows, {}, w, {nullptr, rows_, 0}, {&sums, 1}, context);
  }
  std::vector<double> sums(right.size());  // Σᵢ wᵢ x_i
  for (Index i = 0; i < rows_; ++i) {
    const double wi = w.empty() ? 1.0 : w[static_cast<std::size_t>(i)];
    for (auto e = rows.starts[static_cast<std::size_t>(i)]; e < rows.starts[static_cast<std::size_t>(i) + 1]; ++e) {
      sums[static_cast<std::size_t>(rows.positions[static_cast<std::size_t>(e)])] +=
          wi * rows.values[static_cast<std::size_t>(e)];
    }
  }
  const double weight = w.empty() ? static_cast<double>(rows_) : sum(w.data(), rows_);
  const Index counted = rows_that_count(w, rows_);
  context.for_blocks(blocks_of(out.rows), [&](Index block) {
    std::vector<double> products(right.size());
    const Index end = std::min(out.rows, (block + 1) * kColumnBlock);
    for (Index a = block * kColumnBlock; a < end && !context.interrupted(); ++a) {
      const Index j = left[static_cast<std::size_t>(a)], from = symmetric ? a : 0;
      const Column x = column(j);
      const double s = shift_of(shift, j), inside = full(j, w, counted) ? s : 0.0, rest = s - inside;
      std::fill(products.begin(), products.end(), 0.0);
      double total = 0;
      for (Index k = 0; k < x.stored; ++k) {
        const auto row = static_cast<std::size_t>(x.rows[k]);
        if (!w.empty() && w[row] == 0.0) continue;
        const double value = (w.empty() ? 1.0 : w[row]) * (static_cast<double>(x.values[k]) - inside);
        total += value;
        for (auto e = static_cast<std::size_t>(rows.starts[row + 1]); e-- > static_cast<std::size_t>(rows.starts[row]);) {
          if (rows.positions[e] < from) break;
          products[static_cast<std::size_t>(rows.positions[e])] += value * rows.values[e];
        }
      }
      for (Index b = from; b < out.cols; ++b) {
        const auto at = static_cast<std::size_t>(b);
        const double value = products[at] - rest * sums[at] - rows.rest[at] * total + rest * rows.rest[at] * weight;
        (symmetric ? out(b, a) : out(a, b)) = value;
      }
    }
  });
  if (symmetric) blas::mirror(blas::Triangle::lower, out);
}

template <class T, class I>
void SparseDesign<T, I>::part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                                   ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
                                   const Context& context) const {
  if (std::ssize(columns) > kSmallGram) return Design::part_sums(columns, part_of, w, v, outs, shift, context);
  row_sums(rows_of(columns, w, shift), part_of, w, v, outs, context);
}

template <class T, class I>
void SparseDesign<T, I>::gather(std::span<const Index> columns, Matrix out) const {
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const std::span<double> dense = out.column(static_cast<Index>(k));
    std::fill(dense.begin(), dense.end(), 0.0);
    const Column x = column(columns[k]);
    for (Index e = 0; e < x.stored; ++e) dense[static_cast<std::size_t>(x.rows[e])] = static_cast<double>(x.values[e]);
  }
}

template <class T, class I>
ColumnMoments SparseDesign<T, I>::moments(std::span<const double> w, const Context& context) const {
  const auto p = static_cast<std::size_t>(cols());
  ColumnMoments result{std::vector<double>(p, 0.0), std::vector<double>(p, 0.0)};
  const double weight = w.empty() ? static_cast<double>(rows_) : sum(w.data(), rows_);
  if (!(weight > 0)) return result;
  const Index counted = rows_that_count(w, rows_);
  context.for_blocks(blocks_of(cols()), [&](Index block) {
    const Index end = std::min(cols(), (block + 1) * kColumnBlock);
    for (Index j = block * kColumnBlock; j < end; ++j) {
      const Column x = column(j);
      const auto pass = [&](double about) {
        struct {
          double first = 0, second = 0, weight = 0;
          Index count = 0;
        } sums;
        for (Index k = 0; k < x.stored; ++k) {
          const double wi = w.empty() ? 1.0 : w[static_cast<std::size_t>(x.rows[k])];
          if (wi == 0.0) continue;
          const double d = static_cast<double>(x.values[k]) - about;
          sums.first += wi * d;
          sums.second += wi * d * d;
          sums.weight += wi;
          ++sums.count;
        }
        return sums;
      };
      const double mean = pass(0.0).first / weight;
      const auto rest = pass(mean);
      const double zeros = rest.count == counted ? 0.0 : std::max(0.0, weight - rest.weight);
      const double first = rest.first - zeros * mean, second = rest.second + zeros * mean * mean;
      result.mean[static_cast<std::size_t>(j)] = mean + first / weight;
      result.variance[static_cast<std::size_t>(j)] = std::max(0.0, second - first * (first / weight)) / weight;
    }
  });
  return result;
}

template class SparseDesign<float, std::int32_t>;
template class SparseDesign<float, std::int64_t>;
template class SparseDesign<double, std::int32_t>;
template class SparseDesign<double, std::int64_t>;

}  // namespace riata
