#include "riata/app/raw_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "riata/design/make_design.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::vector<Index> all_columns(Index n) {
  std::vector<Index> out(at(n));
  std::iota(out.begin(), out.end(), Index{0});
  return out;
}

RowEntries select_entries(const RowEntries& rows, const std::vector<Index>& take) {
  RowEntries out{.starts = {0}, .positions = {}, .values = {}, .rest = rows.rest};
  for (const Index i : take) {
    const Index first = rows.starts[at(i)], last = rows.starts[at(i) + 1];
    out.positions.insert(out.positions.end(), rows.positions.begin() + first, rows.positions.begin() + last);
    out.values.insert(out.values.end(), rows.values.begin() + first, rows.values.begin() + last);
    out.starts.push_back(std::ssize(out.values));
  }
  return out;
}

bool is_sparse(const Design& design) { return design.row_entries({}, {}, {}).has_value(); }

}  // namespace

RawRows raw_rows(const Design& design, const std::vector<double>& response, const std::vector<double>& weights,
                 const std::vector<double>& offset, const std::vector<Index>& take) {
  const std::vector<Index> columns = all_columns(design.cols());
  RawRows all{.n = design.rows(),
              .features = {},
              .entries = design.row_entries(columns, {}, {}),
              .response = response,
              .weights = weights,
              .offset = offset};
  if (!all.entries) {
    all.features.resize(at(design.rows() * design.cols()));
    design.gather(columns, Matrix(all.features.data(), design.rows(), design.cols()));
  }
  return std::ssize(take) == all.n ? all : select_rows(all, design.cols(), take);
}

RawRows select_rows(const RawRows& rows, Index n_features, const std::vector<Index>& take) {
  RawRows out{.n = std::ssize(take), .features = {}, .entries = {}, .response = {}, .weights = {}, .offset = {}};
  if (rows.entries) {
    out.entries = select_entries(*rows.entries, take);
  } else {
    out.features.reserve(at(out.n * n_features));
    for (Index j = 0; j < n_features; ++j) {
      for (const Index i : take) out.features.push_back(rows.features[at(i + j * rows.n)]);
    }
  }
  const auto pick = [&](const std::vector<double>& from, std::vector<double>& into) {
    for (const Index i : take) {
      if (!from.empty()) into.push_back(from[at(i)]);
    }
  };
  pick(rows.response, out.response);
  pick(rows.weights, out.weights);
  pick(rows.offset, out.offset);
  return out;
}

double raw_bytes(const Design& design) {
  constexpr double kEntry = sizeof(double) + sizeof(std::int32_t);
  if (is_sparse(design)) return static_cast<double>(design.stored()) * kEntry;
  return static_cast<double>(design.rows()) * static_cast<double>(design.cols()) * sizeof(double);
}

RawColumns::RawColumns(const RawRows& rows, Index n_features) : rows_(rows), n_features_(n_features) {
  if (!rows.entries) return;
  const RowEntries& entries = *rows.entries;
  starts_.assign(at(n_features) + 1, 0);
  for (const std::int32_t j : entries.positions) ++starts_[static_cast<std::size_t>(j) + 1];
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
  std::vector<Index> next = starts_;
  row_indices_.resize(entries.values.size());
  values_.resize(entries.values.size());
  for (Index i = 0; i < rows.n; ++i) {
    for (Index k = entries.starts[at(i)]; k < entries.starts[at(i) + 1]; ++k) {
      const std::size_t place = at(next[static_cast<std::size_t>(entries.positions[at(k)])]++);
      row_indices_[place] = i;
      values_[place] = entries.values[at(k)];
    }
  }
}

std::span<const double> RawColumns::of(Index j) {
  if (!rows_.entries) return std::span(rows_.features).subspan(at(j * rows_.n), at(rows_.n));
  column_.assign(at(rows_.n), 0.0);
  for (Index k = starts_[at(j)]; k < starts_[at(j) + 1]; ++k) {
    column_[at(row_indices_[at(k)])] = values_[at(k)];
  }
  return column_;
}

DesignPtr RawColumns::design() const {
  if (rows_.entries) {
    return sparse_columns(rows_.n, n_features_, starts_.data(), row_indices_.data(), values_.data(), nullptr);
  }
  std::vector<const double*> columns;
  for (Index j = 0; j < n_features_; ++j) columns.push_back(rows_.features.data() + j * rows_.n);
  return dense_columns(std::move(columns), rows_.n, nullptr);
}

}  // namespace riata
