#pragma once

#include <string>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/types.hpp"

namespace riata {

/// Something is wrong with one column of a design, which knows it by number. Whoever knows the columns' names tells them.
class ColumnError : public Error {
 public:
  /// The message is the column, "column 3 of the design" (counted from 1) or 'name', and what is wrong.
  ColumnError(Index column, std::string what, const std::string& name = "")
      : Error(ErrorKind::input,
              (name.empty() ? "column " + std::to_string(column + 1) + " of the design" : "'" + name + "'") + what),
        column_(column),
        what_(std::move(what)) {}
  Index column() const { return column_; }
  /// The same with the column's name in place of its number.
  ColumnError named(const std::string& name) const { return {column_, what_, name}; }

 private:
  Index column_;
  std::string what_;
};

}  // namespace riata
