#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// Writes JSON text front to back, without a tree in memory. Numbers are the shortest that read back ("1.0" stays a
/// float); non-finite is null; strings are escaped, bytes that are no UTF-8 become U+FFFD.
///
///   JsonWriter out; out.begin_object(); out.member("lambda", 0.5); out.key("path"); out.begin_array(); …; out.end_array();
class JsonWriter {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void line_break() { text_ += '\n'; }

  void null() { item("null"); }
  void value(double number);
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(bool flag) { item(flag ? "true" : "false"); }
  void value(std::integral auto number) { item(std::to_string(number)); }
  template <class T>
  void value(const std::vector<T>& values) {
    begin_array();
    for (const T& one : values) value(one);
    end_array();
  }

  template <class T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  void null_member(std::string_view name) {
    key(name);
    null();
  }

  std::string& text() { return text_; }

 private:
  void open(char bracket);
  void close(char bracket);
  void item(std::string_view text);
  void separate();

  std::string text_;
  bool comma_ = false;
};

/// A JSON string with its quotes.
std::string json_string(std::string_view text);

}  // namespace riata
