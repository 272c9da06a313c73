#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "riata/app/compare_command.hpp"
#include "riata/app/compare_networks.hpp"
#include "riata/app/fit_problem.hpp"
#include "riata/app/fold_variation.hpp"
#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/report/compare_advice.hpp"
#include "riata/selection/contest.hpp"
#include "riata/selection/correlated.hpp"
#include "riata/selection/fold_loss.hpp"

namespace riata {
namespace {

constexpr double kLeastCorrelation = 0.8;
constexpr Index kMostLeaders = 1000;
constexpr double kPairsWork = 2e10;  // rows × features × halves that stability may look at
constexpr Index kMostPairs = 50, kLeastPairs = 10;
constexpr double kOften = 0.5;
const std::vector<double> kMixtures = {0.1, 0.5, 0.9};

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string base_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

Measure measure_of(const FitSpec& spec, const Loss& loss) {
  switch (spec.measure.value_or(MeasureChoice::deviance)) {
    case MeasureChoice::mae: return Measure::mae;
    case MeasureChoice::mse: return Measure::mse;
    case MeasureChoice::error: return Measure::error;
    case MeasureChoice::auc: return Measure::auc;
    default: return loss.name() == "squared" ? Measure::mse : Measure::deviance;
  }
}

/// Standard deviation of a squared loss's response; 1 for other losses and where there is none.
double response_unit(const Problem& problem) {
  if (problem.loss->name() != "squared") return 1;
  double total = 0, mean = 0, square = 0;
  const auto weight = [&](std::size_t i) { return problem.weights.empty() ? 1.0 : problem.weights[i]; };
  const auto value = [&](std::size_t i) { return problem.response[i] - (problem.offset.empty() ? 0 : problem.offset[i]); };
  for (std::size_t i = 0; i < problem.response.size(); ++i) {
    total += weight(i);
    mean += weight(i) * value(i);
  }
  mean /= total;
  for (std::size_t i = 0; i < problem.response.size(); ++i)
    square += weight(i) * (value(i) - mean) * (value(i) - mean) / total;
  return square > 0 ? std::sqrt(square) : 1;
}

double least_ratio(const FitSpec& spec, const FitProblem& fit) {
  const bool wide = fit.problem.design->rows() < fit.problem.design->cols();
  return spec.lambda_min_ratio.value_or(wide ? 1e-2 : 1e-4);
}

/// A penalty with its grid. For a response of unit variance all grids would end at the same λ, else ridge, whose λ_max is a
/// thousand times the lasso's, would be judged on strong penalties alone; the spacing is that of fit. `share` of λ is l1
/// there. In units of the response, of standard deviation s, the l1 part is s times as large, the l2 part stays: λ = λ₁(ρs +
/// 1 − ρ), and its own share of l1 is ρs / (ρs + 1 − ρ), so that the contest does not depend on the unit (decision 0251).
void add_mixture(const FitSpec& spec, const FitProblem& fit, double largest, double share, Contestant& out) {
  const double ratio = least_ratio(spec, fit);
  const double unit = response_unit(fit.problem), strength = share * unit + 1 - share;
  const double strongest = largest / unit / std::max(share, 1e-3) * strength, weakest = ratio * largest / unit * strength;
  const double steps = static_cast<double>(spec.n_lambdas.value_or(100)) * std::log(weakest / strongest) / std::log(ratio);
  const auto n = std::max<Index>(1, static_cast<Index>(std::lround(steps)));
  std::vector<double> grid;
  for (Index k = 0; k < n; ++k) {
    const double part = n == 1 ? 0 : static_cast<double>(k) / static_cast<double>(n - 1);
    grid.push_back(strongest * std::pow(weakest / strongest, part));
  }
  out.mixtures.push_back({out.penalty, share * unit / strength});
  out.lambdas.push_back(largest > 0 ? grid : std::vector<double>{0.0});
}

/// The penalties in order, and last the model without any feature, as a yardstick.
std::vector<Contestant> contestants(const FitSpec& spec, const FitProblem& fit, const Context& context) {
  const double largest = lambda_grid(fit.problem, {"l1", 1}, {.lambdas = {}, .n_lambdas = 1, .min_ratio = {}}, context)[0];
  std::vector<Contestant> out = {
      {"none", {{"none", 0}}, {{0.0}}}, {"l2", {}, {}}, {"l1", {}, {}}, {"elastic-net", {}, {}}, {}};
  add_mixture(spec, fit, largest, 0, out[1]);
  add_mixture(spec, fit, largest, 1, out[2]);
  for (const double share : kMixtures) add_mixture(spec, fit, largest, share, out[3]);
  const double beyond = std::max(1.0, 1e3 * out[2].lambdas[0].front());
  out[4] = {"no feature", {{"l1", 1}}, {{beyond}}};
  return out;
}

/// Coefficients in penalised units, as a full vector.
std::vector<double> dense(const SparseCoefficients& sparse, const std::vector<double>& scale) {
  std::vector<double> out(scale.size(), 0.0);
  for (std::size_t i = 0; i < sparse.indices.size(); ++i) {
    out[at(sparse.indices[i])] = sparse.values[i] * scale[at(sparse.indices[i])];
  }
  return out;
}

std::vector<double> predictions(const FitProblem& fit, const FoldModel& fold, const Context& context) {
  std::vector<double> eta(at(fit.problem.design->rows()), fold.intercept);
  const SparseCoefficients& beta = fold.coefficients;
  const Index k = std::ssize(beta.indices);
  if (k > 0) {
    fit.problem.design->multiply(beta.indices, ConstMatrix(beta.values.data(), k, 1), Matrix(eta.data(), std::ssize(eta), 1),
                                 {}, context);
  }
  return eta;
}

Candidate candidate(const FitProblem& fit, const Standing& standing, const std::vector<double>& scale,
                    const Context& context) {
  Candidate out;
  out.penalty = standing.penalty;
  const double shown_ratio = parse_double(l1_ratio_words(standing.l1_ratio)).value_or(standing.l1_ratio);
  out.objective = objective_text(fit, {standing.penalty, shown_ratio});
  out.l1_ratio = standing.l1_ratio;
  out.l1_share = standing.l1_ratio / (standing.l1_ratio + (1 - standing.l1_ratio) * response_unit(fit.problem));
  out.lambda = standing.lambda;
  out.mean = standing.mean;
  out.standard_error = standing.standard_error;
  out.n_nonzero = standing.model.n_nonzero;
  out.seconds = standing.seconds;
  out.other = standing.other;
  const SparseCoefficients& beta = standing.model.coefficients;
  out.intercept = standing.model.intercept;
  out.coefficients = beta;
  for (std::size_t i = 0; i < beta.indices.size(); ++i) {
    const double weight = beta.values[i] * scale[at(beta.indices[i])];
    out.weights.push_back(weight);
    out.sum_of_squares += weight * weight;
    out.sum_of_absolutes += std::abs(weight);
  }
  std::vector<std::vector<double>> vectors, etas;
  for (const FoldModel& fold : standing.folds) {
    out.fold_errors.push_back(fold.error);
    vectors.push_back(dense(fold.coefficients, scale));
    etas.push_back(predictions(fit, fold, context));
  }
  out.coefficient_variation = fold_variation(vectors, false);
  out.prediction_variation = fold_variation(etas, true);
  return out;
}

/// Features by their correlation with the response, largest first; those of no variation last.
std::vector<Index> by_response(const FitProblem& fit, const Context& context) {
  const Problem& problem = fit.problem;
  const Index n = problem.design->rows(), p = problem.design->cols();
  const ColumnMoments moments = problem.design->moments(problem.weights, context);
  std::vector<double> residual(problem.response.begin(), problem.response.end());
  const double total = fit.total_weight;
  double mean = 0;
  for (std::size_t i = 0; i < residual.size(); ++i)
    mean += (problem.weights.empty() ? 1.0 : problem.weights[i]) * residual[i] / total;
  for (std::size_t i = 0; i < residual.size(); ++i)
    residual[i] = (residual[i] - mean) * (problem.weights.empty() ? 1.0 : problem.weights[i]);
  std::vector<double> product(at(p));
  problem.design->transpose_multiply(0, ConstMatrix(residual.data(), n, 1), Matrix(product.data(), p, 1), moments.mean,
                                     context);
  for (std::size_t j = 0; j < product.size(); ++j) {
    product[j] = moments.variance[j] > 0 ? std::abs(product[j]) / std::sqrt(moments.variance[j]) : -1;
  }
  std::vector<Index> order(at(p));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](Index a, Index b) { return product[at(a)] > product[at(b)]; });
  return order;
}

