#include <algorithm>
#include <cmath>

#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr Index kMaxIterations = 20000;
std::size_t at(Index i) { return static_cast<std::size_t>(i); }

double inner(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

IterativeRidge::IterativeRidge(const FittedProblem& fitted, Scope scope, double tolerance, const Context& context)
    : fitted_(fitted), scope_(std::move(scope)), tolerance_(tolerance), context_(context) {
  diagonal_.assign(at(fitted.cols()), 0.0);
  for (const Index j : scope_.columns) diagonal_[at(j)] = fitted.norm[at(j)] * fitted.norm[at(j)];
}

std::vector<double> IterativeRidge::gradient(double lambda, std::span<const double> b) const {
  std::vector<double> kept, residual(at(fitted_.rows()), 0.0), out(at(fitted_.cols()));
  for (const Index j : scope_.columns) kept.push_back(b[at(j)]);
  fitted_.design->multiply(scope_.columns, {kept.data(), static_cast<Index>(kept.size()), 1},
                           {residual.data(), fitted_.rows(), 1}, {}, context_);
  for (std::size_t i = 0; i < residual.size(); ++i) residual[i] = fitted_.weights[i] * (fitted_.response[i] - residual[i]);
  fitted_.design->transpose_multiply(0, {residual.data(), fitted_.rows(), 1}, {out.data(), fitted_.cols(), 1}, {}, context_);
  for (const Index j : fitted_.excluded) out[at(j)] = 0;
  for (const Index j : scope_.columns) out[at(j)] -= lambda * fitted_.factor[at(j)] * b[at(j)];
  return out;
}

/// The gap of a penalised column is g²/(2λf); that of an unpenalised one is quadratic in its gradient, too.
bool IterativeRidge::good_enough(double lambda, std::span<const double> g) const {
  double gap = 0, unpenalised = 0;
  for (const Index j : scope_.columns) {
    const double f = lambda * fitted_.factor[at(j)];
    if (f > 0) {
      gap += g[at(j)] * g[at(j)] / (2 * f);
    } else {
      unpenalised = std::max(unpenalised, std::abs(g[at(j)]));
    }
  }
  return gap <= 0.1 * tolerance_ * 0.5 * fitted_.null_deviance &&
         unpenalised <= 1e-2 * std::sqrt(tolerance_) * fitted_.null_gradient;
}

Status IterativeRidge::solve(double lambda, std::span<double> b) {
  std::vector<double> r = gradient(lambda, b), z(r.size(), 0.0), direction, q(r.size());
  const auto precondition = [&] {
    for (const Index j : scope_.columns) {
      const double d = diagonal_[at(j)] + lambda * fitted_.factor[at(j)];
      z[at(j)] = d > 0 ? r[at(j)] / d : r[at(j)];
    }
  };
  precondition();
  direction = z;
  double now = inner(r, z);
  for (Index iteration = 0; iteration < kMaxIterations; ++iteration) {
    if (good_enough(lambda, r)) {
      r = gradient(lambda, b);  // the recurrence drifts: only the true gradient ends the iteration
      if (good_enough(lambda, r)) return Status::converged;
      precondition();
      direction = z;
      now = inner(r, z);
    }
    if (context_.interrupted()) return Status::interrupted;
    std::vector<double> kept, zd(at(fitted_.rows()), 0.0);
    for (const Index j : scope_.columns) kept.push_back(direction[at(j)]);
    fitted_.design->multiply(scope_.columns, {kept.data(), static_cast<Index>(kept.size()), 1},
                             {zd.data(), fitted_.rows(), 1}, {}, context_);
    double curvature = 0;
    for (std::size_t i = 0; i < zd.size(); ++i) {
      curvature += fitted_.weights[i] * zd[i] * zd[i];
      zd[i] *= fitted_.weights[i];
    }
    fitted_.design->transpose_multiply(0, {zd.data(), fitted_.rows(), 1}, {q.data(), fitted_.cols(), 1}, {}, context_);
    for (const Index j : fitted_.excluded) q[at(j)] = 0;
    for (const Index j : scope_.columns) {
      const double f = lambda * fitted_.factor[at(j)];
      q[at(j)] += f * direction[at(j)];
      curvature += f * direction[at(j)] * direction[at(j)];
    }
    if (!(curvature > 0)) return good_enough(lambda, r) ? Status::converged : Status::iteration_limit;
    const double step = now / curvature;
    for (const Index j : scope_.columns) {
      b[at(j)] += step * direction[at(j)];
      r[at(j)] -= step * q[at(j)];
    }
    precondition();
    const double before = now;
    now = inner(r, z);
    for (const Index j : scope_.columns) direction[at(j)] = z[at(j)] + now / before * direction[at(j)];
  }
  return Status::iteration_limit;
}

bool IterativeRidge::predict(double, std::span<double>) const { return false; }

RidgeDiagnostics IterativeRidge::diagnose(double, std::span<const double>) const { return {}; }

}  // namespace riata
