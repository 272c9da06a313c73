#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/design/design.hpp"
#include "riata/design/layouts_for_tests.hpp"

// What must not change a result, for every class of design; what is no design.
namespace riata {
namespace {

using testing::NamedLayout;
using testing::numbers;
using testing::random_vector;
using testing::Sample;
using testing::weights_with_zeros;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class AnyDesign : public ::testing::TestWithParam<NamedLayout> {};

/// Everything a design computes, as one long vector.
std::vector<double> all_results(const Design& design, std::span<const double> w, const Context& context) {
  const Index n = design.rows(), p = design.cols(), m = 4;
  std::vector<Index> columns(static_cast<std::size_t>(p));
  for (Index j = 0; j < p; ++j) columns[static_cast<std::size_t>(j)] = j;
  const std::vector<double> v = random_vector(n * m, 3), b = random_vector(p * m, 4), shift = random_vector(p, 5);
  std::vector<double> transposed(static_cast<std::size_t>(p * m)), product(static_cast<std::size_t>(n * m), 1.0);
  std::vector<double> gram(static_cast<std::size_t>(p * p));
  design.transpose_multiply(0, ConstMatrix(v.data(), n, m), Matrix(transposed.data(), p, m), shift, context);
  design.multiply(columns, ConstMatrix(b.data(), p, m), Matrix(product.data(), n, m), shift, context);
  design.gram(columns, columns, w, Matrix(gram.data(), p, p), shift, context);
  std::vector<double> grams(static_cast<std::size_t>(4 * p * p)), products(static_cast<std::size_t>(4 * p * m));
  std::vector<Index> part_of;
  for (Index i = 0; i < n; ++i) part_of.push_back(i % 5 % 4 - 1);
  std::vector<PartSums> outs;
  for (Index k = 0; k < 4; ++k) outs.push_back({{grams.data() + k * p * p, p, p}, {products.data() + k * p * m, p, m}});
  const ConstMatrix sides(v.data(), n, m);
  design.part_sums(columns, part_of, w, sides, std::span(outs).first(3), shift, context);
  design.part_sums(columns, {}, w, sides, std::span(outs).last(1), shift, context);
  const ColumnMoments moments = design.moments(w, context);
  std::vector<double> all;
  for (const auto& part : {std::cref(transposed), std::cref(product), std::cref(gram), std::cref(grams), std::cref(products),
                           std::cref(moments.mean), std::cref(moments.variance)}) {
    all.insert(all.end(), part.get().begin(), part.get().end());
  }
  return all;
}

TEST_P(AnyDesign, HasTheSameBitsForAnyNumberOfThreads) {
  for (const auto& [n, p] : std::vector<std::pair<Index, Index>>{{34000, 4}, {50, 200}}) {
    const Sample sample = GetParam().make(numbers(n, p, 6));
    const std::vector<double> w = weights_with_zeros(n);
    const std::vector<double> one = all_results(*sample.design, w, Context(1));
    EXPECT_EQ(one, all_results(*sample.design, w, Context(2)));
    EXPECT_EQ(one, all_results(*sample.design, w, Context(3)));
  }
}

TEST_P(AnyDesign, GivesAColumnTheSameBitsInAnyCompany) {
  const Sample sample = GetParam().make(numbers(1100, 20, 7));
  const Index n = 1100, p = 20, m = 7;
  const std::vector<double> v = random_vector(n * m, 3);
  std::vector<double> all(static_cast<std::size_t>(p * m));
  sample.design->transpose_multiply(0, ConstMatrix(v.data(), n, m), Matrix(all.data(), p, m), {}, Context(2));
  for (Index first = 0; first < p; first += 3) {
    for (Index c = 0; c < m; ++c) {
      double alone = 0;
      sample.design->transpose_multiply(first, ConstMatrix(v.data() + c * n, n, 1), Matrix(&alone, 1, 1), {}, Context(1));
      EXPECT_EQ(alone, all[static_cast<std::size_t>(c * p + first)]);
    }
  }
}

TEST_P(AnyDesign, TakesNoMomentsOfRowsOfWeightZero) {
  Eigen::MatrixXd x = numbers(60, 8, 8);
  const std::vector<double> w = weights_with_zeros(60);
  const ColumnMoments expected = GetParam().make(x).design->moments(w, Context(1));
  for (Index i = 1; i < 60; i += 3) x.row(i).setConstant(i % 2 == 0 ? kNan : INFINITY);
  const ColumnMoments got = GetParam().make(x).design->moments(w, Context(1));
  for (std::size_t j = 0; j < 8; ++j) {
    EXPECT_NEAR(got.mean[j], expected.mean[j], 1e-15 * std::abs(expected.mean[j]));
    EXPECT_NEAR(got.variance[j], expected.variance[j], 1e-13 * expected.variance[j]);
  }
}

TEST_P(AnyDesign, CountsAWeightOfTwoAsTheRowTwice) {
  const Eigen::MatrixXd x = numbers(30, 5, 9);
  Eigen::MatrixXd twice(60, 5);
  twice << x, x;
  const std::vector<double> two(30, 2.0);
  const Sample once = GetParam().make(x), doubled = GetParam().make(twice);
  const ColumnMoments a = once.design->moments(two, Context(1)), b = doubled.design->moments({}, Context(1));
  for (std::size_t j = 0; j < 5; ++j) {
    EXPECT_NEAR(a.mean[j], b.mean[j], 1e-14);
    EXPECT_NEAR(a.variance[j], b.variance[j], 1e-14);
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, AnyDesign, ::testing::ValuesIn(testing::layouts()),
                         [](const auto& test) { return test.param.name; });

TEST(SparseDesign, RefusesWhatIsNoMatrix) {
  const std::vector<double> values{1, 2, 3};
  const auto make = [&](std::vector<std::int32_t> starts, std::vector<std::int32_t> rows) {
    return sparse_columns(3, static_cast<Index>(starts.size()) - 1, starts.data(), rows.data(), values.data(), nullptr);
  };
  EXPECT_NO_THROW(make({0, 1, 3}, {2, 0, 1}));
  EXPECT_THROW(make({0, 2, 1}, {0, 1, 2}), Error);
  EXPECT_THROW(make({-1, 1, 3}, {0, 1, 2}), Error);
  EXPECT_THROW(make({0, 1, 3}, {0, 1, 3}), Error);
  EXPECT_THROW(make({0, 1, 3}, {0, -1, 2}), Error);
  EXPECT_THROW(make({0, 1, 3}, {0, 2, 2}), Error);
}

TEST(Hstack, RefusesPartsThatDoNotFit) {
  EXPECT_THROW(hstack({}), Error);
  const std::vector<double> x{1, 2, 3};
  EXPECT_THROW(hstack({dense_columns<double>({x.data()}, 3, nullptr), dense_columns<double>({x.data()}, 2, nullptr)}),
               Error);
}

}  // namespace
}  // namespace riata
