#include "riata/solver/active_set.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <numeric>
#include <random>

namespace riata {
namespace {

/// The quadratic of an explicit Z and y, unit weights 1/n.
class Explicit final : public AheadQuadratic {
 public:
  Explicit(Eigen::MatrixXd z, Eigen::VectorXd y)
      : z_(std::move(z)), residual_(std::move(y)), n_(static_cast<double>(z_.rows())) {}
  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) override {
    for (Index b = 0; b < out.cols; ++b) {
      for (Index a = 0; a < out.rows; ++a) {
        out(a, b) = z_.col(left[static_cast<std::size_t>(a)]).dot(z_.col(right[static_cast<std::size_t>(b)])) / n_;
      }
    }
  }
  void move(std::span<const Index> columns, std::span<const double>, std::span<const double> delta) override {
    for (std::size_t i = 0; i < columns.size(); ++i) residual_ -= delta[i] * z_.col(columns[i]);
  }
  void gradient(std::span<const Index> columns, std::span<double> out) override {
    for (std::size_t i = 0; i < columns.size(); ++i) out[i] = z_.col(columns[i]).dot(residual_) / n_;
  }
  Index rows() const override { return z_.rows(); }
  Index most_active() const override { return z_.rows(); }
  void rows_after(std::span<const Index> columns, ConstMatrix delta, Matrix rows) override {
    for (Index k = 0; k < rows.cols; ++k) {
      Eigen::VectorXd own = residual_;
      for (Index i = 0; i < delta.rows; ++i) own -= delta(i, k) * z_.col(columns[static_cast<std::size_t>(i)]);
      std::ranges::copy(own, rows.column(k).begin());
    }
  }
  void gradients(std::span<const Index> columns, ConstMatrix rows, Matrix out) override {
    for (Index k = 0; k < rows.cols; ++k) {
      const Eigen::Map<const Eigen::VectorXd> own(&rows(0, k), rows.rows);
      for (Index i = 0; i < out.rows; ++i) out(i, k) = z_.col(columns[static_cast<std::size_t>(i)]).dot(own) / n_;
    }
  }
  void adopt(std::span<const Index>, std::span<const double>, std::span<const double>,
             std::span<const double> rows) override {
    residual_ = Eigen::Map<const Eigen::VectorXd>(rows.data(), std::ssize(rows));
  }
  Eigen::VectorXd gradient() const { return z_.transpose() * residual_ / n_; }

