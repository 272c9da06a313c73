#pragma once

#include <string>

#include "riata/app/spec.hpp"
#include "riata/model/network_model.hpp"

namespace riata {

/// `riata export`: a model as ONNX.
struct ExportSpec : RunSpec {
  LambdaChoice lambda;
  Precision precision = Precision::float64;
  std::string output;  ///< "-": the standard output
};

}  // namespace riata
