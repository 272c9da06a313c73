#include "riata/design/design.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "riata/design/layouts_for_tests.hpp"
#include "riata/design/make_design.hpp"
#include "riata/design/standardized.hpp"

// One harness for every class of design: each call is compared with the same thing in long double on a dense matrix.
namespace riata {
namespace {

using testing::Exact;
using testing::Exacts;
using testing::NamedLayout;
using testing::numbers;
using testing::random_vector;
using testing::Real;
using testing::Sample;
using testing::weights_with_zeros;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Exacts exact_weights(std::span<const double> w, Index n) {
  Exacts result = Exacts::Ones(n);
  for (Index i = 0; i < n && !w.empty(); ++i) result(i) = w[static_cast<std::size_t>(i)];
  return result;
}

/// Digits are counted relative to the norms of the two factors: 12 of them at least.
void expect_near(double value, Real exact, Real size, const std::string& what) {
  EXPECT_LE(std::abs(static_cast<Real>(value) - exact), 1e-12L * size + 1e-300L)
      << what << ": " << value << " for " << static_cast<double>(exact);
}

class Checker {
 public:
  Checker(Sample sample, const Context& context) : x_(std::move(sample)), context_(context) {
    const ColumnMoments moments = x_.design->moments({}, context_);
    shift_ = moments.mean;
    for (double& s : shift_) s += 0.25;
    columns_.resize(static_cast<std::size_t>(p()));
    for (Index j = 0; j < p(); ++j) columns_[static_cast<std::size_t>(j)] = p() - 1 - j;
  }

  void everything(std::span<const double> w, bool great_centre = false) {
    EXPECT_EQ(n(), x_.exact.rows());
    EXPECT_EQ(p(), x_.exact.cols());
    check_moments(w, great_centre ? 1e-8L : 0.0L);
    for (std::span<const double> shift : {std::span<const double>(), std::span<const double>(shift_)}) {
      check_one_column(shift);
      for (Index m : {1, 2, 5, 9}) {
        check_transposed(m, shift);
        check_dots(m, shift);
        check_multiply(m, shift);
      }
      for (const Index m : {1, 4}) check_multiply_back(m, shift);
      check_gram(w, shift);
      check_rows(w, shift);
      if (great_centre) break;
    }
    check_gather();
  }

 private:
  Index n() const { return x_.design->rows(); }
  Index p() const { return x_.design->cols(); }
  Exacts column(Index j, std::span<const double> shift) const {
    const Real s = shift.empty() ? 0 : shift[static_cast<std::size_t>(j)];
    return x_.exact.col(j).array() - s;
  }

  void check_one_column(std::span<const double> shift) {
    const std::vector<double> v = random_vector(n(), 5);
    const Exacts exact_v = Eigen::Map<const Eigen::VectorXd>(v.data(), n()).cast<Real>();
    for (Index j = 0; j < p(); ++j) {
      const Exacts x = column(j, shift);
      const double s = shift.empty() ? 0 : shift[static_cast<std::size_t>(j)];
      expect_near(x_.design->dot(j, v, s), x.dot(exact_v), x.norm() * exact_v.norm(), "dot " + std::to_string(j));
      std::vector<double> sum = v;
      x_.design->add(j, -1.5, sum, s);
      for (Index i = 0; i < n(); ++i) {
        expect_near(sum[static_cast<std::size_t>(i)], exact_v(i) - 1.5L * x(i), x.norm() + exact_v.norm(), "add");
      }
    }
  }

  void check_transposed(Index m, std::span<const double> shift) {
    const Index first = p() / 3, count = p() - first, stride = n() + 2;
    const std::vector<double> v = random_vector(stride * m, 6);
    std::vector<double> out(static_cast<std::size_t>((count + 1) * m), kNan);
    const Matrix result(out.data(), count, m, count + 1);
    x_.design->transpose_multiply(first, ConstMatrix(v.data(), n(), m, stride), result, shift, context_);
    for (Index c = 0; c < m; ++c) {
      const Exacts exact_v = Eigen::Map<const Eigen::VectorXd>(v.data() + c * stride, n()).cast<Real>();
      for (Index k = 0; k < count; ++k) {
        const Exacts x = column(first + k, shift);
        expect_near(result(k, c), x.dot(exact_v), x.norm() * exact_v.norm(), "transposed " + std::to_string(first + k));
      }
    }
  }