 private:
  Eigen::MatrixXd z_;
  Eigen::VectorXd residual_;
  double n_;
};

struct Case {
  Eigen::MatrixXd z;
  Eigen::VectorXd y;
};

Case random_case(Index n, Index p, double correlation, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  Case made{Eigen::MatrixXd(n, p), Eigen::VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    const double common = normal(generator);
    for (Index j = 0; j < p; ++j) {
      made.z(i, j) = std::sqrt(correlation) * common + std::sqrt(1 - correlation) * normal(generator);
    }
    made.y(i) = made.z.row(i).head(std::min<Index>(p, 5)).sum() + normal(generator);
  }
  made.z.rowwise() -= made.z.colwise().mean().eval();
  made.y.array() -= made.y.mean();
  return made;
}

/// A case as a solver takes it: all columns, and what of a gradient is rounding.
struct Whole {
  explicit Whole(const Case& made)
      : quadratic(made.z, made.y),
        all(static_cast<std::size_t>(made.z.cols())),
        lambda_max(quadratic.gradient().cwiseAbs().maxCoeff()),
        precision(all.size(), 1e-14 * lambda_max) {
    std::iota(all.begin(), all.end(), 0);
  }
  Explicit quadratic;
  std::vector<Index> all;
  double lambda_max;
  std::vector<double> precision;
};

/// Largest violation of the optimality conditions, from scratch.
double kkt(const ElasticBox& box, std::span<const double> b, const Eigen::VectorXd& gradient) {
  double worst = 0;
  for (std::size_t j = 0; j < b.size(); ++j) {
    const double f = box.factor.empty() ? 1 : box.factor[j];
    const double pull = gradient(static_cast<Index>(j)) - box.l2 * f * b[j];
    double low = b[j] > 0 ? box.l1 * f : -box.l1 * f;
    double high = b[j] < 0 ? -box.l1 * f : box.l1 * f;
    if (!box.upper.empty() && b[j] >= box.upper[j]) high = 1e300;
    if (!box.lower.empty() && b[j] <= box.lower[j]) low = -1e300;
    worst = std::max({worst, low - pull, pull - high});
  }
  return worst;
}

/// tr(G_AA (G_AA + l2 F)⁻¹) from scratch: by singular values where all factors are one.
double degrees_of_freedom(const Case& made, const ElasticBox& box, std::span<const double> b) {
  std::vector<Index> columns;
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (b[j] != 0) columns.push_back(static_cast<Index>(j));
  }
  if (columns.empty() || box.l2 == 0) return static_cast<double>(columns.size());
  const Eigen::MatrixXd z = made.z(Eigen::all, columns) / std::sqrt(static_cast<double>(made.z.rows()));
  if (box.factor.empty()) {
    const Eigen::ArrayXd square = Eigen::BDCSVD<Eigen::MatrixXd>(z).singularValues().array().square();
    return (square / (square + box.l2)).sum();
  }
  Eigen::MatrixXd system = z.transpose() * z;
  for (Index a = 0; a < system.rows(); ++a) {
    system(a, a) += box.l2 * box.factor[static_cast<std::size_t>(columns[static_cast<std::size_t>(a)])];
  }
  return system.ldlt().solve(z.transpose() * z).trace();
}

/// The same path, several λ at once; those that are not solved that way one by one. Returns how many were.
Index expect_exact_ahead(const Case& made, double ratio, std::span<const double> factor = {}, Index chunk = 7,
                         double l1_ratio = 1.0) {
  Whole whole(made);
  auto& [quadratic, all, lambda_max, precision] = whole;
  ActiveSet solver(quadratic, made.z.cols());
  std::vector<ElasticBox> boxes;
  for (int k = 0; k <= 40; ++k) {
    const double lambda = lambda_max * std::pow(ratio, k / 40.0);
    boxes.push_back({lambda * l1_ratio, lambda * (1 - l1_ratio), factor, {}, {}});
  }
  EXPECT_EQ(solver.solve(quadratic, boxes[0], all, precision), Status::converged);
  Index total = 0;
  for (Index k = 1; k <= 40;) {
    const auto some = std::span<const ElasticBox>(boxes)
                          .subspan(static_cast<std::size_t>(k))
                          .first(static_cast<std::size_t>(std::min<Index>(chunk, 41 - k)));
    std::vector<Index> columns;
    std::vector<double> rate;
    solver.homotopy_rate(columns, rate);
    const Eigen::VectorXd image = made.z(Eigen::all, columns) * Eigen::Map<Eigen::VectorXd>(rate.data(), std::ssize(rate));
    const Eigen::VectorXd g = quadratic.gradient(), slope = made.z.transpose() * image / static_cast<double>(made.z.rows());
    const Outlook outlook{boxes[static_cast<std::size_t>(k - 1)].l1, {g.begin(), g.end()}, {slope.begin(), slope.end()}};
    const auto check = [&](const ElasticBox& box) {
      EXPECT_LT(kkt(box, solver.coefficients(), quadratic.gradient()), 1e-11 * lambda_max) << box.l1 / lambda_max;
      const double expected = degrees_of_freedom(made, box, solver.coefficients());
      EXPECT_NEAR(solver.degrees_of_freedom(), expected, l1_ratio == 1 ? 0.0 : 1e-9 * expected);
    };
    const Index count = solver.solve_ahead(quadratic, some, all, precision, outlook, [&](Index i) {
      check(some[static_cast<std::size_t>(i)]);
      return true;
    });
    total += count;
    k += count;
    if (count == std::ssize(some)) continue;
    EXPECT_EQ(solver.solve(quadratic, boxes[static_cast<std::size_t>(k)], all, precision), Status::converged);
    check(boxes[static_cast<std::size_t>(k++)]);
  }
  return total;
}

