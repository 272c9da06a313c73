#pragma once

#include <string_view>

#include "riata/data/dataset.hpp"

namespace riata::model_file {

/// How a model file begins: {"kind":"riata model","format":1,"riata":"0.1.0","checksum":"xxh3:0123456789abcdef", …
constexpr std::string_view kMagic = "{\"kind\":\"riata model\",\"format\":";
constexpr std::string_view kChecksumKey = ",\"checksum\":\"xxh3:";
constexpr std::size_t kChecksumDigits = 16;

constexpr std::string_view name_of(MissingPolicy policy) {
  switch (policy) {
    case MissingPolicy::error: return "error";
    case MissingPolicy::drop: return "drop";
    case MissingPolicy::mean: return "mean";
    case MissingPolicy::indicator: return "indicator";
  }
  return "error";
}

}  // namespace riata::model_file