  void check_dots(Index m, std::span<const double> shift) {
    const Index count = std::ssize(columns_), stride = n() + 2;
    const std::vector<double> v = random_vector(stride * m, 7);
    std::vector<double> out(static_cast<std::size_t>((count + 1) * m), kNan);
    const Matrix result(out.data(), count, m, count + 1);
    x_.design->dots(columns_, ConstMatrix(v.data(), n(), m, stride), result, shift, context_);
    for (Index c = 0; c < m; ++c) {
      const Exacts exact_v = Eigen::Map<const Eigen::VectorXd>(v.data() + c * stride, n()).cast<Real>();
      for (Index k = 0; k < count; ++k) {
        const Index j = columns_[static_cast<std::size_t>(k)];
        const Exacts x = column(j, shift);
        expect_near(result(k, c), x.dot(exact_v), x.norm() * exact_v.norm(), "dots " + std::to_string(j));
      }
    }
  }

  void check_multiply(Index m, std::span<const double> shift) {
    std::vector<double> b = random_vector(p() * m, 8);
    for (std::size_t k = 0; k < b.size(); k += 4) b[k] = 0;
    std::vector<double> out = random_vector((n() + 1) * m, 9);
    Exact exact = Eigen::Map<const Eigen::MatrixXd>(out.data(), n() + 1, m).cast<Real>();
    Exact size = exact.cwiseAbs();
    for (Index c = 0; c < m; ++c) {
      for (Index k = 0; k < p(); ++k) {
        const Exacts x = column(columns_[static_cast<std::size_t>(k)], shift);
        exact.col(c).head(n()) += x * static_cast<Real>(b[static_cast<std::size_t>(c * p() + k)]);
        size.col(c).array() += x.norm() * std::abs(static_cast<Real>(b[static_cast<std::size_t>(c * p() + k)]));
      }
    }
    x_.design->multiply(columns_, ConstMatrix(b.data(), p(), m), Matrix(out.data(), n(), m, n() + 1), shift, context_);
    for (Index c = 0; c < m; ++c) {
      for (Index i = 0; i <= n(); ++i) {
        expect_near(out[static_cast<std::size_t>(c * (n() + 1) + i)], exact(i, c), size(i, c), "multiply");
      }
    }
  }

  /// f(v) = (i + 1) v + 1 in row i, called once for every row.
  void check_multiply_back(Index m, std::span<const double> shift) {
    const std::vector<double> b = random_vector(p() * m, 8);
    std::vector<int> calls(static_cast<std::size_t>(n()));
    const RowMap f = [&](Index first, Matrix rows) {
      ASSERT_EQ(rows.cols, m);
      for (Index i = 0; i < rows.rows; ++i) {
        for (Index c = 0; c < m; ++c) rows(i, c) = static_cast<double>(first + i + 1) * rows(i, c) + 1;
        ++calls[static_cast<std::size_t>(first + i)];
      }
    };
    std::vector<double> memory(static_cast<std::size_t>((p() + 1) * m), kNan);
    const Matrix out(memory.data(), p(), m, p() + 1);
    x_.design->multiply_back(columns_, {b.data(), p(), m}, f, out, shift, context_);
    for (Index c = 0; c < m; ++c) {
      Exacts image = Exacts::Zero(n()), size = Exacts::Zero(n());
      for (Index k = 0; k < p(); ++k) {
        const Exacts x = column(columns_[static_cast<std::size_t>(k)], shift) *
                         static_cast<Real>(b[static_cast<std::size_t>(c * p() + k)]);
        image += x;
        size.array() += x.norm();
      }
      for (Index i = 0; i < n(); ++i) {
        image(i) = static_cast<Real>(i + 1) * image(i) + 1;
        size(i) = static_cast<Real>(i + 1) * size(i) + 1;
      }
      for (Index k = 0; k < p(); ++k) {
        const Exacts x = column(columns_[static_cast<std::size_t>(k)], shift);
        expect_near(out(k, c), x.dot(image), x.norm() * size.norm(), "multiply_back");
      }
    }
    EXPECT_EQ(calls, std::vector<int>(calls.size(), 1));
  }

