#pragma once

#include <memory>
#include <span>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// The span of some columns of Z (and of a column of ones) by an orthogonal factorisation of the data themselves: it tells
/// columns apart that a Gram, which squares what they differ by, takes for the same. Norms are Σ hᵢ vᵢ² with weights h ≥ 0.
class ColumnSpan {
 public:
  /// Copies the columns. Nothing where the copy is more than this run may hold, and where the run is interrupted.
  static std::shared_ptr<const ColumnSpan> of(const FittedProblem& fitted, std::span<const Index> columns,
                                              std::span<const double> row_weights, bool ones, const Context& context);

  /// v becomes its part in the span (0 in rows of weight zero); returns that part's square.
  double project(std::span<double> v) const;

  /// Those of the given columns (increasing) that span what all of them do, and of which none depends on the others.
  std::vector<Index> independent() const;

 private:
  ColumnSpan(const FittedProblem& fitted, std::span<const Index> columns, std::span<const double> row_weights, bool ones);
  bool factor(const Context& context);

  std::vector<Index> columns_;
  std::vector<Index> rows_;   ///< of positive weight
  std::vector<double> root_;  ///< √h of those
  Index cols_ = 0;
  std::vector<double> qr_, tau_;  ///< of √h [1, Z], its columns scaled to unit norm
  std::vector<Index> pivots_;
  Index rank_ = 0;
};

}  // namespace riata