/// In which share of the folds' models each feature is.
std::vector<double> fold_shares(const Standing& standing, Index p) {
  std::vector<double> out(at(p), 0.0);
  for (const FoldModel& fold : standing.folds) {
    for (const Index j : fold.coefficients.indices) out[at(j)] += 1.0;
  }
  for (double& share : out) share /= static_cast<double>(standing.folds.size());
  return out;
}

std::vector<GroupFacts> groups_of(const FitProblem& fit, const Standing& lasso, const std::vector<double>& in_folds,
                                  const Stability& stability, const std::vector<Index>& leaders, const Context& context) {
  std::vector<GroupFacts> out;
  const auto& kept = lasso.model.coefficients.indices;
  const std::vector<Index> owners = fit.dataset.coding.column_features();
  for (const CorrelatedGroup& group :
       correlated_groups(*fit.problem.design, fit.problem.weights, leaders, kLeastCorrelation, context, owners)) {
    GroupFacts& one = out.emplace_back();
    const auto add = [&](Index j, double correlation) {
      one.features.push_back(j);
      one.correlation.push_back(correlation);
      one.kept.push_back(std::ranges::binary_search(kept, j));
      one.in_folds.push_back(in_folds[at(j)]);
      one.in_halves.push_back(stability.frequency[at(j)]);
    };
    add(group.leader, 1);
    for (const auto& member : group.members) add(member.feature, member.correlation);
  }
  return out;
}