  void check_gram(std::span<const double> w, std::span<const double> shift) {
    std::vector<Index> some, few;
    for (Index j = 0; j < p(); j += 2) some.push_back(j);
    for (Index j = 0; j < p(); j += 3) few.push_back(j);
    compare_gram(columns_, columns_, w, shift);
    compare_gram(columns_, few, w, shift);
    compare_gram(some, columns_, w, shift);
    compare_gram(columns_, some, w, shift);
    check_part_sums(w, shift);
  }

  /// Many parts, more than are taken at once, with rows of none between; and all rows.
  void check_part_sums(std::span<const double> w, std::span<const double> shift) {
    constexpr Index kParts = 19;
    std::vector<Index> part_of;
    for (Index i = 0; i < n(); ++i) part_of.push_back(i < n() / 2 ? i * i % 7 - 1 : i % kParts);
    compare_part_sums(part_of, kParts, w, shift);
    compare_part_sums({}, 1, w, shift);
  }

  /// Against gram and dot with the weights of the other parts' rows at zero.
  void compare_part_sums(const std::vector<Index>& part_of, Index n_parts, std::span<const double> w,
                         std::span<const double> shift) {
    const auto size = static_cast<std::size_t>(p() * p()), parts = static_cast<std::size_t>(n_parts);
    const std::vector<double> sides = random_vector(2 * n(), 8);
    const ConstMatrix v(sides.data(), n(), 2);
    std::vector<double> memory(size * parts, kNan), products(static_cast<std::size_t>(2 * p()) * parts, kNan);
    std::vector<PartSums> outs;
    for (Index k = 0; k < n_parts; ++k) {
      outs.push_back({{memory.data() + p() * p() * k, p(), p()}, {products.data() + 2 * p() * k, p(), 2}});
    }
    x_.design->part_sums(columns_, part_of, w, v, outs, shift, context_);
    std::vector<double> expected(size), own(static_cast<std::size_t>(n())), weighted(own.size());
    const Matrix alone(expected.data(), p(), p());
    for (Index k = 0; k < n_parts; ++k) {
      const PartSums& out = outs[static_cast<std::size_t>(k)];
      for (std::size_t i = 0; i < own.size(); ++i) {
        own[i] = !part_of.empty() && part_of[i] != k ? 0.0 : w.empty() ? 1.0 : w[i];
      }
      x_.design->gram(columns_, columns_, own, alone, shift, context_);
      for (Index j = 0; j < p(); ++j) {
        for (Index i = 0; i < p(); ++i) {
          EXPECT_NEAR(out.gram(i, j), alone(i, j), 1e-12 * std::sqrt(alone(i, i) * alone(j, j))) << "part " << k;
        }
      }
      for (Index c = 0; c < v.cols; ++c) {
        double square = 0;
        for (std::size_t i = 0; i < own.size(); ++i) {
          weighted[i] = own[i] * v(static_cast<Index>(i), c);
          square += weighted[i] * v(static_cast<Index>(i), c);
        }
        for (Index j = 0; j < p(); ++j) {
          const auto column = static_cast<std::size_t>(columns_[static_cast<std::size_t>(j)]);
          const double product = x_.design->dot(static_cast<Index>(column), weighted, shift.empty() ? 0.0 : shift[column]);
          EXPECT_NEAR(out.products(j, c), product, 1e-12 * std::sqrt(alone(j, j) * square)) << "part " << k;
        }
      }
    }
  }

