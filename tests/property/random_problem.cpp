#include "random_problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "riata/design/make_design.hpp"

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : engine_(seed) {}
  double normal() { return std::normal_distribution<double>()(engine_); }
  double uniform() { return riata::uniform(engine_); }
  bool chance(double p) { return uniform() < p; }
  Index below(Index n) { return std::uniform_int_distribution<Index>(0, n - 1)(engine_); }

 private:
  std::mt19937_64 engine_;
};

Eigen::VectorXd column(Draw& draw, const Eigen::MatrixXd& x, Index j, bool awkward) {
  Eigen::VectorXd c(x.rows());
  for (auto& value : c) value = draw.normal();
  if (!awkward) return c;
  const double kind = draw.uniform();
  if (kind < 0.08) c.setConstant(draw.normal());
  if (kind >= 0.08 && kind < 0.12) c.setZero();
  if (kind >= 0.12 && kind < 0.2 && j > 0) c = x.col(draw.below(j));
  if (kind >= 0.2 && kind < 0.3) c = (c.array() > 0.0).cast<double>().matrix();
  if (kind >= 0.3 && kind < 0.4) c.array() += 1000.0;
  if (kind >= 0.4 && kind < 0.5 && j > 0) c = x.col(draw.below(j)) + 0.01 * c;
  if (kind >= 0.5 && kind < 0.6) c *= 1e4;
  return c;
}

/// z, s, w and what is excluded, by the definitions.
struct Fitted {
  RealMatrix z;
  RealVector w, s, target, null;  ///< target: response less offset; null: less its mean, too, where there is an intercept
  std::vector<bool> excluded;
  bool intercept;
};

Fitted fitted(const RandomProblem& random) {
  const Index n = random.x.rows(), p = random.x.cols();
  Fitted f{random.x.cast<Real>(),       RealVector::Ones(n), RealVector::Ones(p), RealVector(n), {},
           std::vector<bool>(p, false), random.intercept};
  if (!random.weights.empty()) f.w = Eigen::Map<const Eigen::VectorXd>(random.weights.data(), n).cast<Real>();
  const double counted = static_cast<double>((f.w.array() > 0.0).count());
  f.w /= f.w.sum();
  for (Index i = 0; i < n; ++i) f.target[i] = Real{random.y[i]} - (random.offset.empty() ? 0.0 : random.offset[i]);
  f.null = f.target;
  if (random.intercept) f.null.array() -= f.w.dot(f.target);
  for (Index j = 0; j < p; ++j) {
    const Real mean = f.w.dot(f.z.col(j));
    const Real variance = f.w.dot((f.z.col(j).array() - mean).square().matrix());
    const bool constant = variance <= std::pow(counted * mean * 2.3e-16L, 2);
    f.excluded[j] = (constant && (random.intercept || random.standardize)) || (constant && mean == 0.0) ||
                    (!random.factor.empty() && random.factor[j] == kInfinity) ||
                    (!random.lower.empty() && random.lower[j] == 0.0 && random.upper[j] == 0.0);
    if (random.standardize && !f.excluded[j]) f.s[j] = std::sqrt(variance);
    if (random.intercept) f.z.col(j).array() -= mean;
    f.z.col(j) /= f.s[j];
  }
  return f;
}

struct Column {
  Real l1, l2, lower, upper;
  Real value(Real b) const { return l1 * std::abs(b) + 0.5L * l2 * b * b; }
  bool inside(Real b) const { return b > lower && b < upper; }
  bool held(Real b, Real v) const { return v > 0 ? b >= upper : b <= lower; }
  bool flat() const { return l1 == 0 && l2 == 0; }
  bool open(Real v) const { return v > 0.0 ? upper == kInfinity : v < 0.0 && lower == -kInfinity; }

  /// max over the box of v x − value(x), by trying every place where it can be.
  Real conjugate(Real v) const {
    Real best = 0.0L;
    const auto consider = [&](Real x) {
      if (std::isfinite(x) && x >= lower && x <= upper) best = std::max(best, v * x - value(x));
    };
    consider(lower);
    consider(upper);
    if (l2 > 0.0) {
      consider((v - l1) / l2 > 0 ? (v - l1) / l2 : Real{0});
      consider((v + l1) / l2 < 0 ? (v + l1) / l2 : Real{0});
    }
    return best;
  }
};

