#include <algorithm>
#include <unordered_set>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/dataset.hpp"

namespace riata {

std::vector<std::string> Coding::column_names() const {
  std::vector<std::string> names;
  for (const FeatureCoding& feature : features) {
    if (feature.kind == FeatureCoding::Kind::numeric) names.push_back(feature.name);
  }
  for (const FeatureCoding& feature : features) {
    for (std::size_t k = feature.reference_level ? 1 : 0; k < feature.levels.size(); ++k) {
      names.push_back(feature.name + "=" + feature.levels[k]);
    }
    if (feature.missing_level || feature.indicator) names.push_back(feature.name + "=missing");
  }
  return names;
}

std::vector<Index> Coding::column_features() const {
  std::vector<Index> owners;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (features[f].kind == FeatureCoding::Kind::numeric) owners.push_back(static_cast<Index>(f));
  }
  for (std::size_t f = 0; f < features.size(); ++f) {
    const FeatureCoding& feature = features[f];
    const std::size_t first = feature.reference_level ? 1 : 0;
    const std::size_t levels = feature.levels.size() > first ? feature.levels.size() - first : 0;
    const std::size_t own = feature.missing_level || feature.indicator ? 1 : 0;
    owners.insert(owners.end(), levels + own, static_cast<Index>(f));
  }
  return owners;
}

Response as_classes(const Response& response, Index most) {
  if (!response.classes.empty()) return response;
  std::vector<double> distinct;
  for (double value : response.values) {
    const auto at = std::lower_bound(distinct.begin(), distinct.end(), value);
    if (at != distinct.end() && *at == value) continue;
    if (static_cast<Index>(distinct.size()) == most) {
      throw Error(ErrorKind::input, "the target \"" + printable(response.name) + "\" has more than " + std::to_string(most) +
                                        " distinct values; classes are needed here");
    }
    distinct.insert(at, value);
  }
  Response out{response.name, {}, {}, true};
  for (double value : distinct) out.classes.push_back(to_text(value + 0.0));
  for (double value : response.values) {
    out.values.push_back(static_cast<double>(std::lower_bound(distinct.begin(), distinct.end(), value) - distinct.begin()));
  }
  return out;
}

}  // namespace riata
