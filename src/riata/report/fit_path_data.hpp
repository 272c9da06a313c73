#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "riata/model/model.hpp"

namespace riata {

/// What of a path is drawn: so many λ and features as a page can carry, chosen by size.
struct DrawnPath {
  std::vector<Index> points;      ///< positions in the model's path, increasing; the chosen ones are always among them
  std::vector<Index> features;    ///< largest effect last, so that it is drawn on top
  std::vector<int> colours;       ///< of each feature: 1 … 7 for the largest at the chosen λ, 8 for the rest
  Index n_ever_nonzero = 0;       ///< features that are non-zero somewhere on the path
  bool has_coefficients = false;  ///< all points have theirs

  /// Where a point of the path is among `points`.
  std::optional<Index> position(Index point) const;
};

DrawnPath drawn_path(const Model& model);

/// What page.js walks along: λ, coefficients and errors of the drawn points.
nlohmann::ordered_json path_data(const Model& model, const DrawnPath& drawn);

}  // namespace riata
