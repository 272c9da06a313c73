#include "riata/onnx/coding_nodes.hpp"

#include <algorithm>
#include <limits>

#include "riata/core/json_writer.hpp"
#include "riata/data/missing.hpp"

namespace riata::onnx_graph {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

using Kind = FeatureCoding::Kind;

/// n × k: NaN replaced by what stands in for it, where something does.
Value filled(Graph& graph, const Value& x, const Value& missing, const std::vector<double>& fill, Precision precision) {
  if (std::ranges::all_of(fill, [](double one) { return one != one; })) return x;
  return graph.node("Where", {missing, graph.numbers({1, std::ssize(fill)}, fill, precision), x});
}

/// The 0/1 columns of a categorical feature: each row is looked up in a table with a row for every level, one for missing
/// where the model has a column for that, and one of NaN for all else.
Value level_columns(Graph& graph, const Value& texts, const FeatureCoding& feature, Precision precision) {
  const Index first = feature.reference_level ? 1 : 0, n_levels = std::ssize(feature.levels);
  const Index width = n_levels - first + (feature.missing_level ? 1 : 0),
              n_known = n_levels + (feature.missing_level ? 1 : 0);
  std::vector<std::string> keys = feature.levels;
  std::vector<Index> positions;
  for (Index k = 0; k < n_levels; ++k) positions.push_back(k);
  for (const std::string_view token : kMissingTokens) {
    if (!feature.missing_level || std::ranges::find(keys, token) != keys.end()) continue;
    keys.emplace_back(token);
    positions.push_back(n_levels);
  }
  std::vector<double> table(static_cast<std::size_t>((n_known + 1) * width), 0.0);
  for (Index k = first; k < n_known; ++k) table[static_cast<std::size_t>(k * width + k - first)] = 1;
  std::fill(table.end() - width, table.end(), kNone);
  const Value flat = graph.node("Reshape", {texts, graph.integers({-1})});
  return graph.node(
      "Gather", {graph.numbers({n_known + 1, width}, table, precision), graph.positions_of(flat, keys, positions, n_known)});
}

}  // namespace

Value add_coding(Graph& graph, const Coding& coding, Precision precision) {
  std::vector<std::string> names;
  std::vector<double> fill;
  std::vector<Value> texts;
  for (const FeatureCoding& feature : coding.features) {
    if (feature.kind == Kind::categorical) {
      texts.push_back(graph.text_input(feature.name));
    } else {
      names.push_back(feature.name);
      fill.push_back(feature.fill.value_or(kNone));
    }
  }
  JsonWriter columns;
  columns.value(names);
  graph.describe("columns", columns.text());

  Values parts;
  Value missing;
  if (!names.empty()) {
    const Value x = graph.number_input("X", std::ssize(names), precision);
    missing = graph.node("IsNaN", {x});
    parts.push_back(filled(graph, x, missing, fill, precision));
  }
  Index numeric = 0;
  std::size_t categorical = 0;
  for (const FeatureCoding& feature : coding.features) {
    const bool text = feature.kind == Kind::categorical;
    if (text) parts.push_back(level_columns(graph, texts[categorical++], feature, precision));
    if (!text && feature.indicator) {
      const Value column = graph.node("Gather", {missing, graph.integers({numeric})}, {{"axis", 1}});
      parts.push_back(graph.cast(column, precision));
    }
    numeric += text ? 0 : 1;
  }
  return parts.size() == 1 ? parts[0] : graph.node("Concat", parts, {{"axis", 1}});
}

}  // namespace riata::onnx_graph
