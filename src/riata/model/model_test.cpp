#include "riata/model/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "riata/core/error.hpp"

namespace riata {
namespace {

using testing::HasSubstr;

Model example() {
  Model model;
  model.riata = "0.1.0";
  model.options = {{"penalty", "l1"}};
  model.source = "a \"b\".csv";
  FeatureCoding age, sex;
  age.name = "age";
  age.indicator = true;
  age.fill = 41.5;
  sex.name = "sex";
  sex.kind = FeatureCoding::Kind::categorical;
  sex.levels = {"f", "m"};
  model.coding.features = {age, sex};
  model.coding.missing = MissingPolicy::indicator;
  model.feature_names = model.coding.column_names();
  model.target = "größe";
  model.n_samples = 5;
  model.total_weight = 5;
  model.loss = "squared";
  model.penalty = "l1";
  model.l1_ratio = 1;
  model.objective = "…";
  model.solver = "coordinate-descent";
  model.standard_deviation.assign(model.feature_names.size(), 0.1);
  model.path = {{1, 2, 0, SparseCoefficients{}, 3, 0, 0, {0, 0}, Status::converged},
                {0.1,
                 1.0 / 3,
                 2,
                 SparseCoefficients{{0, 2}, {1e-300, -0.1}},
                 2,
                 0.5,
                 2,
                 {1e-9, 1e-8},
                 Status::iteration_limit,
                 0.1,
                 0.3}};
  model.cross_validation = ModelCrossValidation{3, "mse", {2, 1}, {std::nan(""), 0.5}, 1, 0, {1, 0, 0.5, 0}};
  model.selected = {"1se", 0};
  model.findings = {.rare = {{3, 2}},
                    .stand_ins = std::vector<StandIns>{{.feature = 2, .n_others = 3, .others = {{0, -0.9375}}}},
                    .least_correlation = 0.8,
                    .shape = ErrorShape{5, 0.25, 3, 4, true},
                    .calibration = Calibration{90, 1.5, 0.125, 0.25, 0.375, 0.0625}};
  return model;
}

/// The file's bytes after an edit, with the checksum made good again.
std::string forged(const std::string& from, const std::string& to) {
  std::string bytes = write_model(example());
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  bytes.replace(at, from.size(), to);
  const std::size_t digits = bytes.find("xxh3:") + 5;
  return bytes.replace(digits, 16, model_checksum(bytes, digits));
}

std::string refusal(const std::string& bytes) {
  try {
    read_model(bytes, "m.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "accepted";
}

TEST(ModelFile, ReadsBackWhatWasWritten) {
  const std::string bytes = write_model(example());
  const Model model = read_model(bytes, "m.json");
  EXPECT_EQ(write_model(model), bytes);
  EXPECT_EQ(model.path[1].coefficients->values[0], 1e-300);
  EXPECT_EQ(model.path[1].intercept, 1.0 / 3);
  EXPECT_TRUE(std::isnan(model.cross_validation->standard_error[0]));
  EXPECT_EQ(*model.coding.features[0].fill, 41.5);
  EXPECT_EQ(model.target, "größe");
  EXPECT_EQ(model.findings.rare.at(0).n_rows, 2);
  EXPECT_EQ(model.findings.stand_ins->at(0).others.at(0).correlation, -0.9375);
  EXPECT_TRUE(model.findings.shape->bends() && model.findings.shape->funnels() && model.findings.shape->positive);
  EXPECT_EQ(model.findings.calibration->verdict(), Calibration::Verdict::too_timid);
}

TEST(ModelFile, EveryAlteredOrMissingByteIsNoticed) {
  const std::string bytes = write_model(example());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_NE(refusal(altered), "accepted") << i;
    EXPECT_NE(refusal(bytes.substr(0, i)), "accepted") << i;
  }
  EXPECT_THAT(refusal(bytes + " "), HasSubstr("truncated or altered"));
}

TEST(ModelFile, ANewerFormatIsNamed) {
  EXPECT_EQ(refusal(forged("\"format\":3", "\"format\":7")),
            "m.json: has format 7, this riata reads up to 3; use a newer riata");
}

TEST(ModelFile, WhatIsNoModelIsNamed) {
  EXPECT_EQ(refusal(""), "m.json: is not a riata model file; give a file that riata fit --model has written");
  EXPECT_THAT(refusal("{\"a\":1}"), HasSubstr("is not a riata model file"));
  EXPECT_THAT(refusal(std::string(1 << 20, '[')), HasSubstr("is not a riata model file"));
}

TEST(ModelFile, EveryValueIsCheckedThoughTheChecksumIsRight) {
  EXPECT_THAT(refusal(forged("\"indices\":[0,2]", "\"indices\":[0,9]")), HasSubstr("path[1].indices[1]: 9 is not between"));
  EXPECT_THAT(refusal(forged("\"indices\":[0,2]", "\"indices\":[2,0]")), HasSubstr("is not between"));
  EXPECT_THAT(refusal(forged("\"indices\":[0,2]", "\"indices\":[0]")), HasSubstr("differ in number"));
  EXPECT_THAT(refusal(forged("\"indices\":[0,2]", "\"indices\":[0,-2]")), HasSubstr("is not between"));
  EXPECT_THAT(refusal(forged("\"indices\":[0,2]", "\"indices\":[0,1e400]")), HasSubstr("not well-formed"));
  EXPECT_THAT(refusal(forged("1e-300", "null")), HasSubstr("a finite number was expected"));
  EXPECT_THAT(refusal(forged("\"n_nonzero\":2", "\"n_nonzero\":3")), HasSubstr("not the number of coefficients"));
  EXPECT_THAT(refusal(forged("\"lambda\":0.1", "\"lambda\":10")), HasSubstr("do not decrease"));
  EXPECT_THAT(refusal(forged("\"n_samples\":5", "\"n_samples\":18446744073709551615")), HasSubstr("whole number"));
  EXPECT_THAT(refusal(forged("\"mean\":[2.0,", "\"mean\":[")), HasSubstr("not one value per λ"));
  EXPECT_THAT(refusal(forged("\"index_min\":1", "\"index_min\":2")), HasSubstr("is not between"));
  EXPECT_THAT(refusal(forged("\"status\":\"conv", "\"status\":\"cov")), HasSubstr("is not a status"));
  EXPECT_THAT(refusal(forged("[\"f\",\"m\"]", "[\"m\",\"f\"]")), HasSubstr("not sorted"));
  EXPECT_THAT(refusal(forged("\"missing\":\"indicator\"", "\"missing\":\"x\"")), HasSubstr("not a way to treat missing"));
  EXPECT_THAT(refusal(forged("\"feature_names\":[\"age\"", "\"feature_names\":[\"old\"")),
              HasSubstr("not those of the coding"));
  EXPECT_THAT(refusal(forged("\"rare\":[[3,2]]", "\"rare\":[[4,2]]")), HasSubstr("findings.rare[0][0]: 4 is not between"));
  EXPECT_THAT(refusal(forged("\"rare\":[[3,2]]", "\"rare\":[[3]]")), HasSubstr("a feature and a number of rows"));
  EXPECT_THAT(refusal(forged("[[0,-0.9375]]", "[[0,null]]")), HasSubstr("a number was expected"));
  EXPECT_THAT(refusal(forged("\"n_others\":3", "\"n_others\":0")), HasSubstr("is not between"));
  EXPECT_THAT(refusal(forged("\"growth\":3.0", "\"growth\":0")), HasSubstr("not above 0"));
  EXPECT_THAT(refusal(forged("\"selected\":{", "\"selected\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],\"x\":{")),
              HasSubstr("nested too deeply"));
  EXPECT_THAT(refusal(forged("\"target\"", "\"tarrget\"")), HasSubstr("\"target\" is missing"));
}

}  // namespace
}  // namespace riata
