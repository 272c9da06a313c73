#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/solver/problem.hpp"
#include "riata/solver/trajectory.hpp"

namespace riata {

/// η = intercept + Xβ + offset, β on the original scale.
struct LinearModel {
  SparseCoefficients coefficients;
  double intercept = 0;
};

/// Weighted second moments of the columns and of z = response − offset about a common shift: all that the squared loss asks
/// of tall data. With weights as given (not rescaled), so that moments of all rows less those of a fold are those of the
/// fold's training rows:
///
///   sum_j = Σ wᵢ(x_ij − shift_j),  xx = Σ wᵢ(xᵢ − shift)(xᵢ − shift)ᵀ,  xz = Σ wᵢ(xᵢ − shift)(zᵢ − z_shift),  …
///
/// The shift is near the means, so nothing cancels when a mean is far larger than its standard deviation.
struct CrossMoments {
  /// What moments are taken about; the same for all that are to be added or subtracted.
  struct Shift {
    std::vector<double> columns;  ///< p
    double response = 0;
  };

  std::shared_ptr<const Shift> shift;
  Index n_rows = 0;         ///< rows of positive weight
  double weight = 0;        ///< Σ w
  std::vector<double> sum;  ///< p
  std::vector<double> xx;   ///< p × p, column-major, symmetric
  std::vector<double> xz;   ///< p
  double z_sum = 0;
  double zz = 0;
  /// Columns known to hold one value on these rows, and that value: what subtraction leaves of their moments is rounding.
  std::vector<std::pair<Index, double>> constants;

  Index cols() const { return static_cast<Index>(sum.size()); }

  /// Takes away the moments of rows that `this` contains, or takes in those of others. Same shift required; forgets
  /// `constants`.
  void subtract(const CrossMoments& part);
  void add(const CrossMoments& part);

  /// Weighted means and variances (divisor Σw) of the columns.
  ColumnMoments column_moments() const;
  double response_mean() const { return shift->response + z_sum / weight; }

  /// Σ w (x_j − a_j)(x_k − a_k) for all j and Σ w (x_j − a_j)(z − e), about the weighted means where `centred`, else about
  /// zero.
  void xx_about(bool centred, Index k, std::span<double> out) const;
  double xz_about(bool centred, Index j) const;

  /// Σ wᵢ (yᵢ − ηᵢ)² of each model: one matrix product for all, with the columns that any of them uses.
  std::vector<double> sums_of_squares(std::span<const LinearModel> models) const;
};

/// The shift for a problem: about its weighted means.
std::shared_ptr<const CrossMoments::Shift> moments_shift(const Problem& problem, const Context& context);

/// Moments of the problem's rows with its weights; memory 8p² bytes, one blocked pass.
CrossMoments cross_moments(const Problem& problem, const std::shared_ptr<const CrossMoments::Shift>& shift,
                           const Context& context);

/// The same of several parts of the rows, in one pass. part_of: the part of each row, negative for none; empty: all rows are
/// part 0.
std::vector<CrossMoments> cross_moments(const Problem& problem, std::span<const Index> part_of, Index n_parts,
                                        const std::shared_ptr<const CrossMoments::Shift>& shift, const Context& context);

/// Whether Gram-based solving pays and fits the memory budget: n ≥ p, p ≤ 8000, `copies` Gram matrices.
bool moments_pay(const Problem& problem, Index copies, const Context& context);

/// Whether they pay for a path of n_lambdas: on tall data one pass for the Gram matrix replaces two or more per λ.
bool moments_pay_for_path(const Problem& problem, Index n_lambdas, Index copies, const Context& context);

/// Whether a path by itself is solved on moments. Small data keep their residuals: passes are cheap, and the last digits of
/// a nearly perfect fit are in them.
bool path_takes_moments(const Problem& problem, Index n_lambdas, const Context& context);

}  // namespace riata
