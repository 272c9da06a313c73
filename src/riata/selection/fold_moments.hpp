#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "riata/data/folds.hpp"
#include "riata/solver/cross_moments.hpp"

namespace riata {

/// Moments of every fold's rows about one shift, so that those of its training rows are total − fold: a cross-validation
/// looks at the data no more often than one path does.
class FoldMoments {
 public:
  FoldMoments(const Problem& problem, const Folds& folds, const Context& context);

  /// Of the rows that are trained on without `fold`, and without `other` (not in time order; −1: none). A column that does
  /// not vary there (a rare level, say) is among `constants`. Empty where the difference has lost the digits of one that
  /// hardly varies: such a fold must look at its rows.
  std::optional<CrossMoments> training(Index fold, Index other = -1) const;
  /// Of the rows of these folds together; what training() says of digits and constant columns holds here too.
  std::optional<CrossMoments> together(std::span<const Index> folds) const;
  /// Of all rows: what a path on them asks for (PathOptions::moments).
  const CrossMoments& total() const { return total_; }
  const CrossMoments& validation(Index fold) const { return parts_[static_cast<std::size_t>(fold)]; }

 private:
  bool has_digits(CrossMoments& moments, const std::function<bool(Index)>& taken) const;

  bool in_time_;
  DesignPtr design_;
  std::vector<Index> fold_of_;       ///< of each row; kNotCounted for one of weight zero
  std::vector<CrossMoments> parts_;  ///< folds 0 … K − 1, then the rows that are only trained on
  CrossMoments total_;
};

/// Null where looking at the rows costs less, or a Gram matrix a fold does not fit into memory.
std::shared_ptr<const FoldMoments> fold_moments_if_they_pay(const Problem& problem, Index n_lambdas, const Folds& folds,
                                                            const Context& context);

}  // namespace riata
