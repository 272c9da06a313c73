#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "riata/solver/fitted_problem.hpp"
#include "riata/solver/sides.hpp"

namespace riata {

/// The curvature of the rows of each side, and what follows from it.
struct SideCurvature {
  SideVectors<float> rows;        ///< n
  SideVectors<float> column_sum;  ///< Σ h aₖ, by position in the copy
  Sides total{};                  ///< Σ h
};

/// The columns A of a Newton system AᵀHA, for many products with the same few columns. Those of a sparse design are copied,
/// row by row, so that one pass over the copy does for both products; other designs are asked.
class SystemColumns {
 public:
  SystemColumns(const FittedProblem& fitted, const Context& context);

  /// The columns (increasing) and the curvature of the rows from now on. The copy grows with the columns as long as it has
  /// room and not many that are not asked for.
  void set(std::span<const Index> columns, std::span<const double> curvature);

  std::span<const Index> columns() const { return columns_; }
  bool copied() const { return !copied_.empty(); }
  /// rows = A v + κ, out = AᵀH rows; returns κ, which makes Σ h rows = 0 where an intercept is fitted, and is 0 else.
  double normal(std::span<const double> v, std::span<double> rows, std::span<double> out) const;
  /// The same of several right-hand sides in single precision, without the rows. Their entries are those of the copy, which
  /// there must be: column k's is places()[k], and those that are no column's are to be 0 in v and mean nothing in `out`.
  /// `own`: each side's curvature, if they are not all the one that was set.
  void normal(const SideVectors<float>& v, SideVectors<float>& out, const SideCurvature* own = nullptr) const;
  SideCurvature curvature(Index width, ConstMatrix h) const;  ///< a column of h a side
  std::span<const std::size_t> places() const { return place_; }
  Index entries() const { return std::ssize(copied_); }
  /// rows += A v.
  void add(std::span<const double> v, std::span<double> rows) const;
  void add(const SideVectors<double>& v, SideVectors<double>& rows) const;
  /// out = Aᵀ rows.
  void dots(std::span<const double> rows, std::span<double> out) const;

 private:
  void take_copy();
  bool extend_copy();
  bool append(const RowEntries& entries, std::span<const Index> columns);
  void take_sums();
  std::vector<double> spread(std::span<const double> v) const;
  template <class T>
  Sides rest_of(const SideVectors<T>& v) const;
  Index blocks() const;  ///< of the copy's rows: the same whatever the number of threads
  std::vector<double> sums_of_blocks(const std::function<void(Index first, Index last, double* sums)>& add) const;

  /// Columns by rows, each row with room for more entries.
  struct Copy {
    std::vector<Index> starts;  ///< n + 1: of a row's room
    std::vector<Index> ends;    ///< n: of its entries
    std::vector<std::int32_t> positions;
    std::vector<double> values;
    std::vector<float> rounded;
  };

  const FittedProblem& fitted_;
  const Context& context_;
  std::vector<Index> columns_;
  std::vector<double> curvature_;  ///< n
  std::vector<float> rounded_curvature_;
  double total_ = 0;                ///< Σ h
  std::vector<double> column_sum_;  ///< Σ h aₖ of columns_, and without the rest where there is a copy
  std::vector<double> copied_sum_;  ///< the same by position in the copy
  std::vector<double> known_sum_;   ///< p: Σ h zⱼ; NaN where not known
  Copy copy_;
  std::vector<Index> copied_;           ///< the columns of the copy, by position; empty: there is none
  std::vector<double> copied_rest_;     ///< what every row's entry is less than the copy's
  std::vector<std::int32_t> position_;  ///< p: in the copy, or −1
  std::vector<std::size_t> place_;      ///< of columns_ in the copy
  std::vector<double> rest_;            ///< of columns_; 0 without a copy
};

}  // namespace riata
