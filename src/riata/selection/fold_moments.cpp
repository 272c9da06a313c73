#include "riata/selection/fold_moments.hpp"

namespace riata {
namespace {

constexpr double kLeastShare = 1e-8;  // of a column's variation that must be left for eight digits to be right

}  // namespace

FoldMoments::FoldMoments(const Problem& problem, const Folds& folds, const Context& context) : in_time_(folds.in_time) {
  const std::size_t n = folds.validation.size(), n_parts = static_cast<std::size_t>(folds.n_folds + 1);
  std::vector<std::vector<double>> weights(n_parts, std::vector<double>(n, 0.0));
  for (std::size_t i = 0; i < n; ++i) {
    const Index fold = folds.validation[i];
    weights[fold < 0 ? n_parts - 1 : static_cast<std::size_t>(fold)][i] = problem.weights.empty() ? 1.0 : problem.weights[i];
  }
  parts_ = cross_moments(problem, std::vector<std::span<const double>>(weights.begin(), weights.end()),
                         moments_shift(problem, context), context);
  total_ = parts_.front();
  for (std::size_t k = 1; k < n_parts; ++k) total_.add(parts_[k]);
}

std::shared_ptr<const FoldMoments> fold_moments_if_they_pay(const Problem& problem, Index n_lambdas, const Folds& folds,
                                                            const Context& context) {
  if (!folds.splits.empty() || !moments_pay_for_path(problem, n_lambdas, 2 * folds.n_folds + 3, context)) return nullptr;
  return std::make_shared<const FoldMoments>(problem, folds, context);
}

std::optional<CrossMoments> FoldMoments::training(Index fold) const {
  CrossMoments out = in_time_ ? parts_.back() : total_;
  if (in_time_) {
    for (Index k = 0; k < fold; ++k) out.add(validation(k));
    return out;
  }
  out.subtract(validation(fold));
  const std::size_t p = out.sum.size();
  for (std::size_t j = 0; j < p; ++j) {
    const double left = out.xx[j * p + j] - out.sum[j] * (out.sum[j] / out.weight);
    if (!(left > kLeastShare * total_.xx[j * p + j]) && total_.xx[j * p + j] > 0) return std::nullopt;
  }
  const double left = out.zz - out.z_sum * (out.z_sum / out.weight);
  if (!(left > kLeastShare * total_.zz) && total_.zz > 0) return std::nullopt;
  return out;
}

}  // namespace riata
