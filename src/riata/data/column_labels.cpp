#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/arrow_cells.hpp"
#include "riata/data/column_values.hpp"
#include "riata/data/exact_integer.hpp"
#include "riata/data/missing.hpp"

namespace riata {
namespace {

/// Gives every distinct text a code in order of appearance; sorted at the end.
class LabelMaker {
 public:
  std::int32_t code(std::string_view text) {
    if (is_missing_token(text)) return -1;
    const auto [found, added] = codes_.try_emplace(std::string(text), static_cast<std::int32_t>(codes_.size()));
    if (added) {
      if (codes_.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())) {
        throw Error(ErrorKind::input, "more than 2147483647 distinct values in one column");
      }
      levels_.push_back(&found->first);
    }
    return found->second;
  }

  Labels finish(std::vector<std::int32_t> codes) const {
    std::vector<std::int32_t> order(levels_.size()), rank(levels_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto level = [&](std::int32_t k) -> const std::string& { return *levels_[static_cast<std::size_t>(k)]; };
    std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return level(a) < level(b); });
    Labels labels{std::move(codes), {}};
    for (std::size_t k = 0; k < order.size(); ++k) {
      rank[static_cast<std::size_t>(order[k])] = static_cast<std::int32_t>(k);
      labels.levels.push_back(level(order[k]));
    }
    for (std::int32_t& code : labels.codes) code = code < 0 ? -1 : rank[static_cast<std::size_t>(code)];
    drop_unused(labels);
    return labels;
  }

 private:
  /// A dictionary may hold words that no row uses.
  static void drop_unused(Labels& labels) {
    std::vector<std::int32_t> renumbered(labels.levels.size(), -1);
    for (std::int32_t code : labels.codes) {
      if (code >= 0) renumbered[static_cast<std::size_t>(code)] = 0;
    }
    std::vector<std::string> used;
    for (std::size_t k = 0; k < renumbered.size(); ++k) {
      if (renumbered[k] < 0) continue;
      renumbered[k] = static_cast<std::int32_t>(used.size());
      used.push_back(std::move(labels.levels[k]));
    }
    labels.levels = std::move(used);
    for (std::int32_t& code : labels.codes) code = code < 0 ? -1 : renumbered[static_cast<std::size_t>(code)];
  }

  std::unordered_map<std::string, std::int32_t> codes_;
  std::vector<const std::string*> levels_;
};

Index dictionary_index(std::string_view format, const ArrowArray& chunk, Index i) {
  switch (format[0]) {
    case 'c': return data_of<std::int8_t>(chunk)[i];
    case 'C': return data_of<std::uint8_t>(chunk)[i];
    case 's': return data_of<std::int16_t>(chunk)[i];
    case 'S': return data_of<std::uint16_t>(chunk)[i];
    case 'i': return data_of<std::int32_t>(chunk)[i];
    case 'I': return data_of<std::uint32_t>(chunk)[i];
    default: return data_of<std::int64_t>(chunk)[i];
  }
}

void label_dictionary_chunk(const ArrowSchema& schema, const ArrowArray& chunk, LabelMaker& maker,
                            std::vector<std::int32_t>& codes) {
  const ArrowArray& words = *chunk.dictionary;
  const std::string_view word_format = schema.dictionary->format;
  std::vector<std::int32_t> word_codes(static_cast<std::size_t>(words.length), -1);
  for (Index k = 0; k < words.length; ++k) {
    if (!is_null(words, k)) word_codes[static_cast<std::size_t>(k)] = maker.code(text_at(words, word_format, k));
  }
  for (Index i = 0; i < chunk.length; ++i) {
    const Index word = is_null(chunk, i) ? -1 : dictionary_index(schema.format, chunk, i);
    codes.push_back(word < 0 || word >= words.length ? -1 : word_codes[static_cast<std::size_t>(word)]);
  }
}

/// Integers as numbers of any kind are written, those that no float64 holds by all their digits.
template <class I>
void label_integers(const Column& column, LabelMaker& maker, std::vector<std::int32_t>& codes) {
  for (const ArrowArray& chunk : column.chunks()) {
    for (Index i = 0; i < chunk.length; ++i) {
      const I value = data_of<I>(chunk)[i];
      codes.push_back(is_null(chunk, i) ? -1
                                        : maker.code(is_exact_as_double(value) ? to_text(static_cast<double>(value))
                                                                               : std::to_string(value)));
    }
  }
}

}  // namespace

Labels read_labels(const Table& table, Index position) {
  require_supported(table, position);
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(table.rows));
  LabelMaker maker;
  const bool in_matrix = position >= static_cast<Index>(table.columns.size());
  const Column* column = in_matrix ? nullptr : &table.columns[static_cast<std::size_t>(position)];
  const std::string_view format = in_matrix ? std::string_view() : format_of(column->schema());
  const bool numeric = in_matrix || kind_of(*column) == ColumnKind::number;
  if (numeric && (format == "l" || format == "L")) {
    format == "l" ? label_integers<std::int64_t>(*column, maker, codes)
                  : label_integers<std::uint64_t>(*column, maker, codes);
    return maker.finish(std::move(codes));
  }
  if (numeric) {
    const Numbers numbers = read_numbers(table, position);
    std::vector<bool> missing(static_cast<std::size_t>(numbers.rows));
    for (Index i : numbers.missing) missing[static_cast<std::size_t>(i)] = true;
    for (Index i = 0; i < numbers.rows; ++i) {
      codes.push_back(missing[static_cast<std::size_t>(i)] ? -1 : maker.code(to_text(numbers.at(i) + 0.0)));  // no "-0"
    }
    return maker.finish(std::move(codes));
  }
  for (const ArrowArray& chunk : column->chunks()) {
    if (column->schema().dictionary != nullptr) {
      label_dictionary_chunk(column->schema(), chunk, maker, codes);
      continue;
    }
    for (Index i = 0; i < chunk.length; ++i) {
      const auto text = [&]() -> std::string_view {
        if (format == "b") return bit(chunk.buffers[1], chunk.offset + i) ? "true" : "false";
        return text_at(chunk, format, i);
      };
      codes.push_back(is_null(chunk, i) ? -1 : maker.code(text()));
    }
  }
  return maker.finish(std::move(codes));
}

std::vector<std::string> read_texts(const Column& column) {
  const ArrowSchema& schema = column.schema();
  std::vector<std::string> texts;
  texts.reserve(static_cast<std::size_t>(column.rows()));
  for (const ArrowArray& chunk : column.chunks()) {
    const bool words = schema.dictionary != nullptr;
    const ArrowArray& holder = words ? *chunk.dictionary : chunk;
    const std::string_view format = words ? schema.dictionary->format : schema.format;
    for (Index i = 0; i < chunk.length; ++i) {
      const Index at = is_null(chunk, i) ? -1 : words ? dictionary_index(schema.format, chunk, i) : i;
      const bool there = at >= 0 && at < holder.length && !is_null(holder, at);
      texts.emplace_back(there ? text_at(holder, format, at) : std::string_view());
    }
  }
  return texts;
}

void keep_rows(Labels& labels, const std::vector<Index>& kept) {
  for (std::size_t k = 0; k < kept.size(); ++k) labels.codes[k] = labels.codes[static_cast<std::size_t>(kept[k])];
  labels.codes.resize(kept.size());
}

}  // namespace riata
