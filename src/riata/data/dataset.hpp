#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/data/table.hpp"
#include "riata/design/design.hpp"

namespace riata {

enum class MissingPolicy { error, drop, mean, indicator };
enum class UnseenPolicy { error, baseline, missing };

/// Which columns of a table play which part (contracts.md, shared options).
struct Roles {
  std::string target;                 ///< empty: the format's label, or the last column where there is no header
  std::vector<std::string> features;  ///< empty: all that have no other part
  std::vector<std::string> exclude;
  std::vector<std::string> categorical;
  std::string weights, offset, fold_column, group_column;
  MissingPolicy missing = MissingPolicy::error;
  bool reference_level = false;  ///< drop each categorical's first level (unpenalised fits)
};

/// How one table column becomes coded columns; remembered in the model so that new tables are coded alike, by name.
struct FeatureCoding {
  enum class Kind { numeric, categorical };
  std::string name;
  Kind kind = Kind::numeric;
  std::vector<std::string> levels;  ///< categorical: sorted by bytes
  bool reference_level = false;     ///< the first level has no column
  bool missing_level = false;       ///< categorical: a "col=missing" column for empty cells
  bool indicator = false;           ///< numeric: a further 0/1 column "col=missing"
  std::optional<double> fill;       ///< numeric: what stands in for a missing value (training mean)
};

struct Coding {
  std::vector<FeatureCoding> features;
  MissingPolicy missing = MissingPolicy::error;
  /// Of the coded design, in order: every numeric column, then the 0/1 columns ("col=level", "col=missing") of every
  /// feature.
  std::vector<std::string> column_names() const;
  /// Of every coded column, in the same order: the position of its feature. A feature's columns are not side by side.
  std::vector<Index> column_features() const;
};

/// The response as read: numbers, or class labels with their codes.
struct Response {
  std::string name;
  std::vector<double> values;        ///< numeric value, or index into `classes`
  std::vector<std::string> classes;  ///< sorted by bytes (numbers by value); empty for a numeric response
  bool looks_like_classes = false;   ///< string, boolean or exactly two values (--loss auto)
};

/// Everything a Problem needs, owning its memory. Rows of weight zero and those dropped for missing values are gone;
/// `row_numbers` says which remain.
struct Dataset {
  DesignPtr design;
  std::vector<std::string> feature_names;  ///< of the coded columns
  Coding coding;
  Response response;
  std::vector<double> weights, offset;                 ///< empty: none given
  std::vector<std::string> fold_labels, group_labels;  ///< empty: none given
  std::vector<Index> row_numbers;                      ///< empty: all rows kept
  std::vector<std::string> warnings;                   ///< leakage, constant target, dropped rows, …

  /// The design with missing cells of mean-imputed columns filled by the weighted mean over rows of positive weight
  /// (each CV fold has its own). The same pointer when nothing is imputed.
  std::function<DesignPtr(std::span<const double> weights)> imputed_design;
};

/// The response as class labels: those it has, or its distinct numbers in increasing order (--loss logistic on a column of
/// numbers). Throws Error(input) naming the target for more than `most` distinct values.
Response as_classes(const Response& response, Index most);

/// Table → typed columns → coding → Dataset. Throws Error(column) or Error(input) with file, row, column, value.
///
/// Numeric and boolean (0/1) columns keep their storage; text and `categorical` columns become sparse 0/1 columns. Features
/// are ordered float64, float32, matrix, categorical, and as in the table within each. Missing cells (null, NaN, a token of
/// kMissingTokens): refused; or their rows dropped; or numbers filled with the mean and an own level "col=missing" for
/// categoricals; with `indicator` a 0/1 column "col=missing" for numbers too. A missing target, weight or label of a fold or
/// group is refused, save that `drop` drops rows with a missing target. In a sparse matrix an entry that is NaN is missing,
/// one that is not stored is zero.
///
/// A row of weight zero is a row that is not there: it adds no level and no class, and may have cells missing. What makes
/// its whole column unreadable (a word among numbers, an infinite number) is refused in it too.
Dataset make_dataset(const Table& table, const Roles& roles, const Context& context);

/// The same coding applied to a new table, columns matched by name; further columns are ignored. With `target` empty there
/// is no response. In a sparse table (LIBSVM) a feature beyond its last column is zero. `unseen` says what happens with a
/// level that the coding does not know, and with an empty cell of a categorical without a missing level: refused; none of
/// the level columns set; counted as missing (refused where the model has no column for that).
Dataset apply_coding(const Table& table, const Coding& coding, const std::string& target, UnseenPolicy unseen,
                     const Context& context);

}  // namespace riata
