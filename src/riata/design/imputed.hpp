#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// A dense matrix with missing cells, seen with a value of each column's own in them: one pointer per column to n contiguous
/// entries, of which those in missing_rows[j] (increasing) read as fill[j], whatever is stored there. Nothing is copied:
/// every fold of a cross-validation sees the same memory with its own fills. T is float or double; fills are rounded to T.
template <class T>
class ImputedDesign final : public Design {
 public:
  using MissingRows = std::vector<std::vector<Index>>;

  ImputedDesign(std::vector<const T*> columns, Index rows, std::shared_ptr<const MissingRows> missing_rows,
                const std::vector<double>& fill, std::shared_ptr<const void> owner);

  Index rows() const override { return rows_; }
  Index cols() const override { return static_cast<Index>(columns_.size()); }
  Index stored() const override { return rows() * cols(); }
  Index bytes() const override { return stored() * static_cast<Index>(sizeof(T)); }
  double dot(Index j, std::span<const double> v, double shift) const override;
  void add(Index j, double a, std::span<double> v, double shift) const override;
  void transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                          const Context& context) const override;
  void multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                const Context& context) const override;
  void gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
            std::span<const double> shift, const Context& context) const override;
  void part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w, ConstMatrix v,
                 std::span<const PartSums> outs, std::span<const double> shift, const Context& context) const override;
  void gather(std::span<const Index> columns, Matrix out) const override;
  ColumnMoments moments(std::span<const double> w, const Context& context) const override;
  std::vector<double> rough_means(const Context& context) const override;

 private:
  struct Source;
  Source source() const;
  template <class Use>
  void for_row_blocks(Index j, const Use& use) const;

  std::vector<const T*> columns_;
  Index rows_;
  std::shared_ptr<const MissingRows> missing_rows_;
  std::vector<T> fill_;
  std::shared_ptr<const void> owner_;
};

extern template class ImputedDesign<float>;
extern template class ImputedDesign<double>;

}  // namespace riata
