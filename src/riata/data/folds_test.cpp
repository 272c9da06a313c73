#include "riata/data/folds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using testing::ElementsAre;

std::vector<Index> sizes(const Folds& folds) {
  std::vector<Index> out(static_cast<std::size_t>(folds.n_folds));
  for (Index k : folds.validation) {
    if (k >= 0) ++out.at(static_cast<std::size_t>(k));
  }
  return out;
}

std::string message(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Folds, RandomAreEvenSeededAndFixedForGood) {
  const Folds folds = random_folds(11, 3, 0);
  EXPECT_THAT(sizes(folds), ElementsAre(4, 4, 3));
  EXPECT_EQ(folds.validation, random_folds(11, 3, 0).validation);
  EXPECT_NE(folds.validation, random_folds(11, 3, 1).validation);
  EXPECT_THAT(folds.validation, ElementsAre(0, 0, 0, 1, 1, 1, 0, 2, 2, 2, 1));
}

TEST(Folds, RowsOfWeightZeroCountAsRemoved) {
  const std::vector<double> weights = {1, 0, 2, 1, 0, 1, 1, 1};
  const std::vector<double> codes = {0, 0, 1, 0, 1, 1, 0, 1};
  const std::vector<std::string> groups = {"a", "x", "b", "a", "y", "c", "c", "b"};
  std::vector<double> kept_codes;
  std::vector<std::string> kept_groups;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    kept_codes.push_back(codes[i]);
    kept_groups.push_back(groups[i]);
  }
  const auto check = [&](const Folds& all, const Folds& kept) {
    std::size_t k = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_EQ(all.validation[i], weights[i] == 0 ? -1 : kept.validation[k++]);
    }
  };
  check(random_folds(8, 3, 5, weights), random_folds(6, 3, 5));
  check(stratified_folds(codes, 3, 5, weights), stratified_folds(kept_codes, 3, 5));
  check(group_folds(groups, 3, 5, weights), group_folds(kept_groups, 3, 5));
  check(labelled_folds(groups, weights), labelled_folds(kept_groups));
  check(time_folds(8, 3, weights), time_folds(6, 3));
}

TEST(Folds, StratifiedHoldEachClassInItsShare) {
  std::vector<double> codes(100);
  for (std::size_t i = 0; i < 23; ++i) codes[i * 4] = 1;
  const Folds folds = stratified_folds(codes, 5, 9);
  EXPECT_THAT(sizes(folds), ElementsAre(20, 20, 20, 20, 20));
  std::vector<int> ones(5);
  for (std::size_t i = 0; i < codes.size(); ++i) ones[static_cast<std::size_t>(folds.validation[i])] += codes[i] == 1;
  for (int count : ones) EXPECT_TRUE(count == 4 || count == 5) << count;
}

TEST(Folds, LabelsOrderAsNumbersOrByBytes) {
  EXPECT_THAT(labelled_folds(std::vector<std::string>{"10", "9", "9", "100"}).validation, ElementsAre(1, 0, 0, 2));
  EXPECT_THAT(labelled_folds(std::vector<std::string>{"b", "a", "10", "b"}).validation, ElementsAre(2, 1, 0, 2));
}

TEST(Folds, GroupsStayTogetherAndFoldsAreBalanced) {
  std::vector<std::string> groups;
  for (int g = 0; g < 30; ++g) groups.insert(groups.end(), static_cast<std::size_t>(1 + g % 5), "g" + std::to_string(g));
  const Folds folds = group_folds(groups, 4, 3);
  std::map<std::string, std::set<Index>> seen;
  for (std::size_t i = 0; i < groups.size(); ++i) seen[groups[i]].insert(folds.validation[i]);
  for (const auto& [group, in] : seen) EXPECT_EQ(in.size(), 1u) << group;
  const std::vector<Index> held = sizes(folds);
  EXPECT_LE(*std::max_element(held.begin(), held.end()) - *std::min_element(held.begin(), held.end()), 1);
}

TEST(Folds, InTimeTheFirstBlockIsOnlyTrainedOn) {
  const Folds folds = time_folds(11, 3);
  EXPECT_TRUE(folds.in_time);
  EXPECT_THAT(folds.validation, ElementsAre(-1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2));
}

TEST(Folds, SplitsThatPartitionTheRowsArePlainFolds) {
  const Folds folds = split_folds(3, {{{1, 2}, {0}}, {{0, 2}, {1}}, {{0, 1}, {2}}});
  EXPECT_TRUE(folds.splits.empty());
  EXPECT_THAT(folds.validation, ElementsAre(0, 1, 2));
  EXPECT_EQ(split_folds(3, {{{1, 2}, {0}}, {{0, 2}, {1}}}).splits.size(), 2u);  // row 2 is never judged
  EXPECT_EQ(split_folds(3, {{{2}, {0}}, {{0}, {1, 2}}}).splits.size(), 2u);     // row 1 is left out of the first
  EXPECT_EQ(split_folds(2, {{{1}, {0}}, {{0}, {1}}, {{1}, {0}}}).splits.size(), 3u);
  EXPECT_EQ(message([] { split_folds(2, {{{1}, {2}}}); }), "a fold names row 2 of a table with 2 rows");
}

TEST(Folds, ImpossibleFoldsAreRefused) {
  EXPECT_EQ(message([] { random_folds(5, 6, 0); }), "--folds 6: there are only 5 rows; give --folds 5 or fewer");
  EXPECT_EQ(message([] { random_folds(1, 10, 0); }), "--folds 10: there are only 1 rows; give --folds 0");
  EXPECT_EQ(message([] { random_folds(5, 1, 0); }), "--folds 1: cross-validation needs at least 2 folds (0 for none)");
  EXPECT_EQ(message([] {
              group_folds(std::vector<std::string>{"a", "a", "b"}, 3, 0);
            }),
            "--folds 3: there are only 2 groups in the group column; give --folds 2 or fewer");
  EXPECT_EQ(message([] {
              labelled_folds(std::vector<std::string>{"a", "a"});
            }),
            "the fold column holds one label only, 'a'; cross-validation needs at least 2");
  EXPECT_EQ(message([] { time_folds(3, 3); }), "--folds 3: there are only 2 rows after the first; give --folds 2 or fewer");
  EXPECT_NE(message([] { random_folds(3, 2, 0, std::vector<double>{0, 0, 1}); }), "no error");
}

}  // namespace
}  // namespace riata