/// Of the levels of each categorical the most frequent: the others say which rows have it.
std::vector<Index> told_by_others(const FitProblem& fit, const Context& context) {
  const Coding& coding = fit.dataset.coding;
  const std::vector<Index> owners = coding.column_features();
  const std::vector<double> mean = fit.problem.design->moments(fit.problem.weights, context).mean;
  std::vector<Index> out(coding.features.size(), -1);
  for (Index j = 0; j < std::ssize(owners); ++j) {
    const FeatureCoding& feature = coding.features[at(owners[at(j)])];
    if (feature.kind == FeatureCoding::Kind::numeric || feature.reference_level) continue;
    Index& most = out[at(owners[at(j)])];
    if (most < 0 || mean[at(j)] > mean[at(most)]) most = j;
  }
  std::erase(out, -1);
  return out;
}

Measured measure(const FitSpec& spec, const FitProblem& fit, const Standing& lasso, const std::vector<double>& grid,
                 const PathOptions& path_options, const Context& context) {
  Measured out;
  const Problem& problem = fit.problem;
  const Index p = problem.design->cols();
  const double work = 2.0 * static_cast<double>(problem.design->rows()) * static_cast<double>(p);
  const auto pairs = std::clamp(static_cast<Index>(kPairsWork / std::max(1.0, work)), kLeastPairs, kMostPairs);
  out.stability = stability_selection(problem, grid, pairs, static_cast<std::uint64_t>(spec.seed), path_options, context);
  out.collinearity = collinearity(*problem.design, problem.weights, context, told_by_others(fit, context));
  const std::vector<double> in_folds = fold_shares(lasso, p);
  const auto irrelevant = std::ranges::count_if(in_folds, [](double share) { return share <= 1 - kOften; });
  out.share_irrelevant = static_cast<double>(irrelevant) / static_cast<double>(std::max<Index>(1, p));
  std::vector<Index> leaders = by_response(fit, context);
  if (std::ssize(leaders) > kMostLeaders) leaders.resize(at(kMostLeaders));
  out.n_looked_at = std::ssize(leaders);
  out.least_correlation = kLeastCorrelation;
  out.groups = groups_of(fit, lasso, in_folds, out.stability, leaders, context);
  return out;
}

