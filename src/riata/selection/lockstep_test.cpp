#include "riata/solver/lockstep.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "riata/design/make_design.hpp"
#include "riata/selection/selection.hpp"

// Folds that go over the λ together against folds that are solved alone, with masked weights (decision 0003).
namespace riata {
namespace {

struct Wide {
  Index n = 60, p = 150;
  std::vector<double> x, y, weights, offset, factor, lower, upper;
  bool intercept = true, standardize = true, in_time = false;
  std::string loss = "squared";
  double l1_ratio = 1.0, last_share = 0.01;
  Index folds = 5;

  explicit Wide(unsigned seed, double mean = 2.0, Index rows = 60, Index columns = 150) : n(rows), p(columns) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> common(static_cast<std::size_t>(n));
    for (double& c : common) c = normal(random);
    for (Index j = 0; j < p; ++j) {
      for (const double c : common) x.push_back(mean + 0.6 * c + normal(random));
    }
    for (Index i = 0; i < n; ++i) {
      y.push_back(2 * (at(i, 0) - mean) - (at(i, 1) - mean) + 0.5 * (at(i, 2) - mean) + normal(random));
    }
  }
  double& at(Index i, Index j) { return x[static_cast<std::size_t>(i + j * n)]; }

  Problem problem() const {
    Problem out;
    out.design = strided(x.data(), n, p, 1, n, nullptr);
    out.loss = loss_by_name(loss);
    out.response = y;
    out.weights = weights;
    out.offset = offset;
    out.penalty_factor = factor;
    out.lower = lower;
    out.upper = upper;
    out.intercept = intercept;
    out.standardize = standardize;
    return out;
  }
  PenaltySpec penalty() const { return {l1_ratio == 1.0 ? "l1" : "elastic-net", l1_ratio}; }
  Folds partition() const {
    if (in_time) return time_folds(n, folds, weights);
    Folds out = random_folds(n, folds, 3, weights);
    out.validation[7] = -1;  // only ever trained on
    return out;
  }
  std::vector<double> grid() const {
    GridSpec spec;
    spec.n_lambdas = 30;
    spec.min_ratio = last_share;
    return lambda_grid(problem(), penalty(), spec, Context(1));
  }
  /// Of η less the offset: b₀, since fitted columns are centred.
  double mean_of(std::span<const double> eta, std::span<const double> w) const {
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      sum += w[i] * (eta[i] - (offset.empty() ? 0.0 : offset[i]));
      total += w[i];
    }
    return sum / total;
  }
  std::vector<double> training(Index fold, const Folds& of) const {
    std::vector<double> out(y.size(), 0.0);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const bool trains = in_time ? of.validation[i] < fold : of.validation[i] != fold;
      if (trains) out[i] = weights.empty() ? 1.0 : weights[i];
    }
    return out;
  }
};

/// Coefficients, gaps and predictions of every fold and λ, together and alone.
void expect_same(const Wide& data, bool unique = true, double slack = 1e-9) {
  const Problem problem = data.problem();
  const Folds folds = data.partition();
  const std::vector<double> lambdas = data.grid();
  std::vector<std::vector<double>> training;
  for (Index k = 0; k < folds.n_folds; ++k) training.push_back(data.training(k, folds));
  std::vector<LockstepMember> members;
  for (const auto& weights : training) members.push_back({weights, lambdas});
  using Point = std::pair<std::map<Index, double>, std::vector<double>>;
  std::vector<std::vector<Point>> found(members.size());
  const auto status = solve_in_lockstep(
      problem, members, ElasticNet{data.l1_ratio}, 1e-10, Context(2),
      [&](std::size_t k, const SolvedPoint& point, const Solution& solution) {
        EXPECT_EQ(point.k, std::ssize(found[k]));
        EXPECT_LE(solution.certificate.relative_gap, 1e-10) << "fold " << k << " lambda " << point.k;
        Point own;
        for (std::size_t a = 0; a < point.columns.size(); ++a) own.first[point.columns[a]] = point.values[a];
        own.second.assign(point.eta.begin(), point.eta.end());
        if (data.intercept) {
          EXPECT_NEAR(point.b0, data.mean_of(point.eta, training[k]), slack) << "fold " << k << " lambda " << point.k;
        }
        found[k].push_back(std::move(own));
        return true;
      });
  PathOptions options;
  options.tolerance = 1e-10;
  for (std::size_t k = 0; k < members.size(); ++k) {
    EXPECT_EQ(status[k], Status::converged);
    Problem own = problem;
    own.weights = training[k];
    std::vector<std::vector<double>> etas;
    const Path path = fit_path(own, data.penalty(), lambdas, options, Context(1),
                               [&](Index, const PathPoint&, const LinearPredictor& eta) {
                                 etas.emplace_back(eta().begin(), eta().end());
                                 return true;
                               });
    ASSERT_EQ(found[k].size(), lambdas.size());
    for (std::size_t l = 0; l < lambdas.size(); ++l) {
      const auto& [coefficients, eta] = found[k][l];
      for (std::size_t i = 0; i < eta.size(); ++i) {
        if (!(training[k][i] > 0) && !unique) continue;
        ASSERT_NEAR(eta[i], etas[l][i], slack * (30 + std::abs(eta[i]))) << "fold " << k << " lambda " << l;
      }
      if (!unique) continue;
      std::map<Index, double> alone;
      const SparseCoefficients& beta = path.points[l].coefficients;
      for (std::size_t a = 0; a < beta.indices.size(); ++a) {
        alone[beta.indices[a]] = beta.values[a] * path.scale[static_cast<std::size_t>(beta.indices[a])];
      }
      for (const auto& [j, b] : coefficients) EXPECT_NEAR(b, alone[j], slack) << "fold " << k << " lambda " << l;
      for (const auto& [j, b] : alone) {
        if (!coefficients.contains(j)) {
          EXPECT_NEAR(b, 0.0, slack) << "fold " << k << " lambda " << l << " column " << j;
        }
      }
    }
  }
}

