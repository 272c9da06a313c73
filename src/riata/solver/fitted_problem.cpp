#include "riata/solver/fitted_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/kernels/kernels.hpp"
#include "riata/solver/column_error.hpp"

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// Squares of numbers near 1e-154 and below are no longer numbers of full precision, those below 1e-162 are zero. A mean
// square above the first of these is exact; numbers above the second have squares beside which such squares are rounding.
constexpr double kLeastSquare = 1e-304;
constexpr double kPlainNumber = 1e-138;

/// (n·mean·ε)²: a variance below this is rounding.
double variance_floor(double mean, Index n_rows) {
  const double error = static_cast<double>(n_rows) * mean * kEpsilon;
  return error * error;
}

bool is_constant(double variance, double mean, Index n_rows) {
  return variance <= static_cast<double>(n_rows) * kEpsilon * variance + variance_floor(mean, n_rows);
}

/// Weights of sum one; total_weight. Scaled by the largest first, so that the sum cannot overflow.
Index set_weights(const Problem& problem, FittedProblem& fitted) {
  const Index n = problem.design->rows();
  fitted.weights.assign(at(n), 1.0);
  if (!problem.weights.empty()) std::ranges::copy(problem.weights, fitted.weights.begin());
  const double largest = *std::ranges::max_element(fitted.weights);
  for (double& w : fitted.weights) w /= largest;
  const double sum = kernels::sums<double>(fitted.weights.data(), nullptr, n, 0.0).first;
  for (double& w : fitted.weights) w /= sum;
  fitted.total_weight = sum * largest;
  return std::ranges::count_if(fitted.weights, [](double w) { return w > 0.0; });
}

double weighted_sum(std::span<const double> w, std::span<const double> v) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) sum += w[i] * v[i];
  return sum;
}

double weighted_square(std::span<const double> w, std::span<const double> v) {
  return kernels::sums(v.data(), w.data(), std::ssize(w), 0.0).second;
}

/// Of columns whose squares vanish: whether that is so because their entries are tiny, and not all zero (or, where only
/// differences count, equal). Rows of any weight are asked, so that a fold says what the whole table says.
class TinyColumns {
 public:
  TinyColumns(const Design& design, bool differences) : design_(design), differences_(differences) {}

  bool contain(Index j) {
    if (probe_.empty()) {
      for (Index i = 0; i < design_.rows(); ++i) probe_.push_back(kProbe * std::sqrt(static_cast<double>(i + 2)));
    }
    // All zero, or an entry is no tiny one: which in a sparse design costs nothing to see.
    const double sum = std::abs(design_.dot(j, probe_, 0.0)),
                 most_of_tiny = kPlainNumber * probe_.back() * static_cast<double>(probe_.size());
    if (sum == 0.0 || !(sum <= most_of_tiny)) return false;
    entries_.resize(probe_.size());
    design_.gather({&j, 1}, {entries_.data(), design_.rows(), 1});
    const auto [least, most] = std::ranges::minmax(entries_);
    return (least < most || !differences_) && std::max(-least, most) < kPlainNumber;
  }

 private:
  static constexpr double kProbe = 0x1p900;  // what makes numbers of tiny ones
  const Design& design_;
  bool differences_;
  std::vector<double> probe_, entries_;
};

/// Response less offset and null model. A response that is constant up to rounding counts as explained: null deviance 0.
void set_response(const Problem& problem, Index n_rows, FittedProblem& fitted) {
  fitted.original_response = problem.response;
  fitted.offset = problem.offset;
  fitted.response.assign(problem.response.begin(), problem.response.end());
  if (!problem.offset.empty()) {
    for (std::size_t i = 0; i < fitted.response.size(); ++i) fitted.response[i] -= problem.offset[i];
  }
  if (fitted.intercept) {
    for (int pass = 0; pass < 2; ++pass) {  // the second pass takes the first one's rounding error
      const double mean = kernels::dot(fitted.response.data(), fitted.weights.data(), std::ssize(fitted.weights), 0.0);
      for (double& y : fitted.response) y -= mean;
      fitted.response_mean += mean;
    }
  }
  double variance = weighted_square(fitted.weights, fitted.response);
  if (!std::isfinite(variance)) {
    throw Error(ErrorKind::input, "the response is too large: its squares overflow; divide it by a power of ten");
  }
  double largest = 0, largest_given = 0;
  for (std::size_t i = 0; i < fitted.response.size(); ++i) {
    if (fitted.weights[i] > 0.0) largest = std::max(largest, std::abs(fitted.response[i]));
    largest_given = std::max(largest_given, std::abs(problem.response[i]));
  }
  const double rounding = static_cast<double>(n_rows) * kEpsilon * std::abs(fitted.response_mean);
  if (variance < kLeastSquare && largest > rounding && largest_given < kPlainNumber) {
    throw Error(ErrorKind::input,
                fmt::format("the response is too small: it varies by {:.1e}, and squares of numbers below 1e-152 are lost; "
                            "multiply it by a power of ten",
                            largest));
  }
  if (fitted.intercept && variance <= variance_floor(fitted.response_mean, n_rows)) {
    for (std::size_t i = 0; i < fitted.weights.size(); ++i) {
      if (fitted.weights[i] > 0.0) fitted.response[i] = 0.0;
    }
    variance = 0;
  }
  fitted.null_deviance = variance;
}

