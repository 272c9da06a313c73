#include "riata/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/coded_design.hpp"
#include "riata/data/leakage.hpp"
#include "riata/data/raw_features.hpp"
#include "riata/data/roles.hpp"
#include "riata/data/row_columns.hpp"

namespace riata {
namespace {

using Kind = FeatureCoding::Kind;
using Place = FeatureCells::Place;

void refuse_missing_target(const Table& table, const Target& target, Index position, bool training) {
  if (target.missing.empty()) return;
  refuse_cell(table, target.missing.front(), position,
              std::string("the target is missing; ") +
                  (training ? "drop such rows with --missing drop, or fill it in" : "fill it in, or remove the row"));
}

void require_distinct_names(const Table& table, const std::vector<std::string>& names) {
  std::unordered_set<std::string_view> seen;
  for (const std::string& name : names) {
    if (seen.insert(name).second) continue;
    throw Error(ErrorKind::input,
                "two coded columns would be called \"" + printable(name) + "\"; rename the column or the level",
                printable(table.source));
  }
}

Index n_counted(std::span<const double> weights, Index rows) {
  return weights.empty() ? rows : std::ranges::count_if(weights, [](double w) { return w > 0; });
}

/// Rows of weight zero are rows that are not there; with `drop` nor are those that miss a value.
void keep_rows_that_count(const Table& table, bool drop, RawFeatures& raw, Target& target, Dataset& dataset) {
  std::vector<bool> dropped(static_cast<std::size_t>(table.rows));
  if (drop) {
    drop_incomplete(raw, dropped);
    for (const Index i : target.missing) dropped[static_cast<std::size_t>(i)] = true;
  }
  std::vector<Index> kept;
  for (Index i = 0; i < table.rows; ++i) {
    if (!dropped[static_cast<std::size_t>(i)] && row_counts(dataset.weights, i)) kept.push_back(i);
  }
  if (std::ssize(kept) == table.rows) return;
  if (kept.empty()) {
    throw Error(ErrorKind::input,
                "every row has a missing value, so that --missing drop leaves none; choose mean or indicator",
                printable(table.source));
  }
  if (const Index missing = n_counted(dataset.weights, table.rows) - std::ssize(kept); missing > 0) {
    dataset.warnings.push_back("dropped " + count_text(missing, "row", "rows") + " with missing values, " +
                               std::to_string(kept.size()) + " remain");
  }
  keep_rows(raw, kept);
  keep_rows(target.response, kept);
  for (auto* values : {&dataset.weights, &dataset.offset}) keep_rows(*values, kept);
  for (auto* labels : {&dataset.fold_labels, &dataset.group_labels}) keep_rows(*labels, kept);
  dataset.row_numbers = std::move(kept);
}

Coding make_coding(const Table& table, const RawFeatures& raw, const Roles& roles) {
  Coding coding;
  coding.missing = roles.missing;
  const bool own_level = roles.missing == MissingPolicy::mean || roles.missing == MissingPolicy::indicator;
  coding.features.reserve(raw.cells.size());
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    FeatureCoding feature;
    feature.name = table.column_name(raw.positions[f]);
    const std::vector<std::int32_t>& codes = raw.cells[f].codes;
    if (raw.cells[f].place == Place::labels) {
      feature.kind = Kind::categorical;
      feature.levels = raw.levels[f];
      feature.reference_level = roles.reference_level;
      feature.missing_level = own_level && std::find(codes.begin(), codes.end(), FeatureCells::kMissing) != codes.end();
    } else {
      feature.indicator = roles.missing == MissingPolicy::indicator && !raw.cells[f].numbers.missing.empty();
    }
    coding.features.push_back(std::move(feature));
  }
  return coding;
}

/// The training mean of every numeric feature, for cells that are missing in a table to predict.
void remember_means(Coding& coding, const std::vector<double>& observed, const Dataset& dataset, const Context& context) {
  if (coding.missing != MissingPolicy::mean && coding.missing != MissingPolicy::indicator) return;
  const ColumnMoments moments = dataset.design->moments(dataset.weights, context);
  std::size_t k = 0;
  for (FeatureCoding& feature : coding.features) {
    if (feature.kind != Kind::numeric) continue;
    feature.fill = std::isnan(observed[k]) ? moments.mean[k] : observed[k];
    ++k;
  }
}

void warn_of_identifiers(const Table& table, const RawFeatures& raw, Index rows, std::vector<std::string>& warnings) {
  for (std::size_t f = 0; f < raw.cells.size(); ++f) {
    if (rows < 10 || static_cast<Index>(raw.levels[f].size()) < rows) continue;
    warnings.push_back("leakage: every row has its own value of \"" + printable(table.column_name(raw.positions[f])) +
                       "\", like an identifier; leave it out with --exclude");
  }
}

}  // namespace

