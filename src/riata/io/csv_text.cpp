#include "riata/io/csv_text.hpp"

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>

#include <charconv>
#include <limits>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/exact_integer.hpp"
#include "riata/data/make_column.hpp"
#include "riata/io/arrow_export.hpp"
#include "riata/io/numbers.hpp"

namespace riata::io {
namespace {

using Kind = ParsedNumber::Kind;

/// The cells of a chunked dictionary column in order: use(row, word's parsed form, word).
template <class Use>
void for_cells(const arrow::ChunkedArray& chunks, const Use& use) {
  Index row = 0;
  for (const auto& chunk : chunks.chunks()) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(*chunk);
    const auto& words = static_cast<const arrow::StringArray&>(*coded.dictionary());
    std::vector<ParsedNumber> parsed;
    for (Index k = 0; k < words.length(); ++k) parsed.push_back(parse_number(words.GetView(k)));
    for (Index i = 0; i < coded.length(); ++i, ++row) {
      const Index k = coded.GetValueIndex(i);
      if (!use(row, parsed[static_cast<std::size_t>(k)], words.GetView(k))) return;
    }
  }
}

[[noreturn]] void refuse(Kind kind, std::string_view word, const std::string& name, const std::string& place) {
  const std::string value = "'" + shortened(printable(word), 40) + "'";
  const std::string labels = "read the column as labels with --categorical " + printable(name);
  if (kind == Kind::too_large) {
    throw Error(ErrorKind::input, value + " is too large for a number (at most 1.8e308); correct the cell", place);
  }
  if (kind == Kind::comma) {
    throw Error(ErrorKind::input,
                value + " holds a comma; write numbers with a decimal point and without thousands separators, or " + labels,
                place);
  }
  throw Error(ErrorKind::input,
              value +
                  " is not a number, as the values before it are; correct the cell, leave it empty if it is missing, or " +
                  labels,
              place);
}

Kind first_value(const arrow::ChunkedArray& chunks) {
  Kind kind = Kind::missing;
  for_cells(chunks, [&](Index, const ParsedNumber& parsed, std::string_view) {
    kind = parsed.kind;
    return kind == Kind::missing;
  });
  return kind;
}

/// Every word true or false (or missing)?
bool all_boolean(const arrow::ChunkedArray& chunks) {
  for (const auto& chunk : chunks.chunks()) {
    const auto& words =
        static_cast<const arrow::StringArray&>(*static_cast<const arrow::DictionaryArray&>(*chunk).dictionary());
    for (Index k = 0; k < words.length(); ++k) {
      if (parse_boolean(words.GetView(k)) < 0 && parse_number(words.GetView(k)).kind != Kind::missing) return false;
    }
  }
  return true;
}

/// Every cell as an integer of 64 bits, if all are such (or missing) and float64 would round one: what reads the column
/// later can then say so, or take it as labels.
template <class Builder>
std::shared_ptr<arrow::Array> whole_numbers(const arrow::ChunkedArray& chunks, arrow::MemoryPool* pool) {
  Builder builder(pool);
  bool whole = true, rounded = false;
  for_cells(chunks, [&](Index, const ParsedNumber& parsed, std::string_view word) {
    if (parsed.kind == Kind::missing) return builder.AppendNull().ok();
    typename Builder::value_type value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    whole = error == std::errc{} && end == word.data() + word.size();
    rounded = rounded || (whole && !is_exact_as_double(value));
    return whole && builder.Append(value).ok();
  });
  std::shared_ptr<arrow::Array> array;
  return whole && rounded && builder.Finish(&array).ok() ? array : nullptr;
}

}  // namespace

Column resolve_text(const std::string& name, std::shared_ptr<arrow::ChunkedArray> chunks,
                    const std::function<std::string(Index row)>& place, arrow::MemoryPool* pool, const std::string& source) {
  const Kind first = first_value(*chunks);
  if (first == Kind::text && !all_boolean(*chunks)) return export_column(name, std::move(chunks), pool, source);
  if (first == Kind::text) {
    std::vector<std::int8_t> values;
    for_cells(*chunks, [&](Index, const ParsedNumber&, std::string_view word) {
      values.push_back(static_cast<std::int8_t>(parse_boolean(word)));
      return true;
    });
    return make_boolean_column(name, values);
  }
  for (const auto& whole :
       {whole_numbers<arrow::Int64Builder>(*chunks, pool), whole_numbers<arrow::UInt64Builder>(*chunks, pool)}) {
    if (whole != nullptr) return export_column(name, std::make_shared<arrow::ChunkedArray>(whole), pool, source);
  }
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(chunks->length()));
  for_cells(*chunks, [&](Index row, const ParsedNumber& parsed, std::string_view word) {
    if (parsed.kind != Kind::number && parsed.kind != Kind::missing) refuse(parsed.kind, word, name, place(row));
    values.push_back(parsed.value);
    return true;
  });
  return make_column(name, std::move(values));
}

}  // namespace riata::io
