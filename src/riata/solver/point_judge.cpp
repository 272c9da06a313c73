#include "riata/solver/point_judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/core/memory.hpp"
#include "riata/solver/column_products.hpp"
#include "riata/solver/column_span.hpp"
#include "riata/solver/curved_gram.hpp"
#include "riata/solver/growing_cholesky.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Σ wᵢ rᵢ² from wᵢ rᵢ.
double weighted_square(std::span<const double> w, std::span<const double> weighted_residual) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) sum += weighted_residual[i] * weighted_residual[i] / w[i];
  }
  return sum;
}

/// rᵢ from wᵢ rᵢ; 0 in rows of weight zero.
std::vector<double> unweighted(std::span<const double> w, std::span<const double> weighted_residual) {
  std::vector<double> residual(w.size());
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) residual[i] = weighted_residual[i] / w[i];
  }
  return residual;
}

double weighted_sum(std::span<const double> w, std::span<const double> terms) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] > 0) sum += w[i] * terms[i];
  }
  return sum;
}

}  // namespace

Status graded(const Certificate& certificate, Status status, double tolerance) {
  if (status == Status::interrupted) return status;
  return certificate.relative_gap <= tolerance ? Status::converged : Status::iteration_limit;
}

PointJudge::PointJudge(const FittedProblem& fitted, const Quadratic& base, ElasticNet penalty, double tolerance,
                       const Context& context)
    : fitted_(fitted),
      penalty_(penalty),
      tolerance_(tolerance),
      context_(context),
      point_(base),
      certifier_(fitted, point_, context),
      state_(null_state(fitted)) {
  point_.gradient_entries().resize(at(fitted.cols()));
}

/// Only what changes is written: p may be millions.
void PointJudge::set_point(const SolvedPoint& solved) {
  for (const Index j : columns_) state_.b[at(j)] = 0.0;
  columns_.assign(solved.columns.begin(), solved.columns.end());
  for (std::size_t k = 0; k < columns_.size(); ++k) state_.b[at(columns_[k])] = solved.values[k];
  state_.b0 = solved.b0;
  std::vector<double>& gradient = point_.gradient_entries();
  for (const Index j : relevant_) gradient[at(j)] = 0.0;
  relevant_.assign(solved.relevant.begin(), solved.relevant.end());
  for (std::size_t k = 0; k < relevant_.size(); ++k) gradient[at(relevant_[k])] = solved.gradient[k];
  certifier_.look_at(&relevant_);
}

Solution PointJudge::operator()(const SolvedPoint& solved, double lambda) {
  set_point(solved);
  Solution solution;
  solution.degrees_of_freedom = solved.degrees_of_freedom;
  if (fitted_.loss->name() == "squared") {
    judge_squared(solved, lambda, solution);
  } else {
    judge_smooth(solved, lambda, solution);
  }
  solution.status = graded(solution.certificate, solved.status, tolerance_);
  if (unsure_ && solution.status == Status::converged) solution.status = Status::iteration_limit;
  return solution;
}

void PointJudge::judge_squared(const SolvedPoint& solved, double lambda, Solution& solution) {
  point_.set_residual(unweighted(fitted_.weights, solved.pull), weighted_square(fitted_.weights, solved.pull));
  solution.certificate = certifier_.certify(penalty_, lambda, state_.b);
  if (certifier_.doubtful()) {
    std::vector<double>& gradient = point_.gradient_entries();
    fitted_.design->transpose_multiply(0, {solved.pull.data(), fitted_.rows(), 1}, {gradient.data(), fitted_.cols(), 1}, {},
                                       context_);
    for (const Index j : fitted_.excluded) gradient[at(j)] = 0.0;
    certifier_.look_at(nullptr);
    solution.certificate = certifier_.certify(penalty_, lambda, state_.b);
    std::ranges::fill(gradient, 0.0);
  }
  solution.loss = 0.5 * point_.residual_square();
  unsure_ = doubtful(fitted_, point_, state_.b, tolerance_);
}