std::vector<Column> columns_of(const RandomProblem& random, const Fitted& f, double lambda) {
  std::vector<Column> columns;
  const double rho = random.penalty.effective_l1_ratio();
  for (Index j = 0; j < random.x.cols(); ++j) {
    const double factor = random.factor.empty() ? 1.0 : random.factor[j];
    const Real strength = random.penalty.name == "none" || factor == kInfinity ? 0.0L : Real{lambda} * factor;
    columns.push_back({strength * rho, strength * (1.0L - rho), random.lower.empty() ? -kInfinity : random.lower[j] * f.s[j],
                       random.upper.empty() ? kInfinity : random.upper[j] * f.s[j]});
  }
  return columns;
}

RealVector orthogonal(const Fitted& f, const RealVector& r, const std::vector<Index>& columns) {
  const RealVector root = f.w.cwiseSqrt();
  RealMatrix basis(r.size(), static_cast<Index>(columns.size()) + f.intercept);
  for (std::size_t k = 0; k < columns.size(); ++k)
    basis.col(static_cast<Index>(k)) = root.cwiseProduct(f.z.col(columns[k])).normalized();
  if (f.intercept) basis.rightCols(1) = root;
  if (basis.cols() == 0) return r;
  Eigen::CompleteOrthogonalDecomposition<RealMatrix> qr(basis.rows(), basis.cols());
  qr.setThreshold(1e-15L);
  qr.compute(basis);
  const RealVector fit = basis * qr.solve(root.cwiseProduct(r));
  return (f.w.array() > 0.0).select(r.array() - fit.array() / root.array(), Real{0});
}

Real violation(const Column& c, Real b, Real v) {
  const Real high = (b < 0.0 ? -c.l1 : c.l1) + c.l2 * b, low = (b > 0.0 ? c.l1 : -c.l1) + c.l2 * b;
  return std::max({Real{0}, b < c.upper ? v - high : Real{0}, b > c.lower ? low - v : Real{0}});
}

/// The dual objective at θ, which the caller keeps to its domain and, with an intercept, orthogonal to ones.
Real dual_objective(const Fitted& f, const std::vector<Column>& columns, const RealVector& theta, const RealVector& v) {
  Real dual = f.w.dot(theta.cwiseProduct(f.null - 0.5L * theta));
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (!f.excluded[j]) dual -= columns[j].conjugate(v[static_cast<Index>(j)]);
  }
  return dual;
}

/// The better of two dual points: r orthogonal to `projected`, scaled until every conjugate is finite, or until all are
/// zero.
Real best_dual(const Fitted& f, const std::vector<Column>& columns, const RealVector& b, const RealVector& r,
               std::vector<Index> projected) {
  RealVector theta, v;
  for (bool more = true; more;) {  // a column that the projection of the others pushes out of its half-line is projected too
    theta = orthogonal(f, r, projected);
    v = f.z.transpose() * f.w.cwiseProduct(theta);
    for (const Index j : projected) v[j] = 0;  // but for rounding
    more = false;
    for (Index j = 0; j < v.size(); ++j) {
      if (f.excluded[j] || !columns[j].flat() || !columns[j].open(v[j])) continue;
      projected.push_back(j);
      more = true;
    }
  }
  Real domain = 1, kink = 1;
  for (Index j = 0; j < v.size(); ++j) {
    const Column& c = columns[j];
    if (f.excluded[j] || v[j] == 0) continue;
    if (c.l2 == 0 && c.open(v[j])) domain = std::min(domain, c.l1 / std::abs(v[j]));
    if (!c.held(b[j], v[j])) kink = std::min(kink, c.l1 / std::abs(v[j]));
  }
  return std::max(dual_objective(f, columns, domain * theta, domain * v),
                  dual_objective(f, columns, kink * theta, kink * v));
}

}  // namespace

double uniform(std::mt19937_64& engine) { return std::uniform_real_distribution<double>()(engine); }

void move_means(RandomProblem& random, std::mt19937_64& engine, double mean) {
  for (auto column : random.x.colwise()) column.array() += mean * (0.5 + uniform(engine));
}

