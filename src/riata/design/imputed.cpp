#include "riata/design/imputed.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "riata/design/dense_gram.hpp"

namespace riata {

template <class T>
struct ImputedDesign<T>::Source {
  using Element = T;
  static constexpr bool kCopies = true;
  const ImputedDesign& design;

  Index rows() const { return design.rows_; }

  /// The stored column where the block misses nothing, else a filled copy of that block.
  const T* see(Index row, Index count, Index j, T* scratch) const {
    const auto at = static_cast<std::size_t>(j);
    const std::vector<Index>& missing = (*design.missing_rows_)[at];
    auto cell = missing.empty() ? missing.end() : std::lower_bound(missing.begin(), missing.end(), row);
    if (cell == missing.end() || *cell >= row + count) return design.columns_[at] + row;
    std::copy_n(design.columns_[at] + row, count, scratch);
    for (; cell != missing.end() && *cell < row + count; ++cell) scratch[*cell - row] = design.fill_[at];
    return scratch;
  }

  void block(Index row, Index count, std::span<const Index> columns, T* scratch, const T** out) const {
    for (std::size_t k = 0; k < columns.size(); ++k) {
      out[k] = see(row, count, columns[k], scratch + static_cast<Index>(k) * count);
    }
  }
};

template <class T>
ImputedDesign<T>::ImputedDesign(std::vector<const T*> columns, Index rows, std::shared_ptr<const MissingRows> missing_rows,
                                const std::vector<double>& fill, std::shared_ptr<const void> owner)
    : columns_(std::move(columns)), rows_(rows), missing_rows_(std::move(missing_rows)), owner_(std::move(owner)) {
  assert(missing_rows_->size() == columns_.size() && fill.size() == columns_.size());
  fill_.reserve(fill.size());
  for (double value : fill) fill_.push_back(static_cast<T>(value));
}

template <class T>
typename ImputedDesign<T>::Source ImputedDesign<T>::source() const {
  return Source{*this};
}

/// use(first row, rows, their values), block by block.
template <class T>
template <class Use>
void ImputedDesign<T>::for_row_blocks(Index j, const Use& use) const {
  std::array<T, dense::kRowBlock> scratch;
  for (Index row = 0; row < rows_; row += dense::kRowBlock) {
    const Index count = std::min(dense::kRowBlock, rows_ - row);
    use(row, count, source().see(row, count, j, scratch.data()));
  }
}

template <class T>
double ImputedDesign<T>::dot(Index j, std::span<const double> v, double shift) const {
  double sum = 0;
  for_row_blocks(j, [&](Index row, Index count, const T* x) { sum += kernels::dot(x, v.data() + row, count, shift); });
  return sum;
}

template <class T>
void ImputedDesign<T>::add(Index j, double a, std::span<double> v, double shift) const {
  for_row_blocks(j, [&](Index row, Index count, const T* x) { kernels::add(a, x, shift, v.data() + row, count); });
}

template <class T>
void ImputedDesign<T>::transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                          const Context& context) const {
  dense::transpose_multiply(source(), first, v, out, shift, context);
}

template <class T>
void ImputedDesign<T>::multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                                const Context& context) const {
  dense::multiply(source(), columns, b, out, shift, context);
}

template <class T>
void ImputedDesign<T>::gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
                            std::span<const double> shift, const Context& context) const {
  dense::gram(source(), left, right, w, out, shift, context);
}

template <class T>
void ImputedDesign<T>::part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                                 ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
                                 const Context& context) const {
  dense::part_sums(source(), columns, part_of, w, v, outs, shift, context);
}

template <class T>
void ImputedDesign<T>::gather(std::span<const Index> columns, Matrix out) const {
  for (std::size_t k = 0; k < columns.size(); ++k) {
    double* to = out.column(static_cast<Index>(k)).data();
    for_row_blocks(columns[k], [&](Index row, Index count, const T* x) { kernels::load(x, 0.0, nullptr, to + row, count); });
  }
}

template <class T>
ColumnMoments ImputedDesign<T>::moments(std::span<const double> w, const Context& context) const {
  return dense::moments(source(), cols(), w, context);
}

template <class T>
std::vector<double> ImputedDesign<T>::rough_means(const Context& context) const {
  return dense::rough_means(source(), cols(), context);
}

template class ImputedDesign<float>;
template class ImputedDesign<double>;

}  // namespace riata