/// θᵢ = pullᵢ/wᵢ less their mean, so that Σ wᵢθᵢ = 0: columns are centred then, and their gradients stay as they are.
std::vector<double> PointJudge::centred_residual(std::span<const double> pull) const {
  const double mean = fitted_.intercept ? std::accumulate(pull.begin(), pull.end(), 0.0) : 0.0;
  std::vector<double> theta(pull.size());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (fitted_.weights[i] > 0) theta[i] = pull[i] / fitted_.weights[i] - mean;
  }
  return theta;
}

/// θᵢ = pullᵢ/wᵢ, its positive or negative part shrunk until Σ wᵢθᵢ = 0, which keeps it in the conjugate's domain. Leaves
/// its gradients in point_, unless they differ by rounding alone.
std::vector<double> PointJudge::balanced_residual(std::span<const double> pull) {
  constexpr double kRounding = 1e-12;  // of all rows' weights
  double up = 0, down = 0;
  for (const double value : pull) (value > 0 ? up : down) += std::abs(value);
  const bool balance = fitted_.intercept && up > 0 && down > 0;
  const double shrink_up = balance ? std::min(1.0, down / up) : 1.0, shrink_down = balance ? std::min(1.0, up / down) : 1.0;
  std::vector<double> theta(pull.size()), weighted(pull.begin(), pull.end());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    weighted[i] *= pull[i] > 0 ? shrink_up : shrink_down;
    if (fitted_.weights[i] > 0) theta[i] = weighted[i] / fitted_.weights[i];
  }
  if (balance && std::abs(up - down) > kRounding) {
    take_gradients(weighted);
    forget_rounding(relevant_, weighted);
  }
  return theta;
}

/// Of the relevant columns.
void PointJudge::take_gradients(std::span<const double> pull) {
  std::vector<double> products(relevant_.size());
  dot_columns(*fitted_.design, relevant_, pull, products, context_);
  for (std::size_t k = 0; k < relevant_.size(); ++k) point_.gradient_entries()[at(relevant_[k])] = products[k];
}

/// The gap (absolute) at θ with point_'s gradients, whichever limit of the scale is tighter.
double PointJudge::smooth_gap(const SolvedPoint& solved, double lambda, std::span<const double> theta) const {
  constexpr std::size_t kRows = 1024;  // at a time: vectors of all rows would be most of what a judgement takes
  const DualCandidate dual{point_.gradient(), [&](double scale) {
                             std::vector<double> scaled(std::min(kRows, theta.size())), terms(scaled.size());
                             double sum = 0;
                             for (std::size_t first = 0; first < theta.size(); first += kRows) {
                               const std::size_t count = std::min(kRows, theta.size() - first);
                               for (std::size_t i = 0; i < count; ++i) scaled[i] = scale * theta[first + i];
                               const auto out = std::span(terms).first(count);
                               fitted_.loss->fenchel_young(fitted_.original_response.subspan(first, count),
                                                           solved.eta.subspan(first, count), std::span(scaled).first(count),
                                                           out);
                               sum += weighted_sum(std::span(fitted_.weights).subspan(first, count), out);
                             }
                             return sum;
                           }};
  const double found = certifier_.gap(penalty_, lambda, state_.b, dual);
  if (found <= tolerance_ * 0.5 * fitted_.null_deviance) return found;  // as good as asked for
  return std::min(found, certifier_.gap(penalty_, lambda, state_.b, dual, DualLimit::kink));
}

/// Unpenalised columns that no bound holds; none where their Gram has no room, so that only θ = 0 is left.
std::vector<Index> PointJudge::free_columns(double lambda) const {
  std::vector<Index> found;
  for (const Index index : relevant_) {
    const CertifiedColumn column = certifier_.column(lambda, state_.b, at(index));
    const double v = point_.gradient()[at(index)];
    const bool held = (column.b >= column.upper && v >= 0) || (column.b <= column.lower && v <= 0);
    if (column.strength == 0 && !held) found.push_back(index);
  }
  const double bytes = 8.0 * static_cast<double>(found.size()) * static_cast<double>(found.size());
  if (bytes > static_cast<double>(working_memory(context_, fitted_.design->bytes()))) found.clear();
  return found;
}

