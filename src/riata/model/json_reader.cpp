#include "riata/model/json_reader.hpp"

#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {

void JsonReader::fail(const std::string& message) const {
  throw Error(ErrorKind::input, (place_.empty() ? "" : "at " + printable(place_) + ": ") + message, source_);
}

JsonReader JsonReader::member(std::string_view key) const {
  if (!value_.is_object()) fail("an object was expected");
  const auto found = value_.find(std::string(key));
  if (found == value_.end()) fail("\"" + std::string(key) + "\" is missing");
  return {*found, source_, place_.empty() ? std::string(key) : place_ + "." + std::string(key)};
}

bool JsonReader::has(std::string_view key) const { return value_.is_object() && value_.contains(std::string(key)); }

const JsonReader::Json& JsonReader::array() const {
  if (!value_.is_array()) fail("a list was expected");
  return value_;
}

JsonReader JsonReader::element(std::size_t i) const { return {array()[i], source_, place_ + "[" + std::to_string(i) + "]"}; }

std::size_t JsonReader::size() const { return array().size(); }

std::string JsonReader::text() const {
  if (!value_.is_string()) fail("text was expected");
  return value_.get<std::string>();
}

bool JsonReader::boolean() const {
  if (!value_.is_boolean()) fail("true or false was expected");
  return value_.get<bool>();
}

double JsonReader::finite() const {
  if (!value_.is_number()) fail("a number was expected");
  const double number = value_.get<double>();
  if (!std::isfinite(number)) fail("the number is not finite");
  return number;
}

double JsonReader::finite_or_nan() const { return is_null() ? std::numeric_limits<double>::quiet_NaN() : finite(); }

Index JsonReader::index(Index low, Index high) const {
  const bool too_large = value_.is_number_unsigned() &&
                         value_.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
  if (!value_.is_number_integer() || too_large) fail("a whole number was expected");
  const Index number = value_.get<Index>();
  if (number < low || number > high) {
    fail(std::to_string(number) + " is not between " + std::to_string(low) + " and " + std::to_string(high));
  }
  return number;
}

std::vector<std::string> JsonReader::texts() const {
  std::vector<std::string> out(size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = element(i).text();
  return out;
}

std::vector<double> JsonReader::finite_numbers() const { return numbers(false); }
std::vector<double> JsonReader::numbers_or_nan() const { return numbers(true); }

std::vector<double> JsonReader::numbers(bool null_is_nan) const {
  std::vector<double> out;
  out.reserve(size());
  for (const Json& item : array()) {
    const double number = item.is_number() ? item.get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (!std::isfinite(number) && !(null_is_nan && item.is_null())) {
      element(out.size()).fail("a finite number was expected");
    }
    out.push_back(number);
  }
  return out;
}

}  // namespace riata