void expect_exact_path(const Case& made, double ratio, double l1_ratio, std::span<const double> factor = {},
                       std::span<const double> lower = {}, std::span<const double> upper = {}) {
  Whole whole(made);
  auto& [quadratic, all, lambda_max, precision] = whole;
  ActiveSet solver(quadratic, made.z.cols()), by_gram(quadratic, made.z.cols());
  Explicit follower(made.z, made.y);
  std::vector<double> gradients(all.size());
  Index rounds = 0;
  for (int k = 0; k <= 40; ++k) {
    const double lambda = lambda_max * std::pow(ratio, k / 40.0);
    const ElasticBox box{lambda * l1_ratio, lambda * (1 - l1_ratio), factor, lower, upper};
    ASSERT_EQ(solver.solve(quadratic, box, all, precision), Status::converged) << "k = " << k;
    ASSERT_LT(kkt(box, solver.coefficients(), quadratic.gradient()), 1e-11 * lambda_max) << "k = " << k;
    rounds += solver.rounds();
    for (int steps = 0; steps < 2; ++steps) {  // the second refines
      follower.gradient(all, gradients);
      ASSERT_EQ(by_gram.solve(gradients, box, all, precision), Status::converged) << "k = " << k;
      follower.move(by_gram.last_step().columns, {}, by_gram.last_step().delta);
    }
    ASSERT_LT(kkt(box, by_gram.coefficients(), follower.gradient()), 1e-11 * lambda_max) << "k = " << k;
  }
  EXPECT_LT(rounds, 41 * 30);
  if (lower.empty()) expect_exact_ahead(made, ratio, factor, 7, l1_ratio);
}

TEST(ActiveSet, ExactOnTallData) { expect_exact_path(random_case(200, 40, 0.3, 1), 1e-4, 1.0); }
TEST(ActiveSet, ExactOnWideData) { expect_exact_path(random_case(60, 300, 0.5, 2), 1e-2, 1.0); }
TEST(ActiveSet, ExactOnElasticNet) { expect_exact_path(random_case(60, 200, 0.5, 3), 1e-3, 0.3); }
TEST(ActiveSet, ExactNearlyEquicorrelated) { expect_exact_path(random_case(50, 120, 0.999, 4), 1e-3, 1.0); }
TEST(ActiveSet, ExactDownToSaturation) { expect_exact_path(random_case(30, 100, 0.2, 5), 1e-6, 1.0); }

TEST(ActiveSet, ExactWithDuplicateColumns) {
  Case made = random_case(50, 30, 0.3, 6);
  Eigen::MatrixXd twice(50, 60);
  twice << made.z, made.z;
  made.z = twice;
  expect_exact_path(made, 1e-4, 1.0);
  const std::vector<double> factor = [] {
    std::vector<double> f(60, 1.0);
    for (std::size_t j = 30; j < 60; ++j) f[j] = 0.5;
    return f;
  }();
  expect_exact_path(made, 1e-4, 1.0, factor);
}

TEST(ActiveSet, ExactWithBoundsAndFactors) {
  const Case made = random_case(80, 40, 0.6, 7);
  std::vector<double> factor(40, 1.0), lower(40, -0.3), upper(40, 0.2);
  factor[0] = factor[1] = 0;
  factor[7] = 3;
  lower[2] = 0;
  upper[4] = 0;
  lower[5] = upper[5] = 0;
  expect_exact_path(made, 1e-4, 1.0, factor, lower, upper);
  expect_exact_path(made, 1e-4, 0.4, factor, lower, upper);
}