  void compare_gram(const std::vector<Index>& left, const std::vector<Index>& right, std::span<const double> w,
                    std::span<const double> shift) {
    const Index a = static_cast<Index>(left.size()), b = static_cast<Index>(right.size());
    std::vector<double> out(static_cast<std::size_t>((a + 1) * b), kNan);
    const Matrix result(out.data(), a, b, a + 1);
    x_.design->gram(left, right, w, result, shift, context_);
    const Exacts root = exact_weights(w, n()).cwiseSqrt();
    for (Index k = 0; k < b; ++k) {
      const Exacts y = column(right[static_cast<std::size_t>(k)], shift).cwiseProduct(root);
      for (Index i = 0; i < a; ++i) {
        const Exacts x = column(left[static_cast<std::size_t>(i)], shift).cwiseProduct(root);
        expect_near(result(i, k), x.dot(y), x.norm() * y.norm(), "gram");
      }
      EXPECT_TRUE(std::isnan(out[static_cast<std::size_t>(k * (a + 1) + a)])) << "written beside the block";
    }
  }

  void check_moments(std::span<const double> w, Real mean_rounding) {
    const ColumnMoments moments = x_.design->moments(w, context_);
    ASSERT_EQ(moments.mean.size(), static_cast<std::size_t>(p()));
    ASSERT_EQ(moments.variance.size(), static_cast<std::size_t>(p()));
    const Exacts weight = exact_weights(w, n());
    for (Index j = 0; j < p(); ++j) {
      const auto at = static_cast<std::size_t>(j);
      const Exacts x = x_.exact.col(j);
      const Real mean = weight.dot(x) / weight.sum();
      const Real variance = weight.dot((x.array() - mean).square().matrix()) / weight.sum();
      expect_near(moments.mean[at], mean, 1e-3L * x.cwiseAbs().maxCoeff() + 1e12L * mean_rounding, "mean");
      const Real rounding = 1e-16L * x.cwiseAbs().maxCoeff() + 1e-20L;
      expect_near(moments.variance[at], variance, variance + 1e12L * rounding * rounding,
                  "variance of " + std::to_string(j));
    }
    const std::vector<double> rough = x_.design->rough_means(context_);
    ASSERT_EQ(rough.size(), static_cast<std::size_t>(p()));
    for (Index j = 0; j < p(); ++j) {
      const double low = static_cast<double>(x_.exact.col(j).minCoeff()),
                   high = static_cast<double>(x_.exact.col(j).maxCoeff());
      const double rounding = 1e-14 * std::max(std::abs(low), std::abs(high));
      EXPECT_GE(rough[static_cast<std::size_t>(j)], low - (low < high ? rounding : 0.0));
      EXPECT_LE(rough[static_cast<std::size_t>(j)], high + (low < high ? rounding : 0.0));
    }
  }

  /// Every entry of the copy, and of the rows that count all of them.
  void check_rows(std::span<const double> w, std::span<const double> shift) {
    const std::optional<RowEntries> rows = x_.design->row_entries(columns_, w, shift);
    if (!rows) return;
    ASSERT_EQ(std::ssize(rows->starts), n() + 1);
    for (Index i = 0; i < n(); ++i) {
      const auto row = static_cast<std::size_t>(i);
      std::vector<double> dense(columns_.size());
      Index last = -1;
      for (auto e = static_cast<std::size_t>(rows->starts[row]); e < static_cast<std::size_t>(rows->starts[row + 1]); ++e) {
        EXPECT_GT(rows->positions[e], last);
        last = rows->positions[e];
        dense[static_cast<std::size_t>(last)] = rows->values[e];
      }
      if (!w.empty() && w[row] == 0.0) {
        EXPECT_EQ(last, -1);
        continue;
      }
      for (std::size_t k = 0; k < columns_.size(); ++k) {
        const Real exact = column(columns_[k], shift)(i), size = std::abs(exact) + std::abs(Real{rows->rest[k]});
        expect_near(dense[k] - rows->rest[k], exact, size, "row " + std::to_string(i));
      }
    }
  }

  void check_gather() {
    std::vector<double> out(static_cast<std::size_t>((n() + 1) * p()));
    x_.design->gather(columns_, Matrix(out.data(), n(), p(), n() + 1));
    for (Index k = 0; k < p(); ++k) {
      for (Index i = 0; i < n(); ++i) {
        const Real exact = x_.exact(i, columns_[static_cast<std::size_t>(k)]);
        expect_near(out[static_cast<std::size_t>(k * (n() + 1) + i)], exact, std::abs(exact), "gather");
      }
    }
  }

