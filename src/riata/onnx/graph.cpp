#include "riata/onnx/graph.hpp"

#include <limits>

#include "riata/core/error.hpp"
#include "riata/core/version.hpp"

namespace riata::onnx_graph {
namespace {

constexpr Index kIrVersion = 7, kOperators = 13, kMlOperators = 2;
constexpr std::size_t kMostBytes = std::numeric_limits<int>::max();

onnx::TensorProto::DataType type_of(Precision precision) {
  return precision == Precision::float64 ? onnx::TensorProto::DOUBLE : onnx::TensorProto::FLOAT;
}

/// n rows, and `columns` columns unless that is 0.
void set_type(onnx::ValueInfoProto& value, const std::string& name, Index columns, onnx::TensorProto::DataType type) {
  value.set_name(name);
  onnx::TypeProto::Tensor& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  tensor.mutable_shape()->add_dim()->set_dim_param("n");
  if (columns > 0) tensor.mutable_shape()->add_dim()->set_dim_value(columns);
}

void set_attribute(onnx::NodeProto& node, const char* name, Index value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

}  // namespace

Graph::Graph() {
  model_.set_ir_version(kIrVersion);
  model_.set_producer_name("riata");
  model_.set_producer_version(std::string(version()));
  onnx::OperatorSetIdProto& operators = *model_.add_opset_import();
  operators.set_domain("");
  operators.set_version(kOperators);
  onnx::OperatorSetIdProto& further = *model_.add_opset_import();
  further.set_domain("ai.onnx.ml");
  further.set_version(kMlOperators);
  model_.mutable_graph()->set_name("riata");
}

std::string Graph::free_name(std::string name) {
  while (!names_.insert(name).second) name += '_';
  return name;
}

Value Graph::number_input(const std::string& name, Index columns, Precision precision) {
  Value value = free_name(name);
  set_type(*model_.mutable_graph()->add_input(), value, columns, type_of(precision));
  return value;
}

Value Graph::text_input(const std::string& name) {
  Value value = free_name(name);
  set_type(*model_.mutable_graph()->add_input(), value, 1, onnx::TensorProto::STRING);
  return value;
}

Value Graph::renamed(const Value& value, const std::string& name) {
  Value out = free_name(name);
  add_node("Identity", {value}, out);
  return out;
}

void Graph::number_output(const Value& value, const std::string& name, Index columns, Precision precision) {
  set_type(*model_.mutable_graph()->add_output(), renamed(value, name), columns, type_of(precision));
}

void Graph::text_output(const Value& value, const std::string& name) {
  set_type(*model_.mutable_graph()->add_output(), renamed(value, name), 0, onnx::TensorProto::STRING);
}

onnx::TensorProto& Graph::constant(const Shape& shape, onnx::TensorProto::DataType type) {
  onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
  tensor.set_name(free_name("constant:" + std::to_string(model_.graph().initializer_size())));
  tensor.set_data_type(type);
  for (const Index extent : shape) tensor.add_dims(extent);
  return tensor;
}

Value Graph::numbers(const Shape& shape, const std::vector<double>& values, Precision precision) {
  onnx::TensorProto& tensor = constant(shape, type_of(precision));
  if (precision == Precision::float64) {
    tensor.set_raw_data(values.data(), values.size() * sizeof(double));
  } else {
    const std::vector<float> narrow(values.begin(), values.end());
    tensor.set_raw_data(narrow.data(), narrow.size() * sizeof(float));
  }
  return tensor.name();
}

Value Graph::integers(const std::vector<Index>& values) {
  onnx::TensorProto& tensor = constant({std::ssize(values)}, onnx::TensorProto::INT64);
  for (const Index value : values) tensor.add_int64_data(value);
  return tensor.name();
}

Value Graph::texts(const std::vector<std::string>& values) {
  onnx::TensorProto& tensor = constant({std::ssize(values)}, onnx::TensorProto::STRING);
  for (const std::string& value : values) tensor.add_string_data(value);
  return tensor.name();
}

onnx::NodeProto& Graph::add_node(const std::string& op, const Values& in, Value out) {
  onnx::NodeProto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(op);
  node.set_name(out);
  for (const Value& value : in) node.add_input(value);
  node.add_output(std::move(out));
  return node;
}

Value Graph::node(const std::string& op, const Values& in, const Attributes& attributes) {
  onnx::NodeProto& added = add_node(op, in, free_name(op + ":" + std::to_string(model_.graph().node_size() + 1)));
  for (const auto& [name, value] : attributes) set_attribute(added, name, value);
  return added.output(0);
}

Value Graph::cast(const Value& value, Precision precision) { return node("Cast", {value}, {{"to", type_of(precision)}}); }

Value Graph::positions_of(const Value& texts, const std::vector<std::string>& keys, const std::vector<Index>& positions,
                          Index other) {
  Value out = node("LabelEncoder", {texts}, {{"default_int64", other}});
  onnx::NodeProto& encoder = *model_.mutable_graph()->mutable_node(model_.graph().node_size() - 1);
  encoder.set_domain("ai.onnx.ml");
  onnx::AttributeProto& names = *encoder.add_attribute();
  names.set_name("keys_strings");
  names.set_type(onnx::AttributeProto::STRINGS);
  for (const std::string& key : keys) names.add_strings(key);
  onnx::AttributeProto& values = *encoder.add_attribute();
  values.set_name("values_int64s");
  values.set_type(onnx::AttributeProto::INTS);
  for (const Index position : positions) values.add_ints(position);
  return out;
}

void Graph::describe(const std::string& key, const std::string& text) {
  onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
  entry.set_key(key);
  entry.set_value(text);
}

std::string Graph::bytes() {
  if (model_.ByteSizeLong() > kMostBytes) {
    throw Error(ErrorKind::not_supported, "the model is larger than an ONNX file may be, 2 GB");
  }
  return model_.SerializeAsString();
}

}  // namespace riata::onnx_graph
