#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// The rows that one fold trains on and is judged on; a row that is named twice counts twice.
struct RowSplit {
  std::vector<Index> training, validation;
};

/// A partition of the rows for cross-validation. `validation[i]` is the fold (0 … n_folds − 1) whose model is judged on row
/// i, −1 for a row that is only ever trained on. In time order a fold trains only on rows of earlier blocks.
struct Folds {
  Index n_folds = 0;
  std::vector<Index> validation;
  bool in_time = false;  ///< fold k trains on rows with validation[i] < k (−1 included), else on validation[i] ≠ k
  /// Where they are no partition: one split a fold, which then say everything.
  std::vector<RowSplit> splits{};
};

// All of these throw Error(argument or input) when the folds cannot be made: fewer than two folds, more folds than rows or
// groups, a single label. `weights` (n entries, or empty for ones): rows of weight zero take no part and get −1, so that the
// folds are those of the table without these rows.

/// K folds whose sizes differ by at most one: a seeded permutation is dealt out in turn.
Folds random_folds(Index n_rows, Index n_folds, std::uint64_t seed, std::span<const double> weights = {});

/// The same within each class, so that every fold holds each class in the same share (up to one row).
/// `codes`: the class of every row, 0, 1, ….
Folds stratified_folds(std::span<const double> codes, Index n_folds, std::uint64_t seed,
                       std::span<const double> weights = {});

/// A fold for every distinct label, in order of the labels: as numbers where all are numbers, else by bytes.
Folds labelled_folds(std::span<const std::string> labels, std::span<const double> weights = {});

/// Rows that share a label stay together. Groups go, largest first, to the fold that holds the fewest rows; groups of equal
/// size in seeded order.
Folds group_folds(std::span<const std::string> groups, Index n_folds, std::uint64_t seed,
                  std::span<const double> weights = {});

/// K + 1 consecutive blocks of rows whose sizes differ by at most one; the first is only ever trained on (−1), block k + 1
/// judges the model that was trained on all blocks before it.
Folds time_folds(Index n_rows, Index n_folds, std::span<const double> weights = {});

/// Folds of any rows, overlapping or not. Where the splits partition the rows and each trains on all others, the result has
/// the plain form. Throws Error(argument) without splits and for rows outside [0, n_rows).
Folds split_folds(Index n_rows, std::vector<RowSplit> splits);

}  // namespace riata
