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

/// What the chosen model says of rows: of those it was fitted on, each as predicted by the model of the folds it was not in,
/// or of rows that were held out.
struct RowFacts {
  enum class Origin { fitted, out_of_fold, held_out };
  Origin origin = Origin::fitted;
  std::vector<double> observed, predicted, weights;
};

/// Everything that is to be told about one fit, as plain data.
struct FitFacts {
  Model model;
  std::optional<Trajectory> trajectory;  ///< gradient descent
  /// For a page of gradient descent: the walk at the same λ under the other of l1 and l2.
  std::optional<Trajectory> other_trajectory;
  std::optional<RowFacts> rows;  ///< where a page is wanted
  bool penalty_chosen = true;    ///< false: nobody chose one, the default was taken
  double tolerance = 1e-6;
  Seconds seconds;
};

/// The contracted JSON object, one line, with a final newline.
std::string fit_json(const FitFacts& facts);

/// The page: one file that needs nothing but itself (report/page.hpp).
std::string fit_html(const FitFacts& facts);

/// The page from what a model file holds: no rows, no timings.
std::string model_html(const Model& model);

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
