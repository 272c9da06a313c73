#include "random_problem.hpp"

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
  double uniform() { return std::uniform_real_distribution<double>()(engine_); }
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
  Eigen::MatrixXd z;
  Eigen::VectorXd w, s, target;
  std::vector<bool> excluded;
};

Fitted fitted(const RandomProblem& random) {
  const Index n = random.x.rows(), p = random.x.cols();
  Fitted f{random.x, Eigen::VectorXd::Ones(n), Eigen::VectorXd::Ones(p), Eigen::VectorXd(n), std::vector<bool>(p, false)};
  if (!random.weights.empty()) f.w = Eigen::Map<const Eigen::VectorXd>(random.weights.data(), n);
  const double counted = static_cast<double>((f.w.array() > 0.0).count());
  f.w /= f.w.sum();
  for (Index i = 0; i < n; ++i) f.target[i] = random.y[i] - (random.offset.empty() ? 0.0 : random.offset[i]);
  for (Index j = 0; j < p; ++j) {
    const double mean = f.w.dot(random.x.col(j));
    const double variance = f.w.dot((random.x.col(j).array() - mean).square().matrix());
    const bool constant = variance <= std::pow(counted * mean * 2.3e-16, 2);
    f.excluded[j] = (constant && (random.intercept || random.standardize)) || (constant && mean == 0.0) ||
                    (!random.factor.empty() && random.factor[j] == kInfinity);
    if (random.standardize && !f.excluded[j]) f.s[j] = std::sqrt(variance);
    if (random.intercept) f.z.col(j).array() -= mean;
    f.z.col(j) /= f.s[j];
  }
  return f;
}

struct Column {
  double l1, l2, lower, upper;
  long double value(long double b) const { return l1 * std::abs(b) + 0.5L * l2 * b * b; }
  bool open(double v) const { return v > 0.0 ? upper == kInfinity : v < 0.0 && lower == -kInfinity; }

  /// max over the box of v x − value(x), by trying every place where it can be.
  long double conjugate(long double v) const {
    long double best = 0.0L;
    const auto consider = [&](long double x) {
      if (std::isfinite(static_cast<double>(x)) && x >= lower && x <= upper) best = std::max(best, v * x - value(x));
    };
    consider(lower);
    consider(upper);
    if (l2 > 0.0) {
      consider((v - l1) / l2 > 0 ? (v - l1) / l2 : 0.0L);
      consider((v + l1) / l2 < 0 ? (v + l1) / l2 : 0.0L);
    }
    return best;
  }
};

std::vector<Column> columns_of(const RandomProblem& random, const Fitted& f, double lambda) {
  std::vector<Column> columns;
  const double rho = random.penalty.effective_l1_ratio();
  for (Index j = 0; j < random.x.cols(); ++j) {
    const double factor = random.factor.empty() ? 1.0 : random.factor[j];
    const double strength = random.penalty.name == "none" || factor == kInfinity ? 0.0 : lambda * factor;
    columns.push_back({strength * rho, strength * (1.0 - rho), random.lower.empty() ? -kInfinity : random.lower[j] * f.s[j],
                       random.upper.empty() ? kInfinity : random.upper[j] * f.s[j]});
  }
  return columns;
}

Eigen::VectorXd orthogonal(const Fitted& f, const Eigen::VectorXd& r, const std::vector<Index>& columns, bool intercept) {
  const Eigen::VectorXd root = f.w.cwiseSqrt();
  Eigen::MatrixXd basis(r.size(), static_cast<Index>(columns.size()) + intercept);
  for (std::size_t k = 0; k < columns.size(); ++k)
    basis.col(static_cast<Index>(k)) = root.cwiseProduct(f.z.col(columns[k])).normalized();
  if (intercept) basis.rightCols(1) = root;
  if (basis.cols() == 0) return r;
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> qr(basis.rows(), basis.cols());
  qr.setThreshold(1e-11);
  qr.compute(basis);
  const Eigen::VectorXd fit = basis * qr.solve(root.cwiseProduct(r));
  return (f.w.array() > 0.0).select(r.array() - fit.array() / root.array(), 0.0);
}

