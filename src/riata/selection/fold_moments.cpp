#include "riata/selection/fold_moments.hpp"

#include <algorithm>

namespace riata {
namespace {

constexpr double kLeastShare = 1e-8;  // of a column's variation that must be left for eight digits to be right
constexpr Index kNotCounted = -2;

/// The value of a column on the rows that count, where it is one and the same.
std::optional<double> only_value(std::span<const double> column, const std::vector<bool>& counts) {
  std::optional<double> out;
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (!counts[i] || (out && *out == column[i])) continue;
    if (out) return std::nullopt;
    out = column[i];
  }
  return out;
}

}  // namespace

FoldMoments::FoldMoments(const Problem& problem, const Folds& folds, const Context& context)
    : in_time_(folds.in_time), design_(problem.design), fold_of_(folds.validation) {
  const Index n_parts = folds.n_folds + 1;
  for (std::size_t i = 0; i < fold_of_.size(); ++i) {
    if (!problem.weights.empty() && problem.weights[i] == 0) fold_of_[i] = kNotCounted;
  }
  std::vector<Index> part_of(fold_of_);
  std::ranges::replace(part_of, Index{-1}, n_parts - 1);
  parts_ = cross_moments(problem, part_of, n_parts, moments_shift(problem, context), context);
  total_ = parts_.front();
  for (std::size_t k = 1; k < parts_.size(); ++k) total_.add(parts_[k]);
}

std::shared_ptr<const FoldMoments> fold_moments_if_they_pay(const Problem& problem, Index n_lambdas, const Folds& folds,
                                                            const Context& context) {
  if (!folds.splits.empty() || !moments_pay_for_path(problem, n_lambdas, 2 * folds.n_folds + 3, context)) return nullptr;
  return std::make_shared<const FoldMoments>(problem, folds, context);
}

std::optional<CrossMoments> FoldMoments::training(Index fold, Index other) const {
  CrossMoments out = in_time_ ? parts_.back() : total_;
  if (in_time_) {
    for (Index k = 0; k < fold; ++k) out.add(validation(k));
    return out;
  }
  out.subtract(validation(fold));
  if (other >= 0) out.subtract(validation(other));
  if (!has_digits(out, [&](Index of) { return of != fold && of != other; })) return std::nullopt;
  return out;
}

std::optional<CrossMoments> FoldMoments::together(std::span<const Index> folds) const {
  CrossMoments out = validation(folds.front());
  for (const Index k : folds.subspan(1)) out.add(validation(k));
  if (!has_digits(out, [&](Index of) { return std::ranges::find(folds, of) != folds.end(); })) return std::nullopt;
  return out;
}

/// Whether the rows of the folds that are taken leave enough of every column and of the response; finds the columns that are
/// constant there.
bool FoldMoments::has_digits(CrossMoments& moments, const std::function<bool(Index)>& taken) const {
  const std::size_t p = moments.sum.size();
  std::vector<Index> doubtful;
  for (std::size_t j = 0; j < p; ++j) {
    const double left = moments.xx[j * p + j] - moments.sum[j] * (moments.sum[j] / moments.weight);
    if (!(left > kLeastShare * total_.xx[j * p + j]) && total_.xx[j * p + j] > 0) doubtful.push_back(static_cast<Index>(j));
  }
  const double left = moments.zz - moments.z_sum * (moments.z_sum / moments.weight);
  if (!(left > kLeastShare * total_.zz) && total_.zz > 0) return false;
  if (doubtful.empty()) return true;
  std::vector<bool> counts;
  for (const Index of : fold_of_) counts.push_back(of != kNotCounted && taken(of));
  std::vector<double> column(fold_of_.size());
  for (const Index j : doubtful) {
    design_->gather(std::span(&j, 1), Matrix(column.data(), std::ssize(column), 1));
    const std::optional<double> value = only_value(column, counts);
    if (!value) return false;
    moments.constants.emplace_back(j, *value);
  }
  return true;
}

}  // namespace riata
