#include "riata/core/json_writer.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "riata/core/text.hpp"

namespace riata {

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void JsonWriter::separate() {
  if (comma_) text_ += ',';
  comma_ = true;
}

void JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  comma_ = false;
}

void JsonWriter::close(char bracket) {
  text_ += bracket;
  comma_ = true;
}

void JsonWriter::item(std::string_view text) {
  separate();
  text_ += text;
}

void JsonWriter::key(std::string_view name) {
  separate();
  text_ += json_string(name);
  text_ += ':';
  comma_ = false;
}

void JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  std::string text = to_text(number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  item(text);
}

void JsonWriter::value(std::string_view text) { item(json_string(text)); }

}  // namespace riata
