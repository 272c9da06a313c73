#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// Reads values out of JSON that nobody vouches for: the kind, the range and the length of each are checked, and an error
/// says where in the document it is ("model.json: at path[3].values: …"). All errors are Error(input).
class JsonReader {
 public:
  using Json = nlohmann::ordered_json;

  JsonReader(const Json& value, std::string source, std::string place = "")
      : value_(value), source_(std::move(source)), place_(std::move(place)) {}

  JsonReader member(std::string_view key) const;
  bool has(std::string_view key) const;
  JsonReader element(std::size_t i) const;
  std::size_t size() const;  ///< of an array
  bool is_null() const { return value_.is_null(); }

  std::string text() const;
  bool boolean() const;
  double finite() const;
  double finite_or_nan() const;              ///< null reads as NaN
  Index index(Index low, Index high) const;  ///< a whole number, low ≤ it ≤ high
  std::vector<std::string> texts() const;
  std::vector<double> finite_numbers() const;
  std::vector<double> numbers_or_nan() const;

  [[noreturn]] void fail(const std::string& message) const;

 private:
  const Json& array() const;
  std::vector<double> numbers(bool null_is_nan) const;

  const Json& value_;
  std::string source_;
  std::string place_;
};

}  // namespace riata
