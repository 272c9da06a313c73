#include "riata/solver/growing_cholesky.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <random>

namespace riata {
namespace {

/// Gram of a random tall matrix: well conditioned.
Eigen::MatrixXd random_gram(Index size, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd x(3 * size + 5, size);
  for (double& value : x.reshaped()) value = normal(generator);
  return x.transpose() * x;
}

void append_all(GrowingCholesky& factor, const Eigen::MatrixXd& gram) {
  for (Index j = 0; j < gram.cols(); ++j) {
    ASSERT_TRUE(factor.append({gram.col(j).data(), static_cast<std::size_t>(j)}, gram(j, j), 1e-9));
  }
}

bool factorise(GrowingCholesky& factor, const Eigen::MatrixXd& gram) {
  const Matrix room = factor.room(gram.cols());
  for (Index j = 0; j < room.cols; ++j) {
    for (Index i = j; i < room.rows; ++i) room(i, j) = gram(i, j);
  }
  return factor.factorise();
}

void expect_solves(const GrowingCholesky& factor, const Eigen::MatrixXd& gram) {
  Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(gram.cols(), -1, 2);
  const Eigen::VectorXd expected = gram.ldlt().solve(x);
  factor.solve({x.data(), static_cast<std::size_t>(x.size())});
  EXPECT_LT((x - expected).norm(), 1e-11 * (1 + expected.norm()));
}

TEST(GrowingCholesky, SolvesWhatWasAppended) {
  for (const Index size : {1, 2, 63, 64, 65, 150}) {
    GrowingCholesky factor;
    const Eigen::MatrixXd gram = random_gram(size, static_cast<unsigned>(size));
    append_all(factor, gram);
    expect_solves(factor, gram);
  }
}

TEST(GrowingCholesky, ForgetsWhatWasRemoved) {
  Eigen::MatrixXd gram = random_gram(70, 3);
  GrowingCholesky factor;
  append_all(factor, gram);
  std::vector<Index> left(70);
  for (Index i = 0; i < 70; ++i) left[static_cast<std::size_t>(i)] = i;
  for (const Index position : {0, 68, 30, 30, 66 - 1, 0, 10}) {
    factor.remove(position);
    left.erase(left.begin() + position);
    expect_solves(factor, gram(left, left));
  }
  while (factor.size() > 0) {
    factor.remove(factor.size() - 1);
    left.pop_back();
    expect_solves(factor, gram(left, left));
  }
}

TEST(GrowingCholesky, RemovingKeepsAHalfSolvedVector) {
  const Eigen::MatrixXd gram = random_gram(40, 5);
  GrowingCholesky factor;
  append_all(factor, gram);
  std::vector<double> x, halfway;
  std::vector<Index> left;
  for (Index i = 0; i < 40; ++i) {
    left.push_back(i);
    x.push_back(std::cos(static_cast<double>(i)));
  }
  halfway = x;
  factor.forward(halfway);
  for (const Index position : {0, 38, 17, 17, 35}) {
    factor.remove(position, halfway);
    halfway.pop_back();
    left.erase(left.begin() + position);
    x.erase(x.begin() + position);
    std::vector<double> solved = halfway;
    factor.backward(solved);
    const Eigen::VectorXd expected = gram(left, left).ldlt().solve(Eigen::Map<Eigen::VectorXd>(x.data(), std::ssize(x)));
    for (std::size_t i = 0; i < solved.size(); ++i) EXPECT_NEAR(solved[i], expected(static_cast<Index>(i)), 1e-11);
  }
}

TEST(GrowingCholesky, AppendsRowsAndMultipliesByItsTranspose) {
  const Eigen::MatrixXd gram = random_gram(12, 11);
  const Eigen::MatrixXd lower = gram.llt().matrixL();
  std::vector<std::vector<double>> rows;
  for (Index i = 0; i < 12; ++i) {
    rows.emplace_back();
    for (Index j = 0; j <= i; ++j) rows.back().push_back(lower(i, j));
  }
  GrowingCholesky factor;
  factor.append_rows({});
  factor.append_rows(std::span(rows).first(5));
  factor.append_rows(std::span(rows).subspan(5));
  expect_solves(factor, gram);

  const std::vector<Index> some{2, 3, 9};
  const std::vector<double> values{0.5, -2, 3};
  std::vector<double> sum(12, 1.0);
  factor.add_transposed(some, values, sum);
  const Eigen::VectorXd expected = lower.transpose()(Eigen::all, some) * Eigen::Map<const Eigen::Vector3d>(values.data());
  for (Index i = 0; i < 12; ++i) EXPECT_NEAR(sum[static_cast<std::size_t>(i)], 1.0 + expected(i), 1e-12);
}

TEST(GrowingCholesky, SolvesForTheLastEntriesAlone) {
  GrowingCholesky factor;
  append_all(factor, random_gram(20, 12));
  std::vector<double> all;
  for (Index i = 0; i < 20; ++i) all.push_back(std::cos(static_cast<double>(i)));
  std::vector<double> last(all.end() - 7, all.end());
  factor.backward(all);
  factor.backward(last);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(last[i], all[13 + i], 1e-14);
}

TEST(GrowingCholesky, SolvesForSeveralSides) {
  for (const Index size : {1, 64, 65, 700}) {
    const Eigen::MatrixXd gram = random_gram(size, static_cast<unsigned>(size));
    GrowingCholesky factor;
    ASSERT_TRUE(factorise(factor, gram));
    for (const Index sides : {1, 2, 7, 40}) {
      const Eigen::MatrixXd start = Eigen::MatrixXd::Random(size, sides);
      Eigen::MatrixXd x = start;
      factor.forward(Matrix(x.data(), size, sides));
      EXPECT_LT((x - gram.llt().matrixL().solve(start)).norm(), 1e-12 * x.norm()) << size << ", " << sides;
      factor.backward(Matrix(x.data(), size, sides));
      EXPECT_LT((gram * x - start).norm(), 1e-12 * start.norm()) << size << ", " << sides;
    }
  }
}

TEST(GrowingCholesky, RemovesSeveralAtOnce) {
  const Eigen::MatrixXd gram = random_gram(40, 7);
  for (const std::vector<Index>& positions : std::vector<std::vector<Index>>{
           {0}, {0, 1, 2}, {39}, {37, 38, 39}, {3, 4, 17, 38}, {0, 39}, {5, 20, 21, 22, 23, 30, 39}, {}}) {
    GrowingCholesky factor;
    append_all(factor, gram);
    std::vector<double> x, halfway;
    std::vector<Index> left;
    for (Index i = 0; i < 40; ++i) {
      halfway.push_back(std::cos(static_cast<double>(i)));
      if (std::ranges::binary_search(positions, i)) continue;
      left.push_back(i);
      x.push_back(halfway.back());
    }
    factor.forward(halfway);
    factor.remove(positions, halfway);
    halfway.resize(left.size());
    expect_solves(factor, gram(left, left));
    factor.backward(halfway);
    const Eigen::VectorXd expected = gram(left, left).ldlt().solve(Eigen::Map<Eigen::VectorXd>(x.data(), std::ssize(x)));
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(halfway[i], expected(static_cast<Index>(i)), 1e-11);
  }
}

TEST(GrowingCholesky, FactorsAWholeMatrixAndTracesItsInverse) {
  constexpr Index kSize = 300;  // three blocks
  const Eigen::MatrixXd gram = random_gram(kSize, 4);
  GrowingCholesky factor;
  ASSERT_TRUE(factorise(factor, gram));
  expect_solves(factor, gram);
  const Eigen::VectorXd weights = Eigen::VectorXd::LinSpaced(kSize, 0.5, 3);
  const double expected = (gram.inverse().diagonal().array() * weights.array()).sum();
  EXPECT_NEAR(factor.weighted_inverse_trace({weights.data(), kSize}), expected, 1e-12 * expected);
  const Eigen::MatrixXd indefinite = -Eigen::MatrixXd::Identity(3, 3);
  EXPECT_FALSE(factorise(factor, indefinite));
  EXPECT_EQ(factor.size(), 0);
}

TEST(GrowingCholesky, RefusesADependentColumn) {
  Eigen::MatrixXd gram = random_gram(5, 9);
  GrowingCholesky factor;
  append_all(factor, gram);
  const Eigen::VectorXd twin = gram.col(2);
  EXPECT_FALSE(factor.append({twin.data(), 5}, gram(2, 2), 1e-9));
  expect_solves(factor, gram);
}

}  // namespace
}  // namespace riata
