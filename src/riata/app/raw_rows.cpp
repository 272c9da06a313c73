#include "riata/app/raw_rows.hpp"

#include <algorithm>
#include <numeric>

namespace riata {
namespace {

constexpr Index kGathered = Index{1} << 18;  // numbers that are gathered at a time: 2 MiB

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::vector<Index> columns_from(Index first, Index count) {
  std::vector<Index> out(at(count));
  std::iota(out.begin(), out.end(), first);
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

}  // namespace

RawRows raw_rows(const DesignPtr& design, const std::vector<double>& response, const std::vector<double>& weights,
                 const std::vector<double>& offset, const std::vector<Index>& take) {
  const RawRows all{.n = design->rows(),
                    .design = design,
                    .rows = columns_from(0, design->rows()),
                    .entries = design->row_entries(columns_from(0, design->cols()), {}, {}),
                    .response = response,
                    .weights = weights,
                    .offset = offset};
  return std::ssize(take) == all.n ? all : select_rows(all, take);
}

RawRows select_rows(const RawRows& rows, const std::vector<Index>& take) {
  RawRows out{
      .n = std::ssize(take), .design = rows.design, .rows = {}, .entries = {}, .response = {}, .weights = {}, .offset = {}};
  if (rows.entries) out.entries = select_entries(*rows.entries, take);
  const auto pick = [&](const auto& from, auto& into) {
    into.reserve(from.empty() ? 0 : take.size());
    for (const Index i : take) {
      if (!from.empty()) into.push_back(from[at(i)]);
    }
  };
  pick(rows.rows, out.rows);
  pick(rows.response, out.response);
  pick(rows.weights, out.weights);
  pick(rows.offset, out.offset);
  return out;
}

std::span<const double> RawColumns::of(Index j) {
  const Design& design = *rows_.design;
  const Index n = design.rows();
  if (j < first_ || j >= first_ + width_) {
    first_ = j;
    width_ = std::clamp<Index>(kGathered / std::max<Index>(1, n), 1, design.cols() - j);
    table_.resize(at(n * width_));
    design.gather(columns_from(first_, width_), Matrix(table_.data(), n, width_));
  }
  const std::span<const double> whole = std::span(table_).subspan(at((j - first_) * n), at(n));
  column_.resize(at(rows_.n));
  for (std::size_t i = 0; i < column_.size(); ++i) column_[i] = whole[at(rows_.rows[i])];
  return column_;
}

}  // namespace riata