TEST(Lockstep, FoldsOfWideDataAreThoseSolvedAlone) { expect_same(Wide(1)); }

TEST(Lockstep, WeightsOffsetAndFactors) {
  Wide data(2);
  for (Index i = 0; i < data.n; ++i) {
    data.weights.push_back(i % 11 == 0 ? 0.0 : 1.0 + static_cast<double>(i % 3));
    data.offset.push_back(0.2 * static_cast<double>(i % 4));
  }
  for (Index j = 0; j < data.p; ++j)
    data.factor.push_back(j == 0 ? std::numeric_limits<double>::infinity() : 0.5 + static_cast<double>(j % 3));
  expect_same(data);
}

TEST(Lockstep, ElasticNetWithoutInterceptOrScaling) {
  Wide data(3, 0.3);
  data.l1_ratio = 0.5;
  data.intercept = data.standardize = false;
  expect_same(data);
}

TEST(Lockstep, Bounds) {
  Wide data(4);
  data.lower.assign(static_cast<std::size_t>(data.p), 0.0);
  data.upper.assign(static_cast<std::size_t>(data.p), 0.4);
  expect_same(data);
}

TEST(Lockstep, FoldsInTime) {
  Wide data(5);
  data.in_time = true;
  expect_same(data);
}

TEST(Lockstep, SaturatedFolds) {
  Wide data(6);
  data.folds = 3;
  data.last_share = 1e-4;
  expect_same(data, true, 1e-8);
}

TEST(Lockstep, DuplicatedColumns) {
  Wide data(7);
  for (Index j = 0; j < 40; ++j) {
    for (Index i = 0; i < data.n; ++i) data.at(i, 100 + j) = data.at(i, j);
  }
  expect_same(data, false);
}

TEST(Lockstep, ColumnsThatAreConstantInOneFold) {
  Wide data(8);
  const Folds folds = data.partition();
  for (Index i = 0; i < data.n; ++i) {
    const bool held_out = folds.validation[static_cast<std::size_t>(i)] == 2;
    data.at(i, 0) = held_out ? data.y[static_cast<std::size_t>(i)] : 1.0;           // constant where fold 2 trains
    data.at(i, 1) = held_out ? 1e7 * static_cast<double>(i) : data.at(i, 1) - 2.0;  // hardly varies there
  }
  expect_same(data, true, 1e-8);
}

TEST(Lockstep, GreatMeans) { expect_same(Wide(9, 1e6), true, 1e-6); }

TEST(Lockstep, LogisticLoss) {
  Wide data(10);
  data.loss = "logistic";
  data.last_share = 0.1;
  for (double& y : data.y) y = y > 0 ? 1.0 : 0.0;
  expect_same(data, true, 1e-4);
}

/// Working sets that no longer fit the cache: several λ are solved at once.
TEST(Lockstep, LargerData) { expect_same(Wide(17, 2.0, 900, 1200)); }

