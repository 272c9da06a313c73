#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// A dense matrix whose element (i, j) is data[i · row_stride + j · col_stride]: row-major arrays, slices, NPY files mapped
/// into memory. Strides count elements and may be negative. T is float or double. The memory is the owner's.
/// Whole-matrix calls read blocks of rows, so that a row-major matrix is streamed; dot and add cost one cache line a row.
template <class T>
class StridedDesign final : public Design {
 public:
  StridedDesign(const T* data, Index rows, Index cols, Index row_stride, Index col_stride,
                std::shared_ptr<const void> owner);

  Index rows() const override { return rows_; }
  Index cols() const override { return cols_; }
  Index stored() const override { return rows_ * cols_; }
  Index bytes() const override { return stored() * static_cast<Index>(sizeof(T)); }
  double dot(Index j, std::span<const double> v, double shift) const override;
  void add(Index j, double a, std::span<double> v, double shift) const override;
  void transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                          const Context& context) const override;
  void dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
            const Context& context) const override;
  void multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                const Context& context) const override;
  void multiply_back(std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                     std::span<const double> shift, const Context& context) const override;
  void gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
            std::span<const double> shift, const Context& context) const override;
  void part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w, ConstMatrix v,
                 std::span<const PartSums> outs, std::span<const double> shift, const Context& context) const override;
  void gather(std::span<const Index> columns, Matrix out) const override;
  ColumnMoments moments(std::span<const double> w, const Context& context) const override;
  std::vector<double> rough_means(const Context& context) const override;

 private:
  const T* data_;
  Index rows_, cols_, row_stride_, col_stride_;
  std::shared_ptr<const void> owner_;
};

extern template class StridedDesign<float>;
extern template class StridedDesign<double>;

}  // namespace riata
