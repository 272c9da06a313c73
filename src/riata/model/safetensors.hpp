#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// A named array of a safetensors file, row-major, as little-endian bytes.
struct Tensor {
  enum class Type { float32, float64, int64 };

  std::string name;
  Type type = Type::float64;
  std::vector<Index> shape;
  std::string bytes;

  Index size() const;  ///< elements: the product of the shape
  /// Values widened to double. Throws Error(input) for int64, or a value that is not finite.
  std::vector<double> numbers(const std::string& source) const;
  std::vector<Index> integers(const std::string& source) const;
};

Tensor make_tensor(std::string name, std::vector<Index> shape, const std::vector<double>& values,
                   Tensor::Type type = Tensor::Type::float64);
Tensor make_integer_tensor(std::string name, std::vector<Index> shape, const std::vector<Index>& values);

/// A safetensors file (https://github.com/huggingface/safetensors, format 0.x): eight bytes with the length of the header,
/// little-endian; the header, JSON: for each tensor dtype, shape and the place of its bytes, and texts under
/// `__metadata__`; the bytes of all tensors without gaps.
struct Safetensors {
  std::vector<std::pair<std::string, std::string>> metadata;  ///< without the checksum
  std::vector<Tensor> tensors;
  bool checked = false;  ///< reading: the file carried a checksum, and it was right

  const Tensor* find(std::string_view name) const;
  const std::string* text(std::string_view key) const;  ///< of the metadata
};

/// The bytes of the file. The first entry of its metadata is our checksum: XXH3-64 of the bytes with its digits set to 0.
std::string write_safetensors(const Safetensors& file);

/// What the bytes hold: F32, F64 and I64 tensors; other types are refused by name. Any bytes give a value or an Error(input)
/// that names `source`: lengths, shapes and places are checked before anything is allocated, places must follow each other
/// without gaps or overlaps up to the end, names occur once, the JSON is flat. A checksum of ours must be right.
Safetensors read_safetensors(std::string_view bytes, const std::string& source);

/// Looks at the first bytes alone: could this be a safetensors file?
bool looks_like_safetensors(std::string_view bytes);

}  // namespace riata
