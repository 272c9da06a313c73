#include <cmath>

#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr double kRounding = 1e-4;  // a λ copied from the text report has four digits

std::string path_words(const Model& model) {
  if (model.path.size() == 1) return "the model has λ = " + to_text(model.path[0].lambda) + " alone";
  return "the model has " + std::to_string(model.path.size()) + " values from " + to_text(model.path.front().lambda) +
         " to " + to_text(model.path.back().lambda) + " (riata inspect MODEL --format json lists them)";
}

Index nearest(const Model& model, double lambda) {
  Index best = 0;
  for (Index k = 1; k < std::ssize(model.path); ++k) {
    const double here = std::abs(model.path[static_cast<std::size_t>(k)].lambda - lambda);
    if (here < std::abs(model.path[static_cast<std::size_t>(best)].lambda - lambda)) best = k;
  }
  const double found = model.path[static_cast<std::size_t>(best)].lambda;
  if (!(std::abs(found - lambda) <= kRounding * std::abs(found))) {
    throw Error(ErrorKind::argument, "--lambda: the path has no " + to_text(lambda) + "; the nearest is " + to_text(found) +
                                         "; " + path_words(model));
  }
  return best;
}

}  // namespace

Index choose_lambda(const Model& model, const LambdaChoice& choice) {
  const auto validation = [&]() -> const ModelCrossValidation& {
    if (model.cross_validation) return *model.cross_validation;
    throw Error(ErrorKind::argument,
                "--lambda: the model was fitted without cross-validation, so it has no min or 1se; " + path_words(model));
  };
  switch (choice.rule) {
    case LambdaChoice::Rule::min: return validation().index_min;
    case LambdaChoice::Rule::one_standard_error: return validation().index_1se;
    case LambdaChoice::Rule::value: return nearest(model, choice.value);
    case LambdaChoice::Rule::selected: break;
  }
  if (model.selected) return model.selected->index;
  throw Error(ErrorKind::argument,
              "the fit was interrupted before a λ was chosen; name one with --lambda: " + path_words(model));
}

std::optional<Index> inspect_lambda(const Model& model, const LambdaChoice& choice) {
  if (choice.rule == LambdaChoice::Rule::selected && !model.selected) return std::nullopt;
  return choose_lambda(model, choice);
}

}  // namespace riata
