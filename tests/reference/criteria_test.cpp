#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "riata/data/dataset.hpp"
#include "riata/io/read_table.hpp"
#include "riata/loss/loss.hpp"
#include "riata/selection/information_criteria.hpp"

namespace riata::reference {
namespace {

/// R counts the variance of lm as a parameter and keeps the constants of the normal density; docs/selection.md drops both.
TEST(InformationCriteria, AreThoseOfR) {
  const std::string root = RIATA_SOURCE_DIR;
  const Context context(1);
  std::ifstream file(root + "/tests/reference/criteria/diabetes.json");
  const auto reference = nlohmann::json::parse(file);
  Roles roles;
  roles.target = "progression";
  const Dataset data = make_dataset(read_table(root + "/examples/data/diabetes.csv", {}, context), roles, context);
  const double m = static_cast<double>(data.design->rows());
  const double p = static_cast<double>(data.design->cols());
  std::vector<double> classes;
  for (const double y : data.response.values) classes.push_back(y > reference["threshold"].get<double>() ? 1 : 0);
  for (const auto& model : reference["models"]) {
    const auto k = model["features"].get<double>();
    std::vector<double> factor(static_cast<std::size_t>(p), std::numeric_limits<double>::infinity());
    for (std::size_t j = 0; j < factor.size() && static_cast<double>(j) < k; ++j) factor[j] = 1;
    Problem problem;
    problem.design = data.design;
    problem.penalty_factor = factor;
    for (const char* family : {"lm", "glm"}) {
      const bool squared = family == std::string("lm");
      problem.loss = loss_by_name(squared ? "squared" : "logistic");
      problem.response = squared ? data.response.values : classes;
      const Path path = fit_path(problem, {"none"}, std::vector<double>{0.0}, {}, context);
      const double bits = squared ? m * (std::log(2 * std::numbers::pi) + 1) : 0;
      const double aic = information_criteria(path, SelectionRule::aic, problem).front();
      const double bic = information_criteria(path, SelectionRule::bic, problem).front();
      const double ebic = information_criteria(path, SelectionRule::ebic, problem).front();
      EXPECT_NEAR(aic + bits + (squared ? 2 : 0), model[family]["aic"].get<double>(), 1e-7) << family << " " << k;
      EXPECT_NEAR(bic + bits + (squared ? std::log(m) : 0), model[family]["bic"].get<double>(), 1e-7) << family << " " << k;
      EXPECT_GE(ebic, bic - 1e-9);
    }
    EXPECT_NEAR(log_binomial(static_cast<Index>(p), static_cast<Index>(k)), model["log_choose"].get<double>(), 1e-10);
  }
}

}  // namespace
}  // namespace riata::reference