/// b₀ of the null model η = b₀ + offset: Σ wᵢ ∂ℓ/∂η = 0 by bisection of a bracket around Newton steps.
double null_intercept(const FittedProblem& fitted, std::vector<double>& eta) {
  constexpr double kFarthest = 700.0;  // of η; beyond it exp overflows
  constexpr int kMostSteps = 200;
  const std::size_t n = fitted.weights.size();
  std::vector<double> gradient(n), curvature(n);
  double low = -kFarthest, high = kFarthest, b0 = 0.0;
  if (!fitted.offset.empty()) {
    const auto [least, most] = std::ranges::minmax(fitted.offset);
    low -= most;
    high -= least;
    b0 = std::clamp(b0, low, high);
  }
  for (int step = 0; step < kMostSteps && high - low > 4 * kEpsilon * std::abs(b0); ++step) {
    for (std::size_t i = 0; i < n; ++i) eta[i] = b0 + (fitted.offset.empty() ? 0.0 : fitted.offset[i]);
    fitted.loss->gradient(fitted.original_response, eta, gradient);
    fitted.loss->curvature(fitted.original_response, eta, curvature);
    const double slope = weighted_sum(fitted.weights, gradient), bend = weighted_sum(fitted.weights, curvature);
    if (slope == 0.0) return b0;
    (slope > 0.0 ? high : low) = b0;
    const double next = b0 - slope / bend;
    const double before = b0;
    b0 = next > low && next < high ? next : 0.5 * (low + high);
    if (b0 == before) return b0;
  }
  return b0;
}

/// For losses other than the squared: the null model's intercept; `response` is the negative gradient there, so that the
/// gradient of a column at the null model is zⱼᵀW response, as for the squared loss.
void set_null_model(const Problem& problem, FittedProblem& fitted) {
  problem.loss->check_response(problem.response);
  fitted.original_response = problem.response;
  fitted.offset = problem.offset;
  const std::size_t n = fitted.weights.size();
  std::vector<double> eta(n), zero(n, 0.0), terms(n);
  if (fitted.intercept) fitted.response_mean = null_intercept(fitted, eta);
  for (std::size_t i = 0; i < n; ++i) eta[i] = fitted.response_mean + (problem.offset.empty() ? 0.0 : problem.offset[i]);
  fitted.loss->fenchel_young(problem.response, eta, zero, terms);
  fitted.null_deviance = 2.0 * weighted_sum(fitted.weights, terms);
  fitted.response.resize(n);
  fitted.loss->gradient(problem.response, eta, fitted.response);
  for (double& value : fitted.response) value = -value;
  if (fitted.intercept && fitted.null_deviance < 1e-12) {
    throw Error(ErrorKind::input,
                "all rows that count have the same class: there is nothing to tell apart; give rows of both classes");
  }
}

