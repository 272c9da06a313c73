#pragma once

#include <string>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// A table of text for a terminal: columns padded by display width, numbers aligned at the decimal point. Where it would be
/// too wide the gaps between columns narrow, then columns that may shrink are cut with "…". Cells are made printable here.
class TextTable {
 public:
  enum class Align { left, right, decimal };

  void add_column(std::string heading, Align align, bool may_shrink = false);
  void add_row(std::vector<std::string> cells);  ///< missing cells at the end are empty

  /// Lines with final newlines, indented by two; the headings are styled dim where `colour` is set.
  std::string lines(Index width, bool colour) const;

 private:
  struct Column {
    std::string heading;
    Align align;
    bool may_shrink;
  };
  std::vector<Index> widths(Index width, const std::vector<std::vector<std::string>>& rows, Index& gap) const;
  void align_decimals(std::vector<std::vector<std::string>>& rows) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// `digits` significant digits, trailing zeros kept, exponent only where the number is very small or large.
std::string significant(double value, int digits = 4);

/// "46.3 %".
std::string percent(double share, int decimals = 1);

/// "3091 ± 160": both to the digits of the mean.
std::string plus_minus(double mean, double error);

/// "1e-11": one digit, for bounds.
std::string magnitude(double value);

/// 1234567 → "1,234,567".
std::string grouped(Index value);

std::string bold(const std::string& text, bool colour);
std::string dim(const std::string& text, bool colour);

/// Words of `text` in lines of at most `width` columns; the first begins with `label` padded to `indent` columns.
std::string labelled(const std::string& label, const std::string& text, Index indent, Index width, bool colour);

}  // namespace riata
