#include "riata/io/csv_scanner.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"

namespace riata::io {

CsvScanner::CsvScanner(std::string source, char delimiter, Index fields, Limits limits)
    : source_(std::move(source)), delimiter_(static_cast<unsigned char>(delimiter)), limits_(limits), fields_(fields) {}

void CsvScanner::refuse(Index row, const std::string& message) const {
  throw Error(ErrorKind::input, message, printable(source_) + ":" + std::to_string(row));
}

/// Behind bytes that cannot change the state of a plain field: ASCII above the delimiters and control characters.
const char* CsvScanner::plain_run(const char* at, const char* end) const {
  const auto ordinary = [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x2C && byte < 0x80 && byte != delimiter_;
  };
  while (at != end && ordinary(*at)) ++at;
  return at;
}

void CsvScanner::feed(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    if (state_ == State::plain && continuation_ == 0) {
      const char* next = plain_run(at, end);
      offset_ += next - at;
      at = next;
      if (at == end) break;
    }
    step(static_cast<unsigned char>(*at++));
    ++offset_;
    if (offset_ - row_start_ > limits_.max_row_bytes) {
      if (state_ == State::quoted)
        refuse(quote_line_, "a quote opened in this row is not closed within " + std::to_string(limits_.max_row_bytes) +
                                " bytes; close it");
      refuse(line_, "the row is longer than " + std::to_string(limits_.max_row_bytes) +
                        " bytes, all that this run may hold of one; raise it with --memory BYTES");
    }
  }
}

void CsvScanner::step(unsigned char byte) {
  if (byte >= 0x80 || continuation_ > 0) utf8(byte);
  if (byte == 0) {
    refuse(line_, "a NUL byte at byte " + std::to_string(offset_) +
                      "; the file is damaged, not text, or in another encoding (try --encoding utf-16)");
  }
  if (state_ == State::carriage_return) {
    state_ = State::field_start;
    if (byte == '\n') {
      row_start_ = offset_ + 1;
      return;
    }
  }
  if (state_ == State::quoted) {
    if (byte == '"') state_ = State::quote_in_quoted;
    return;
  }
  if (state_ == State::quote_in_quoted) {
    state_ = byte == '"' ? State::quoted : State::plain;
    if (byte == '"') return;
  }
  if (byte == '\n' || byte == '\r') {
    end_row();
    state_ = byte == '\r' ? State::carriage_return : State::field_start;
  } else if (byte == delimiter_) {
    row_has_bytes_ = true;
    end_field();
    state_ = State::field_start;
  } else {
    row_has_bytes_ = true;
    if (state_ == State::field_start && byte == '"') {
      quote_line_ = line_;
      state_ = State::quoted;
    } else {
      state_ = State::plain;
    }
  }
}

void CsvScanner::end_row() {
  longest_row_ = std::max(longest_row_, offset_ + 1 - row_start_);
  row_start_ = offset_ + 1;
  const Index line = line_++;
  if (!row_has_bytes_) {
    ++pending_blank_;
    return;
  }
  end_field();
  row_has_bytes_ = false;
  if (fields_ == 0) fields_ = fields_in_row_;
  if (fields_in_row_ != fields_) {
    std::string message = "expected " + std::to_string(fields_) + (fields_ == 1 ? " field" : " fields") +
                          ", as in the first row, but found " + std::to_string(fields_in_row_);
    if (rows_ == 1 && fields_in_row_ == fields_ + 1) {
      message += "; if the first column holds row names, give it a name in the header too";
    } else if (fields_in_row_ > fields_) {
      message += "; put quotes around text that holds the separator '" + std::string(1, static_cast<char>(delimiter_)) + "'";
    } else {
      message += "; complete the row";
    }
    refuse(line, message);
  }
  fields_in_row_ = 0;
  for (; pending_blank_ > 0; --pending_blank_) blank_rows_.push_back(rows_);
  ++rows_;
  if (static_cast<double>(rows_) * static_cast<double>(fields_) > limits_.max_cells) {
    refuse(line, "the table does not fit in the " + bytes_text(sizeof(double) * limits_.max_cells) +
                     " this run may use; raise it with --memory BYTES if the machine has them");
  }
}

void CsvScanner::finish() {
  if (state_ == State::quoted) refuse(quote_line_, "a quote opened in this row is never closed; close it");
  if (continuation_ > 0) utf8('\n');
  if (row_has_bytes_) end_row();
}

/// The table of well-formed sequences of the Unicode standard (table 3-7).
void CsvScanner::utf8(unsigned char byte) {
  const auto bad = [&] {
    std::array<char, 8> hex{};
    std::snprintf(hex.data(), hex.size(), "0x%02X", lead_);
    refuse(line_, "byte " + std::to_string(lead_offset_) + " (" + hex.data() +
                      ") is not valid UTF-8; say how the file is encoded, for example --encoding gb18030 or latin1");
  };
  if (continuation_ > 0) {
    if (byte < low_ || byte > high_) bad();
    --continuation_;
    low_ = 0x80;
    high_ = 0xBF;
    return;
  }
  lead_ = byte;
  lead_offset_ = offset_;
  if (byte < 0xC2 || byte > 0xF4) bad();
  continuation_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
  high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
}

CsvRows parse_rows(std::string_view text, char delimiter, std::size_t max_rows, bool at_end) {
  CsvRows out;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false, at_start = true, has_bytes = false;
  const auto end_row = [&](std::size_t end) {
    if (has_bytes) {
      row.push_back(std::move(field));
      out.rows.push_back(std::move(row));
      out.ends.push_back(static_cast<Index>(end));
    }
    row.clear();
    field.clear();
    at_start = true;
    has_bytes = false;
  };
  std::size_t i = 0;
  for (; i < text.size() && out.rows.size() < max_rows; ++i) {
    const char c = text[i];
    const bool next_is_known = i + 1 < text.size() || at_end;
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (!next_is_known) {
        return out;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '\n' || c == '\r') {
      if (c == '\r' && !next_is_known) return out;
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      end_row(i + 1);
    } else {
      has_bytes = true;
      if (c == delimiter) {
        row.push_back(std::move(field));
        field.clear();
        at_start = true;
        continue;
      }
      quoted = at_start && c == '"';
      if (!quoted) field += c;
      at_start = false;
    }
  }
  if (at_end && i == text.size() && out.rows.size() < max_rows) end_row(i);
  return out;
}

}  // namespace riata::io
