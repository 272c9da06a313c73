#include "riata/design/row_sums.hpp"

#include <algorithm>
#include <numeric>

#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// The sums of some rows: of the Gram matrix the lower triangle.
class RowSums {
 public:
  RowSums(const RowEntries& entries, std::span<const double> w, ConstMatrix v, std::vector<Index> rows)
      : entries_(entries), w_(w), v_(v), rows_(std::move(rows)), rest_(entries.rest) {}

  /// From columns without a missing entry on these rows the shift is taken off entry by entry. (What has none on any row,
  /// RowEntries have shifted.)
  void shift_full_columns() {
    std::vector<Index> stored(rest_.size());
    for (const Index i : rows_) {
      for (Index e = entries_.starts[at(i)]; e < entries_.starts[at(i) + 1]; ++e) ++stored[at(entries_.positions[at(e)])];
    }
    inside_.resize(rest_.size());
    for (std::size_t k = 0; k < rest_.size(); ++k) {
      if (stored[k] == std::ssize(rows_)) std::swap(rest_[k], inside_[k]);
    }
  }

  /// out += the sums. out has zeros above the diagonal of its Gram matrix.
  void add_to(const PartSums& out, const Context& context) {
    std::vector<double> sums(rest_.size()), sides(at(v_.cols));
    double weight = 0;
    for (const Index i : rows_) {
      if (i % 4096 == 0 && context.interrupted()) return;
      const double wi = w_.empty() ? 1.0 : w_[at(i)];
      weight += wi;
      for (Index c = 0; c < v_.cols; ++c) sides[at(c)] += wi * v_(i, c);
      add_row(i, wi, sums, out);
    }
    const Index size = std::ssize(rest_);
    for (Index b = 0; b < size; ++b) {
      const double rest = rest_[at(b)];
      for (Index a = b; a < size; ++a) {
        out.gram(a, b) += rest_[at(a)] * (rest * weight - sums[at(b)]) - rest * sums[at(a)];
      }
      for (Index c = 0; c < v_.cols; ++c) out.products(b, c) -= rest * sides[at(c)];
    }
  }

 private:
  void add_row(Index i, double weight, std::vector<double>& sums, const PartSums& out) {
    const Index begin = entries_.starts[at(i)], stored = entries_.starts[at(i) + 1] - begin;
    const std::int32_t* const positions = entries_.positions.data() + begin;
    const double* const x = shifted(entries_.values.data() + begin, positions, stored);
    for (Index b = 0; b < stored; ++b) {
      const double value = weight * x[b];
      sums[at(positions[b])] += value;
      for (Index c = 0; c < v_.cols; ++c) out.products(positions[b], c) += value * v_(i, c);
      double* const column = &out.gram(0, positions[b]);
      for (Index a = b; a < stored; ++a) column[positions[a]] += value * x[a];
    }
  }

  const double* shifted(const double* values, const std::int32_t* positions, Index stored) {
    if (inside_.empty()) return values;
    row_.resize(at(stored));
    for (Index e = 0; e < stored; ++e) row_[at(e)] = values[e] - inside_[at(positions[e])];
    return row_.data();
  }

  const RowEntries& entries_;
  std::span<const double> w_;
  ConstMatrix v_;
  std::vector<Index> rows_;
  std::vector<double> rest_, inside_;  ///< what is taken off a column's sums, and off its entries
  std::vector<double> row_;
};

void set_zero(Matrix m) {
  for (Index c = 0; c < m.cols; ++c) std::ranges::fill(m.column(c), 0.0);
}

void add(Matrix to, ConstMatrix from) {
  for (Index c = 0; c < to.cols; ++c) {
    for (Index r = 0; r < to.rows; ++r) to(r, c) += from(r, c);
  }
}

/// All rows, by parts of them that threads share out.
void sum_all(const RowEntries& entries, std::span<const double> w, ConstMatrix v, const PartSums& out,
             std::vector<Index> rows, const Context& context) {
  constexpr Index kRows = 4096, kMostChunks = 8;
  const Index n = std::ssize(rows), size = out.gram.cols, chunks = std::clamp<Index>(n / kRows, 1, kMostChunks);
  const Index numbers = size * (size + v.cols);
  std::vector<double> memory(at(chunks * numbers));
  const auto chunk_sums = [&](Index chunk) {
    double* const own = memory.data() + chunk * numbers;
    return PartSums{{own, size, size}, {own + size * size, v.cols > 0 ? size : 0, v.cols}};
  };
  context.for_blocks(chunks, [&](Index chunk) {
    const std::vector<Index> own(rows.begin() + n * chunk / chunks, rows.begin() + n * (chunk + 1) / chunks);
    RowSums(entries, w, v, own).add_to(chunk_sums(chunk), context);
  });
  for (Index chunk = 0; chunk < chunks; ++chunk) {
    const PartSums own = chunk_sums(chunk);
    add(out.gram, {own.gram.data, size, size});
    add(out.products, {own.products.data, own.products.rows, v.cols});
  }
}

}  // namespace

void row_sums(const RowEntries& rows, std::span<const Index> part_of, std::span<const double> w, ConstMatrix v,
              std::span<const PartSums> outs, const Context& context) {
  std::vector<std::vector<Index>> own(outs.size());
  for (Index i = 0; i < std::ssize(rows.starts) - 1; ++i) {
    const Index part = part_of.empty() ? 0 : part_of[at(i)];
    if (part >= 0 && (w.empty() || w[at(i)] != 0.0)) own[at(part)].push_back(i);
  }
  for (const PartSums& out : outs) {
    set_zero(out.gram);
    set_zero(out.products);
  }
  if (part_of.empty()) {
    sum_all(rows, w, v, outs.front(), std::move(own.front()), context);
  } else {
    context.for_blocks(std::ssize(outs), [&](Index k) {
      RowSums part(rows, w, v, std::move(own[at(k)]));
      part.shift_full_columns();
      part.add_to(outs[at(k)], context);
    });
  }
  for (const PartSums& out : outs) blas::mirror(blas::Triangle::lower, out.gram);
}

}  // namespace riata