void refuse_if(bool wrong, const char* message) {
  if (wrong) throw Error(ErrorKind::argument, message);
}

void check_linear(const CompareSpec& spec) {
  refuse_if(spec.epochs || spec.batch_size || spec.learning_rate || spec.activation != Activation::relu ||
                spec.precision != Precision::float32,
            "--epochs, --batch-size, --learning-rate, --activation and --precision belong to a network: add --hidden");
  refuse_if(!spec.checkpoint.empty(), "--checkpoint keeps the trainings of a contest on a network: add --hidden");
}

void check_network(const CompareSpec& spec) {
  refuse_if(!spec.penalty_factor.empty() || !spec.lower.empty() || !spec.upper.empty() || !spec.intercept,
            "--penalty-factor, --lower, --upper and --no-intercept are for linear models; leave them out, or --hidden");
  refuse_if(spec.max_iterations > 0 || spec.tolerance != CompareSpec().tolerance,
            "--tolerance and --max-iterations are for linear models; --epochs says how long a network is trained");
}

std::string failure_words(const Standing& one, const Dataset& dataset) {
  if (!one.failed_column) return one.failure;
  return one.failed_column->named(printable(dataset.feature_names[at(one.failed_column->column())])).message();
}

void take_standings(const std::vector<Standing>& standings, Measure measure, const FitProblem& fit,
                    const std::vector<double>& scale, const Context& context, CompareFacts& facts) {
  std::size_t best = standings.size();
  for (std::size_t c = 0; c + 1 < standings.size(); ++c) {
    const Standing& one = standings[c];
    if (!one.failure.empty()) {
      facts.warnings.push_back("penalty " + one.penalty + " is left out: " + failure_words(one, fit.dataset));
      continue;
    }
    facts.candidates.push_back(candidate(fit, one, scale, context));
    facts.status = worse(facts.status, one.status);
    const auto better = [&](double a, double b) { return larger_is_better(measure) ? a > b : a < b; };
    if (best == standings.size() || better(one.mean, standings[best].mean)) {
      best = c;
      facts.best = facts.candidates.size() - 1;
    }
  }
  if (best == standings.size())
    throw Error(ErrorKind::run, "no penalty could be fitted: " + failure_words(standings.front(), fit.dataset));
  for (Candidate& one : facts.candidates) {
    const auto standing = std::ranges::find(standings, one.penalty, &Standing::penalty);
    const FoldMean difference = paired_difference(*standing, standings[best]);
    one.difference = difference.mean;
    one.difference_error = difference.standard_error;
  }
  facts.null_error = standings.back().failure.empty() ? standings.back().mean : std::nan("");
}

/// A penalty that loses at the end of its grid might not with less.
std::string cut_short(const FitSpec& spec, const FitProblem& fit, const std::vector<Contestant>& entries,
                      const CompareFacts& facts) {
  std::vector<std::string> names;
  for (const Candidate& one : facts.candidates) {
    const Contestant& entry = *std::ranges::find(entries, one.penalty, &Contestant::penalty);
    const bool at_end =
        std::ranges::any_of(entry.lambdas, [&](const auto& grid) { return grid.size() > 1 && grid.back() == one.lambda; });
    if (at_end && !within_noise(one)) names.push_back(one.penalty);
  }
  if (names.empty()) return "";
  return fmt::format(
      "the grid ends too early for {}: the smallest λ was the best, and it is beaten; --lambda-min-ratio {:.0e} looks "
      "further",
      listed(names), least_ratio(spec, fit) / 100);
}

