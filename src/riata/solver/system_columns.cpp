#include "riata/solver/system_columns.hpp"

#include <algorithm>
#include <numeric>

#include "riata/kernels/kernels.hpp"
#include "riata/solver/column_products.hpp"

namespace riata {
namespace {

constexpr Index kEntriesInBlock = 150'000;  // of the copy: what a thread's own sums are worth
constexpr Index kMostBlocks = 16;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

SystemColumns::SystemColumns(const FittedProblem& fitted, const Context& context) : fitted_(fitted), context_(context) {}

void SystemColumns::set(std::span<const Index> columns, std::span<const double> curvature) {
  curvature_ = curvature;
  total_ = std::accumulate(curvature.begin(), curvature.end(), 0.0);
  columns_.assign(columns.begin(), columns.end());
  if (!copy_serves()) copy_if_it_pays();
  rest_.assign(columns_.size(), 0.0);
  for (std::size_t k = 0; copy_ && k < rest_.size(); ++k) rest_[k] = copy_->rest[place_[k]];
  column_sum_.resize(columns_.size());
  dots(curvature, column_sum_);
  for (std::size_t k = 0; k < rest_.size(); ++k) column_sum_[k] += rest_[k] * total_;
}

/// Whether all columns are in the copy, and it has not many more.
bool SystemColumns::copy_serves() {
  constexpr std::size_t kFewMore = 8;  // a part of them
  if (!copy_ || copied_.size() > columns_.size() + columns_.size() / kFewMore) return false;
  place_.clear();
  auto from = copied_.begin();
  for (const Index j : columns_) {
    from = std::lower_bound(from, copied_.end(), j);
    if (from == copied_.end() || *from != j) return false;
    place_.push_back(static_cast<std::size_t>(from - copied_.begin()));
  }
  return true;
}

/// Not where it would take as much memory again as the data.
void SystemColumns::copy_if_it_pays() {
  constexpr Index kMostShare = 2;
  copy_.reset();
  if (std::ssize(columns_) > fitted_.cols() / kMostShare) return;
  copy_ = fitted_.design->row_entries(columns_, {}, {});
  copied_ = columns_;
  place_.resize(columns_.size());
  std::iota(place_.begin(), place_.end(), std::size_t{0});
}

std::vector<double> SystemColumns::spread(std::span<const double> v) const {
  std::vector<double> all(copied_.size());
  for (std::size_t k = 0; k < v.size(); ++k) all[place_[k]] = v[k];
  return all;
}

/// One number a column of columns_, from `add` over blocks of the copy's rows: the same whatever the number of threads.
std::vector<double> SystemColumns::sums_of_blocks(const std::function<void(Index, Index, double*)>& add) const {
  const Index n = fitted_.rows(), blocks = std::clamp<Index>(copy_->starts.back() / kEntriesInBlock, 1, kMostBlocks);
  const std::size_t size = copied_.size();
  std::vector<double> sums(size * at(blocks)), picked(columns_.size());
  context_.for_blocks(
      blocks, [&](Index block) { add(n * block / blocks, n * (block + 1) / blocks, sums.data() + at(block) * size); });
  for (std::size_t k = 0; k < picked.size(); ++k) {
    for (std::size_t from = place_[k]; from < sums.size(); from += size) picked[k] += sums[from];
  }
  return picked;
}

double SystemColumns::normal(std::span<const double> v, std::span<double> rows, std::span<double> out) const {
  if (copy_) {
    const std::vector<double> all = spread(v);
    std::ranges::copy(sums_of_blocks([&](Index first, Index last, double* sums) {
                        kernels::sparse_normal(copy_->starts.data(), copy_->positions.data(), copy_->values.data(), first,
                                               last, curvature_.data(), all.data(), rows.data(), sums);
                      }),
                      out.begin());
  } else {
    const RowMap weigh = [&](Index first, std::span<double> part) {
      std::ranges::copy(part, rows.begin() + first);
      for (std::size_t i = 0; i < part.size(); ++i) part[i] *= curvature_[at(first) + i];
    };
    fitted_.design->multiply_back(columns_, v, weigh, out, {}, context_);
  }
  // So far without the rest and κ, which are the same for all rows.
  const double rest = std::inner_product(rest_.begin(), rest_.end(), v.begin(), 0.0);
  const double sum = std::inner_product(rows.begin(), rows.end(), curvature_.begin(), 0.0);
  const bool centred = fitted_.intercept && total_ > 0;
  const double constant = centred ? -sum / total_ : -rest, left = centred ? 0.0 : sum + constant * total_;
  for (std::size_t k = 0; k < out.size(); ++k) out[k] += constant * column_sum_[k] - left * rest_[k];
  for (double& value : rows) value += constant;
  return centred ? constant + rest : 0.0;
}

void SystemColumns::add(std::span<const double> v, std::span<double> rows) const {
  if (!copy_) return add_columns(*fitted_.design, columns_, v, rows, context_);
  const std::vector<double> all = spread(v);
  const double rest = std::inner_product(rest_.begin(), rest_.end(), v.begin(), 0.0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Index from = copy_->starts[i];
    rows[i] += kernels::sparse_dot(copy_->values.data() + from, copy_->positions.data() + from, copy_->starts[i + 1] - from,
                                   all.data(), 0.0) -
               rest;
  }
}

void SystemColumns::dots(std::span<const double> rows, std::span<double> out) const {
  if (!copy_) return dot_columns(*fitted_.design, columns_, rows, out, context_);
  const double total = std::accumulate(rows.begin(), rows.end(), 0.0);
  std::ranges::copy(sums_of_blocks([&](Index first, Index last, double* sums) {
                      for (auto i = at(first); i < at(last); ++i) {
                        const Index from = copy_->starts[i];
                        kernels::sparse_add(rows[i], copy_->values.data() + from, copy_->positions.data() + from,
                                            copy_->starts[i + 1] - from, sums, 0.0);
                      }
                    }),
                    out.begin());
  for (std::size_t k = 0; k < out.size(); ++k) out[k] -= total * rest_[k];
}

}  // namespace riata
