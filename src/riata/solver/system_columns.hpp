#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// The columns A of a Newton system AᵀHA, for many products with the same few columns. Those of a sparse design are copied,
/// row by row, so that one pass over the copy does for both products; other designs are asked.
class SystemColumns {
 public:
  SystemColumns(const FittedProblem& fitted, const Context& context);

  /// The columns (increasing) and the curvature of the rows from now on. The copy is kept while it has all of the columns
  /// and not many more.
  void set(std::span<const Index> columns, std::span<const double> curvature);

  std::span<const Index> columns() const { return columns_; }
  /// rows = A v + κ, out = AᵀH rows; returns κ, which makes Σ h rows = 0 where an intercept is fitted, and is 0 else.
  double normal(std::span<const double> v, std::span<double> rows, std::span<double> out) const;
  /// rows += A v.
  void add(std::span<const double> v, std::span<double> rows) const;
  /// out = Aᵀ rows.
  void dots(std::span<const double> rows, std::span<double> out) const;

 private:
  bool copy_serves();
  void copy_if_it_pays();
  std::vector<double> spread(std::span<const double> v) const;
  std::vector<double> sums_of_blocks(const std::function<void(Index first, Index last, double* sums)>& add) const;

  const FittedProblem& fitted_;
  const Context& context_;
  std::vector<Index> columns_;
  std::span<const double> curvature_;
  double total_ = 0;                ///< Σ h
  std::vector<double> column_sum_;  ///< Σ h aₖ, and without the rest where there is a copy
  std::optional<RowEntries> copy_;
  std::vector<Index> copied_;       ///< increasing: the columns of the copy
  std::vector<std::size_t> place_;  ///< of columns_ in the copy
  std::vector<double> rest_;        ///< of columns_: what every row's entry is less than the copy's; 0 without a copy
};

}  // namespace riata
