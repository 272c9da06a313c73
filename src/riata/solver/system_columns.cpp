#include "riata/solver/system_columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "riata/kernels/kernels.hpp"
#include "riata/solver/column_products.hpp"

namespace riata {
namespace {

constexpr Index kEntriesInBlock = 150'000;  // of the copy: what a thread's own sums are worth
constexpr Index kMostBlocks = 16;

constexpr std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

SystemColumns::SystemColumns(const FittedProblem& fitted, const Context& context)
    : fitted_(fitted), context_(context), known_sum_(at(fitted.cols())), position_(at(fitted.cols()), -1) {}

void SystemColumns::set(std::span<const Index> columns, std::span<const double> curvature) {
  columns_.assign(columns.begin(), columns.end());
  if (!extend_copy()) take_copy();
  place_.clear();
  rest_.assign(columns_.size(), 0.0);
  for (std::size_t k = 0; !copied_.empty() && k < columns_.size(); ++k) {
    place_.push_back(static_cast<std::size_t>(position_[at(columns_[k])]));
    rest_[k] = copied_rest_[place_[k]];
  }
  if (!std::ranges::equal(curvature, curvature_)) {
    curvature_.assign(curvature.begin(), curvature.end());
    rounded_curvature_.assign(curvature.begin(), curvature.end());
    total_ = std::accumulate(curvature.begin(), curvature.end(), 0.0);
    std::ranges::fill(known_sum_, std::numeric_limits<double>::quiet_NaN());
  }
  take_sums();
  copied_sum_.assign(copied_.size(), 0.0);
  for (std::size_t k = 0; k < place_.size(); ++k) copied_sum_[place_[k]] = column_sum_[k];
}

/// Those that are not known yet; of most of the columns from the copy, which is read in one go.
void SystemColumns::take_sums() {
  std::vector<Index> unknown;
  for (const Index j : columns_) {
    if (std::isnan(known_sum_[at(j)])) unknown.push_back(j);
  }
  const bool most = unknown.size() > columns_.size() / 2;
  if (most) unknown = columns_;
  std::vector<double> sums(unknown.size());
  if (most) {
    dots(curvature_, sums);
  } else {
    dot_columns(*fitted_.design, unknown, curvature_, sums, context_);
  }
  for (std::size_t k = 0; k < unknown.size(); ++k) known_sum_[at(unknown[k])] = sums[k];
  column_sum_.resize(columns_.size());
  for (std::size_t k = 0; k < columns_.size(); ++k) column_sum_[k] = known_sum_[at(columns_[k])] + rest_[k] * total_;
}

/// Appends what the copy lacks; false where there is no copy, it would have many columns too many, or a row has no room.
bool SystemColumns::extend_copy() {
  constexpr std::size_t kFewMore = 8;  // a part of them
  if (copied_.empty()) return false;
  std::vector<Index> fresh;
  for (const Index j : columns_) {
    if (position_[at(j)] < 0) fresh.push_back(j);
  }
  if (fresh.empty()) return copied_.size() <= columns_.size() + columns_.size() / kFewMore;
  if (copied_.size() + fresh.size() > columns_.size() + columns_.size() / kFewMore) return false;
  const std::optional<RowEntries> entries = fitted_.design->row_entries(fresh, {}, {});
  return entries && append(*entries, fresh);
}

/// Not where it would take as much memory again as the data.
void SystemColumns::take_copy() {
  constexpr Index kMostShare = 2, kRoom = 4;
  for (const Index j : copied_) position_[at(j)] = -1;
  copied_.clear();
  copied_rest_.clear();
  copy_ = {};
  if (std::ssize(columns_) > fitted_.cols() / kMostShare) return;
  const std::optional<RowEntries> entries = fitted_.design->row_entries(columns_, {}, {});
  if (!entries) return;
  copy_.starts.assign(1, 0);
  for (std::size_t i = 0; i + 1 < entries->starts.size(); ++i) {
    const Index count = entries->starts[i + 1] - entries->starts[i];
    copy_.starts.push_back(copy_.starts.back() + count + count / kRoom + kRoom);
  }
  copy_.ends.assign(copy_.starts.begin(), copy_.starts.end() - 1);
  copy_.positions.resize(at(copy_.starts.back()));
  copy_.values.resize(at(copy_.starts.back()));
  copy_.rounded.resize(at(copy_.starts.back()));
  (void)append(*entries, columns_);
}

/// False, and nothing done, where a row has no room.
bool SystemColumns::append(const RowEntries& entries, std::span<const Index> columns) {
  for (std::size_t i = 0; i < copy_.ends.size(); ++i) {
    if (copy_.ends[i] + entries.starts[i + 1] - entries.starts[i] > copy_.starts[i + 1]) return false;
  }
  const auto known = static_cast<std::int32_t>(copied_.size());
  for (std::size_t i = 0; i < copy_.ends.size(); ++i) {
    for (auto e = at(entries.starts[i]); e < at(entries.starts[i + 1]); ++e) {
      const auto end = at(copy_.ends[i]++);
      copy_.positions[end] = known + entries.positions[e];
      copy_.values[end] = entries.values[e];
      copy_.rounded[end] = static_cast<float>(entries.values[e]);
    }
  }
  for (std::size_t k = 0; k < columns.size(); ++k) position_[at(columns[k])] = known + static_cast<std::int32_t>(k);
  copied_.insert(copied_.end(), columns.begin(), columns.end());
  copied_rest_.insert(copied_rest_.end(), entries.rest.begin(), entries.rest.end());
  return true;
}

std::vector<double> SystemColumns::spread(std::span<const double> v) const {
  std::vector<double> all(copied_.size());
  for (std::size_t k = 0; k < v.size(); ++k) all[place_[k]] = v[k];
  return all;
}

/// One number a column of columns_, from `add` over blocks of the copy's rows: the same whatever the number of threads.
std::vector<double> SystemColumns::sums_of_blocks(const std::function<void(Index, Index, double*)>& add) const {
  const Index n = fitted_.rows(), count = blocks();
  const std::size_t size = copied_.size();
  std::vector<double> sums(size * at(count)), picked(columns_.size());
  context_.for_blocks(count,
                      [&](Index block) { add(n * block / count, n * (block + 1) / count, sums.data() + at(block) * size); });
  for (std::size_t k = 0; k < picked.size(); ++k) {
    for (std::size_t from = place_[k]; from < sums.size(); from += size) picked[k] += sums[from];
  }
  return picked;
}

double SystemColumns::normal(std::span<const double> v, std::span<double> rows, std::span<double> out) const {
  if (!copied_.empty()) {
    const std::vector<double> all = spread(v);
    std::ranges::copy(sums_of_blocks([&](Index first, Index last, double* sums) {
                        kernels::sparse_normal(copy_.starts.data(), copy_.ends.data(), copy_.positions.data(),
                                               copy_.values.data(), first, last, curvature_.data(), all.data(), rows.data(),
                                               sums);
                      }),
                      out.begin());
  } else {
    const auto count = static_cast<Index>(columns_.size());
    const RowMap weigh = [&](Index first, Matrix part) {
      const std::span<double> own = part.column(0);
      std::ranges::copy(own, rows.begin() + first);
      for (std::size_t i = 0; i < own.size(); ++i) own[i] *= curvature_[at(first) + i];
    };
    fitted_.design->multiply_back(columns_, {v.data(), count, 1}, weigh, {out.data(), count, 1}, {}, context_);
  }
  // So far without the rest and κ, which are the same for all rows.
  const double rest = kernels::dot(rest_.data(), v.data(), std::ssize(rest_), 0.0);
  const double sum = kernels::dot(rows.data(), curvature_.data(), std::ssize(rows), 0.0);
  const bool centred = fitted_.intercept && total_ > 0;
  const double constant = centred ? -sum / total_ : -rest, left = centred ? 0.0 : sum + constant * total_;
  for (std::size_t k = 0; k < out.size(); ++k) out[k] += constant * column_sum_[k] - left * rest_[k];
  for (double& value : rows) value += constant;
  return centred ? constant + rest : 0.0;
}

template <class T>
Sides SystemColumns::rest_of(const SideVectors<T>& v) const {
  Sides rest{};
  if (std::ranges::all_of(rest_, [](double r) { return r == 0; })) return rest;
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    for (std::size_t c = 0; c < at(v.width); ++c) rest[c] += rest_[k] * static_cast<double>(v(place_[k], c));
  }
  return rest;
}

SideCurvature SystemColumns::curvature(Index width, ConstMatrix h) const {
  SideCurvature out{{h.rows, width}, {entries(), width}};
  for (Index c = 0; c < h.cols; ++c) {
    for (Index i = 0; i < h.rows; ++i) {
      out.rows(at(i), at(c)) = static_cast<float>(h(i, c));
      out.total[at(c)] += h(i, c);
    }
  }
  std::vector<SideVectors<float>> parts(at(blocks()), SideVectors<float>(entries(), width));
  context_.for_blocks(blocks(), [&](Index block) {
    kernels::sparse_transposed_sides(copy_.starts.data(), copy_.ends.data(), copy_.positions.data(), copy_.rounded.data(),
                                     h.rows * block / blocks(), h.rows * (block + 1) / blocks(), out.rows.values.data(),
                                     width, parts[at(block)].values.data());
  });
  for (const SideVectors<float>& part : parts) {
    for (std::size_t i = 0; i < part.values.size(); ++i) out.column_sum.values[i] += part.values[i];
  }
  return out;
}

Index SystemColumns::blocks() const { return std::clamp<Index>(copy_.starts.back() / kEntriesInBlock, 1, kMostBlocks); }

void SystemColumns::normal(const SideVectors<float>& v, SideVectors<float>& out, const SideCurvature* own) const {
  const Index n = fitted_.rows(), count = blocks();
  const std::size_t width = at(v.width);
  std::vector<SideVectors<float>> parts;
  for (Index block = 1; block < count; ++block) parts.emplace_back(entries(), v.width);
  std::vector<std::array<float, at(kMostSides)>> totals(at(count));
  context_.for_blocks(count, [&](Index block) {
    SideVectors<float>& part = block == 0 ? out : parts[at(block - 1)];
    std::ranges::fill(part.values, 0.0F);
    kernels::sparse_normal_sides(copy_.starts.data(), copy_.ends.data(), copy_.positions.data(), copy_.rounded.data(),
                                 n * block / count, n * (block + 1) / count,
                                 own ? own->rows.values.data() : rounded_curvature_.data(), own ? v.width : 1,
                                 v.values.data(), v.width, totals[at(block)].data(), part.values.data());
  });
  for (const SideVectors<float>& part : parts) {
    for (std::size_t i = 0; i < out.values.size(); ++i) out.values[i] += part.values[i];
  }
  const Sides rest = rest_of(v);
  Sides constant{}, left{};
  for (std::size_t c = 0; c < width; ++c) {
    const double total = own ? own->total[c] : total_;
    const bool centred = fitted_.intercept && total > 0;
    double sum = 0;
    for (const auto& part : totals) sum += static_cast<double>(part[c]);
    constant[c] = centred ? -sum / total : -rest[c];
    left[c] = centred ? 0.0 : sum + constant[c] * total;
  }
  for (std::size_t i = 0; i < out.entries(); ++i) {
    for (std::size_t c = 0; c < width; ++c) {
      const double column_sum = own ? static_cast<double>(own->column_sum(i, c)) : copied_sum_[i];
      out(i, c) += static_cast<float>(constant[c] * column_sum - left[c] * copied_rest_[i]);
    }
  }
}

void SystemColumns::add(const SideVectors<double>& v, SideVectors<double>& rows) const {
  const Sides rest = rest_of(v);
  Sides product{};
  for (std::size_t i = 0; i < copy_.ends.size(); ++i) {
    const Index from = copy_.starts[i];
    kernels::sparse_dots(copy_.values.data() + from, copy_.positions.data() + from, copy_.ends[i] - from, v.values.data(),
                         v.width, 0.0, product.data());
    for (std::size_t c = 0; c < at(v.width); ++c) rows(i, c) += product[c] - rest[c];
  }
}

void SystemColumns::add(std::span<const double> v, std::span<double> rows) const {
  if (copied_.empty()) return add_columns(*fitted_.design, columns_, v, rows, context_);
  const std::vector<double> all = spread(v);
  const double rest = std::inner_product(rest_.begin(), rest_.end(), v.begin(), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Index from = copy_.starts[i];
    rows[i] += kernels::sparse_dot(copy_.values.data() + from, copy_.positions.data() + from, copy_.ends[i] - from,
                                   all.data(), 0.0) -
               rest;
  }
}

void SystemColumns::dots(std::span<const double> rows, std::span<double> out) const {
  if (copied_.empty()) return dot_columns(*fitted_.design, columns_, rows, out, context_);
  const double total = std::accumulate(rows.begin(), rows.end(), 0.0);
  std::ranges::copy(sums_of_blocks([&](Index first, Index last, double* sums) {
                      for (auto i = at(first); i < at(last); ++i) {
                        const Index from = copy_.starts[i];
                        kernels::sparse_add(rows[i], copy_.values.data() + from, copy_.positions.data() + from,
                                            copy_.ends[i] - from, sums, 0.0);
                      }
                    }),
                    out.begin());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] -= total * rest_[k];
}

}  // namespace riata
