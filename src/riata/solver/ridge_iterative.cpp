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

std::vector<double> IterativeRidge::gradient(double lambda, std::span<const double> b) const {
  State state{{b.begin(), b.end()}, fitted_.response_mean};
  quadratic_.evaluate(state);
  std::vector<double> out(quadratic_.gradient().begin(), quadratic_.gradient().end());
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
      z[at(j)] = r[at(j)] / (fitted_.norm[at(j)] * fitted_.norm[at(j)] + lambda * fitted_.factor[at(j)]);
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
    const Support support(direction);
    quadratic_.image(support.columns, support.values, q);
    for (const Index j : scope_.columns) q[at(j)] += lambda * fitted_.factor[at(j)] * direction[at(j)];
    const double curvature = inner(direction, q);
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

}  // namespace riata