/// Centres, scales, norms, factors and exclusions from the columns' moments.
void set_columns(const Problem& problem, const ColumnMoments& moments, Index n_rows, FittedProblem& fitted) {
  const Index p = problem.design->cols();
  std::vector<double> centre, scale;
  if (problem.intercept) centre = moments.mean;
  if (problem.standardize) scale.assign(at(p), 1.0);
  fitted.factor.assign(at(p), 1.0);
  if (!problem.penalty_factor.empty()) std::ranges::copy(problem.penalty_factor, fitted.factor.begin());
  fitted.norm.assign(at(p), 0.0);
  const bool differences = problem.intercept || problem.standardize;
  TinyColumns tiny(*problem.design, differences);
  for (std::size_t j = 0; j < at(p); ++j) {
    const double mean = moments.mean[j], variance = moments.variance[j];
    if (!std::isfinite(mean) || !std::isfinite(variance)) {
      throw ColumnError(
          static_cast<Index>(j),
          " holds NaN, an infinity, or numbers too large to square (beyond 1e154): divide it by a power of ten, or "
          "leave it out");
    }
    const bool pinned =
        !problem.lower.empty() && !problem.upper.empty() && problem.lower[j] == 0.0 && problem.upper[j] == 0.0;
    const bool left_out = pinned || fitted.factor[j] == kInfinity;
    const double square = differences ? variance : variance + mean * mean;
    if (!left_out && square < kLeastSquare && std::abs(mean) < kPlainNumber && tiny.contain(static_cast<Index>(j))) {
      throw ColumnError(static_cast<Index>(j),
                        " holds numbers too small to square (they vary by less than 1e-152): multiply it by a power of ten, "
                        "or leave it out");
    }
    const bool constant = is_constant(variance, mean, n_rows);
    if ((constant && (differences || mean == 0.0)) || left_out) {
      fitted.factor[j] = kInfinity;
      fitted.excluded.push_back(static_cast<Index>(j));
      continue;
    }
    const double s = problem.standardize ? std::sqrt(variance) : 1.0;
    if (problem.standardize) scale[j] = s;
    fitted.norm[j] = std::sqrt(problem.intercept ? variance : variance + mean * mean) / s;
    if (fitted.factor[j] == 0.0) fitted.unpenalised.push_back(static_cast<Index>(j));
  }
  fitted.design = std::make_shared<StandardizedDesign>(problem.design, std::move(centre), std::move(scale));
}

/// Bounds on βⱼ times sⱼ; empty when none is finite.
void set_bounds(const Problem& problem, FittedProblem& fitted) {
  const auto finite = [](double bound) { return std::isfinite(bound); };
  if (std::ranges::none_of(problem.lower, finite) && std::ranges::none_of(problem.upper, finite)) return;
  const std::size_t p = at(problem.design->cols());
  fitted.lower.assign(p, -kInfinity);
  fitted.upper.assign(p, kInfinity);
  for (std::size_t j = 0; j < p; ++j) {
    const double s = fitted.design->scale(static_cast<Index>(j));
    if (!problem.lower.empty()) fitted.lower[j] = problem.lower[j] * s;
    if (!problem.upper.empty()) fitted.upper[j] = problem.upper[j] * s;
  }
}

/// Zᵀ W response at the null model.
std::vector<double> null_gradients(const CrossMoments& moments, const FittedProblem& fitted) {
  std::vector<double> gradients(moments.sum.size());
  for (Index j = 0; j < moments.cols(); ++j) {
    gradients[at(j)] = moments.xz_about(fitted.intercept, j) / moments.weight / fitted.design->scale(j);
  }
  return gradients;
}

std::vector<double> null_gradients(const FittedProblem& fitted, const Context& context) {
  std::vector<double> weighted(fitted.response), gradients(at(fitted.cols()));
  for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i] *= fitted.weights[i];
  fitted.design->transpose_multiply(0, {weighted.data(), fitted.rows(), 1}, {gradients.data(), fitted.cols(), 1}, {},
                                    context);
  return gradients;
}

}  // namespace

FittedProblem to_fitted(const Problem& problem, const ColumnMoments& moments) {
  FittedProblem fitted;
  fitted.loss = problem.loss;
  fitted.intercept = problem.intercept;
  fitted.standardized = problem.standardize;
  const Index n_rows = set_weights(problem, fitted);
  if (problem.loss->name() == "squared") {
    set_response(problem, n_rows, fitted);
  } else {
    set_null_model(problem, fitted);
  }
  fitted.response_norm = std::sqrt(weighted_square(fitted.weights, fitted.response));
  set_columns(problem, moments, n_rows, fitted);
  set_bounds(problem, fitted);
  return fitted;
}

FittedProblem to_fitted(const Problem& problem, const Context& context, const CrossMoments* moments) {
  FittedProblem fitted =
      to_fitted(problem, moments ? moments->column_moments() : problem.design->moments(problem.weights, context));
  std::vector<double> gradients = moments ? null_gradients(*moments, fitted) : null_gradients(fitted, context);
  for (const Index j : fitted.excluded) gradients[at(j)] = 0.0;
  for (std::size_t j = 0; j < gradients.size(); ++j) {
    const double g = std::abs(gradients[j]);
    if (g > fitted.gradient_noise(j)) fitted.null_gradient = std::max(fitted.null_gradient, g);
  }
  return fitted;
}

double to_original(const FittedProblem& fitted, double b0, std::vector<double>& b) {
  double intercept = b0;
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (b[j] == 0.0) continue;
    b[j] /= fitted.design->scale(static_cast<Index>(j));
    intercept -= fitted.design->centre(static_cast<Index>(j)) * b[j];
  }
  return intercept;
}

}  // namespace riata
