#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// A view: column j is (x_j − centre_j) / scale_j. Nothing is copied; the subtraction happens inside the base's sums.
/// centre may be empty (no centring), scale may be empty (no scaling); scale entries are positive.
/// A shift given on top is added to the centre first: its error is that of one rounding at the size of centre + scale·shift.
/// So is that of the mean in moments().
class StandardizedDesign final : public Design {
 public:
  StandardizedDesign(DesignPtr base, std::vector<double> centre, std::vector<double> scale);

  Index rows() const override;
  Index cols() const override;
  Index stored() const override;
  Index bytes() const override;
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
  void gather(std::span<const Index> columns, Matrix out) const override;
  std::optional<RowEntries> row_entries(std::span<const Index> columns, std::span<const double> w,
                                        std::span<const double> shift) const override;
  ColumnMoments moments(std::span<const double> w, const Context& context) const override;

  const Design& base() const { return *base_; }
  double centre(Index j) const { return centre_.empty() ? 0.0 : centre_[static_cast<std::size_t>(j)]; }
  double scale(Index j) const { return scale_.empty() ? 1.0 : scale_[static_cast<std::size_t>(j)]; }

 private:
  DesignPtr base_;
  std::vector<double> centre_;
  std::vector<double> scale_;
};

}  // namespace riata
