#include "riata/selection/correlated.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"

namespace riata {
namespace {

double correlation(const std::vector<double>& x, Index n, Index a, Index b, const std::vector<double>& w) {
  long double total = 0, ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
  for (Index i = 0; i < n; ++i) total += w[static_cast<std::size_t>(i)];
  for (Index i = 0; i < n; ++i) {
    ma += w[static_cast<std::size_t>(i)] * x[static_cast<std::size_t>(i + a * n)] / total;
    mb += w[static_cast<std::size_t>(i)] * x[static_cast<std::size_t>(i + b * n)] / total;
  }
  for (Index i = 0; i < n; ++i) {
    const long double da = x[static_cast<std::size_t>(i + a * n)] - ma, db = x[static_cast<std::size_t>(i + b * n)] - mb;
    aa += w[static_cast<std::size_t>(i)] * da * da;
    bb += w[static_cast<std::size_t>(i)] * db * db;
    ab += w[static_cast<std::size_t>(i)] * da * db;
  }
  return static_cast<double>(ab / std::sqrt(aa * bb));
}

TEST(CorrelatedGroups, FollowTheLeadersInOrder) {
  constexpr Index n = 200, p = 80;
  Random random(5);
  std::vector<double> x(n * p), w(n);
  for (double& value : x) value = random.uniform() - 0.5;
  for (double& value : w) value = random.below(3) == 0 ? 0.0 : 1.0 + random.uniform();
  const auto mix = [&](Index target, Index source, double sign) {
    for (Index i = 0; i < n; ++i) {
      const auto t = static_cast<std::size_t>(i + target * n), s = static_cast<std::size_t>(i + source * n);
      x[t] = 1e6 + sign * x[s] + 0.1 * x[t];
    }
  };
  mix(3, 70, 1);
  mix(40, 70, -1);
  mix(9, 8, 1);
  for (Index i = 0; i < n; ++i) x[static_cast<std::size_t>(i + 5 * n)] = 1e6;  // constant
  std::vector<const double*> columns;
  for (Index j = 0; j < p; ++j) columns.push_back(x.data() + j * n);
  const DesignPtr design = dense_columns<double>(columns, n, nullptr);
  std::vector<Index> leaders = {70};
  for (Index j = 0; j < p; ++j) leaders.push_back(j);
  const auto groups = correlated_groups(*design, w, leaders, 0.9, Context(2));
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].leader, 70);
  ASSERT_EQ(groups[0].members.size(), 2u);
  for (const auto& member : groups[0].members) {
    EXPECT_TRUE(member.feature == 3 || member.feature == 40);
    EXPECT_NEAR(member.correlation, correlation(x, n, 70, member.feature, w), 1e-8);
  }
  EXPECT_EQ(groups[1].leader, 8);
  EXPECT_EQ(groups[1].members[0].feature, 9);

  std::vector<Index> owners(p);
  for (std::size_t j = 0; j < owners.size(); ++j) owners[j] = static_cast<Index>(j);
  owners[9] = owners[8];
  const auto apart = correlated_groups(*design, w, leaders, 0.9, Context(2), owners);
  ASSERT_EQ(apart.size(), 1u);
  EXPECT_EQ(apart[0].leader, 70);
}

}  // namespace
}  // namespace riata
