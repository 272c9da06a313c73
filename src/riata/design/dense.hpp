#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// A dense matrix with one pointer per column, each to n contiguous entries: column-major arrays and Arrow chunks alike.
/// T is float or double. The memory is the owner's and is never copied.
template <class T>
class DenseDesign final : public Design {
 public:
  DenseDesign(std::vector<const T*> columns, Index rows, std::shared_ptr<const void> owner);

  Index rows() const override { return rows_; }
  Index cols() const override { return static_cast<Index>(columns_.size()); }
  Index stored() const override { return rows() * cols(); }
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
  const T* column(Index j) const { return columns_[static_cast<std::size_t>(j)]; }

  std::vector<const T*> columns_;
  Index rows_;
  std::shared_ptr<const void> owner_;
};

extern template class DenseDesign<float>;
extern template class DenseDesign<double>;

}  // namespace riata
