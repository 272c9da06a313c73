#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"

namespace riata::io {

/// Walks over the bytes of a CSV text, in pieces of any size, and refuses what is not a proper table, with the row that a
/// person sees in a spreadsheet: ragged rows, an unclosed quote, invalid UTF-8, NUL bytes, a row beyond `max_row_bytes`. The
/// grammar is that of Arrow's reader: a quote opens a quoted field only as its first byte, "" inside is one quote, what
/// follows the closing quote is plain; LF, CR LF and CR end a row.
class CsvScanner {
 public:
  struct Limits {
    Index max_row_bytes = Index{1} << 30;
    double max_cells = 1e18;  ///< rows × columns; beyond it the table does not fit the memory budget
  };
  /// `fields`: how many a row has; 0: as many as the first.
  CsvScanner(std::string source, char delimiter, Index fields, Limits limits);

  /// Bytes that lie before the first piece (a byte order mark), for offsets in messages.
  void skip(Index bytes) { offset_ = row_start_ = bytes; }
  /// The next piece. Throws Error(input).
  void feed(std::string_view bytes);
  /// After the last piece: an unclosed quote, a character cut short.
  void finish();

  Index rows() const { return rows_; }  ///< that are not blank
  Index fields() const { return fields_; }
  Index longest_row() const { return longest_row_; }                    ///< in bytes
  const std::vector<Index>& blank_rows() const { return blank_rows_; }  ///< rows before which a blank line stands

 private:
  enum class State { field_start, plain, quoted, quote_in_quoted, carriage_return };

  const char* plain_run(const char* at, const char* end) const;
  void step(unsigned char byte);
  void end_field() { ++fields_in_row_; }
  void end_row();
  void utf8(unsigned char byte);
  [[noreturn]] void refuse(Index row, const std::string& message) const;

  std::string source_;
  unsigned char delimiter_;
  Limits limits_;
  State state_ = State::field_start;
  Index fields_, fields_in_row_ = 0;
  Index line_ = 1;  ///< the row being read, blank ones counted
  Index rows_ = 0, quote_line_ = 0, offset_ = 0, row_start_ = 0, longest_row_ = 0;
  Index pending_blank_ = 0;
  bool row_has_bytes_ = false;
  std::vector<Index> blank_rows_;
  unsigned char lead_ = 0;  ///< UTF-8: first byte of the character being read, and where it stands
  Index lead_offset_ = 0;
  int continuation_ = 0;                    ///< UTF-8: bytes still to come
  unsigned char low_ = 0x80, high_ = 0xBF;  ///< of the next one
};

/// The fields of complete rows of CSV text, quotes removed; at most `max_rows`, blank lines skipped. Rows that `text` cuts
/// short are left out unless `at_end`.
struct CsvRows {
  std::vector<std::vector<std::string>> rows;
  std::vector<Index> ends;  ///< offset behind each row
};
CsvRows parse_rows(std::string_view text, char delimiter, std::size_t max_rows, bool at_end);

}  // namespace riata::io