TEST(Lockstep, AMemoryBudgetSplitsTheFolds) {
  const Wide data(18);
  const Folds folds = data.partition();
  std::vector<std::vector<double>> training;
  for (Index k = 0; k < folds.n_folds; ++k) training.push_back(data.training(k, folds));
  const std::vector<double> lambdas = data.grid();
  std::vector<LockstepMember> members;
  for (const auto& weights : training) members.push_back({weights, lambdas});
  const auto order = [&](Index budget) {
    Context context(1);
    context.memory_budget = budget;
    std::vector<std::size_t> seen;
    (void)solve_in_lockstep(data.problem(), members, ElasticNet{1.0}, 1e-10, context,
                            [&](std::size_t k, const SolvedPoint&, const Solution&) {
                              seen.push_back(k);
                              return true;
                            });
    return seen;
  };
  std::vector<std::size_t> one_by_one;
  for (std::size_t k = 0; k < members.size(); ++k) one_by_one.insert(one_by_one.end(), lambdas.size(), k);
  EXPECT_EQ(order(1), one_by_one);
  const auto all = order(0);
  EXPECT_EQ(all.size(), one_by_one.size());
  EXPECT_NE(all, one_by_one);
  const auto pairs = order(4 * (112 * data.p + 8 * data.n * data.n));  // half of it for two folds
  ASSERT_EQ(pairs.size(), one_by_one.size());
  EXPECT_NE(pairs, one_by_one);
  for (std::size_t i = 0; i < pairs.size(); ++i) EXPECT_EQ(pairs[i] / 2, i / (2 * lambdas.size())) << i;
}

/// So many rows that folds use much the same columns: one pass over the rows answers all.
Wide tall_logistic(unsigned seed, double mean = 0.5) {
  Wide data(seed, mean, 6000, 60);
  data.loss = "logistic";
  data.l1_ratio = 0.7;
  data.last_share = 0.002;  // by then nearly all columns are at work
  for (double& y : data.y) y = y > 0 ? 1.0 : 0.0;
  return data;
}

TEST(Lockstep, TallLogisticLoss) { expect_same(tall_logistic(12), true, 1e-5); }

TEST(Lockstep, TallLogisticLossWithWeightsOffsetFactorsAndBounds) {
  Wide data = tall_logistic(13);
  for (Index i = 0; i < data.n; ++i) {
    data.weights.push_back(i % 11 == 0 ? 0.0 : 1.0 + static_cast<double>(i % 3));
    data.offset.push_back(0.2 * static_cast<double>(i % 4));
  }
  for (Index j = 0; j < data.p; ++j)
    data.factor.push_back(j == 3 ? std::numeric_limits<double>::infinity() : 0.5 + static_cast<double>(j % 3));
  data.lower.assign(static_cast<std::size_t>(data.p), -0.1);
  data.upper.assign(static_cast<std::size_t>(data.p), 0.4);
  expect_same(data, true, 1e-5);
}

TEST(Lockstep, TallLogisticLossWithoutInterceptOrScaling) {
  Wide data = tall_logistic(14);
  data.intercept = data.standardize = false;
  expect_same(data, true, 1e-5);
}

TEST(Lockstep, TallLogisticLossInTimeAndWithAColumnFarFromItsMean) {
  Wide data = tall_logistic(15);
  data.in_time = true;
  for (Index i = 0; i < data.n; ++i) data.at(i, 1) += i < data.n / 2 ? 1e6 : 0.0;  // hardly varies in the first folds
  expect_same(data, true, 1e-5);
}

TEST(Lockstep, TallLogisticLossHasTheSameBytesForAnyThreads) {
  const Wide data = tall_logistic(16);
  const auto run = [&](int threads) {
    return cross_validate(data.problem(), data.penalty(), data.grid(), data.partition(), {}, {}, Context(threads)).fold_mean;
  };
  const auto one = run(1);
  for (const int threads : {2, 3, 7}) EXPECT_EQ(run(threads), one) << threads << " threads";
}

/// A fold design makes every fold a problem of its own.
TEST(Lockstep, CrossValidationIsTheSameAndSoAreItsBytesForAnyThreads) {
  const Wide data(11);
  const Problem problem = data.problem();
  const std::vector<double> lambdas = data.grid();
  const auto run = [&](int threads, bool alone) {
    CrossValidationOptions options;
    options.lambda_on_sum_scale = true;
    if (alone) options.fold_design = [&](Index, std::span<const double>) { return problem.design; };
    PathOptions path;
    path.tolerance = 1e-10;
    return cross_validate(problem, data.penalty(), lambdas, data.partition(), path, options, Context(threads));
  };
  const CrossValidation together = run(1, false), alone = run(1, true);
  EXPECT_EQ(together.status, Status::converged);
  ASSERT_EQ(together.fold_mean.size(), alone.fold_mean.size());
  for (std::size_t k = 0; k < alone.fold_mean.size(); ++k) {
    ASSERT_EQ(together.fold_mean[k].size(), lambdas.size());
    for (std::size_t l = 0; l < lambdas.size(); ++l) {
      EXPECT_NEAR(together.fold_mean[k][l], alone.fold_mean[k][l], 1e-9 * alone.fold_mean[k][l]);
    }
  }
  EXPECT_EQ(together.selection_frequency, alone.selection_frequency);
  for (const int threads : {2, 3}) {
    const CrossValidation again = run(threads, false);
    EXPECT_EQ(again.fold_mean, together.fold_mean) << threads << " threads";
  }
}

}  // namespace
}  // namespace riata