  Sample x_;
  const Context& context_;
  std::vector<double> shift_;
  std::vector<Index> columns_;
};

/// (X − 1 centreᵀ) diag(1/scale), centre near the mean or absent, scale near the standard deviation or absent.
Sample standardized(const Sample& sample, bool centred, bool scaled) {
  const ColumnMoments moments = sample.design->moments({}, Context(1));
  std::vector<double> centre, scale;
  Exact exact = sample.exact;
  for (Index j = 0; j < exact.cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    if (centred) {
      centre.push_back(moments.mean[at]);
      exact.col(j).array() -= static_cast<Real>(centre.back());
    }
    if (scaled) {
      scale.push_back(moments.variance[at] > 0 ? std::sqrt(moments.variance[at]) : 1.0);
      exact.col(j) /= static_cast<Real>(scale.back());
    }
  }
  return {std::make_shared<StandardizedDesign>(sample.design, centre, scale), exact};
}

class EveryDesign : public ::testing::TestWithParam<NamedLayout> {};

TEST_P(EveryDesign, AgreesWithDenseLongDouble) {
  const Context context(2);
  for (const auto& [n, p] : std::vector<std::pair<Index, Index>>{{1, 1}, {1, 7}, {9, 1}, {6, 0}, {40, 12}, {2, 150}}) {
    SCOPED_TRACE("n = " + std::to_string(n) + ", p = " + std::to_string(p));
    const Sample sample = GetParam().make(numbers(n, p, 1));
    Checker(sample, context).everything({});
    Checker(sample, context).everything(weights_with_zeros(n));
    EXPECT_LE(sample.design->stored(), n * p);
  }
}

// A shift on top of a great centre is rounded with it, and so is the mean (standardized.hpp): tried one at a time.
TEST_P(EveryDesign, AgreesWhenStandardized) {
  const Context context(2);
  for (const auto& [n, p] : std::vector<std::pair<Index, Index>>{{1, 1}, {6, 0}, {40, 12}}) {
    for (double mean : {1e8, 1.0}) {
      const Sample sample = GetParam().make(numbers(n, p, 2, mean));
      for (bool centred : {false, true}) {
        for (bool scaled : {false, true}) {
          SCOPED_TRACE("n = " + std::to_string(n) + (centred ? ", centred" : "") + (scaled ? ", scaled" : ""));
          const Sample view = standardized(sample, centred, scaled);
          Checker(view, context).everything({}, mean > 1);
          Checker(view, context).everything(weights_with_zeros(n), mean > 1);
        }
      }
    }
  }
}

TEST_P(EveryDesign, AgreesBeyondOneBlockOfRowsAndColumns) {
  const Context context(2);
  Checker(GetParam().make(numbers(1300, 7, 3)), context).everything({});
  Checker(GetParam().make(numbers(70, 140, 4)), context).everything(weights_with_zeros(70));
}

TEST(DenseDesign, GramOfManyAndFewerColumnsInTiles) {
  constexpr Index kRows = 20, kMany = 530, kFewer = 210;
  const Context context(2);
  const Eigen::MatrixXd x = Eigen::MatrixXd::Random(kRows, kMany);
  const DesignPtr design = strided(x.data(), kRows, kMany, 1, kRows, nullptr);
  std::vector<Index> many(kMany);
  std::iota(many.begin(), many.end(), Index{0});
  Eigen::MatrixXd gram(kMany, kFewer);
  design->gram(many, std::span(many).last(kFewer), {}, Matrix(gram.data(), kMany, kFewer), {}, context);
  EXPECT_LT((gram - x.transpose() * x.rightCols(kFewer)).norm(), 1e-13 * gram.norm());
}

INSTANTIATE_TEST_SUITE_P(Layouts, EveryDesign, ::testing::ValuesIn(testing::layouts()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace riata
