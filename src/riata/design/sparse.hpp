#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// A sparse matrix by columns (CSC): the entries of column j are values[k] in row row_indices[k], k = starts[j] …
/// starts[j+1]. T is float or double, I is int32 or int64. Rows need not be sorted within a column, but are distinct; stored
/// zeros are fine. Index and value memory is the owner's and is never copied.
///
/// A shift costs nothing extra in whole-matrix calls: it is applied algebraically, x_jᵀv − shift·Σv. In a column without a
/// single missing entry it is subtracted inside the sum (there alone could cancellation lose digits, since one zero in a
/// column of mean m already gives it a norm of at least m). In dot and add a shift that is not 0 costs O(n).
template <class T, class I>
class SparseDesign final : public Design {
 public:
  /// starts: p + 1 entries. Throws Error(input) when starts decrease, or a row is outside [0, rows) or twice in a column.
  SparseDesign(Index rows, std::vector<Index> starts, const I* row_indices, const T* values,
               std::shared_ptr<const void> owner);

  Index rows() const override { return rows_; }
  Index cols() const override { return static_cast<Index>(starts_.size()) - 1; }
  Index stored() const override { return starts_.back() - starts_.front(); }
  Index bytes() const override { return stored() * static_cast<Index>(sizeof(T) + sizeof(I)); }
  double dot(Index j, std::span<const double> v, double shift) const override;
  void add(Index j, double a, std::span<double> v, double shift) const override;
  void transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                          const Context& context) const override;
  void dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
            const Context& context) const override;
  void multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                const Context& context) const override;
  void gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
            std::span<const double> shift, const Context& context) const override;
  void part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w, ConstMatrix v,
                 std::span<const PartSums> outs, std::span<const double> shift, const Context& context) const override;
  void gather(std::span<const Index> columns, Matrix out) const override;
  std::optional<RowEntries> row_entries(std::span<const Index> columns, std::span<const double> w,
                                        std::span<const double> shift) const override {
    return rows_of(columns, w, shift);
  }
  ColumnMoments moments(std::span<const double> w, const Context& context) const override;

 private:
  struct Column {
    const T* values;
    const I* rows;
    Index stored;
  };
  Column column(Index j) const {
    const Index begin = starts_[static_cast<std::size_t>(j)];
    return {values_ + begin, row_indices_ + begin, starts_[static_cast<std::size_t>(j) + 1] - begin};
  }
  bool full(Index j) const { return column(j).stored == rows_; }
  bool full(Index j, std::span<const double> w, Index counted) const;
  void check() const;
  RowEntries rows_of(std::span<const Index> columns, std::span<const double> w, std::span<const double> shift) const;

  Index rows_;
  std::vector<Index> starts_;
  const I* row_indices_;
  const T* values_;
  std::shared_ptr<const void> owner_;
};

extern template class SparseDesign<float, std::int32_t>;
extern template class SparseDesign<float, std::int64_t>;
extern template class SparseDesign<double, std::int32_t>;
extern template class SparseDesign<double, std::int64_t>;

}  // namespace riata
