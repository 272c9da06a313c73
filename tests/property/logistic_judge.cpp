#include "logistic_judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The problem in fitted coordinates: the first column is the intercept's where there is one.
struct Fitted {
  RealMatrix z;
  RealVector w, y, offset, norm, l1, l2, lower, upper;
  std::vector<bool> excluded;
};

RealVector weights_of(const RandomProblem& random) {
  RealVector w = RealVector::Ones(random.x.rows());
  if (!random.weights.empty()) w = Eigen::Map<const Eigen::VectorXd>(random.weights.data(), w.size()).cast<Real>();
  return w / w.sum();
}

Fitted fitted(const RandomProblem& random, const Path& path, double lambda) {
  const Index n = random.x.rows(), p = random.x.cols();
  Fitted f{RealMatrix(n, p + 1),
           weights_of(random),
           RealVector(n),
           RealVector::Zero(n),
           RealVector::Zero(p + 1),
           RealVector::Zero(p + 1),
           RealVector::Zero(p + 1),
           RealVector::Constant(p + 1, -kInfinity),
           RealVector::Constant(p + 1, kInfinity),
           std::vector<bool>(static_cast<std::size_t>(p + 1), false)};
  f.z.col(0).setOnes();
  f.excluded[0] = !random.intercept;
  for (Index i = 0; i < n; ++i) {
    f.y[i] = random.y[static_cast<std::size_t>(i)];
    if (!random.offset.empty()) f.offset[i] = random.offset[static_cast<std::size_t>(i)];
  }
  const Real rho = random.penalty.effective_l1_ratio();
  for (Index j = 0; j < p; ++j) {
    const auto k = static_cast<std::size_t>(j);
    const Real s = path.scale[k], strength = lambda * (random.factor.empty() ? 1.0 : random.factor[k]);
    f.excluded[k + 1] = std::ranges::binary_search(path.excluded, j);
    if (f.excluded[k + 1]) continue;
    f.z.col(j + 1) = random.x.col(j).cast<Real>();
    if (random.intercept) f.z.col(j + 1).array() -= f.w.dot(f.z.col(j + 1));
    f.z.col(j + 1) /= s;
    f.l1[j + 1] = strength * rho;
    f.l2[j + 1] = strength * (1 - rho);
    if (!random.lower.empty()) f.lower[j + 1] = random.lower[k] * s;
    if (!random.upper.empty()) f.upper[j + 1] = random.upper[k] * s;
  }
  for (Index j = 0; j <= p; ++j) {
    if (f.excluded[static_cast<std::size_t>(j)]) f.z.col(j).setZero();
    f.norm[j] = std::sqrt(f.w.dot(f.z.col(j).cwiseAbs2()));
  }
  return f;
}

Real objective(const Fitted& f, const RealVector& b) {
  const RealVector eta = f.z * b + f.offset;
  Real sum = 0;
  for (Index i = 0; i < eta.size(); ++i) {
    const Real margin = f.y[i] > 0 ? eta[i] : -eta[i];
    if (f.w[i] > 0) sum += f.w[i] * (margin > 0 ? std::log1p(std::exp(-margin)) : std::log1p(std::exp(margin)) - margin);
  }
  for (Index j = 0; j < b.size(); ++j) sum += f.l1[j] * std::abs(b[j]) + f.l2[j] / 2 * b[j] * b[j];
  return sum;
}

/// wᵢ (yᵢ − pᵢ) and wᵢ pᵢ (1 − pᵢ), small ones with all their digits.
void rows_at(const Fitted& f, const RealVector& b, RealVector& pull, RealVector& curvature) {
  const RealVector eta = f.z * b + f.offset;
  pull.resize(eta.size());
  curvature.resize(eta.size());
  for (Index i = 0; i < eta.size(); ++i) {
    const Real sign = f.y[i] > 0 ? 1 : -1, wrong = 1 / (1 + std::exp(sign * eta[i]));
    pull[i] = f.w[i] * sign * wrong;
    curvature[i] = f.w[i] * wrong * (1 / (1 + std::exp(-sign * eta[i])));
  }
}

Real violation_of(const Fitted& f, const RealVector& b, Index j, Real v) {
  const Real g = v - f.l2[j] * b[j];
  const Real low = b[j] > 0 ? f.l1[j] : -f.l1[j], high = b[j] < 0 ? -f.l1[j] : f.l1[j];
  return std::max({Real{0}, b[j] >= f.upper[j] ? Real{0} : g - high, b[j] <= f.lower[j] ? Real{0} : low - g});
}

