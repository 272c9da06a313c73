#include "riata/onnx/write_onnx.hpp"

#include "riata/core/error.hpp"
#include "riata/core/json_writer.hpp"
#include "riata/core/text.hpp"
#include "riata/onnx/coding_nodes.hpp"
#include "riata/onnx/graph.hpp"

namespace riata {
namespace {

using onnx_graph::Graph;
using onnx_graph::Value;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

template <class AnyModel>
void describe(Graph& graph, const AnyModel& model, double lambda) {
  graph.describe("riata", model.riata);
  graph.describe("target", model.target);
  graph.describe("objective", model.objective);
  graph.describe("lambda", to_text(lambda));
  if (model.classes.empty()) return;
  JsonWriter classes;
  classes.value(model.classes);
  graph.describe("classes", classes.text());
}

/// η plus the model's offset column, an input.
Value with_offset(Graph& graph, Value eta, const std::string& column, Precision precision) {
  if (column.empty()) return eta;
  return graph.node("Add", {eta, graph.number_input(column, 1, precision)});
}

/// Labels and probabilities from a score of each class, the larger the likelier.
void add_classes(Graph& graph, const Value& scores, const Value& probabilities, const std::vector<std::string>& classes,
                 Precision precision) {
  const Index k = std::ssize(classes);
  std::vector<std::string> labels = classes;
  labels.emplace_back();  // of a row that has none
  const Value sum = graph.node("ReduceSum", {scores, graph.integers({1})}, {{"keepdims", 0}});
  const Value likeliest = graph.node("ArgMax", {scores}, {{"axis", 1}, {"keepdims", 0}});
  const Value chosen = graph.node("Where", {graph.node("IsNaN", {sum}), graph.integers({k}), likeliest});
  graph.text_output(graph.node("Gather", {graph.texts(labels), chosen}), "label");
  graph.number_output(probabilities, "probabilities", k, precision);
}

/// What the mean of the response is, given n × outputs of linear predictors.
void add_head(Graph& graph, const Value& eta, NetworkLoss loss, const std::vector<std::string>& classes,
              Precision precision) {
  switch (loss) {
    case NetworkLoss::logistic: {
      const Value both = graph.node("Concat", {graph.node("Neg", {eta}), eta}, {{"axis", 1}});
      return add_classes(graph, both, graph.node("Sigmoid", {both}), classes, precision);
    }
    case NetworkLoss::multinomial:
      return add_classes(graph, eta, graph.node("Softmax", {eta}, {{"axis", 1}}), classes, precision);
    case NetworkLoss::poisson: return graph.number_output(graph.node("Exp", {eta}), "prediction", 1, precision);
    default: graph.number_output(eta, "prediction", 1, precision);
  }
}

Value activated(Graph& graph, const Value& z, Activation activation, Precision precision) {
  switch (activation) {
    case Activation::relu: return graph.node("Relu", {z});
    case Activation::tanh: return graph.node("Tanh", {z});
    case Activation::sigmoid: return graph.node("Sigmoid", {z});
    case Activation::gelu: {
      const auto scalar = [&](double one) { return graph.numbers({1}, {one}, precision); };
      // ONNX Runtime has no Erf in float64.
      const Value scaled = graph.node("Mul", {z, scalar(0.70710678118654752)});
      const Value erf = graph.cast(graph.node("Erf", {graph.cast(scaled, Precision::float32)}), precision);
      const Value twice = graph.node("Mul", {z, graph.node("Add", {erf, scalar(1)})});
      return graph.node("Mul", {twice, scalar(0.5)});
    }
    case Activation::identity: break;
  }
  return z;
}

/// From standardised inputs to what the last layer gives, and the skip past all layers.
Value add_layers(Graph& graph, const Value& inputs, const NetworkModel& model, Precision precision) {
  Value z = inputs;
  for (std::size_t k = 0; k + 1 < model.parameters.size(); k += 2) {
    const NetworkParameter &weight = model.parameters[k], &bias = model.parameters[k + 1];
    const Value w = graph.numbers(weight.shape, weight.values, precision);
    z = graph.node("Gemm", {z, w, graph.numbers(bias.shape, bias.values, precision)}, {{"transB", 1}});
    if (k < 2 * model.network.hidden.size()) z = activated(graph, z, model.network.activation, precision);
  }
  if (!model.network.skip) return z;
  const NetworkParameter& skip = model.parameters.back();
  const Value theta = graph.numbers(skip.shape, skip.values, precision);
  return graph.node("Gemm", {inputs, theta, z}, {{"transB", 1}});
}

}  // namespace

std::string write_onnx(const Model& model, Index point, Precision precision) {
  const ModelPoint& chosen = model.path[at(point)];
  if (!chosen.coefficients) {
    throw Error(ErrorKind::argument,
                "--lambda: the model keeps no coefficients for this λ, because its path is very large; take min or 1se");
  }
  Graph graph;
  describe(graph, model, chosen.lambda);
  const Value coded = onnx_graph::add_coding(graph, model.coding, precision);
  std::vector<double> beta(model.feature_names.size(), 0.0);
  for (std::size_t k = 0; k < chosen.coefficients->indices.size(); ++k) {
    beta[at(chosen.coefficients->indices[k])] = chosen.coefficients->values[k];
  }
  const Value weights = graph.numbers({std::ssize(beta), 1}, beta, precision);
  const Value eta = graph.node("Gemm", {coded, weights, graph.numbers({1}, {chosen.intercept}, precision)});
  const NetworkLoss loss = network_loss_by_name(model.loss);
  add_head(graph, with_offset(graph, eta, model.offset_column, precision), loss, model.classes, precision);
  return graph.bytes();
}

std::string write_onnx(const NetworkModel& model, Precision precision) {
  const bool narrow = precision == Precision::float32 || model.precision == Precision::float32;
  const Precision inside = narrow ? Precision::float32 : Precision::float64;
  const Index p = std::ssize(model.feature_names);
  Graph graph;
  describe(graph, model, model.lambda);
  const Value coded = onnx_graph::add_coding(graph, model.coding, precision);
  const Value centred = graph.node("Sub", {coded, graph.numbers({1, p}, model.centre, precision)});
  const Value scaled = graph.node("Div", {centred, graph.numbers({1, p}, model.scale, precision)});
  // A comparison in a layer may lose a NaN: 0 times the sum of the inputs brings it back.
  const Value sum = graph.node("ReduceSum", {scaled, graph.integers({1})}, {{"keepdims", 1}});
  const Value none = graph.node("Mul", {sum, graph.numbers({1}, {0.0}, precision)});
  const Value last = graph.cast(add_layers(graph, graph.cast(scaled, inside), model, inside), precision);
  const Value unit = graph.numbers({1}, {model.response_unit}, precision);
  const Value shift = graph.numbers({1}, {model.response_shift}, precision);
  const Value predicted = graph.node("Add", {graph.node("Mul", {last, unit}), shift});
  const Value eta = with_offset(graph, graph.node("Add", {predicted, none}), model.offset_column, precision);
  add_head(graph, eta, model.network.loss, model.classes, precision);
  return graph.bytes();
}

}  // namespace riata
