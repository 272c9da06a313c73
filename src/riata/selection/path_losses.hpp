#pragma once

#include <vector>

#include "riata/path/path.hpp"
#include "riata/selection/fold_loss.hpp"
#include "riata/solver/cross_moments.hpp"

namespace riata {

/// The measure of every model of a path on the rows of a fold: of the squared error by the moments of those rows, all models
/// in one product, where these have the digits; else row by row.
class PathLosses {
 public:
  /// moments: of the rows that are judged, or null. All of it must outlive this.
  PathLosses(const Problem& problem, const FoldLoss& rows, const CrossMoments* moments)
      : problem_(problem), rows_(rows), moments_(moments != nullptr && moments->weight > 0 ? moments : nullptr) {}

  /// The next point of the path.
  void take(const PathPoint& point, const LinearPredictor& eta);

  /// One for each point.
  std::vector<double> losses(const Context& context);

 private:
  std::vector<double> predictions(const LinearModel& model, const Context& context) const;

  const Problem& problem_;
  const FoldLoss& rows_;
  const CrossMoments* moments_;
  std::vector<LinearModel> models_;
  std::vector<std::size_t> places_;  ///< of their losses
  std::vector<double> losses_;
};

/// Whether the point has coefficients (PathOptions::predictions_only).
bool formed(const PathPoint& point);

}  // namespace riata
