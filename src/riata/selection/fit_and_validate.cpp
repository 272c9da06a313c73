#include <chrono>
#include <exception>
#include <mutex>

#include "riata/path/path.hpp"
#include "riata/selection/selection.hpp"

namespace riata {

ValidatedPath fit_and_validate(const Problem& problem, const PenaltySpec& penalty, std::span<const double> lambdas,
                               const Folds& folds, const PathOptions& path_options, const PathOptions& fold_options,
                               const CrossValidationOptions& options, const Context& context) {
  ValidatedPath out;
  std::exception_ptr path_failed, folds_failed;
  std::mutex telling;
  bool path_ended = false;  // what the folds say before is not told: one stage at a time
  const auto told = [&](bool by_path) {
    Context own = context;
    if (!context.on_progress) return own;
    own.on_progress = [&, by_path](const Progress& now) {
      const std::lock_guard lock(telling);
      if (by_path || path_ended) context.on_progress(now);
    };
    return own;
  };
  const Context of_path = told(true), of_folds = told(false);
  const auto start = std::chrono::steady_clock::now();
  const auto fit = [&] {
    try {
      out.path = fit_path(problem, penalty, lambdas, path_options, of_path);
    } catch (...) {
      path_failed = std::current_exception();
    }
    out.path_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::lock_guard lock(telling);
    path_ended = true;
  };
  const auto validate = [&] {
    try {
      out.cross_validation = cross_validate(problem, penalty, lambdas, folds, fold_options, options, of_folds);
    } catch (...) {
      folds_failed = std::current_exception();
    }
  };
  const auto ended_early = [&] {
    return path_failed || out.path.status == Status::interrupted || out.path.status == Status::diverged;
  };
  const bool short_of_memory = context.lean || context.memory_budget > 0;  // both then need it one after the other
  if (short_of_memory || context.threads() == 1) {
    fit();
    if (!ended_early()) validate();
  } else {
    context.side_by_side(fit, validate);
  }
  if (path_failed) std::rethrow_exception(path_failed);
  if (folds_failed && !ended_early()) std::rethrow_exception(folds_failed);
  return out;
}

}  // namespace riata
