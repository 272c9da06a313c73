#include "riata/design/imputed.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"

namespace riata {
namespace {

/// A matrix with holes (NaN is stored there), and the same with the holes filled by hand.
template <class T>
struct Example {
  static constexpr Index kRows = 1300, kCols = 5;
  std::vector<T> holed, filled;
  ImputedDesign<T>::MissingRows missing{kCols};
  std::vector<double> fill{0, 3.25, -1e8, 0.1, 7};

  Example() {
    Random random(11);
    for (Index j = 0; j < kCols; ++j) {
      for (Index i = 0; i < kRows; ++i) {
        const auto value = static_cast<T>(random.uniform() + (j == 2 ? -1e8 : 0));
        const bool hole = j > 0 && (random.below(j == 4 ? 2 : 20) == 0 || (j == 3 && i >= 512 && i < 1024));
        if (hole) missing[static_cast<std::size_t>(j)].push_back(i);
        holed.push_back(hole ? std::numeric_limits<T>::quiet_NaN() : value);
        filled.push_back(hole ? static_cast<T>(fill[static_cast<std::size_t>(j)]) : value);
      }
    }
  }
  static std::vector<const T*> pointers(const std::vector<T>& data) {
    std::vector<const T*> out;
    for (Index j = 0; j < kCols; ++j) out.push_back(data.data() + j * kRows);
    return out;
  }
};

template <class T>
class ImputedDesignTest : public testing::Test {};
using Scalars = testing::Types<float, double>;
TYPED_TEST_SUITE(ImputedDesignTest, Scalars);

TYPED_TEST(ImputedDesignTest, IsTheFilledMatrix) {
  using T = TypeParam;
  const Example<T> example;
  constexpr Index n = Example<T>::kRows, p = Example<T>::kCols;
  const ImputedDesign<T> design(Example<T>::pointers(example.holed), n,
                                std::make_shared<const typename ImputedDesign<T>::MissingRows>(example.missing),
                                example.fill, nullptr);
  const DesignPtr plain = dense_columns(Example<T>::pointers(example.filled), n, nullptr);
  const Context context(2);
  Random random(3);
  std::vector<double> v(n), shift{0.5, 3, -1e8, 0, 1};
  for (double& x : v) x = random.uniform() - 0.3;
  const std::vector<Index> all = {0, 1, 2, 3, 4}, some = {4, 1};

  for (Index j = 0; j < p; ++j) {
    const double s = shift[static_cast<std::size_t>(j)];
    EXPECT_NEAR(design.dot(j, v, s), plain->dot(j, v, s), 1e-9) << j;
    std::vector<double> a = v, b = v;
    design.add(j, 0.7, a, s);
    plain->add(j, 0.7, b, s);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-12);
  }
  const auto same = [](const std::vector<double>& a, const std::vector<double>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_DOUBLE_EQ(a[i], b[i]);
  };
  std::vector<double> a(3), b(3);
  design.transpose_multiply(1, ConstMatrix(v.data(), n, 1), Matrix(a.data(), 3, 1), shift, context);
  plain->transpose_multiply(1, ConstMatrix(v.data(), n, 1), Matrix(b.data(), 3, 1), shift, context);
  same(a, b);
  a.assign(n, 1.0);
  b.assign(n, 1.0);
  const std::vector<double> weights = {2.0, -3.0};
  design.multiply(some, ConstMatrix(weights.data(), 2, 1), Matrix(a.data(), n, 1), shift, context);
  plain->multiply(some, ConstMatrix(weights.data(), 2, 1), Matrix(b.data(), n, 1), shift, context);
  same(a, b);
  a.assign(25, 0);
  b.assign(25, 0);
  std::vector<double> w = v;
  for (double& x : w) x *= x;
  design.gram(all, all, w, Matrix(a.data(), p, p), shift, context);
  plain->gram(all, all, w, Matrix(b.data(), p, p), shift, context);
  same(a, b);
  a.assign(2 * n, 0);
  b.assign(2 * n, 0);
  design.gather(some, Matrix(a.data(), n, 2));
  plain->gather(some, Matrix(b.data(), n, 2));
  same(a, b);
  same(design.moments(w, context).mean, plain->moments(w, context).mean);
  same(design.moments(w, context).variance, plain->moments(w, context).variance);
}

}  // namespace
}  // namespace riata
