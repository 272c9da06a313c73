#include "riata/selection/fold_moments.hpp"

namespace riata {
namespace {

constexpr double kLeastShare = 1e-8;  // of a column's variation that must be left for eight digits to be right

}  // namespace

FoldMoments::FoldMoments(const Problem& problem, const Folds& folds, const Context& context) : in_time_(folds.in_time) {
  const auto shift = moments_shift(problem, context);
  for (Index part = 0; part <= folds.n_folds; ++part) {
    const Index of = part < folds.n_folds ? part : -1;
    std::vector<double> weights(folds.validation.size(), 0.0);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (folds.validation[i] == of) weights[i] = problem.weights.empty() ? 1.0 : problem.weights[i];
    }
    Problem rows = problem;
    rows.weights = weights;
    parts_.push_back(cross_moments(rows, shift, context));
    if (part == 0) {
      total_ = parts_.front();
    } else {
      total_.add(parts_.back());
    }
  }
}

std::optional<CrossMoments> FoldMoments::training(Index fold) const {
  CrossMoments out = parts_.back();
  if (in_time_) {
    for (Index k = 0; k < fold; ++k) out.add(validation(k));
    return out;
  }
  out = total_;
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
