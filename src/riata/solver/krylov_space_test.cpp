#include "riata/solver/krylov_space.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <random>

namespace riata {
namespace {

Eigen::MatrixXd random_square(Index n, Index rank) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd half(n, rank);
  for (double& x : half.reshaped()) x = normal(random);
  return half * half.transpose();
}

KrylovSpace space_of(const Eigen::MatrixXd& h, const Eigen::VectorXd& s, Index most) {
  return {{s.begin(), s.end()},
          [&h](std::span<const double> v, std::span<double> out) {
            Eigen::Map<Eigen::VectorXd>(out.data(), std::ssize(out)) =
                h * Eigen::Map<const Eigen::VectorXd>(v.data(), std::ssize(v));
          },
          most};
}

Eigen::VectorXd solution(const KrylovSpace& space, const KrylovSpace::Point& point) {
  const ConstMatrix basis = space.basis();
  const Index m = std::ssize(point.y);
  return Eigen::Map<const Eigen::MatrixXd>(basis.data, basis.rows, m) * Eigen::Map<const Eigen::VectorXd>(point.y.data(), m);
}

/// At every size the rest is what it says, and the complete space has the exact answer.
TEST(KrylovSpace, SolvesEveryShiftAndTellsWhatIsLeft) {
  const Index n = 30, rank = 12;
  const Eigen::MatrixXd h = random_square(n, rank);
  const Eigen::VectorXd s = Eigen::VectorXd::LinSpaced(n, -1, 2);
  KrylovSpace space = space_of(h, s, 100);
  bool growing = true;
  while (growing) {
    for (const double lambda : {1e-3, 1.0, 100.0}) {
      const KrylovSpace::Point point = space.solve(lambda);
      if (space.products() == 0) continue;
      const Eigen::VectorXd x = solution(space, point), rest = s - h * x - lambda * x;
      EXPECT_NEAR(rest.squaredNorm(), point.square, 1e-9 * (s.squaredNorm() + point.square)) << space.products();
      EXPECT_NEAR(rest.dot(h * rest), point.curvature, 1e-8 * (s.dot(h * s) + point.curvature)) << space.products();
      const Eigen::VectorXd inside =
          Eigen::Map<const Eigen::MatrixXd>(space.basis().data, n, space.products()).transpose() * rest;
      EXPECT_NEAR(space.curvature({inside.data(), static_cast<std::size_t>(inside.size())}), rest.dot(h * rest),
                  1e-8 * (s.dot(h * s) + point.curvature));
    }
    growing = space.grow();
  }
  EXPECT_GE(space.products(), rank + 1);  // and what of s lies where H is zero
  EXPECT_LE(space.products(), rank + 2);  // one of rounding
  for (const double lambda : {1e-3, 1.0, 100.0}) {
    const Eigen::MatrixXd shifted = h + lambda * Eigen::MatrixXd::Identity(n, n);
    const Eigen::VectorXd expected = shifted.ldlt().solve(s);
    EXPECT_LT((solution(space, space.solve(lambda)) - expected).norm(), 1e-10 * expected.norm());
  }
}

/// Eigenvalues over ten decades: without the second orthogonalisation the basis would lose its angles.
TEST(KrylovSpace, KeepsItsBasisOrthonormal) {
  const Index n = 60;
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(random_square(n, n)).householderQ();
  const Eigen::VectorXd values = Eigen::VectorXd::LinSpaced(n, -10, 0).unaryExpr([](double e) { return std::pow(10.0, e); });
  const Eigen::MatrixXd h = q * values.asDiagonal() * q.transpose();
  KrylovSpace space = space_of(h, Eigen::VectorXd::Ones(n), 100);
  while (space.grow()) {
  }
  const Eigen::Map<const Eigen::MatrixXd> v(space.basis().data, n, space.products());
  const Eigen::MatrixXd angles = v.transpose() * v - Eigen::MatrixXd::Identity(v.cols(), v.cols());
  EXPECT_LT(angles.cwiseAbs().maxCoeff(), 1e-13);
}

/// Squares of its entries would overflow or vanish.
TEST(KrylovSpace, SolvesAtAnyScaleOfTheColumns) {
  const Index n = 20;
  const Eigen::MatrixXd h = random_square(n, 8);
  const Eigen::VectorXd s = Eigen::VectorXd::LinSpaced(n, -1, 2);
  const Eigen::VectorXd expected = (h + Eigen::MatrixXd::Identity(n, n)).ldlt().solve(s);
  for (const double scale : {1e-240, 1.0, 1e240}) {
    const Eigen::MatrixXd scaled = scale * h;
    KrylovSpace space = space_of(scaled, s, 100);
    while (space.grow()) {
    }
    EXPECT_GE(space.products(), 9) << scale;
    EXPECT_LT((scale * solution(space, space.solve(scale)) - expected).norm(), 1e-10 * expected.norm()) << scale;
  }
}

TEST(KrylovSpace, EndsAtItsBoundAndForNothing) {
  const Eigen::MatrixXd h = random_square(10, 10);
  KrylovSpace space = space_of(h, Eigen::VectorXd::Ones(10), 3);
  while (space.grow()) {
  }
  EXPECT_EQ(space.products(), 3);
  EXPECT_EQ(space.solve(1.0).y.size(), 2U);
  KrylovSpace nothing = space_of(h, Eigen::VectorXd::Zero(10), 3);
  EXPECT_FALSE(nothing.grow());
  EXPECT_EQ(nothing.solve(1.0).square, 0);
  EXPECT_EQ(nothing.solve(1.0).curvature, 0);
}

}  // namespace
}  // namespace riata
