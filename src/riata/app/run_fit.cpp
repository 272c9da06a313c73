#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "riata/app/fit_problem.hpp"
#include "riata/app/fit_warnings.hpp"
#include "riata/app/option.hpp"
#include "riata/app/page_facts.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/selection/fold_loss.hpp"
#include "riata/selection/fold_moments.hpp"
#include "riata/selection/selection.hpp"

namespace riata {
namespace {

/// Coefficients that a model keeps at most; a longer path keeps those of the chosen λ alone (docs/model-file.md).
constexpr Index kMostCoefficients = 5'000'000;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

class Clock {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

PathOptions path_options(const FitSpec& spec) {
  PathOptions out;
  out.solver = spec.solver;
  out.tolerance = spec.tolerance;
  out.max_iterations = spec.max_iterations;
  out.gradient_descent.l1_step = spec.l1_step.value_or(L1Step::proximal);
  out.gradient_descent.learning_rate = spec.learning_rate;
  out.gradient_descent.iterations = spec.iterations.value_or(0);
  return out;
}

Measure measure_of(const FitSpec& spec, const FitProblem& fit) {
  switch (spec.measure.value_or(MeasureChoice::deviance)) {
    case MeasureChoice::mae: return Measure::mae;
    case MeasureChoice::mse: return Measure::mse;
    case MeasureChoice::error: return Measure::error;
    case MeasureChoice::auc: return Measure::auc;
    case MeasureChoice::deviance: break;
  }
  return fit.problem.loss->name() == "squared" ? Measure::mse : Measure::deviance;  // the same for the squared loss
}

std::string rule_name(SelectionRule rule) {
  switch (rule) {
    case SelectionRule::min: return "min";
    case SelectionRule::one_standard_error: return "1se";
    case SelectionRule::aic: return "aic";
    case SelectionRule::bic: return "bic";
    case SelectionRule::ebic: return "ebic";
  }
  return "";
}

bool is_criterion(SelectionRule rule) { return rule != SelectionRule::min && rule != SelectionRule::one_standard_error; }

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

/// Takes the coefficients out of the path, and names and coding out of the dataset: on wide data they are large.
Model describe(const FitSpec& spec, FitProblem& fit, const Table& table, Path& path, const Context& context) {
  Model model;
  model.riata = version();
  model.options = recorded_options(spec);
  model.source = base_name(table.source);
  model.coding = std::move(fit.dataset.coding);
  model.feature_names = std::move(fit.dataset.feature_names);
  model.target = fit.dataset.response.name;
  model.classes = fit.dataset.response.classes;
  model.weights_column = spec.weights.empty() ? "" : table.column_name(table.find(spec.weights));
  model.offset_column = spec.offset.empty() ? "" : table.column_name(table.find(spec.offset));
  model.n_samples = fit.problem.design->rows();
  model.total_weight = fit.total_weight;
  model.null_deviance = path.null_deviance;
  model.loss = std::string(fit.problem.loss->name());
  model.penalty = fit.penalty.name;
  model.objective = objective_text(fit, fit.penalty);
  model.solver = path.solver;
  model.l1_ratio = fit.penalty.effective_l1_ratio();
  model.standardize = spec.standardize;
  model.intercept = spec.intercept;
  model.standard_deviation = fit.problem.design->moments(fit.problem.weights, context).variance;
  for (double& value : model.standard_deviation) value = std::sqrt(value);
  model.status = path.status;
  for (std::size_t k = 0; k < path.points.size(); ++k) {
    PathPoint& point = path.points[k];
    model.path.push_back({point.lambda, point.intercept, point.n_nonzero, std::nullopt, point.objective,
                          point.deviance_ratio, point.degrees_of_freedom, point.certificate, point.status, point.gcv_error,
                          point.leave_one_out_error});
    if (path.coefficients_kept || k + 1 == path.points.size())
      model.path.back().coefficients = std::move(point.coefficients);
  }
  return model;
}

ModelCrossValidation summary(const CrossValidation& cv) {
  return {.n_folds = cv.n_folds,
          .measure = std::string(to_string(cv.measure)),
          .mean = cv.mean,
          .standard_error = cv.standard_error,
          .index_min = cv.index_min,
          .index_1se = cv.index_1se,
          .selection_frequency = {}};
}

/// What was chosen and how, from what there is: after an interrupt perhaps nothing.
std::optional<ModelSelection> choose(const FitSpec& spec, const FitProblem& fit, const Path& path,
                                     const CrossValidation* cv) {
  if (path.status == Status::interrupted) return std::nullopt;
  if (path.points.size() == 1) return ModelSelection{"given", 0};
  const SelectionRule rule = spec.select.value_or(SelectionRule::one_standard_error);
  if (cv == nullptr && !is_criterion(rule)) return std::nullopt;
  return ModelSelection{rule_name(rule), select(path, cv, rule, fit.problem)};
}

bool is_choice(const Model& model, Index k) {
  const auto& cv = model.cross_validation;
  return (model.selected && k == model.selected->index) || (cv && (k == cv->index_min || k == cv->index_1se));
}

/// A huge path keeps the coefficients of the choices alone.
void drop_unchosen(Model& model) {
  Index total = 0;
  for (const ModelPoint& point : model.path) total += point.n_nonzero;
  if (total <= kMostCoefficients || !model.selected) return;
  for (Index k = 0; k < std::ssize(model.path); ++k) {
    if (!is_choice(model, k)) model.path[at(k)].coefficients.reset();
  }
}

/// The path once more, for the coefficients of the choices, where memory was too short to keep them all the first time.
void recover_chosen(const FitSpec& spec, const FitProblem& fit, std::span<const double> lambdas, Model& model,
                    const Context& context) {
  Index last = -1;
  for (Index k = 0; k < std::ssize(model.path); ++k) {
    if (is_choice(model, k)) last = k;
  }
  if (last < 0) return;
  PathOptions options = path_options(spec);
  options.keep_coefficients = false;
  options.diagnostics = false;
  Context quiet = context;
  quiet.on_progress = nullptr;
  const Path again = fit_path(fit.problem, fit.penalty, lambdas, options, quiet,
                              [&](Index k, const PathPoint& point, const LinearPredictor&) {
                                if (is_choice(model, k)) model.path[at(k)].coefficients = point.coefficients;
                                return k < last;
                              });
  if (std::ssize(again.points) <= last)
    throw Error(ErrorKind::run, "interrupted before the choice was kept: nothing is written");
}

/// What -v tells.
void log_fit(const FitProblem& fit, const Path& path, const Context& context) {
  if (!context.on_log) return;
  context.on_log(fmt::format("{} rows, {} coded features, {} λ, λ_max {}, solver {}, {} threads", fit.problem.design->rows(),
                             fit.problem.design->cols(), path.points.size(), to_text(path.lambda_max), path.solver,
                             context.threads()));
  if (!path.trajectory) return;
  context.on_log("  learning rate       λ (mean scale)      decay factor a step");
  context.on_log(fmt::format("  {:<18.12g}  {:<18.12g}  {:.12g}", path.trajectory->learning_rate, path.points[0].lambda,
                             path.trajectory->decay_factor));
}

[[noreturn]] void fail_diverged(const FitSpec& spec, const Path& path) {
  std::string message = "the fit diverged";
  if (path.trajectory && !path.trajectory->rows.empty()) {
    message += fmt::format(" by iteration {} with learning rate {}", path.trajectory->rows.back().iteration,
                           to_text(path.trajectory->learning_rate));
  }
  message += spec.learning_rate ? "; give a smaller --learning-rate, or leave it out for a safe one" : "";
  throw Error(ErrorKind::run, message);
}

/// What the path and the folds of a cross-validation share, where that pays.
std::shared_ptr<const FoldMoments> shared_moments(const FitProblem& fit, Index n_lambdas, const std::optional<Folds>& folds,
                                                  const Context& context) {
  const bool differ_by_fold = fit.problem.design != fit.dataset.design;  // means of missing cells
  if (!folds || differ_by_fold || !path_takes_moments(fit.problem, n_lambdas, context)) return nullptr;
  return fold_moments_if_they_pay(fit.problem, n_lambdas, *folds, context);
}

CrossValidationOptions fold_options(const FitSpec& spec, const FitProblem& fit, const FoldMoments* moments,
                                    std::optional<Index> chosen) {
  CrossValidationOptions options{.measure = measure_of(spec, fit),
                                 .fold_design = {},
                                 .lambda_on_sum_scale = spec.lambda_scale != LambdaScale::mean,
                                 .moments = moments,
                                 .frequency_at = {}};
  if (chosen) options.frequency_at.push_back(*chosen);
  if (fit.problem.design != fit.dataset.design) {  // means of missing cells differ by fold; else the folds share one design
    options.fold_design = [&fit](Index, std::span<const double> weights) { return fit.dataset.imputed_design(weights); };
  }
  return options;
}

/// Nothing where it was interrupted.
std::optional<CrossValidation> whole(CrossValidation cv, Index n_lambdas) {
  if (cv.status == Status::interrupted || std::ssize(cv.mean) != n_lambdas) return std::nullopt;
  return cv;
}

/// A path over one grid, what the folds say of it, and the choice.
struct Walk {
  std::shared_ptr<const FoldMoments> moments;  ///< what path and folds share; may be null
  std::vector<double> lambdas;
  Path path;
  std::optional<CrossValidation> cv;  ///< nothing: no folds, or interrupted
  std::optional<ModelSelection> selected;
  bool interrupted = false;
};

Walk walk(const FitSpec& spec, const FitProblem& fit, const std::optional<Folds>& folds,
          std::shared_ptr<const FoldMoments> moments, Seconds& seconds, const Context& context) {
  Clock clock;
  PathOptions options = path_options(spec);
  if (!folds) options.leave_one_out = LeaveOneOut::if_cheap;  // with folds another error is there, which costs less (0511)
  if (context.lean) {
    options.most_coefficients = std::min(kMostCoefficients, working_memory(context, fit.problem.design->bytes()) / 64);
  }
  Walk out;
  out.lambdas = make_lambdas(spec, fit, context);
  out.moments = moments ? std::move(moments) : shared_moments(fit, std::ssize(out.lambdas), folds, context);
  if (out.moments) options.moments = &out.moments->total();
  const bool by_path = spec.select && is_criterion(*spec.select);  // the folds are then told which λ it is
  if (folds && !by_path) {
    std::optional<Index> only;
    if (out.lambdas.size() == 1) only = 0;
    const CrossValidationOptions cv_options = fold_options(spec, fit, out.moments.get(), only);
    const double before = clock.seconds();
    ValidatedPath both =
        fit_and_validate(fit.problem, fit.penalty, out.lambdas, *folds, options, path_options(spec), cv_options, context);
    out.path = std::move(both.path);
    out.cv = whole(std::move(both.cross_validation), std::ssize(out.lambdas));
    seconds.fit += before + both.path_seconds;
    seconds.cross_validation += clock.seconds() - before - both.path_seconds;
  } else {
    out.path = fit_path(fit.problem, fit.penalty, out.lambdas, options, context);
    seconds.fit += clock.seconds();
  }
  if (out.path.status == Status::diverged) fail_diverged(spec, out.path);
  if (out.path.points.empty())
    throw Error(ErrorKind::run, "interrupted before the first λ was finished: nothing is written");
  out.selected = choose(spec, fit, out.path, nullptr);
  out.interrupted = out.path.status == Status::interrupted;
  if (out.interrupted) out.cv.reset();
  if (!folds || out.interrupted) return out;
  if (by_path) {
    clock = {};
    const CrossValidationOptions cv_options = fold_options(spec, fit, out.moments.get(), out.selected->index);
    out.cv = whole(cross_validate(fit.problem, fit.penalty, out.lambdas, *folds, path_options(spec), cv_options, context),
                   std::ssize(out.lambdas));
    seconds.cross_validation += clock.seconds();
  }
  out.interrupted = !out.cv;
  if (out.cv && !out.selected) out.selected = choose(spec, fit, out.path, &*out.cv);
  return out;
}

/// The best λ may lie below the grid: it is at its end, and in the last quarter the error was still falling by more than
/// 0.1 %, or by more than half of all that it fell.
bool still_falling(const Walk& walk) {
  constexpr double kWorthIt = 1e-3, kMostOfIt = 0.5;
  const Index n = std::ssize(walk.path.points);
  if (walk.interrupted || n < 4) return false;
  if (!walk.cv) return walk.selected && walk.selected->index + 1 == n;
  const std::vector<double>& mean = walk.cv->mean;
  const double change = std::abs(mean[at(n - 1 - n / 4)] - mean.back());
  return walk.cv->index_min + 1 == n &&
         change > std::min(kWorthIt * std::abs(mean.back()), kMostOfIt * std::abs(mean.front() - mean.back()));
}

/// Where ridge is right depends on the smallest eigenvalues of the Gram, which nobody knows beforehand, and where the ridge
/// part of elastic-net is, on the unit of the response too: an automatic grid that ends too early is made again, four
/// decades longer (decision 0200).
Walk walk_far_enough(FitSpec spec, const FitProblem& fit, const std::optional<Folds>& folds, Seconds& seconds,
                     const Context& context) {
  constexpr double kFurther = 1e-4, kLeastRatio = 1e-13;
  Walk out = walk(spec, fit, folds, nullptr, seconds, context);
  const bool ridge_part = fit.penalty.name != "none" && fit.penalty.effective_l1_ratio() < 1;
  if (!ridge_part || !spec.lambdas.empty() || spec.lambda_min_ratio) return out;
  while (still_falling(out)) {
    const double ratio = kFurther * out.lambdas.back() / out.lambdas.front();
    if (!(ratio > kLeastRatio)) break;
    spec.lambda_min_ratio = ratio;
    out = walk(spec, fit, folds, std::move(out.moments), seconds, context);
  }
  return out;
}

/// What the model keeps of cross-validation and choice.
void keep_choice(const Walk& walk, Model& model) {
  model.selected = walk.selected;
  if (walk.interrupted) model.status = Status::interrupted;
  if (!walk.cv) return;
  model.cross_validation = summary(*walk.cv);
  for (const auto& [index, shares] : walk.cv->selection_frequency) {
    if (model.selected && index == model.selected->index) model.cross_validation->selection_frequency = shares;
  }
}

}  // namespace

FitFacts run_fit(const FitSpec& spec, const Table& table, const Context& context) {
  check(spec);
  Clock fit_clock;
  FitProblem fit(spec, table, context);
  check_measure(measure_of(spec, fit), *fit.problem.loss);
  std::vector<std::string> warnings = fit.dataset.warnings;
  warn_of_constants(spec, fit, warnings, context);
  const std::optional<Folds> folds = make_folds(spec, fit, warnings);
  FitFacts facts;
  facts.seconds.fit = fit_clock.seconds();
  Walk walk = with_names(table, fit.dataset, [&] { return walk_far_enough(spec, fit, folds, facts.seconds, context); });
  const bool falling = still_falling(walk);
  log_fit(fit, walk.path, context);
  facts.model = describe(spec, fit, table, walk.path, context);
  facts.model.warnings = std::move(warnings);
  for (const std::string& warning : walk.path.warnings) facts.model.warnings.push_back(warning);
  warn_of_nearly_constants(facts.model, fit, walk.path.excluded);
  facts.penalty_chosen = spec.penalty.has_value();
  facts.tolerance = spec.tolerance;
  keep_choice(walk, facts.model);
  if (walk.path.coefficients_kept) {
    drop_unchosen(facts.model);
  } else {
    recover_chosen(spec, fit, walk.lambdas, facts.model, context);
  }
  warn_of_unfinished(facts.model, spec, fit, walk.cv && walk.cv->status == Status::iteration_limit, context);
  if (falling) warn_of_the_end(facts.model, spec);
  facts.trajectory = std::move(walk.path.trajectory);
  add_rare_features(fit, context, facts);
  if (!spec.report.empty()) add_page_facts(spec, fit, folds, context, facts);
  return facts;
}

}  // namespace riata