double violation(const Column& c, double b, double v) {
  const double high = (b < 0.0 ? -c.l1 : c.l1) + c.l2 * b, low = (b > 0.0 ? c.l1 : -c.l1) + c.l2 * b;
  return std::max({0.0, b < c.upper ? v - high : 0.0, b > c.lower ? low - v : 0.0});
}

}  // namespace

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
  Eigen::VectorXd null = f.target;
  if (random.intercept) null.array() -= f.w.dot(f.target);
  const double null_deviance = f.w.dot(null.cwiseAbs2());
  const Eigen::VectorXd r = f.target - random.x * beta - Eigen::VectorXd::Constant(random.x.rows(), intercept);
  const Eigen::VectorXd b = beta.cwiseProduct(f.s);
  const Eigen::VectorXd v = f.z.transpose() * f.w.cwiseProduct(r);
  const Eigen::VectorXd null_v = f.z.transpose() * f.w.cwiseProduct(null);

  Judgement judgement;
  double scale = 0.0, worst = random.intercept ? std::abs(f.w.dot(r)) : 0.0;
  long double primal = 0.5L * f.w.dot(r.cwiseAbs2());
  std::vector<Index> projected;
  for (Index j = 0; j < p; ++j) {
    if (f.excluded[j]) continue;
    const Column& c = columns[j];
    scale = std::max(scale, std::abs(null_v[j]));
    worst = std::max(worst, violation(c, b[j], v[j]));
    primal += c.value(b[j]);
    if (c.l1 == 0.0 && c.l2 == 0.0 && ((c.open(1.0) && c.open(-1.0)) || c.open(v[j]))) projected.push_back(j);
  }
  judgement.objective = static_cast<double>(primal);
  judgement.kkt_violation = worst == 0.0 || null_deviance == 0.0 ? 0.0 : worst / (scale > 0.0 ? scale : 1.0);
  Eigen::VectorXd theta, dual_v;
  for (bool more = true; more;) {  // a column that the projection of the others pushes out of its half-line is projected too
    theta = orthogonal(f, r, projected, random.intercept);
    dual_v = f.z.transpose() * f.w.cwiseProduct(theta);
    more = false;
    for (Index j = 0; j < p; ++j) {
      const Column& c = columns[j];
      if (f.excluded[j] || c.l1 > 0.0 || c.l2 > 0.0 || !c.open(dual_v[j])) continue;
      if (std::ranges::find(projected, j) != projected.end()) continue;
      projected.push_back(j);
      more = true;
    }
  }
  double s = 1.0;
  for (Index j = 0; j < p; ++j) {
    const Column& c = columns[j];
    if (std::ranges::find(projected, j) != projected.end() || f.excluded[j] || c.l2 > 0.0 || !c.open(dual_v[j])) continue;
    s = std::min(s, c.l1 / std::abs(dual_v[j]));
  }
  theta *= s;
  dual_v *= s;
  long double dual = 0.0L;
  for (Index i = 0; i < theta.size(); ++i) {
    const long double rest = static_cast<long double>(f.target[i]) - theta[i];
    dual += 0.5L * f.w[i] * (static_cast<long double>(f.target[i]) * f.target[i] - rest * rest);
  }
  for (Index j = 0; j < p; ++j) {
    if (!f.excluded[j] && std::ranges::find(projected, j) == projected.end()) dual -= columns[j].conjugate(dual_v[j]);
  }
  judgement.relative_gap = null_deviance > 0.0 ? static_cast<double>(primal - dual) / (0.5 * null_deviance) : 0.0;
  return judgement;
}

Eigen::VectorXd dense(const PathPoint& point, Index n_features) {
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(n_features);
  for (std::size_t k = 0; k < point.coefficients.indices.size(); ++k)
    beta[point.coefficients.indices[k]] = point.coefficients.values[k];
  return beta;
}

}  // namespace riata
