#include "riata/design/hstack.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace riata {

HstackDesign::HstackDesign(std::vector<DesignPtr> parts) : parts_(std::move(parts)), starts_{0} {
  assert(!parts_.empty());
  for (const DesignPtr& part : parts_) {
    assert(part->rows() == parts_.front()->rows());
    starts_.push_back(starts_.back() + part->cols());
  }
}

Index HstackDesign::stored() const {
  Index total = 0;
  for (const DesignPtr& part : parts_) total += part->stored();
  return total;
}

Index HstackDesign::bytes() const {
  Index total = 0;
  for (const DesignPtr& part : parts_) total += part->bytes();
  return total;
}

std::size_t HstackDesign::part_of(Index j) const {
  return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), j) - starts_.begin() - 1);
}

std::span<const double> HstackDesign::part_shift(std::size_t part, std::span<const double> shift) const {
  if (shift.empty()) return {};
  return shift.subspan(static_cast<std::size_t>(starts_[part]), static_cast<std::size_t>(parts_[part]->cols()));
}

std::vector<HstackDesign::Share> HstackDesign::shares(std::span<const Index> columns) const {
  std::vector<Share> result(parts_.size());
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const std::size_t part = part_of(columns[k]);
    result[part].columns.push_back(columns[k] - starts_[part]);
    result[part].positions.push_back(static_cast<Index>(k));
  }
  return result;
}

double HstackDesign::dot(Index j, std::span<const double> v, double shift) const {
  const std::size_t part = part_of(j);
  return parts_[part]->dot(j - starts_[part], v, shift);
}

void HstackDesign::add(Index j, double a, std::span<double> v, double shift) const {
  const std::size_t part = part_of(j);
  parts_[part]->add(j - starts_[part], a, v, shift);
}

void HstackDesign::transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                      const Context& context) const {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const Index begin = std::max(first, starts_[part]), end = std::min(first + out.rows, starts_[part + 1]);
    if (begin >= end) continue;
    parts_[part]->transpose_multiply(begin - starts_[part], v,
                                     Matrix(out.data + (begin - first), end - begin, out.cols, out.stride),
                                     part_shift(part, shift), context);
  }
}

void HstackDesign::multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                            const Context& context) const {
  const std::vector<Share> split = shares(columns);
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    const Share& share = split[part];
    if (share.columns.empty()) continue;
    const Index count = static_cast<Index>(share.columns.size());
    std::vector<double> rows(static_cast<std::size_t>(count * b.cols));
    const Matrix own(rows.data(), count, b.cols);
    for (Index c = 0; c < b.cols; ++c) {
      for (Index k = 0; k < count; ++k) own(k, c) = b(share.positions[static_cast<std::size_t>(k)], c);
    }
    parts_[part]->multiply(share.columns, own, out, part_shift(part, shift), context);
  }
}

/// out(a, b) = Σᵢ wᵢ (narrow column a)(wide column b), with the wide part's columns made dense, a few at a time.
void HstackDesign::cross_gram(std::size_t narrow, std::span<const Index> narrow_columns, std::size_t wide,
                              std::span<const Index> wide_columns, std::span<const double> w, Matrix out,
                              std::span<const double> shift, const Context& context) const {
  constexpr Index kColumns = 16;
  const std::span<const double> narrow_shift = part_shift(narrow, shift), wide_shift = part_shift(wide, shift);
  const Index total = static_cast<Index>(wide_columns.size()), n = rows();
  std::vector<double> dense(static_cast<std::size_t>(n * std::min(kColumns, total)));
  for (Index first = 0; first < total; first += kColumns) {
    const Index count = std::min(kColumns, total - first);
    const Matrix block(dense.data(), n, count);
    parts_[wide]->gather(wide_columns.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)), block);
    for (Index c = 0; c < count; ++c) {
      const Index j = wide_columns[static_cast<std::size_t>(first + c)];
      const double s = wide_shift.empty() ? 0.0 : wide_shift[static_cast<std::size_t>(j)];
      for (Index i = 0; i < n; ++i) {
        block(i, c) = (w.empty() ? 1.0 : w[static_cast<std::size_t>(i)]) * (block(i, c) - s);
      }
    }
    // Neighbouring columns go through one transposed product.
    for (std::size_t k = 0; k < narrow_columns.size();) {
      std::size_t end = k + 1;
      while (end < narrow_columns.size() && narrow_columns[end] == narrow_columns[end - 1] + 1) ++end;
      parts_[narrow]->transpose_multiply(
          narrow_columns[k], block,
          Matrix(&out(static_cast<Index>(k), first), static_cast<Index>(end - k), count, std::max(out.stride, out.rows)),
          narrow_shift, context);
      k = end;
    }
  }
}

void HstackDesign::gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
                        std::span<const double> shift, const Context& context) const {
  const std::vector<Share> rows = shares(left), columns = shares(right);
  const bool symmetric = std::equal(left.begin(), left.end(), right.begin(), right.end());
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    for (std::size_t q = symmetric ? p : 0; q < parts_.size(); ++q) {
      const Share &a = rows[p], &b = columns[q];
      if (a.columns.empty() || b.columns.empty()) continue;
      const Index a_count = static_cast<Index>(a.columns.size()), b_count = static_cast<Index>(b.columns.size());
      std::vector<double> memory(static_cast<std::size_t>(a_count * b_count));
      // The part that stores more per column is the one to make dense: the other then costs only what it stores.
      const bool b_is_dense = parts_[q]->stored() * parts_[p]->cols() >= parts_[p]->stored() * parts_[q]->cols();
      const bool flipped = p != q && !b_is_dense;
      const Matrix block(memory.data(), flipped ? b_count : a_count, flipped ? a_count : b_count);
      if (p == q) {
        parts_[p]->gram(a.columns, b.columns, w, block, part_shift(p, shift), context);
      } else if (flipped) {
        cross_gram(q, b.columns, p, a.columns, w, block, shift, context);
      } else {
        cross_gram(p, a.columns, q, b.columns, w, block, shift, context);
      }
      for (Index k = 0; k < b_count; ++k) {
        for (Index i = 0; i < a_count; ++i) {
          const Index row = a.positions[static_cast<std::size_t>(i)], col = b.positions[static_cast<std::size_t>(k)];
          out(row, col) = flipped ? block(k, i) : block(i, k);
          if (symmetric) out(col, row) = out(row, col);
        }
      }
    }
  }
}

void HstackDesign::gather(std::span<const Index> columns, Matrix out) const {
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const std::size_t part = part_of(columns[k]);
    const Index own = columns[k] - starts_[part];
    parts_[part]->gather(std::span(&own, 1), Matrix(out.data + static_cast<Index>(k) * out.stride, out.rows, 1));
  }
}

ColumnMoments HstackDesign::moments(std::span<const double> w, const Context& context) const {
  ColumnMoments result;
  for (const DesignPtr& part : parts_) {
    const ColumnMoments own = part->moments(w, context);
    result.mean.insert(result.mean.end(), own.mean.begin(), own.mean.end());
    result.variance.insert(result.variance.end(), own.variance.begin(), own.variance.end());
  }
  return result;
}

}  // namespace riata
