#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "riata/app/option.hpp"
#include "riata/app/option_text.hpp"
#include "riata/app/spec.hpp"
#include "riata/core/error.hpp"

namespace riata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

FitSpec given(const std::vector<std::pair<std::string, std::string>>& texts) {
  FitSpec spec;
  for (const auto& [name, text] : texts) {
    for (const auto& row : options<FitSpec>()) {
      if (row.name() == name) row.set(spec, text);
    }
  }
  return spec;
}

std::string refusal(const std::string& name, const std::string& text, ErrorKind kind = ErrorKind::argument) {
  try {
    given({{name, text}});
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "accepted";
}

TEST(Options, TextReadsBackAsTheSameText) {
  const std::vector<std::pair<std::string, std::string>> texts = {{"--penalty", "elastic-net"},
                                                                  {"--l1-ratio", "0.25"},
                                                                  {"--lambda", "1,0.5,0"},
                                                                  {"--features", "a,\"b,c\",\"d\"\"e\""},
                                                                  {"--penalty-factor", "sex=m=0,\"x,y=2\",z=inf"},
                                                                  {"--standardize", "false"},
                                                                  {"--folds", "5"},
                                                                  {"--select", "ebic"}};
  const FitSpec spec = given(texts);
  EXPECT_THAT(spec.features, ElementsAre("a", "b,c", "d\"e"));
  EXPECT_THAT(spec.lambdas, ElementsAre(1, 0.5, 0));
  EXPECT_EQ(spec.penalty_factor[0].first, "sex=m");
  std::vector<std::pair<std::string, std::string>> again;
  for (const auto& [name, text] : recorded_options(spec)) again.emplace_back("--" + name, text);
  EXPECT_EQ(recorded_options(given(again)), recorded_options(spec));
  EXPECT_THAT(recorded_options(spec), testing::Contains(Pair("penalty-factor", "sex=m=0,\"x,y=2\",z=inf")));
}

TEST(Options, NothingGivenIsNothingRecorded) { EXPECT_TRUE(recorded_options(FitSpec{}).empty()); }

TEST(Options, WhatDoesNotChangeTheResultIsNotRecorded) {
  EXPECT_TRUE(
      recorded_options(given({{"--threads", "3"}, {"--model", "m"}, {"--memory", "8G"}, {"--quiet", "true"}})).empty());
}

TEST(Options, RefusalsNameTheValueAndWhatIsAccepted) {
  EXPECT_EQ(refusal("--l1-ratio", "1.5"), "--l1-ratio: 1.5 is out of range; give a value from 0 to 1");
  EXPECT_EQ(refusal("--tolerance", "0"), "--tolerance: 0 is out of range; give a value between 0 and 1");
  EXPECT_EQ(refusal("--folds", "2.5"), "--folds: '2.5' is not a whole number");
  EXPECT_EQ(refusal("--lambda", "1,,2"), "--lambda: an entry is empty in '1,,2'; separate entries by single commas");
  EXPECT_EQ(refusal("--lambda", "nan"), "--lambda: nan is out of range; give finite values of at least 0");
  EXPECT_EQ(refusal("--lambda", "-1"), "--lambda: -1 is out of range; give finite values of at least 0");
  EXPECT_EQ(refusal("--penalty", "elastic_net"),
            "--penalty: 'elastic_net' is not a choice (did you mean 'elastic-net'?); give one of none|l1|l2|elastic-net");
  EXPECT_EQ(refusal("--penalty", "lasso"), "--penalty 'lasso' is called l1 here: give --penalty l1");
  EXPECT_EQ(refusal("--penalty", "ridge"), "--penalty 'ridge' is called l2 here: give --penalty l2");
  EXPECT_EQ(refusal("--lower", "1e999"), "--lower: 1e999 is out of range: numbers lie between 5e-324 and 1.8e308");
  EXPECT_EQ(refusal("--upper", "x"), "--upper: 'x' does not say NAME=VALUE");
  EXPECT_EQ(refusal("--penalty-factor", "x=-1"), "--penalty-factor: x=-1 is out of range; give a value of at least 0");
}

TEST(Options, WhatIsContractedButNotBuiltIsRefused) {
  EXPECT_THAT(refusal("--loss", "multinomial", ErrorKind::not_supported), HasSubstr("not in this version"));
}

TEST(Options, MemoryTakesUnits) {
  EXPECT_TRUE(given({{"--memory", "lean"}}).lean);
  EXPECT_FALSE(given({{"--memory", "lean"}, {"--memory", "8G"}}).lean);
  EXPECT_EQ(parse_memory("auto", "--memory"), 0);
  EXPECT_EQ(parse_memory("2G", "--memory"), Index{2} << 30);
  for (const char* bad : {"", "G", "-1", "1.5G", "9999999999T"}) EXPECT_THROW(parse_memory(bad, "--memory"), Error) << bad;
}

TEST(Options, NamesAreUniqueAndExplained) {
  std::set<std::string> names;
  for (const auto& row : options<FitSpec>()) {
    EXPECT_TRUE(names.insert(row.name()).second) << row.name();
    EXPECT_FALSE(row.help.empty()) << row.name();
  }
}

TEST(Options, TheDocumentationIsWhatTheTableSays) {
  const std::string path = std::string(RIATA_TESTS) + "/../docs/options.md";
  if (std::getenv("RIATA_WRITE_DOCS") != nullptr) std::ofstream(path) << options_markdown();
  std::ifstream in(path, std::ios::binary);
  const std::string written{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(written == options_markdown()) << "docs/options.md is out of date: run this test with RIATA_WRITE_DOCS=1";
}

}  // namespace
}  // namespace riata
