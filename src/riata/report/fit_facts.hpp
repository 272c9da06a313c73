#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/model/model.hpp"
#include "riata/path/path.hpp"

namespace riata {

struct Seconds {
  double read = 0, fit = 0, cross_validation = 0;
};

/// Everything that is to be told about one fit, as plain data.
struct FitFacts {
  Model model;
  std::optional<Trajectory> trajectory;  ///< gradient descent
  bool penalty_chosen = true;            ///< false: nobody chose one, the default was taken
  double tolerance = 1e-6;
  Seconds seconds;
};

/// The contracted JSON object, one line, with a final newline.
std::string fit_json(const FitFacts& facts);

/// The same object, with what a model file alone knows (no timings), for the λ at `index` of the path.
std::string inspect_json(const Model& model, std::optional<Index> index);

/// How text is laid out.
struct TextStyle {
  Index width = 80;
  bool colour = false;
};

std::string fit_text(const FitFacts& facts, const TextStyle& style);

/// The model card.
std::string inspect_text(const Model& model, std::optional<Index> index, const TextStyle& style);

}  // namespace riata
