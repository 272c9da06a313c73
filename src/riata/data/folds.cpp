#include "riata/data/folds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "riata/core/error.hpp"
#include "riata/core/random.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

/// Rows that take part: all, or those of positive weight.
std::vector<Index> rows_taking_part(Index n_rows, std::span<const double> weights) {
  std::vector<Index> rows;
  rows.reserve(static_cast<std::size_t>(n_rows));
  for (Index i = 0; i < n_rows; ++i) {
    if (weights.empty() || weights[static_cast<std::size_t>(i)] > 0) rows.push_back(i);
  }
  return rows;
}

void check_count(Index n_folds, Index available, const char* what) {
  if (n_folds < 2) {
    throw Error(ErrorKind::argument,
                "--folds " + std::to_string(n_folds) + ": cross-validation needs at least 2 folds (0 for none)");
  }
  if (n_folds <= available) return;
  throw Error(ErrorKind::argument,
              "--folds " + std::to_string(n_folds) + ": there are only " + std::to_string(available) + " " + what +
                  "; give " + (available >= 2 ? "--folds " + std::to_string(available) + " or fewer" : "--folds 0"));
}

Folds unassigned(Index n_rows, Index n_folds) {
  return {n_folds, std::vector<Index>(static_cast<std::size_t>(n_rows), -1), false};
}

/// Distinct labels in order, with the rows of each.
std::map<std::string, std::vector<Index>> rows_by_label(std::span<const std::string> labels, std::span<const Index> rows) {
  std::map<std::string, std::vector<Index>> out;
  for (Index i : rows) out[labels[static_cast<std::size_t>(i)]].push_back(i);
  return out;
}

}  // namespace

Folds random_folds(Index n_rows, Index n_folds, std::uint64_t seed, std::span<const double> weights) {
  const std::vector<Index> rows = rows_taking_part(n_rows, weights);
  const auto count = static_cast<Index>(rows.size());
  check_count(n_folds, count, "rows");
  Folds folds = unassigned(n_rows, n_folds);
  const std::vector<Index> order = Random(seed, kFoldStream).permutation(count);
  for (Index k = 0; k < count; ++k) {
    folds.validation[static_cast<std::size_t>(rows[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])])] =
        k % n_folds;
  }
  return folds;
}

Folds stratified_folds(std::span<const double> codes, Index n_folds, std::uint64_t seed, std::span<const double> weights) {
  const auto n_rows = static_cast<Index>(codes.size());
  const std::vector<Index> rows = rows_taking_part(n_rows, weights);
  const auto count = static_cast<Index>(rows.size());
  check_count(n_folds, count, "rows");
  std::vector<Index> order = Random(seed, kFoldStream).permutation(count);
  const auto code = [&](Index k) { return codes[static_cast<std::size_t>(rows[static_cast<std::size_t>(k)])]; };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return code(a) < code(b); });
  Folds folds = unassigned(n_rows, n_folds);
  for (Index k = 0; k < count; ++k) {  // dealing goes on from class to class, so that folds stay even in size
    folds.validation[static_cast<std::size_t>(rows[static_cast<std::size_t>(order[static_cast<std::size_t>(k)])])] =
        k % n_folds;
  }
  return folds;
}

Folds labelled_folds(std::span<const std::string> labels, std::span<const double> weights) {
  const auto n_rows = static_cast<Index>(labels.size());
  const std::vector<Index> rows = rows_taking_part(n_rows, weights);
  const auto by_label = rows_by_label(labels, rows);
  if (by_label.size() < 2) {
    throw Error(ErrorKind::input, "the fold column holds " +
                                      (by_label.empty() ? std::string("no label")
                                                        : "one label only, '" + printable(by_label.begin()->first) + "'") +
                                      "; cross-validation needs at least 2");
  }
  std::vector<const std::string*> ordered;
  ordered.reserve(by_label.size());
  for (const auto& [label, unused] : by_label) ordered.push_back(&label);
  const auto number = [](const std::string* label) { return parse_double(*label); };
  if (std::all_of(ordered.begin(), ordered.end(), number)) {
    std::stable_sort(ordered.begin(), ordered.end(), [&](auto* a, auto* b) { return *number(a) < *number(b); });
  }
  Folds folds = unassigned(n_rows, static_cast<Index>(ordered.size()));
  for (Index k = 0; k < folds.n_folds; ++k) {
    for (Index i : by_label.at(*ordered[static_cast<std::size_t>(k)])) folds.validation[static_cast<std::size_t>(i)] = k;
  }
  return folds;
}

