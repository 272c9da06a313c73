#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "riata/data/table.hpp"

/// Columns from what a C++ program has in its hands. The vector's memory is taken over, not copied.
namespace riata {

/// NaN is a missing cell.
Column make_column(std::string name, std::vector<double> values);
Column make_column(std::string name, std::vector<float> values);

/// `missing` says which cells are, one flag a value; empty: none.
Column make_column(std::string name, std::vector<std::int64_t> values, const std::vector<std::int8_t>& missing = {});
Column make_column(std::string name, std::vector<std::uint64_t> values, const std::vector<std::int8_t>& missing = {});

/// Text; the tokens of kMissingTokens ("", "NA", …) are missing cells.
Column make_column(std::string name, const std::vector<std::string>& values);

/// 0: false, 1: true, negative: a missing cell.
Column make_boolean_column(std::string name, const std::vector<std::int8_t>& values);

/// Dates or times, of which only their number is kept: a table may hold them, and no fit takes them.
Column make_date_column(std::string name, Index rows);

/// A table of these columns, all of one length. Throws Error(argument) when lengths differ.
Table make_table(std::vector<Column> columns);

}  // namespace riata
