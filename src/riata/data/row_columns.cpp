#include "riata/data/row_columns.hpp"

#include <algorithm>
#include <set>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/column_values.hpp"

namespace riata {
namespace {

bool two_values(const std::vector<double>& values, const std::vector<Index>& missing) {
  std::set<double> distinct;
  std::size_t next = 0;
  for (std::size_t i = 0; i < values.size() && distinct.size() < 3; ++i) {
    if (next < missing.size() && missing[next] == static_cast<Index>(i)) {
      ++next;
    } else {
      distinct.insert(values[i]);
    }
  }
  return distinct.size() == 2;
}

/// Only classes that some row has.
void drop_unused_classes(Response& response) {
  std::vector<double> renumbered(response.classes.size(), -1);
  for (double code : response.values) renumbered[static_cast<std::size_t>(code)] = 0;
  std::vector<std::string> used;
  for (std::size_t k = 0; k < renumbered.size(); ++k) {
    if (renumbered[k] < 0) continue;
    renumbered[k] = static_cast<double>(used.size());
    used.push_back(response.classes[k]);
  }
  response.classes = std::move(used);
  for (double& code : response.values) code = renumbered[static_cast<std::size_t>(code)];
}

}  // namespace

void refuse_cell(const Table& table, Index row, Index position, const std::string& message) {
  throw Error(ErrorKind::input, message, table.place(row, position));
}

bool row_counts(std::span<const double> weights, Index row) {
  return weights.empty() || weights[static_cast<std::size_t>(row)] > 0;
}

std::vector<double> read_complete_numbers(const Table& table, Index position, const char* what,
                                          std::span<const double> weights) {
  if (position < 0) return {};
  const Numbers numbers = read_numbers(table, position);
  for (const Index row : numbers.missing) {
    if (row_counts(weights, row)) refuse_cell(table, row, position, std::string("the ") + what + " is missing; fill it in");
  }
  std::vector<double> values(static_cast<std::size_t>(numbers.rows));
  for (Index i = 0; i < numbers.rows; ++i) values[static_cast<std::size_t>(i)] = numbers.at(i);
  return values;
}

std::vector<double> read_weights(const Table& table, Index position) {
  std::vector<double> weights = read_complete_numbers(table, position, "weight", {});
  bool any = weights.empty();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0) {
      refuse_cell(table, static_cast<Index>(i), position,
                  "the weight " + to_text(weights[i]) + " is negative; weights are 0 or more");
    }
    any = any || weights[i] > 0;
  }
  if (!any) refuse_cell(table, -1, position, "all weights are zero; at least one row must count");
  return weights;
}

std::vector<std::string> read_row_labels(const Table& table, Index position, const char* what,
                                         std::span<const double> weights) {
  if (position < 0) return {};
  const Labels labels = read_labels(table, position);
  std::vector<std::string> out;
  out.reserve(labels.codes.size());
  for (std::int32_t code : labels.codes) {
    const Index row = std::ssize(out);
    if (code < 0 && row_counts(weights, row))
      refuse_cell(table, row, position, std::string("the ") + what + " is missing; fill it in");
    out.push_back(code < 0 ? std::string() : labels.levels[static_cast<std::size_t>(code)]);
  }
  return out;
}

Target read_target(const Table& table, Index position) {
  Target target;
  target.response.name = table.column_name(position);
  const bool in_matrix = position >= static_cast<Index>(table.columns.size());
  const ColumnKind kind = in_matrix ? ColumnKind::number : kind_of(table.columns[static_cast<std::size_t>(position)]);
  std::vector<double>& values = target.response.values;
  if (kind == ColumnKind::text || kind == ColumnKind::boolean) {
    Labels labels = read_labels(table, position);
    values.assign(labels.codes.begin(), labels.codes.end());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] < 0) target.missing.push_back(static_cast<Index>(i));
    }
    target.response.classes = std::move(labels.levels);
    target.response.looks_like_classes = true;
    return target;
  }
  Numbers numbers = read_numbers(table, position);
  values.resize(static_cast<std::size_t>(numbers.rows));
  for (Index i = 0; i < numbers.rows; ++i) values[static_cast<std::size_t>(i)] = numbers.at(i);
  target.missing = std::move(numbers.missing);
  target.response.looks_like_classes = two_values(values, target.missing);
  return target;
}

void keep_rows(Response& response, const std::vector<Index>& kept) {
  keep_rows(response.values, kept);
  if (response.classes.empty()) {
    response.looks_like_classes = two_values(response.values, {});
  } else {
    drop_unused_classes(response);
  }
}

}  // namespace riata
