#pragma once

#include "riata/data/dataset.hpp"
#include "riata/onnx/graph.hpp"

namespace riata::onnx_graph {

/// The inputs of a coding and the nodes that code them: n × (number of coded columns). The metadata `columns` lists what X
/// holds. NaN stands for what cannot be coded.
Value add_coding(Graph& graph, const Coding& coding, Precision precision);

}  // namespace riata::onnx_graph
