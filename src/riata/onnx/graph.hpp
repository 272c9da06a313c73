#pragma once

#include <onnx/onnx_pb.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/model/network_model.hpp"

namespace riata::onnx_graph {

/// A value of the graph, by its name.
using Value = std::string;
using Shape = std::vector<Index>;
using Values = std::vector<Value>;
using Attributes = std::vector<std::pair<const char*, Index>>;

/// Grows an ONNX graph, node by node.
class Graph {
 public:
  Graph();

  /// A name that nothing else has: this one, with as many "_" behind it as that takes.
  std::string free_name(std::string name);

  Value number_input(const std::string& name, Index columns, Precision precision);
  Value text_input(const std::string& name);
  /// A node's value as an output under a name of its own; n × columns, or n where columns is 0.
  void number_output(const Value& value, const std::string& name, Index columns, Precision precision);
  void text_output(const Value& value, const std::string& name);

  /// Constants, row by row.
  Value numbers(const Shape& shape, const std::vector<double>& values, Precision precision);
  Value integers(const std::vector<Index>& values);
  Value texts(const std::vector<std::string>& values);

  Value node(const std::string& op, const Values& in, const Attributes& attributes = {});
  Value cast(const Value& value, Precision precision);
  /// Position of each text among `keys`, `other` for one that is not there.
  Value positions_of(const Value& texts, const std::vector<std::string>& keys, const std::vector<Index>& positions,
                     Index other);

  void describe(const std::string& key, const std::string& text);
  /// Throws Error(not_supported) beyond what protobuf holds.
  std::string bytes();

 private:
  onnx::NodeProto& add_node(const std::string& op, const Values& in, Value out);
  onnx::TensorProto& constant(const Shape& shape, onnx::TensorProto::DataType type);
  Value renamed(const Value& value, const std::string& name);

  onnx::ModelProto model_;
  std::set<std::string> names_;
};

}  // namespace riata::onnx_graph
