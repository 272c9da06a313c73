#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "riata/design/standardized.hpp"

namespace riata {

/// A copy of a dense design's columns in 16 bits a number, about a shift: xᵢⱼ − shiftⱼ is rounded to a multiple of a unit of
/// the column. Products with it read a quarter of the memory, and the bound on what they are off tells which columns are
/// far from their thresholds all the same (SpanBound). The first pass over the design is exact, and makes the copy.
class RoughColumns {
 public:
  /// shift: p entries, or empty for none. Nothing is read yet.
  RoughColumns(const Design& design, std::vector<double> shift);

  /// Whether a path of so many λ makes enough passes over the design, and these are what it waits for.
  static bool pay(const Design& design, Index lambdas, const Context& context);
  /// Bytes that it takes.
  static Index bytes(const Design& design);

  /// Copies columns first … first + count − 1, first a multiple of 8. Safe for disjoint ones at once.
  void copy(Index first, Index count);

  /// Right-hand sides, made ready for products.
  class Sides {
   public:
    explicit Sides(ConstMatrix v);

   private:
    friend class RoughColumns;
    Index rows_ = 0;
    std::vector<float> values_;  ///< divided by scale_
    std::vector<double> scale_;
  };
  /// out = (X[:, first … first + out.rows) − 1 shiftᵀ)ᵀ V, off by no more than unit(j) ‖vₖ‖₁.
  void transpose_multiply(Index first, const Sides& sides, Matrix out) const;
  double unit(Index j) const { return units_[static_cast<std::size_t>(j)]; }

 private:
  std::int16_t* panel(Index column) const;

  const Design& design_;
  std::vector<double> shift_;
  std::unique_ptr<std::int16_t[]> memory_;  ///< panels (kernels.hpp), rows filled up with zeros
  std::vector<double> units_;
};

}  // namespace riata
