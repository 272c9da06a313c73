#pragma once

#include "riata/design/design.hpp"

namespace riata {

/// Several designs with the same rows, side by side: the numeric, one-hot and float32 parts of one table, each in its own
/// storage. Column numbers run through the parts in order.
class HstackDesign final : public Design {
 public:
  /// At least one part; all have the same number of rows.
  explicit HstackDesign(std::vector<DesignPtr> parts);

  Index rows() const override { return parts_.front()->rows(); }
  Index cols() const override { return starts_.back(); }
  Index stored() const override;
  Index bytes() const override;
  double dot(Index j, std::span<const double> v, double shift) const override;
  void add(Index j, double a, std::span<double> v, double shift) const override;
  void transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                          const Context& context) const override;
  void multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                const Context& context) const override;
  void gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
            std::span<const double> shift, const Context& context) const override;
  void gather(std::span<const Index> columns, Matrix out) const override;
  ColumnMoments moments(std::span<const double> w, const Context& context) const override;

 private:
  /// The columns of a list that lie in one part: their numbers there, and where they stand in the list.
  struct Share {
    std::vector<Index> columns;
    std::vector<Index> positions;
  };
  std::size_t part_of(Index j) const;
  std::vector<Share> shares(std::span<const Index> columns) const;
  std::span<const double> part_shift(std::size_t part, std::span<const double> shift) const;
  void cross_gram(std::size_t narrow, std::span<const Index> narrow_columns, std::size_t wide,
                  std::span<const Index> wide_columns, std::span<const double> w, Matrix out, std::span<const double> shift,
                  const Context& context) const;

  std::vector<DesignPtr> parts_;
  std::vector<Index> starts_;  ///< first column of each part, and the total
};

}  // namespace riata
