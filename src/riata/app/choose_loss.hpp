#pragma once

#include <span>
#include <string>

#include "riata/app/spec.hpp"
#include "riata/data/dataset.hpp"

namespace riata {

/// The loss that is asked for or, by `auto`, the one that the target calls for, and the target as that loss takes it.
struct ChosenLoss {
  std::string name;
  Response response;  ///< logistic: codes 0 and 1 into two classes; the second is the one whose probability is modelled
};

/// auto: text, booleans and exactly two numbers are classes (two: logistic), other numbers are squared. Classes are in order
/// of their bytes, numbers by value. Rows of weight zero have no say in it.
/// Throws Error(input) for a target that the loss cannot take, Error(not_supported) for more than two classes.
ChosenLoss choose_loss(LossChoice choice, Response response, std::span<const double> weights, const std::string& source);

}  // namespace riata