/// The Newton step of η on those columns and the intercept; nothing where a Gram does not tell the columns apart.
std::optional<std::vector<double>> PointJudge::newton_step(const SolvedPoint& solved, std::span<const Index> columns,
                                                           std::span<const double> curvature) const {
  constexpr double kToldApart = 1e-10;
  CurvedGram curved(fitted_, context_);
  curved.set_curvature(curvature);
  std::vector<double> gram(columns.size() * columns.size()), values;
  const Matrix matrix(gram.data(), std::ssize(columns), std::ssize(columns));
  curved.gram(columns, columns, matrix);
  GrowingCholesky factor;
  for (Index k = 0; k < matrix.cols; ++k) {
    if (!factor.append(matrix.column(k).first(at(k)), matrix(k, k), kToldApart)) return std::nullopt;
    values.push_back(point_.gradient()[at(columns[at(k)])]);
  }
  const double pull = std::accumulate(solved.pull.begin(), solved.pull.end(), 0.0);
  curved.move_intercept(curved.intercept_step(pull, {}, {}), columns, values);
  factor.solve(values);
  const double shift = curved.intercept_step(pull, columns, values);
  std::vector<double> step(solved.eta.size());
  add_columns(*fitted_.design, columns, values, step, context_);
  for (double& value : step) value += shift;
  return step;
}

/// θ = (pull − h d)/w for a step d of η. Leaves its gradients in point_.
std::vector<double> PointJudge::settled_residual(std::span<const double> pull, std::span<const double> curvature,
                                                 std::span<const double> step) {
  std::vector<double> settled(pull.begin(), pull.end());
  for (std::size_t i = 0; i < settled.size(); ++i) settled[i] -= curvature[i] * step[i];
  take_gradients(settled);
  forget_rounding(relevant_, pull);
  return unweighted(fitted_.weights, settled);
}

/// The gap at θ = (pull − h d)/w, d the Newton step of η on those columns by their span in the data. Rows whose pull is
/// below `least` of their weight are given up (θᵢ = 0, which costs their loss): steps towards their class could go on for
/// ever.
double PointJudge::gap_on_data(const SolvedPoint& solved, double lambda, std::span<const Index> columns,
                               std::vector<double> curvature, double least) {
  constexpr double kRounding = 1e-12;
  std::vector<double> pull(solved.pull.begin(), solved.pull.end()), step(pull.size());
  for (std::size_t i = 0; i < pull.size(); ++i) {
    if (std::abs(pull[i]) < least * fitted_.weights[i]) pull[i] = curvature[i] = 0.0;
    if (curvature[i] > 0) step[i] = pull[i] / curvature[i];
  }
  const auto span = ColumnSpan::of(fitted_, columns, curvature, fitted_.intercept, context_);
  if (!span) return std::numeric_limits<double>::infinity();
  (void)span->project(step);
  const std::vector<double> theta = settled_residual(pull, curvature, step);
  // A row that pulls without curvature takes no part in the step; the columns' gradients tell, for the intercept this does.
  const double off = fitted_.intercept ? weighted_sum(fitted_.weights, theta) : 0.0;
  const double size = std::sqrt(weighted_square(fitted_.weights, pull));
  if (!(std::abs(off) <= kRounding * size)) return std::numeric_limits<double>::infinity();
  return smooth_gap(solved, lambda, theta);
}

/// Keeps those that do not depend on others in the data themselves (all levels of a category do), where the data can be
/// asked. Once for a path.
bool PointJudge::tell_apart(const std::vector<Index>& columns) {
  const auto span = ColumnSpan::of(fitted_, columns, fitted_.weights, false, context_);
  if (!span) return false;
  free_ = columns;
  kept_ = span->independent();
  return true;
}

