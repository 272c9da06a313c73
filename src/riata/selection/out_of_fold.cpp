#include "riata/selection/out_of_fold.hpp"

#include <cmath>
#include <numeric>

namespace riata {
namespace {

double sum(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

FoldRows fold_rows(const Problem& problem, const Folds& folds, Index fold) {
  const std::size_t n = folds.validation.size();
  FoldRows out{std::vector<double>(n, 0.0), std::vector<double>(n, 0.0)};
  for (std::size_t i = 0; i < n; ++i) {
    const double w = problem.weights.empty() ? 1.0 : problem.weights[i];
    const Index of = folds.validation[i];
    if (of == fold) {
      out.validation[i] = w;
    } else if (!folds.in_time || of < fold) {
      out.training[i] = w;
    }
  }
  return out;
}

OutOfFold out_of_fold(const Problem& problem, const PenaltySpec& penalty, double lambda, const Folds& folds,
                      const PathOptions& path_options, const CrossValidationOptions& options, const Context& context) {
  OutOfFold out;
  const std::size_t n = folds.validation.size();
  out.eta.assign(n, std::nan(""));
  const double total = problem.weights.empty() ? static_cast<double>(n) : sum(problem.weights);
  std::vector<Status> status(static_cast<std::size_t>(folds.n_folds), Status::converged);
  context.for_blocks(folds.n_folds, [&](Index k) {
    const FoldRows rows = fold_rows(problem, folds, k);
    Problem own = problem;
    own.weights = rows.training;
    if (options.fold_design) own.design = options.fold_design(k, rows.training);
    const double strength = options.lambda_on_sum_scale ? total / sum(rows.training) : 1.0;
    const std::vector<double> lambdas = {lambda * strength};
    PathOptions one = path_options;
    one.keep_coefficients = false;
    one.diagnostics = false;
    one.predictions_only = true;
    const Path path =
        fit_path(own, penalty, lambdas, one, context, [&](Index, const PathPoint&, const LinearPredictor& eta) {
          const std::span<const double> all = eta();
          for (std::size_t i = 0; i < n; ++i) {
            if (rows.validation[i] > 0) out.eta[i] = all[i];
          }
          return true;
        });
    status[static_cast<std::size_t>(k)] = path.status;
  });
  for (const Status one : status) out.status = worse(out.status, one);
  return out;
}

}  // namespace riata
