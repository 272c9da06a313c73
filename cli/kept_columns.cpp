#include "kept_columns.hpp"

#include <algorithm>

#include "riata/core/text.hpp"
#include "riata/data/column_values.hpp"

namespace riata::cli {

std::vector<std::string> columns_as_text(const PredictSpec& spec, const Coding& coding, const std::string& offset,
                                         std::vector<std::string> categories) {
  for (const std::string& name : spec.keep) {
    const bool feature = std::ranges::any_of(coding.features, [&](const FeatureCoding& one) { return one.name == name; });
    if (!feature && name != offset && !parse_index(name)) categories.push_back(name);
  }
  return categories;
}

void keep_spelling(const PredictSpec& spec, const std::string& path, const Table& table, Session& session,
                   Predictions& predictions) {
  std::vector<std::string> names;
  bool as_written = true;
  for (const std::string& name : spec.keep) {
    const Index position = table.find(name);
    names.push_back(table.column_name(position));
    const bool number = position < std::ssize(table.columns) &&
                        kind_of(table.columns[static_cast<std::size_t>(position)]) != ColumnKind::text;
    as_written = as_written && !number;
  }
  if (as_written || path == "-") return;
  const Table texts = session.read(path, names);
  const std::size_t first = predictions.columns.size() - names.size();
  for (std::size_t k = 0; k < names.size(); ++k) {
    predictions.columns[first + k] = kept_column(texts, texts.find(names[k]));
  }
}

}  // namespace riata::cli
