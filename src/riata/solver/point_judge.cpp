#include "riata/solver/point_judge.hpp"

#include <algorithm>
#include <cmath>

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
      certifier_(fitted, point_),
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
  return solution;
}

void PointJudge::judge_squared(const SolvedPoint& solved, double lambda, Solution& solution) {
  point_.set_residual_square(weighted_square(fitted_.weights, solved.pull));
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
}

/// θᵢ = pullᵢ/wᵢ, its positive or negative part shrunk until Σ wᵢθᵢ = 0 (which keeps it in the conjugate's domain). A
/// gradient of an unpenalised column that is zero but for rounding counts as zero.
void PointJudge::judge_smooth(const SolvedPoint& solved, double lambda, Solution& solution) {
  constexpr double kRounding = 1e-11;  // of the largest gradient at the null model
  const std::size_t n = fitted_.weights.size();
  double up = 0, down = 0;
  for (const double value : solved.pull) (value > 0 ? up : down) += std::abs(value);
  const bool balance = fitted_.intercept && up > 0 && down > 0;
  const double shrink_up = balance ? std::min(1.0, down / up) : 1.0, shrink_down = balance ? std::min(1.0, up / down) : 1.0;
  std::vector<double> theta(n), scaled(n), terms(n);
  for (std::size_t i = 0; i < n; ++i) {
    if (fitted_.weights[i] > 0) {
      theta[i] = solved.pull[i] / fitted_.weights[i] * (solved.pull[i] > 0 ? shrink_up : shrink_down);
    }
  }
  std::vector<double>& gradient = point_.gradient_entries();
  double violation = fitted_.intercept ? std::abs(up - down) : 0.0;
  for (const Index index : relevant_) {
    const std::size_t j = at(index);
    const CertifiedColumn column = certifier_.column(lambda, state_.b, j);
    violation = std::max(violation, kkt_violation(penalty_, column, gradient[j]));
    if (column.strength == 0.0 && std::abs(gradient[j]) <= kRounding * fitted_.null_gradient) gradient[j] = 0.0;
  }
  const auto sum_of_terms = [&](double scale) {
    for (std::size_t i = 0; i < n; ++i) scaled[i] = scale * theta[i];
    fitted_.loss->fenchel_young(fitted_.original_response, solved.eta, scaled, terms);
    return weighted_sum(fitted_.weights, terms);
  };
  const double gap = certifier_.gap(penalty_, lambda, state_.b, {gradient, sum_of_terms});
  if (fitted_.null_deviance > 0) solution.certificate.relative_gap = gap / (0.5 * fitted_.null_deviance);
  if (fitted_.null_gradient > 0) solution.certificate.kkt_violation = violation / fitted_.null_gradient;
  fitted_.loss->value(fitted_.original_response, solved.eta, terms);
  solution.loss = weighted_sum(fitted_.weights, terms);
}

}  // namespace riata
