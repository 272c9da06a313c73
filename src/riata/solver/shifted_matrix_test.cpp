#include "riata/solver/shifted_matrix.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>

namespace riata {
namespace {

constexpr double kLambdas[] = {3.0, 0.2};

/// Positive semidefinite of rank `rank`, its columns in very different units where `rough`.
Eigen::MatrixXd example(Index order, Index rank, bool rough) {
  std::srand(7);
  Eigen::MatrixXd half = Eigen::MatrixXd::Random(order, rank);
  for (Index i = 0; i < order && rough; ++i) half.row(i) *= std::pow(10.0, static_cast<double>(i % 7 - 3));
  const Eigen::MatrixXd a = half * half.transpose();
  return 0.5 * (a + a.transpose());
}

ShiftedMatrix shifted(const Eigen::MatrixXd& a, double least, const blas::Stop& stop = {}) {
  return {std::vector<double>(a.data(), a.data() + a.size()), a.rows(), {least, true}, stop};
}

/// Smaller and larger than a block of the factorisation; singular without λ.
TEST(ShiftedMatrix, EigenvaluesAndFactorsAreTheInverse) {
  for (const Index order : {1, 6, 300, 540}) {
    const Eigen::MatrixXd a = example(order, std::max<Index>(1, order - 2), false);
    const Eigen::VectorXd c = Eigen::VectorXd::Random(order);
    for (const double least : {0.0, 0.2}) {
      ShiftedMatrix matrix = shifted(a, least);
      ASSERT_EQ(matrix.by_eigenvalues(), least == 0) << order;
      Eigen::MatrixXd x(order, 2), diagonals(order, 2);
      matrix.solve(kLambdas, {c.data(), static_cast<std::size_t>(order)}, {x.data(), order, 2});
      matrix.inverse_diagonals(kLambdas, {diagonals.data(), order, 2});
      for (int l = 0; l < 2; ++l) {
        const double lambda = kLambdas[l];
        const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(order, order);
        const Eigen::MatrixXd inverse = (a + lambda * identity).llt().solve(identity);
        EXPECT_LT((x.col(l) - inverse * c).norm(), 1e-10 * (inverse * c).norm()) << order;
        EXPECT_LT((diagonals.col(l) - inverse.diagonal()).norm(), 1e-10 * inverse.diagonal().norm()) << order;
        EXPECT_NEAR(matrix.trace(lambda), (a * inverse).trace(), 1e-9 * static_cast<double>(order));
        const std::vector<double> directions = matrix.directions(lambda);
        const Eigen::Map<const Eigen::MatrixXd> v(directions.data(), order, order);
        Eigen::VectorXd s(order);
        for (Index k = 0; k < order; ++k) s[k] = matrix.shrink(k, lambda);
        EXPECT_LT((v * s.asDiagonal() * v.transpose() - inverse).norm(), 1e-10 * inverse.norm()) << order;
      }
    }
  }
}

/// Units alone do not make a matrix ill conditioned; near dependence does, and there eigenvalues tell what is zero.
TEST(ShiftedMatrix, FactorsOnlyWhereTheyKeepTheDigits) {
  EXPECT_FALSE(shifted(example(50, 200, true), 1e-9).by_eigenvalues());
  EXPECT_FALSE(shifted(example(50, 40, false), 1e-3).by_eigenvalues());
  EXPECT_TRUE(shifted(example(50, 40, false), 1e-9).by_eigenvalues());
  EXPECT_TRUE(shifted(example(50, 40, false), 1e-18).by_eigenvalues());
  const Eigen::MatrixXd a = example(50, 40, false);
  Eigen::VectorXd x(50), expected(50);
  const Eigen::VectorXd c = a * Eigen::VectorXd::Random(50);
  const double lambda = 1e-9;
  shifted(a, lambda).solve({&lambda, 1}, {c.data(), 50}, {x.data(), 50, 1});
  shifted(a, 0).solve({&lambda, 1}, {c.data(), 50}, {expected.data(), 50, 1});
  EXPECT_EQ(x, expected) << "the matrix was not restored";
}

TEST(ShiftedMatrix, CanBeLeft) {
  const Eigen::MatrixXd a = example(560, 560, false);
  for (int when = 1; when <= 3; ++when) {
    int asked = 0;
    const ShiftedMatrix matrix = shifted(a, 1.0, [&] { return ++asked >= when; });
    EXPECT_LE(asked, when + 2);
  }
}

}  // namespace
}  // namespace riata