/// A Newton step on all coefficients whose conditions are violated or that are free; shortened where one meets zero or a
/// bound, halved until the objective falls. Returns whether it fell.
bool newton_step(const Fitted& f, RealVector& b) {
  RealVector pull, curvature;
  rows_at(f, b, pull, curvature);
  const RealVector v = f.z.transpose() * pull;
  std::vector<Index> free;
  RealVector gradient(b.size());
  for (Index j = 0; j < b.size(); ++j) {
    if (f.excluded[static_cast<std::size_t>(j)] || !(f.norm[j] > 0)) continue;
    const Real wish = v[j] - f.l2[j] * b[j];
    const bool at_bound = (b[j] >= f.upper[j] && wish > 0) || (b[j] <= f.lower[j] && wish < 0);
    if (at_bound || (b[j] == 0 && std::abs(wish) <= f.l1[j])) continue;
    const Real sign = b[j] != 0 ? (b[j] > 0 ? 1 : -1) : (wish > 0 ? 1 : -1);
    gradient[static_cast<Index>(free.size())] = (wish - sign * f.l1[j]) / f.norm[j];
    free.push_back(j);
  }
  const Index m = std::ssize(free);
  if (m == 0) return false;
  RealMatrix root(b.size() == 0 ? 0 : f.z.rows() + m, m);
  for (Index k = 0; k < m; ++k) {
    root.col(k).head(f.z.rows()) = curvature.cwiseSqrt().cwiseProduct(f.z.col(free[static_cast<std::size_t>(k)])) /
                                   f.norm[free[static_cast<std::size_t>(k)]];
    root.col(k).tail(m).setZero();
    root(f.z.rows() + k, k) = std::sqrt(f.l2[free[static_cast<std::size_t>(k)]]) / f.norm[free[static_cast<std::size_t>(k)]];
  }
  Eigen::ColPivHouseholderQR<RealMatrix> qr(root);
  const Index rank = qr.rank();
  RealVector step = RealVector::Zero(m);
  {
    const RealVector permuted = qr.colsPermutation().transpose() * gradient.head(m);
    const auto r = qr.matrixR().topLeftCorner(rank, rank).triangularView<Eigen::Upper>();
    RealVector solution = RealVector::Zero(m);
    solution.head(rank) = r.solve(r.transpose().solve(permuted.head(rank)));
    step = qr.colsPermutation() * solution;
  }
  const Real before = objective(f, b);
  Real t = 1;
  Index stops = -1;
  for (Index k = 0; k < m; ++k) {
    const Index j = free[static_cast<std::size_t>(k)];
    step[k] /= f.norm[j];
    const Real to = b[j] + step[k];
    Real room = 1;
    if (f.l1[j] > 0 && b[j] * to < 0) room = -b[j] / step[k];
    if (to > f.upper[j]) room = std::min(room, (f.upper[j] - b[j]) / step[k]);
    if (to < f.lower[j]) room = std::min(room, (f.lower[j] - b[j]) / step[k]);
    if (room < t) t = room, stops = j;
  }
  for (int halving = 0; halving < 60; ++halving, t /= 2) {
    RealVector next = b;
    for (Index k = 0; k < m; ++k) next[free[static_cast<std::size_t>(k)]] += t * step[k];
    if (halving == 0 && stops >= 0) {  // exactly there
      const Real target = next[stops];
      next[stops] = std::abs(target - f.upper[stops]) < std::abs(target)   ? f.upper[stops]
                    : std::abs(target - f.lower[stops]) < std::abs(target) ? f.lower[stops]
                                                                           : Real{0};
    }
    if (objective(f, next) < before) {
      b = next;
      return true;
    }
  }
  return false;
}

}  // namespace

RandomProblem with_classes(RandomProblem random, double border) {
  for (auto& y : random.y) y = y > border ? 1 : 0;
  return random;
}

bool has_both_classes(const RandomProblem& random) {
  double ones = 0, all = 0;
  for (std::size_t i = 0; i < random.y.size(); ++i) {
    const double w = random.weights.empty() ? 1.0 : random.weights[i];
    all += w;
    ones += w * random.y[i];
  }
  return ones > 0 && ones < all;
}

Problem logistic(const RandomProblem& random) {
  Problem problem = random.problem();
  problem.loss = loss_by_name("logistic");
  return problem;
}

LogisticTruth judge_logistic(const RandomProblem& random, const Path& path, const PathPoint& point) {
  constexpr int kSteps = 60;
  const Index p = random.x.cols();
  const Fitted f = fitted(random, path, random.penalty.name == "none" ? 0.0 : point.lambda);
  const Eigen::VectorXd beta = dense(point, p);
  RealVector b = RealVector::Zero(p + 1);
  b[0] = point.intercept;
  for (Index j = 0; j < p; ++j) {
    b[j + 1] = Real{beta[j]} * path.scale[static_cast<std::size_t>(j)];
    if (random.intercept) b[0] += f.w.dot(random.x.col(j).cast<Real>()) * Real{beta[j]};
  }
  if (!random.intercept) b[0] = 0;
  LogisticTruth truth;
  truth.objective = objective(f, b);
  RealVector pull, curvature;
  rows_at(f, b, pull, curvature);
  for (Index j = 0; j <= p; ++j) {
    if (f.excluded[static_cast<std::size_t>(j)]) continue;
    truth.violation = std::max(truth.violation, violation_of(f, b, j, f.z.col(j).dot(pull)));
  }
  truth.violation /= std::max(Real{1}, f.norm.maxCoeff());
  for (int step = 0; step < kSteps && newton_step(f, b); ++step) {
  }
  truth.lower = std::min(truth.objective, objective(f, b));
  return truth;
}

}  // namespace riata
