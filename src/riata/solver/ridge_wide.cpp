#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "riata/kernels/blas.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

using blas::Op;
std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

WideRidge::WideRidge(const FittedProblem& fitted, Scope scope, std::shared_ptr<RowFactors> factors, const Context& context)
    : fitted_(fitted), scope_(std::move(scope)), context_(context), rows_(std::move(factors)) {
  if (context.interrupted()) return;  // nobody solves with it: a path looks first
  for (Index a = 0; a < scope_.n(); ++a) {
    right_.push_back(rows_->root()[at(a)] * fitted.response[at(scope_.rows[at(a)])]);
  }
  rows_->project(right_);
}

const std::vector<double>& WideRidge::duals(std::span<const double> lambdas, Directions which) {
  constexpr double kAny = std::numeric_limits<double>::infinity();
  if (!rows_->shifted().singular()) which = Directions::all;  // the same
  auto& [known, duals] = duals_[which == Directions::all ? 0 : 1];
  if (std::ranges::equal(lambdas, known)) return duals;
  const Index n = scope_.n(), m = std::ssize(lambdas);
  known.assign(lambdas.begin(), lambdas.end());
  duals.resize(at(n * m));
  rows_->shifted().solve(lambdas, right_, {duals.data(), n, m}, which == Directions::all ? 0.0 : kAny);
  for (Index l = 0; l < m; ++l) rows_->project({duals.data() + l * n, at(n)});
  return duals;
}

std::vector<double> WideRidge::kernel_times(std::span<const double> alpha) const {
  const Index all = fitted_.rows();
  std::vector<double> v(at(all), 0.0), out(at(all));
  for (std::size_t i = 0; i < alpha.size(); ++i) v[at(scope_.rows[i])] = rows_->root()[i] * alpha[i];
  if (all > 0) blas::gemv(Op::none, 1.0, rows_->kernel(), v, 0.0, out);
  return out;
}

std::vector<double> WideRidge::unpenalised(std::span<const double> alpha) const {
  if (rows_->rank() == 0) return std::vector<double>(rows_->unpenalised().size(), 0.0);
  const std::vector<double> fitted = kernel_times(alpha);
  std::vector<double> rest;
  for (std::size_t a = 0; a < alpha.size(); ++a) {
    const std::size_t row = at(scope_.rows[a]);
    rest.push_back(rows_->root()[a] * (fitted_.response[row] - fitted[row]));
  }
  return rows_->explain(rest);
}

Status WideRidge::solve(double lambda, std::span<double> b) {
  solve_many({&lambda, 1}, {b.data(), fitted_.cols(), 1});
  return Status::converged;
}

void WideRidge::solve_many(std::span<const double> lambdas, Matrix b) {
  const Index n = fitted_.rows(), m = b.cols;
  std::vector<double> v(at(n * m), 0.0);
  std::vector<std::vector<double>> rest;
  const std::vector<double>& all = duals(lambdas, Directions::of_the_columns);
  for (Index l = 0; l < m; ++l) {
    const auto alpha = std::span(all).subspan(at(l * scope_.n()), at(scope_.n()));
    for (std::size_t i = 0; i < alpha.size(); ++i) v[at(scope_.rows[i] + l * n)] = rows_->root()[i] * alpha[i];
    rest.push_back(unpenalised(alpha));
  }
  fitted_.design->transpose_multiply(0, {v.data(), n, m}, b, {}, context_);
  for (Index l = 0; l < m; ++l) {
    for (const Index j : fitted_.excluded) b(j, l) = 0;
    for (const Index j : rows_->penalised()) b(j, l) /= fitted_.factor[at(j)];
    for (std::size_t a = 0; a < rows_->unpenalised().size(); ++a) b(rows_->unpenalised()[a], l) = rest[at(l)][a];
  }
}

/// With θ = M W^½ r and u = θ − λα the gradient of column j less λfb is zⱼᵀW^½u, so the gap is uᵀKu/2λ + ½‖W^½r − θ‖².
double WideRidge::gap(double lambda) {
  const Index n = scope_.n();
  std::vector<double> zb(at(fitted_.rows())), residual(at(n));
  predict(lambda, zb);
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = at(scope_.rows[at(i)]);
    residual[at(i)] = rows_->root()[at(i)] * (fitted_.response[row] - zb[row]);
  }
  std::vector<double> theta = residual;
  rows_->project(theta);
  double gap = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) gap += 0.5 * (residual[i] - theta[i]) * (residual[i] - theta[i]);
  const std::vector<double>& alpha = duals({&lambda, 1}, Directions::all);
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] -= lambda * alpha[i];
  const std::vector<double> turned = kernel_times(theta);
  double product = 0;
  for (std::size_t i = 0; i < theta.size(); ++i) product += turned[at(scope_.rows[i])] * rows_->root()[i] * theta[i];
  return gap + std::max(0.0, product) / (2 * lambda);
}

bool WideRidge::predict(double lambda, std::span<double> zb) {
  const std::vector<double>& alpha = duals({&lambda, 1}, Directions::of_the_columns);
  std::ranges::copy(kernel_times(alpha), zb.begin());
  const std::vector<double> rest = unpenalised(alpha);
  fitted_.design->multiply(rows_->unpenalised(), {rest.data(), static_cast<Index>(rest.size()), 1},
                           {zb.data(), fitted_.rows(), 1}, {}, context_);
  return true;
}

double WideRidge::degrees_of_freedom(double lambda) {
  const double projected = static_cast<double>(rows_->rank() + (fitted_.intercept ? 1 : 0));
  const double penalised =
      rows_->shifted().trace(lambda) - projected * rows_->filler() / (rows_->filler() + lambda);  // perhaps no number
  return static_cast<double>(rows_->rank()) + std::max(penalised, 0.0);
}

/// With C = M (K̃ + λ)⁻¹ M the residuals are λα = λCW^½y and 1 − hᵢ is λCᵢᵢ: the quotient αᵢ/Cᵢᵢ loses nothing where both
/// are tiny, as r/(1 − h) would.
bool WideRidge::left_out(std::span<const double> lambdas, Matrix residuals) {
  const Index n = scope_.n(), m = residuals.cols;
  const std::vector<double>& alpha = duals(lambdas, Directions::all);
  std::vector<double> inverse(at(n * m));
  rows_->shifted().inverse_diagonals(lambdas, {inverse.data(), n, m});
  for (Index l = 0; l < m; ++l) {
    for (Index i = 0; i < n; ++i) {
      const double c = inverse[at(i + l * n)] - rows_->own()[at(i)] / (rows_->filler() + lambdas[at(l)]);
      const bool told = rows_->own()[at(i)] < 1 - 1e-12 && c > 0;  // or the unpenalised part alone fits the row
      residuals(i, l) = told ? alpha[at(i + l * n)] / (c * rows_->root()[at(i)]) : std::numeric_limits<double>::quiet_NaN();
    }
  }
  return true;
}

}  // namespace riata
