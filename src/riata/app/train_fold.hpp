#pragma once

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "riata/app/grid_parts.hpp"
#include "riata/app/train_data.hpp"

namespace riata {

inline constexpr Index kSideBySide = 8;  ///< at most so many networks of a grid are trained together

/// Rows to train on and rows to judge on, of one fold.
struct FoldRows {
  RawRows training, judged;
  double weight = 0;  ///< of the judged rows
};

/// What is kept of a trained network of a grid.
struct NetworkOutcome {
  double measured = std::numeric_limits<double>::quiet_NaN();  ///< also of one that diverged
  double zeros = 0, nonzero = 0;                               ///< weights that are exactly zero, and the others
  double used = 0;                                             ///< inputs whose first weights are not all zero
};

/// A grid of networks: decreasing λ, each trained from every start.
template <class T>
struct NetworkGrid {
  const TrainSpec& spec;
  const TrainProblem& problem;
  const std::vector<double>& lambdas;
  std::function<Network<T>(Index)> start;  ///< by number, from any thread
  GridParts<T>& parts;

  Index n_networks() const { return static_cast<Index>(lambdas.size()) * spec.seeds; }
  /// A fold's networks are finished, and kept, some at a time: those that are trained side by side, or those of one start,
  /// each trained from the one before.
  Index parts_per_fold() const;
  /// The part that a walk to the chosen λ is, after those of all folds: which λ was the last, and its parameters.
  Index last_part(Index n_folds) const { return n_folds * parts_per_fold(); }
  /// Whether judging walks the very path that leads to the chosen λ.
  bool walks_once() const { return spec.warms() && !spec.has_folds() && spec.seeds == 1; }
};

/// Networks for decreasing λ, one after the other from the last: each starts from the one before it, dense to sparse (from a
/// sparse network no weight may find back). One that diverges passes nothing on. `from` is where the first starts, and
/// becomes where the next would; `each` is told of those that were not interrupted.
template <class T>
void train_warm(Network<T>& from, const TrainData<T>& data, std::span<const TrainOptions> options, const Context& context,
                const std::function<void(Index, const TrainResult<T>&)>& each);

/// How many networks of a fold an earlier run finished. Throws Error(input) for parts of another grid.
template <class T>
Index kept_networks(const NetworkGrid<T>& grid, Index fold);

/// Every λ on one fold, averaged over the starts; what an earlier run finished is not trained again. Rows are standardised
/// by the fold's own training rows. Empty where it was interrupted. `finished` hears of networks, from any thread.
template <class T>
std::vector<NetworkOutcome> train_fold(const NetworkGrid<T>& grid, const FoldRows& rows, Index fold,
                                       const std::function<void(Index)>& finished, const Context& context);

}  // namespace riata
