#include "riata/kernels/blas.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

namespace riata::blas {
namespace {

using Eigen::MatrixXd;

Matrix view(MatrixXd& x) { return {x.data(), x.rows(), x.cols()}; }
ConstMatrix read(const MatrixXd& x) { return {x.data(), x.rows(), x.cols()}; }

MatrixXd random(Index rows, Index cols) {
  std::srand(static_cast<unsigned>(rows * 31 + cols));
  return MatrixXd::Random(rows, cols);
}

TEST(Blas, ProductsAgreeWithEigen) {
  const MatrixXd a = random(5, 7), b = random(7, 4);
  MatrixXd c = random(5, 4), expected = 2 * a * b + 3 * c;
  gemm(Op::none, Op::none, 2, read(a), read(b), 3, view(c));
  EXPECT_TRUE(c.isApprox(expected, 1e-14));
  MatrixXd d = random(7, 7), gram = a.transpose() * a;
  syrk(Triangle::lower, Op::transpose, 1, read(a), 0, view(d));
  mirror(Triangle::lower, view(d));
  EXPECT_TRUE(d.isApprox(gram, 1e-14));
  std::vector<double> x(7, 1.0), y(5, 0.5);
  gemv(Op::none, 1, read(a), x, 1, y);
  for (Index i = 0; i < 5; ++i) EXPECT_NEAR(y[static_cast<std::size_t>(i)], a.row(i).sum() + 0.5, 1e-14);
}

TEST(Blas, AnEmptyInnerDimensionIsAProductOfZero) {
  const MatrixXd a(3, 0), b(0, 2);
  MatrixXd c = random(3, 2);
  gemm(Op::none, Op::none, 1, read(a), read(b), 0, view(c));
  EXPECT_EQ(c, MatrixXd::Zero(3, 2));
}

TEST(Blas, MirrorCopiesEitherTriangleAcrossTiles) {
  const MatrixXd full = random(75, 75), symmetric = full + full.transpose();
  MatrixXd lower = symmetric.triangularView<Eigen::Lower>(), upper = symmetric.triangularView<Eigen::Upper>();
  mirror(Triangle::lower, view(lower));
  mirror(Triangle::upper, view(upper));
  EXPECT_EQ(lower, symmetric);
  EXPECT_EQ(upper, symmetric);
}

TEST(Blas, CholeskyThenTriangularSolvesInvert) {
  const MatrixXd half = random(9, 6), a = half.transpose() * half;
  MatrixXd factor = a, x = random(6, 2), b = a * x;
  ASSERT_EQ(potrf(Triangle::lower, view(factor)), 0);
  trsm(Side::left, Triangle::lower, Op::none, read(factor), view(b));
  trsm(Side::left, Triangle::lower, Op::transpose, read(factor), view(b));
  EXPECT_TRUE(b.isApprox(x, 1e-9));
  MatrixXd one = a * x.leftCols(1);
  const std::span<double> vector(one.data(), static_cast<std::size_t>(one.size()));
  trsv(Triangle::lower, Op::none, read(factor), vector);
  trsv(Triangle::lower, Op::transpose, read(factor), vector);
  EXPECT_TRUE(one.isApprox(x.leftCols(1), 1e-9));
  MatrixXd indefinite = MatrixXd::Identity(3, 3);
  indefinite(1, 1) = -1;
  EXPECT_EQ(potrf(Triangle::lower, view(indefinite)), 2);
}

TEST(Blas, ARotationTurnsTwoVectors) {
  std::vector<double> x = {1, 2, 3}, y = {4, 5, 6};
  rot(x, y, 0.6, 0.8);
  for (std::size_t i = 0; i < 3; ++i) {
    const double a = static_cast<double>(i) + 1, b = a + 3;
    EXPECT_DOUBLE_EQ(x[i], 0.6 * a + 0.8 * b);
    EXPECT_DOUBLE_EQ(y[i], 0.6 * b - 0.8 * a);
  }
}

TEST(Blas, EigenvectorsDiagonalise) {
  const MatrixXd half = random(8, 8), a = half + half.transpose();
  MatrixXd v = a;
  std::vector<double> d(8);
  ASSERT_TRUE(syevd(view(v), d));
  const Eigen::VectorXd diagonal = Eigen::Map<Eigen::VectorXd>(d.data(), 8);
  EXPECT_TRUE((v * diagonal.asDiagonal() * v.transpose()).isApprox(a, 1e-12));
  EXPECT_TRUE(std::is_sorted(d.begin(), d.end()));
}

/// In steps the same as at once, but for rounding; of low rank, and in sizes that end in whole and in broken blocks.
TEST(Blas, EigenvectorsInStepsDiagonaliseToo) {
  for (const Index n : {512, 533}) {
    const MatrixXd half = random(n, 300), a = half * half.transpose();
    MatrixXd v = a, at_once = a;
    std::vector<double> d(static_cast<std::size_t>(n)), expected(d.size());
    int asked = 0;
    ASSERT_TRUE(syevd(view(v), d, [&] { return ++asked < 0; }));
    ASSERT_TRUE(syevd(view(at_once), expected));
    EXPECT_GT(asked, 20);
    const Eigen::Map<Eigen::VectorXd> diagonal(d.data(), n);
    EXPECT_TRUE((v * diagonal.asDiagonal() * v.transpose()).isApprox(a, 1e-12));
    EXPECT_TRUE((v.transpose() * v).isApprox(MatrixXd::Identity(n, n), 1e-12));
    EXPECT_TRUE(diagonal.isApprox(Eigen::Map<Eigen::VectorXd>(expected.data(), n), 1e-13));
  }
}

TEST(Blas, EigenvaluesAreLeftWhenToldTo) {
  const MatrixXd half = random(512, 300), a = half * half.transpose();
  std::vector<double> d(512);
  for (const int when : {1, 5, 20}) {
    MatrixXd v = a;
    int asked = 0;
    EXPECT_FALSE(syevd(view(v), d, [&] { return ++asked == when; }));
    EXPECT_EQ(asked, when);
  }
}

TEST(Blas, PivotedQrGivesBackTheMatrix) {
  for (const auto& [m, n] : {std::pair<Index, Index>{9, 5}, {260, 200}, {150, 400}}) {  // the last two in blocks
    const MatrixXd a = random(m, n);
    MatrixXd qr = a;
    const Index order = std::min(m, n);
    std::vector<Index> pivots(static_cast<std::size_t>(n));
    std::vector<double> tau(static_cast<std::size_t>(order));
    ASSERT_TRUE(geqp3(view(qr), pivots, tau));
    MatrixXd product = MatrixXd::Zero(m, n);
    product.topRows(order) = qr.topRows(order).triangularView<Eigen::Upper>();
    ormqr(Op::none, read(qr), tau, view(product));
    for (Index k = 0; k < n; ++k) {
      EXPECT_TRUE(product.col(k).isApprox(a.col(pivots[static_cast<std::size_t>(k)]), 1e-12));
      if (k > 0 && k < order) {
        EXPECT_LE(std::abs(qr(k, k)), std::abs(qr(k - 1, k - 1)) * (1 + 1e-10));
      }
    }
  }
}

TEST(Blas, PivotedQrIsLeftWhenToldTo) {
  MatrixXd a = random(260, 200);
  std::vector<Index> pivots(200);
  std::vector<double> tau(200);
  int asked = 0;
  EXPECT_FALSE(geqp3(view(a), pivots, tau, [&] { return ++asked == 2; }));
  EXPECT_EQ(asked, 2);
}

TEST(Blas, SingularValuesGiveBackTheMatrix) {
  for (const auto& [m, n] : {std::pair<Index, Index>{7, 4}, {4, 7}}) {
    const MatrixXd a = random(m, n);
    MatrixXd work = a, u(m, 4), vt(4, n);
    std::vector<double> s(4);
    ASSERT_TRUE(gesdd(view(work), s, view(u), view(vt)));
    const Eigen::VectorXd values = Eigen::Map<Eigen::VectorXd>(s.data(), 4);
    EXPECT_TRUE((u * values.asDiagonal() * vt).isApprox(a, 1e-12));
  }
}

// The measurement of docs/decisions/0002-blas.md: a BLAS that is not safe to call from several threads fails here.
TEST(Blas, ConcurrentProductsHaveTheBitsOfLonelyOnes) {
  constexpr Index kSmallest = 40, kSizes = 64, kProducts = 3000;
  std::vector<MatrixXd> factors, products;
  for (Index size = kSmallest; size < kSmallest + kSizes; ++size) {
    factors.push_back(random(size, size));
    products.emplace_back(size, size);
    gemm(Op::transpose, Op::none, 1, read(factors.back()), read(factors.back()), 0, view(products.back()));
  }
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (Index thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (Index k = 0; k < kProducts; ++k) {
        const auto at = static_cast<std::size_t>((k + 8 * thread) % kSizes);
        MatrixXd c(factors[at].rows(), factors[at].rows());
        gemm(Op::transpose, Op::none, 1, read(factors[at]), read(factors[at]), 0, view(c));
        if (std::memcmp(c.data(), products[at].data(), sizeof(double) * static_cast<std::size_t>(c.size())) != 0) ++wrong;
      }
    });
  }
  threads.clear();  // joins
  EXPECT_EQ(wrong, 0) << "of " << 8 * kProducts << " products";
}

TEST(Blas, NothingIsDoneToEmptyMatrices) {
  MatrixXd empty(0, 0);
  EXPECT_EQ(potrf(Triangle::lower, view(empty)), 0);
  EXPECT_TRUE(syevd(view(empty), {}));
  EXPECT_TRUE(gesdd(view(empty), {}, view(empty), view(empty)));
  geqp3(view(empty), {}, {});
}

}  // namespace
}  // namespace riata::blas
