#pragma once

#include <string>

#include "riata/model/model.hpp"
#include "riata/model/network_model.hpp"

namespace riata {

/// The bytes of an ONNX model (operator set 13, ai.onnx.ml 2) that does what `predict` does with one λ of a model, coding
/// and scaling included. n rows at a time:
///
///   in   X             n × k numbers: the numeric columns, in the order that the metadata `columns` lists
///        <name>        n × 1 texts: each categorical column; n × 1 numbers: the offset, where the model has one
///   out  prediction    n × 1, the mean of the response; for classes instead
///        label         n texts, the likeliest class, and
///        probabilities n × K, in the order of the metadata `classes`
///
/// Missing is NaN, or a text of kMissingTokens. What `predict` would refuse (a missing value that the model has nothing for,
/// a level that it has not seen) gives NaN, and the label "".
///
/// Numbers are float64 outside of a network's layers, which have the network's own precision; with Precision::float32 all
/// are float32. Throws Error(not_supported) for a model of more than 2 GB, protobuf's bound.
std::string write_onnx(const Model& model, Index point, Precision precision);
std::string write_onnx(const NetworkModel& model, Precision precision);

}  // namespace riata