Folds group_folds(std::span<const std::string> groups, Index n_folds, std::uint64_t seed, std::span<const double> weights) {
  const auto n_rows = static_cast<Index>(groups.size());
  const std::vector<Index> rows = rows_taking_part(n_rows, weights);
  const auto by_group = rows_by_label(groups, rows);
  const auto n_groups = static_cast<Index>(by_group.size());
  check_count(n_folds, n_groups, "groups in the group column");
  std::vector<const std::vector<Index>*> members;
  members.reserve(by_group.size());
  for (const auto& [unused, group] : by_group) members.push_back(&group);
  std::vector<Index> order = Random(seed, kFoldStream).permutation(n_groups);
  const auto size = [&](Index g) { return members[static_cast<std::size_t>(g)]->size(); };
  std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return size(a) > size(b); });
  Folds folds = unassigned(n_rows, n_folds);
  std::vector<std::size_t> held(static_cast<std::size_t>(n_folds));
  for (Index g : order) {
    const auto emptiest = std::min_element(held.begin(), held.end());
    for (Index i : *members[static_cast<std::size_t>(g)])
      folds.validation[static_cast<std::size_t>(i)] = emptiest - held.begin();
    *emptiest += size(g);
  }
  return folds;
}

Folds time_folds(Index n_rows, Index n_folds, std::span<const double> weights) {
  const std::vector<Index> rows = rows_taking_part(n_rows, weights);
  const auto count = static_cast<Index>(rows.size());
  check_count(n_folds, count - 1, "rows after the first");
  Folds folds = unassigned(n_rows, n_folds);
  folds.in_time = true;
  const Index blocks = n_folds + 1, small = count / blocks, larger = count % blocks;
  for (Index k = 0; k < count; ++k) {  // the first `larger` blocks hold one row more
    const Index border = larger * (small + 1);
    const Index block = k < border ? k / (small + 1) : larger + (k - border) / small;
    folds.validation[static_cast<std::size_t>(rows[static_cast<std::size_t>(k)])] = block - 1;
  }
  return folds;
}

namespace {

void check_rows(Index n_rows, std::span<const Index> rows) {
  for (const Index i : rows) {
    if (i < 0 || i >= n_rows) {
      throw Error(ErrorKind::argument,
                  "a fold names row " + std::to_string(i) + " of a table with " + std::to_string(n_rows) + " rows");
    }
  }
}

/// Whether the split trains on exactly the rows that it is not judged on.
bool complementary(Index n_rows, const RowSplit& split) {
  if (static_cast<Index>(split.training.size() + split.validation.size()) != n_rows) return false;
  std::vector<char> named(static_cast<std::size_t>(n_rows));
  for (const Index i : split.training) named[static_cast<std::size_t>(i)] = 1;
  for (const Index i : split.validation) named[static_cast<std::size_t>(i)] = 1;
  return std::ranges::all_of(named, [](char one) { return one != 0; });
}

}  // namespace

Folds split_folds(Index n_rows, std::vector<RowSplit> splits) {
  if (splits.empty()) throw Error(ErrorKind::argument, "cross-validation needs at least one fold");
  Folds folds = unassigned(n_rows, static_cast<Index>(splits.size()));
  bool plain = true;
  Index judged = 0;
  for (std::size_t k = 0; k < splits.size(); ++k) {
    check_rows(n_rows, splits[k].training);
    check_rows(n_rows, splits[k].validation);
    plain = plain && complementary(n_rows, splits[k]);
    judged += static_cast<Index>(splits[k].validation.size());
    for (const Index i : splits[k].validation) folds.validation[static_cast<std::size_t>(i)] = static_cast<Index>(k);
  }
  const bool each_once = std::ranges::none_of(folds.validation, [](Index fold) { return fold < 0; }) && judged == n_rows;
  if (!plain || !each_once) folds.splits = std::move(splits);
  return folds;
}

}  // namespace riata