RandomProblem random_problem(std::uint64_t seed, Index max_rows, Index max_cols, Ingredients ingredients) {
  Draw draw(seed);
  const Index n = 1 + draw.below(max_rows), p = draw.below(max_cols + 1);
  RandomProblem random;
  random.x.resize(n, p);
  for (Index j = 0; j < p; ++j) random.x.col(j) = column(draw, random.x, j, ingredients.awkward_columns);
  Eigen::VectorXd y(n);
  for (auto& value : y) value = 3.0 + draw.normal();
  for (Index j = 0; j < std::min<Index>(p, 3); ++j) y += random.x.col(j) * draw.normal();
  random.y.assign(y.begin(), y.end());
  const double kind = draw.uniform();
  for (Index i = 0; i < n && kind < 0.6; ++i)
    random.weights.push_back(kind < 0.3 ? draw.uniform() : i == 0 || draw.chance(0.7));
  for (Index i = 0; draw.chance(0.3) && i < n; ++i) random.offset.push_back(draw.normal());
  random.offset.resize(random.offset.empty() ? 0 : static_cast<std::size_t>(n), 0.5);
  // Unpenalised columns stay fewer than rows: more are a matter of rank, which least_squares tests.
  Index unpenalised = n / 4;
  for (Index j = 0; ingredients.factors && seed % 2 == 0 && j < p; ++j) {
    const double f = draw.uniform();
    random.factor.push_back(f < 0.2 && unpenalised-- > 0 ? 0.0 : f > 0.9 ? kInfinity : 0.5 + f);
  }
  if (ingredients.bounds && draw.chance(0.4)) {
    for (Index j = 0; j < p; ++j) {
      random.lower.push_back(draw.chance(0.3) ? 0.0 : draw.chance(0.3) ? -draw.uniform() : -kInfinity);
      random.upper.push_back(draw.chance(0.1) ? 0.0 : draw.chance(0.3) ? draw.uniform() : kInfinity);
    }
  }
  random.intercept = draw.chance(0.75);
  random.standardize = draw.chance(0.6);
  const std::vector<std::string> names = {"none", "l1", "l2", "elastic-net"};
  random.penalty = {names[static_cast<std::size_t>(2 * p < n ? draw.below(4) : 1 + draw.below(3))],
                    0.05 + 0.9 * draw.uniform()};
  return random;
}

Problem RandomProblem::problem() const {
  Problem problem;
  problem.design = strided<double>(x.data(), x.rows(), x.cols(), 1, x.rows(), nullptr);
  problem.loss = loss_by_name("squared");
  problem.response = y;
  problem.weights = weights;
  problem.offset = offset;
  problem.penalty_factor = factor;
  problem.lower = lower;
  problem.upper = upper;
  problem.intercept = intercept;
  problem.standardize = standardize;
  return problem;
}

Judgement judge(const RandomProblem& random, double lambda, double intercept, const Eigen::VectorXd& beta) {
  const Fitted f = fitted(random);
  const std::vector<Column> columns = columns_of(random, f, lambda);
  const Index p = random.x.cols();
  const Real null_deviance = f.w.dot(f.null.cwiseAbs2());
  const RealVector original = beta.cast<Real>();
  const RealVector r = (f.target - random.x.cast<Real>() * original).array() - Real{intercept};
  const RealVector b = original.cwiseProduct(f.s);
  const RealVector v = f.z.transpose() * f.w.cwiseProduct(r);
  const RealVector null_v = f.z.transpose() * f.w.cwiseProduct(f.null);

  Judgement judgement;
  Real scale = 0.0, worst = random.intercept ? std::abs(f.w.dot(r)) : Real{0};
  Real primal = 0.5L * f.w.dot(r.cwiseAbs2());
  std::vector<Index> flat, free;  // that no slope of the penalty holds; that no bound holds
  for (Index j = 0; j < p; ++j) {
    if (f.excluded[j]) continue;
    const Column& c = columns[j];
    scale = std::max(scale, std::abs(null_v[j]));
    worst = std::max(worst, violation(c, b[j], v[j]));
    primal += c.value(b[j]);
    if (c.flat() && (c.inside(b[j]) || c.open(v[j]))) flat.push_back(j);
    if (c.inside(b[j]) || violation(c, b[j], v[j]) > 0) free.push_back(j);
  }
  judgement.objective = static_cast<double>(primal);
  if (worst > 0 && null_deviance > 0) judgement.kkt_violation = static_cast<double>(worst / (scale > 0 ? scale : Real{1}));
  if (null_deviance > 0) {
    const Real dual = std::max(best_dual(f, columns, b, r, flat), best_dual(f, columns, b, r, free));
    judgement.relative_gap = static_cast<double>((primal - dual) / (0.5L * null_deviance));
  }
  return judgement;
}

Eigen::VectorXd dense(const PathPoint& point, Index n_features) {
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(n_features);
  for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k)
    beta[point.coefficients.indices[k]] = point.coefficients.values[k];
  return beta;
}

}  // namespace riata
