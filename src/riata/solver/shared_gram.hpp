#pragma once

#include <memory>
#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/fitted_problem.hpp"

namespace riata {

/// Gram entries of several problems on one matrix which differ in the rows that count (the folds of a cross-validation):
/// columns are multiplied once for all rows, and what a problem leaves out is subtracted,
///
///   G = (Σ_all v(x − m)(x − m)ᵀ − Σ_out v(x − m)(x − m)ᵀ)/V − (c − m)(c − m)ᵀ, scaled by 1/(sᵢsⱼ),
///
/// v all rows' weights, V the sum of those that count, m a common shift near every mean, c the problem's centres. Columns
/// that have not been prepared, or of which the difference would lose too many digits, come from the problem's own design.
class SharedGram {
 public:
  /// One problem's view. Views may be asked by several threads at once, not during prepare().
  class View;

  /// `weights`: v of all rows. `shift`: p entries, or empty for none.
  SharedGram(const Design& design, std::vector<double> weights, std::vector<double> shift, const Context& context);
  ~SharedGram();

  /// `fitted` must count each row with its weight among `weights`, up to a common factor, or not at all.
  GramSource& add(const FittedProblem& fitted, const Context& context);

  /// Multiplies these columns with each other and all prepared before.
  void prepare(std::span<const Index> columns);

 private:
  double entry(Index a, Index b) const {
    return a >= b ? total_[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)]
                  : total_[static_cast<std::size_t>(b)][static_cast<std::size_t>(a)];
  }

  const Design& design_;
  const Context& context_;
  std::vector<double> weights_, shift_;
  std::vector<Index> slot_;  ///< p: place in prepared_, or −1
  std::vector<Index> prepared_;
  std::vector<std::vector<double>> total_;  ///< total_[a][b], b ≤ a
  std::vector<std::unique_ptr<View>> views_;
};

}  // namespace riata