Dataset make_dataset(const Table& table, const Roles& roles, const Context& context) {
  const RolePositions positions = find_roles(table, roles);
  if (table.rows == 0) throw Error(ErrorKind::input, "the table has no rows", printable(table.source));
  Dataset dataset;
  dataset.weights = read_weights(table, positions.weights);
  Target target = read_target(table, positions.target);
  std::erase_if(target.missing, [&](Index i) { return !row_counts(dataset.weights, i); });
  if (std::ssize(target.missing) == n_counted(dataset.weights, table.rows))
    refuse_cell(table, -1, positions.target, "the target holds no value at all");
  if (roles.missing != MissingPolicy::drop) refuse_missing_target(table, target, positions.target, true);
  dataset.offset = read_complete_numbers(table, positions.offset, "offset", dataset.weights);
  dataset.fold_labels = read_row_labels(table, positions.fold, "fold", dataset.weights);
  dataset.group_labels = read_row_labels(table, positions.group, "group", dataset.weights);
  RawFeatures raw = read_features(table, positions);
  refuse_empty_columns(table, raw, dataset.weights);
  if (roles.missing == MissingPolicy::error) refuse_missing(table, raw, dataset.weights);
  keep_rows_that_count(table, roles.missing == MissingPolicy::drop, raw, target, dataset);
  const Index rows = dataset.row_numbers.empty() ? table.rows : std::ssize(dataset.row_numbers);
  warn_of_identifiers(table, raw, rows, dataset.warnings);
  dataset.response = std::move(target.response);
  dataset.coding = make_coding(table, raw, roles);
  dataset.feature_names = dataset.coding.column_names();
  require_distinct_names(table, dataset.feature_names);
  if (dataset.feature_names.empty()) {
    throw Error(ErrorKind::input, "every categorical has one level only, so that nothing is left once it is the reference",
                printable(table.source));
  }
  const auto coded =
      std::make_shared<const CodedDesign>(rows, dataset.coding, std::move(raw.cells), raw.matrix ? &*raw.matrix : nullptr);
  const std::vector<double> means = coded->observed_means(dataset.weights);
  dataset.design = coded->filled(means);
  remember_means(dataset.coding, means, dataset, context);
  if (coded->has_missing()) {
    dataset.imputed_design = [coded](std::span<const double> weights) {
      return coded->filled(coded->observed_means(weights));
    };
  } else {
    dataset.imputed_design = [design = dataset.design](std::span<const double>) { return design; };
  }
  const std::vector<std::string> suspicious = suspicions(dataset, context);
  dataset.warnings.insert(dataset.warnings.end(), suspicious.begin(), suspicious.end());
  return dataset;
}

namespace {

/// Columns of a table by name, found in one step each.
class Names {
 public:
  explicit Names(const Table& table) : table_(table) {
    for (Index j = 0; j < static_cast<Index>(table.columns.size()); ++j) positions_.try_emplace(table.column_name(j), j);
    if (!table.matrix || table.matrix->names.empty()) return;
    for (Index j = static_cast<Index>(table.columns.size()); j < table.n_columns(); ++j) {
      positions_.try_emplace(table.column_name(j), j);
    }
  }

  /// −1: absent, which in a sparse table means a column of zeros.
  Index find(const std::string& name) const {
    if (const auto found = positions_.find(name); found != positions_.end()) return found->second;
    const bool numbered = name.size() > 1 && name[0] == 'x' && parse_index(std::string_view(name).substr(1)).has_value();
    const bool own_names = table_.matrix && table_.matrix->names.empty();
    const bool sparse = table_.matrix && table_.matrix->layout == MatrixBlock::Layout::sparse_columns;
    if (numbered && own_names) {
      const Index k = *parse_index(std::string_view(name).substr(1));
      if (k >= 1 && k <= table_.matrix->cols) return static_cast<Index>(table_.columns.size()) + k - 1;
    }
    if (numbered && sparse) return -1;
    throw Error(ErrorKind::column,
                "no column '" + printable(name) + "', which the model needs" + did_you_mean(name, all_names()),
                printable(table_.source));
  }

