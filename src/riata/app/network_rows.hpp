#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "riata/app/spec.hpp"
#include "riata/network/spec.hpp"

namespace riata {

/// What a network says of rows. `eta`: n × outputs linear predictors, column by column; one output for two classes.
struct NetworkRows {
  NetworkLoss loss = NetworkLoss::squared;
  Index outputs = 1;
  std::vector<double> eta;
  double unit = 1;  ///< huber: where the loss turns from quadratic to linear

  Index size() const { return static_cast<Index>(eta.size()) / outputs; }
  bool has_classes() const { return loss == NetworkLoss::logistic || loss == NetworkLoss::multinomial; }
};

/// n × outputs: the mean of the response, or the probability of each class; for two classes that of the second.
std::vector<double> means_of(const NetworkRows& rows);

/// The likeliest class of every row; of equals the first.
std::vector<Index> likeliest(const NetworkRows& rows);

/// Twice the loss of each row less its least: the squared error, −2 log of the probability of the true class, …
/// y: numbers, or codes of the classes.
std::vector<double> deviances(const NetworkRows& rows, std::span<const double> y);

/// The measure that a λ is chosen by, over rows with these weights (empty: ones). NaN for the area under the curve of rows
/// of one class.
double measure_of(const NetworkRows& rows, std::span<const double> y, std::span<const double> weights,
                  MeasureChoice measure);

/// The contracted name; the deviance of a squared loss is the mse. Throws Error(argument) for a measure that the loss does
/// not have.
std::string_view measure_name(NetworkLoss loss, MeasureChoice measure);

}  // namespace riata