TEST(ActiveSet, SeveralAtOnce) {
  EXPECT_EQ(expect_exact_ahead(random_case(200, 40, 0.3, 1), 1e-3), 40);
  EXPECT_EQ(expect_exact_ahead(random_case(60, 300, 0.5, 2), 1e-1), 40);
  const std::vector<double> factor = [] {
    std::vector<double> f(80, 1.0);
    f[3] = f[70] = 0.0;
    f[5] = 2.0;
    return f;
  }();
  EXPECT_EQ(expect_exact_ahead(random_case(100, 80, 0.5, 10), 1e-2, factor), 40);
  EXPECT_EQ(expect_exact_ahead(random_case(200, 40, 0.3, 1), 1e-3, {}, 7, 0.5), 40);
  EXPECT_EQ(expect_exact_ahead(random_case(60, 300, 0.5, 2), 1e-1, {}, 14, 0.2), 40);
  EXPECT_EQ(expect_exact_ahead(random_case(100, 80, 0.5, 10), 1e-2, factor, 7, 0.5), 40);
}

/// Near-twins whose coefficients change their signs along the path, and supports that come and go.
TEST(ActiveSet, SeveralAtOnceInSmallProblemsOfManyKinds) {
  Index total = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 generator(seed);
    const auto draw = [&](Index from, Index to) { return std::uniform_int_distribution<Index>(from, to)(generator); };
    const Index n = draw(4, 30), p = draw(2, 40);
    Case made = random_case(n, p, 0.1 * static_cast<double>(draw(0, 9)), seed + 1000);
    std::vector<double> factor(static_cast<std::size_t>(p), 1.0);
    for (Index j = 1; j < p; ++j) {
      if (draw(0, 5) == 0) made.z.col(j) = 0.9 * made.z.col(draw(0, j - 1)) + 0.1 * made.z.col(j);
      if (draw(0, 15) == 0) made.z.col(j) = -made.z.col(draw(0, j - 1));
      if (draw(0, 9) == 0) factor[static_cast<std::size_t>(j)] = 0.5 * static_cast<double>(draw(0, 4));
    }
    const double l1_ratio = seed < 200 ? 1.0 : 0.1 * static_cast<double>(draw(1, 9));
    total += expect_exact_ahead(made, 1e-3, factor, draw(2, 12), l1_ratio);
    ASSERT_FALSE(HasFailure()) << seed;
  }
  EXPECT_GT(total, 300 * 40 / 2);
}

TEST(ActiveSet, SeveralAtOnceCanBeStopped) {
  const Case made = random_case(60, 300, 0.5, 2);
  Whole whole(made);
  auto& [quadratic, all, lambda_max, precision] = whole;
  const Eigen::VectorXd g = quadratic.gradient();
  std::vector<ElasticBox> boxes;
  for (int k = 1; k <= 20; ++k) boxes.push_back({lambda_max * std::pow(0.1, k / 20.0), 0, {}, {}, {}});
  const Outlook outlook{lambda_max, {g.begin(), g.end()}, std::vector<double>(300, 0.0)};
  for (const bool go_on : {true, false}) {
    ActiveSet solver(quadratic, 300);
    Explicit own(made.z, made.y);
    const Index count = solver.solve_ahead(own, boxes, all, precision, outlook, [&](Index) { return go_on; });
    EXPECT_EQ(count == 20, go_on) << count;
  }
}