 private:
  std::vector<std::string> all_names() const {
    std::vector<std::string> names;
    for (const auto& [name, unused] : positions_) names.push_back(name);
    std::sort(names.begin(), names.end());
    return names;
  }

  const Table& table_;
  std::unordered_map<std::string, Index> positions_;
};

/// Codes of a new table's labels in terms of the levels that the model knows.
std::vector<std::int32_t> recode(const Table& table, Index position, const FeatureCoding& feature, UnseenPolicy unseen) {
  const Labels labels = read_labels(table, position);
  std::vector<std::int32_t> known(labels.levels.size(), -3);
  for (std::size_t k = 0; k < known.size(); ++k) {
    const auto at = std::lower_bound(feature.levels.begin(), feature.levels.end(), labels.levels[k]);
    if (at != feature.levels.end() && *at == labels.levels[k])
      known[k] = static_cast<std::int32_t>(at - feature.levels.begin());
  }
  std::vector<std::int32_t> codes;
  codes.reserve(labels.codes.size());
  for (std::int32_t label : labels.codes) {
    const auto row = static_cast<Index>(codes.size());
    const std::int32_t code = label < 0 ? -3 : known[static_cast<std::size_t>(label)];
    if (code >= 0) {
      codes.push_back(code);
    } else if (feature.missing_level && (label < 0 || unseen == UnseenPolicy::missing)) {
      codes.push_back(FeatureCells::kMissing);
    } else if (unseen == UnseenPolicy::baseline) {
      codes.push_back(FeatureCells::kNoLevel);
    } else if (unseen == UnseenPolicy::missing) {
      refuse_cell(table, row, position,
                  "--unseen missing needs a model trained with missing values in this column; use --unseen baseline");
    } else if (label < 0) {
      refuse_cell(table, row, position,
                  "missing value, which the model has not seen in this column; fill it in, or use --unseen baseline");
    } else {
      refuse_cell(table, row, position,
                  "the model has not seen the value '" + printable(labels.levels[static_cast<std::size_t>(label)]) + "'" +
                      did_you_mean(labels.levels[static_cast<std::size_t>(label)], feature.levels) +
                      "; correct it, or use --unseen baseline or missing");
    }
  }
  return codes;
}

FeatureCells new_numeric_cells(const Table& table, Index position, const FeatureCoding& feature, bool finite) {
  FeatureCells cells;
  if (position < 0) {
    cells.place = Place::zero;
    return cells;
  }
  cells = read_numeric_feature(table, position, finite);
  if (!cells.numbers.missing.empty() && !feature.fill) {
    refuse_cell(table, cells.numbers.missing.front(), position,
                "missing value, for which the model has no stand-in; fill it in, or make the model with --missing mean or "
                "indicator");
  }
  return cells;
}

}  // namespace

Dataset apply_coding(const Table& table, const Coding& coding, const std::string& target, UnseenPolicy unseen,
                     const Context&) {
  if (table.rows == 0) throw Error(ErrorKind::input, "the table has no rows", printable(table.source));
  Dataset dataset;
  if (!target.empty()) {
    const Index position = table.find(target);
    Target read = read_target(table, position);
    refuse_missing_target(table, read, position, false);
    dataset.response = std::move(read.response);
  }
  const Names names(table);
  const bool finite = matrix_is_finite(table);
  std::vector<FeatureCells> cells;
  std::vector<double> fill;
  for (const FeatureCoding& feature : coding.features) {
    const Index position = names.find(feature.name);
    if (feature.kind == Kind::numeric) {
      cells.push_back(new_numeric_cells(table, position, feature, finite));
      fill.push_back(feature.fill.value_or(0.0));
    } else if (position < 0) {
      refuse_cell(table, -1, 0, "no column '" + printable(feature.name) + "', which the model needs");
    } else {
      cells.push_back(label_cells(recode(table, position, feature, unseen)));
    }
  }
  dataset.coding = coding;
  dataset.feature_names = coding.column_names();
  const CodedDesign coded(table.rows, coding, std::move(cells), table.matrix ? &*table.matrix : nullptr);
  dataset.design = coded.filled(fill);
  dataset.imputed_design = [design = dataset.design](std::span<const double>) { return design; };
  return dataset;
}

}  // namespace riata