/// What to say of an advised model whose coefficients depend on the rows more than its predictions do.
std::string unsteady(const CompareFacts& facts) {
  constexpr double kMuch = 0.3;
  const Candidate& one = advised(facts);
  if (!(one.coefficient_variation > kMuch) || one.prediction_variation > kMuch) return "";
  return fmt::format(
      "from fold to fold the coefficients of {} move by {:.0f} %, its predictions by {:.1f} %: trust the predictions, not "
      "single coefficients",
      one.penalty, 100 * one.coefficient_variation, 100 * one.prediction_variation);
}

}  // namespace

void check(const CompareSpec& spec) {
  if (spec.folds == 0) throw Error(ErrorKind::argument, "compare judges on folds; leave out --folds 0");
  CompareSpec linear = spec;
  linear.learning_rate.reset();  // the network's, not gradient descent's
  check(static_cast<const FitSpec&>(linear));
  if (spec.select && *spec.select != SelectionRule::min && *spec.select != SelectionRule::one_standard_error) {
    throw Error(ErrorKind::argument, "compare chooses λ by its folds: --select min or 1se");
  }
  refuse_if(spec.resume && spec.checkpoint.empty(), "--resume goes on from --checkpoint DIR; name it");
  spec.hidden.empty() ? check_linear(spec) : check_network(spec);
}

CompareFacts run_compare(const CompareSpec& spec, const Table& table, const Context& context, const KeptParts& parts) {
  check(spec);
  if (!spec.hidden.empty()) return compare_networks(spec, table, context, parts);
  const auto start = std::chrono::steady_clock::now();
  const FitProblem fit(spec, table, context);
  CompareFacts facts;
  facts.warnings = fit.dataset.warnings;
  const std::optional<Folds> folds = make_folds(spec, fit, facts.warnings);
  if (!folds) throw Error(ErrorKind::argument, "compare judges on folds; give --folds");
  ContestOptions options;
  options.rule = spec.select.value_or(SelectionRule::min);
  options.measure = measure_of(spec, *fit.problem.loss);
  options.path.tolerance = spec.tolerance;
  options.path.max_iterations = spec.max_iterations;
  if (fit.problem.design != fit.dataset.design) {
    options.fold_design = [&](std::span<const double> weights) { return fit.dataset.imputed_design(weights); };
  }
  const std::vector<Contestant> entries = with_names(table, fit.dataset, [&] { return contestants(spec, fit, context); });
  const std::vector<Standing> standings =
      with_names(table, fit.dataset, [&] { return contest(fit.problem, entries, *folds, options, context); });
  facts.source = base_name(table.source);
  facts.path = command_path(table);
  facts.options = command_options(spec);
  facts.target = fit.dataset.response.name;
  facts.loss = std::string(fit.problem.loss->name());
  facts.measure = std::string(to_string(options.measure));
  facts.rule = options.rule == SelectionRule::min ? "min" : "1se";
  facts.feature_names = fit.dataset.feature_names;
  facts.n_samples = fit.problem.design->rows();
  facts.n_folds = folds->n_folds;
  facts.standardize = spec.standardize;
  facts.intercept = spec.intercept;
  std::vector<double> scale(facts.feature_names.size(), 1.0);
  if (spec.standardize) {
    scale = fit.problem.design->moments(fit.problem.weights, context).variance;
    for (double& one : scale) one = std::sqrt(one);
  }
  take_standings(standings, options.measure, fit, scale, context, facts);
  const Standing& lasso = standings[2];
  if (lasso.failure.empty()) facts.measured = measure(spec, fit, lasso, entries[2].lambdas[0], options.path, context);
  if (context.interrupted()) throw Error(ErrorKind::run, "interrupted: a comparison has no result before its end");
  if (facts.status == Status::iteration_limit) {
    facts.warnings.emplace_back("some fits did not converge; raise --max-iterations, or accept a larger --tolerance");
  }
  facts.advice = advise(facts);
  for (const std::string& words : {unsteady(facts), cut_short(spec, fit, entries, facts)}) {
    if (!words.empty()) facts.warnings.push_back(words);
  }
  facts.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return facts;
}

}  // namespace riata