/// The iteration on a shared factor would take thousands of terms for a ratio of millions.
TEST(ActiveSet, SeveralAtOnceHaveL2OfLikeSize) {
  const Case made = random_case(60, 300, 0.5, 2);
  Whole whole(made);
  auto& [quadratic, all, lambda_max, precision] = whole;
  const Eigen::VectorXd g = quadratic.gradient();
  const Outlook outlook{lambda_max, {g.begin(), g.end()}, std::vector<double>(300, 0.0)};
  const auto solved = [&](const std::vector<double>& shares) {
    std::vector<ElasticBox> boxes;
    for (const double share : shares) boxes.push_back({share * lambda_max, share, {}, {}, {}});
    ActiveSet solver(quadratic, 300);
    Explicit own(made.z, made.y);
    return solver.solve_ahead(own, boxes, all, precision, outlook, [](Index) { return true; });
  };
  EXPECT_EQ(solved({0.9, 0.8, 0.7}), 3);
  EXPECT_EQ(solved({0.9, 0.8, 0.7, 1e-2, 1e-6}), 0);
  EXPECT_EQ(solved({0.9, 1e-6}), 0);
}

TEST(ActiveSet, AnotherRidgeAfterASolveThatWasCutShort) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const Case made = random_case(60, 100, 0.5, 50 + seed);
    Whole whole(made);
    auto& [quadratic, all, lambda_max, precision] = whole;
    ActiveSet solver(quadratic, 100);
    for (const double share : {0.5, 0.3}) {
      ASSERT_EQ(solver.solve(quadratic, {share * lambda_max, 0.1, {}, {}, {}}, all, precision), Status::converged);
    }
    (void)solver.solve(quadratic, {0.15 * lambda_max, 0.1, {}, {}, {}}, all, precision, 1);
    const ElasticBox box{0.1 * lambda_max, 0.05, {}, {}, {}};
    ASSERT_EQ(solver.solve(quadratic, box, all, precision), Status::converged);
    ASSERT_LT(kkt(box, solver.coefficients(), quadratic.gradient()), 1e-11 * lambda_max) << seed;
  }
}

TEST(ActiveSet, ACheaperTwinTradesPlacesByTheGramAlone) {
  for (const Index twin : {0, 1}) {
    Case made = random_case(60, 3, 0.2, 8);
    made.z.col(1) *= -1.0;
    made.z.col(2) = made.z.col(twin);
    const std::vector<double> factor{1.0, 1.0, 0.5};
    Explicit quadratic(made.z, made.y);
    const double largest = quadratic.gradient().cwiseAbs().maxCoeff();
    const std::vector<double> precision(3, 1e-14 * largest);
    const ElasticBox box{0.1 * largest, 0, factor, {}, {}};
    ActiveSet solver(quadratic, 3);
    for (const std::vector<Index>& working : {std::vector<Index>{0, 1}, std::vector<Index>{0, 1, 2}}) {
      std::vector<double> gradients(working.size());
      quadratic.gradient(working, gradients);
      ASSERT_EQ(solver.solve(gradients, box, working, precision), Status::converged);
      quadratic.move(solver.last_step().columns, {}, solver.last_step().delta);
    }
    EXPECT_EQ(solver.coefficients()[static_cast<std::size_t>(twin)], 0.0);
    EXPECT_NE(solver.coefficients()[2], 0.0);
    EXPECT_LT(kkt(box, solver.coefficients(), quadratic.gradient()), 1e-11 * largest) << twin;
  }
}

TEST(ActiveSet, TheRateAtAPointThatWasSet) {
  const Case made = random_case(60, 5, 0.2, 9);
  Explicit quadratic(made.z, made.y);
  ActiveSet solver(quadratic, 5);
  const double b[] = {0.5, -0.2, 0.0, 0.3, 0.0};
  solver.set_point(b);
  std::vector<Index> columns;
  std::vector<double> rate;
  solver.homotopy_rate(columns, rate);
  ASSERT_EQ(columns, (std::vector<Index>{0, 1, 3}));
  const Eigen::MatrixXd z = made.z(Eigen::all, columns);
  const Eigen::VectorXd expected = (z.transpose() * z / 60.0).ldlt().solve(Eigen::Vector3d(1, -1, 1));
  for (Index k = 0; k < 3; ++k) EXPECT_NEAR(rate[static_cast<std::size_t>(k)], expected(k), 1e-12);
}

}  // namespace
}  // namespace riata
