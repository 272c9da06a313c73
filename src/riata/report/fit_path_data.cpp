#include "riata/report/fit_path_data.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr Index kMostPoints = 200;
constexpr std::size_t kMostFeatures = 300;
constexpr int kColours = 7;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

struct Size {
  Index feature;
  double chosen, largest;  ///< effect per standard deviation at the chosen λ, and the largest on the path
};

std::vector<Index> thinned(const Model& model) {
  const Index n = std::ssize(model.path);
  std::set<Index> out;
  const Index most = std::min(n, kMostPoints);
  for (Index i = 0; i < most; ++i) out.insert(most == 1 ? 0 : i * (n - 1) / (most - 1));
  if (model.selected) out.insert(model.selected->index);
  if (model.cross_validation) out.insert({model.cross_validation->index_min, model.cross_validation->index_1se});
  return {out.begin(), out.end()};
}

std::vector<Size> sizes(const Model& model, const std::vector<Index>& points) {
  std::vector<Size> all;
  for (Index j = 0; j < std::ssize(model.feature_names); ++j) all.push_back({j, 0, 0});
  for (Index k : points) {
    const auto& coefficients = model.path[at(k)].coefficients;
    if (!coefficients) continue;
    for (std::size_t i = 0; i < coefficients->indices.size(); ++i) {
      const Index j = coefficients->indices[i];
      Size& one = all[at(j)];
      const double effect = std::abs(coefficients->values[i] * model.standard_deviation[at(j)]);
      one.largest = std::max(one.largest, effect);
      if (model.selected && k == model.selected->index) one.chosen = effect;
    }
  }
  std::erase_if(all, [](const Size& one) { return one.largest == 0; });
  std::ranges::stable_sort(
      all, [](const Size& a, const Size& b) { return a.chosen != b.chosen ? a.chosen > b.chosen : a.largest > b.largest; });
  return all;
}

nlohmann::ordered_json marks(const Model& model, const DrawnPath& drawn) {
  auto out = nlohmann::ordered_json::array();
  if (!model.cross_validation) return out;
  out.push_back({{"name", "min"}, {"position", *drawn.position(model.cross_validation->index_min)}});
  out.push_back({{"name", "1se"}, {"position", *drawn.position(model.cross_validation->index_1se)}});
  return out;
}

}  // namespace

std::optional<Index> DrawnPath::position(Index point) const {
  const auto found = std::ranges::lower_bound(points, point);
  if (found == points.end() || *found != point) return std::nullopt;
  return found - points.begin();
}

DrawnPath drawn_path(const Model& model) {
  DrawnPath out;
  out.points = thinned(model);
  out.has_coefficients =
      std::ranges::all_of(out.points, [&](Index k) { return model.path[at(k)].coefficients.has_value(); });
  std::vector<Size> all = sizes(model, out.points);
  out.n_ever_nonzero = std::ssize(all);
  if (all.size() > kMostFeatures) all.resize(kMostFeatures);
  for (std::size_t i = all.size(); i-- > 0;) {
    out.features.push_back(all[i].feature);
    out.colours.push_back(i < at(kColours) ? static_cast<int>(i) + 1 : kColours + 1);
  }
  return out;
}

nlohmann::ordered_json path_data(const Model& model, const DrawnPath& drawn) {
  nlohmann::ordered_json out;
  for (const char* key : {"features", "standard_deviation", "colour", "order", "coefficients", "lambda", "n_nonzero"}) {
    out[key] = nlohmann::ordered_json::array();
  }
  const std::size_t n_points = drawn.points.size();
  std::vector<Index> place(model.feature_names.size(), -1);
  for (std::size_t f = 0; f < drawn.features.size(); ++f) {
    const Index j = drawn.features[f];
    place[at(j)] = static_cast<Index>(f);
    out["features"].push_back(printable(model.feature_names[at(j)]));
    out["standard_deviation"].push_back(model.standard_deviation[at(j)]);
    out["colour"].push_back(drawn.colours[f]);
    out["order"].push_back(j);
    out["coefficients"].push_back(std::vector<nlohmann::ordered_json>(n_points, 0));
  }
  for (std::size_t i = 0; i < n_points; ++i) {
    const ModelPoint& point = model.path[at(drawn.points[i])];
    out["lambda"].push_back(point.lambda);
    out["n_nonzero"].push_back(point.n_nonzero);
    for (std::size_t c = 0; point.coefficients && c < point.coefficients->indices.size(); ++c) {
      const Index f = place[at(point.coefficients->indices[c])];
      if (f >= 0) out["coefficients"][at(f)][i] = point.coefficients->values[c];
    }
  }
  out["marks"] = marks(model, drawn);
  if (model.cross_validation) {
    const ModelCrossValidation& cv = *model.cross_validation;
    out["measure"] = cv.measure;
    for (Index k : drawn.points) {
      out["mean"].push_back(cv.mean[at(k)]);
      out["standard_error"].push_back(cv.standard_error[at(k)]);
    }
  }
  return out;
}

}  // namespace riata