/// The gap where columns without a penalty may move: also at θ − (h/w) d, d the Newton step of η on these, whose gradients
/// there are zero while the rows pay half the Newton decrement. Where a Gram does not tell them apart, gradients of rounding
/// size may hide a long way: the step comes from the data then, and no other θ counts.
double PointJudge::free_gap(const SolvedPoint& solved, double lambda, const std::vector<Index>& columns, double gap) {
  constexpr double kAlreadyExact = 1e-13;
  const double unit = 0.5 * fitted_.null_deviance;
  std::vector<double> curvature(solved.eta.size());
  fitted_.loss->curvature(fitted_.original_response, solved.eta, curvature);
  for (std::size_t i = 0; i < curvature.size(); ++i) curvature[i] *= fitted_.weights[i];
  const bool known = columns == free_;
  std::optional<std::vector<double>> step = newton_step(solved, known ? kept_ : columns, curvature);
  if (!step && !known && tell_apart(columns)) step = newton_step(solved, kept_, curvature);
  if (step) {
    if (gap <= kAlreadyExact * unit) return gap;
    gap = std::min(gap, smooth_gap(solved, lambda, settled_residual(solved.pull, curvature, *step)));
  } else {
    std::ranges::fill(point_.gradient_entries(), 0.0);
    gap = smooth_gap(solved, lambda, std::vector<double>(solved.eta.size()));  // θ = 0 is always feasible
    gap = std::min(gap, gap_on_data(solved, lambda, columns, curvature, 0.0));
  }
  if (gap <= tolerance_ * unit) return gap;
  return std::min(gap, gap_on_data(solved, lambda, columns, std::move(curvature), 0.01 * tolerance_ * unit));
}

/// A gradient of an unpenalised column that is zero but for what rounding leaves of it, Σ zᵢⱼ pullᵢ, counts as zero.
void PointJudge::forget_rounding(std::span<const Index> columns, std::span<const double> pull) {
  constexpr double kRounding = 1e-14;
  const double size = std::sqrt(weighted_square(fitted_.weights, pull));
  for (const Index j : columns) {
    double& gradient = point_.gradient_entries()[at(j)];
    const double rounding = kRounding * fitted_.norm[at(j)] * size;
    if (fitted_.factor[at(j)] * lambda_ == 0.0 && std::abs(gradient) <= rounding) gradient = 0.0;
  }
}

/// The gap at the residual as it is, but for the intercept.
double PointJudge::plain_gap(const SolvedPoint& solved, double lambda) {
  double gap = smooth_gap(solved, lambda, centred_residual(solved.pull));
  if (!(gap <= tolerance_ * 0.5 * fitted_.null_deviance)) {  // perhaps outside the conjugate's domain
    const std::vector<double> gradients = point_.gradient_entries();
    gap = std::min(gap, smooth_gap(solved, lambda, balanced_residual(solved.pull)));
    point_.gradient_entries() = gradients;
  }
  return gap;
}

void PointJudge::judge_smooth(const SolvedPoint& solved, double lambda, Solution& solution) {
  lambda_ = lambda;
  double violation = fitted_.intercept ? std::abs(std::accumulate(solved.pull.begin(), solved.pull.end(), 0.0)) : 0.0;
  for (const Index j : relevant_) {
    violation =
        std::max(violation, kkt_violation(penalty_, certifier_.column(lambda, state_.b, at(j)), point_.gradient()[at(j)]));
  }
  forget_rounding(relevant_, solved.pull);
  const double unit = fitted_.null_deviance > 0 ? 0.5 * fitted_.null_deviance : 1.0;
  const std::vector<Index> columns = free_columns(lambda);
  // Their gradients leave a residual as it is no scale but zero.
  const bool obstructed = std::ranges::any_of(columns, [this](Index j) { return point_.gradient()[at(j)] != 0; });
  double gap = obstructed ? std::numeric_limits<double>::infinity() : plain_gap(solved, lambda);
  if (!columns.empty()) gap = free_gap(solved, lambda, columns, gap);
  if (obstructed && !(gap <= tolerance_ * unit)) {
    std::ranges::fill(point_.gradient_entries(), 0.0);
    gap = std::min(gap, smooth_gap(solved, lambda, std::vector<double>(solved.eta.size())));  // θ = 0 is always feasible
  }
  if (fitted_.null_deviance > 0) solution.certificate.relative_gap = gap / unit;
  if (fitted_.null_gradient > 0) solution.certificate.kkt_violation = violation / fitted_.null_gradient;
  std::vector<double> terms(solved.eta.size());
  fitted_.loss->value(fitted_.original_response, solved.eta, terms);
  solution.loss = weighted_sum(fitted_.weights, terms);
}

}  // namespace riata
