#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "riata/data/dataset.hpp"
#include "riata/path/path.hpp"

/// The committed problems and their solutions: cases/NAME.json and selection/NAME.json, written by the scripts in make/.
namespace riata::reference {

constexpr const char* kNoData = "data that may not be shipped: RIATA_DATA names no folder that has it (README.md)";

/// Names of all files of a folder of this one, sorted.
std::vector<std::string> case_files(const std::string& folder);
nlohmann::json read_cases(const std::string& folder, const std::string& name);
/// For gtest: a parametrised test is called by its file.
std::string name_of(const ::testing::TestParamInfo<std::string>& test);

/// The file of a data set, or an empty path where it is not on this machine (RIATA_DATA names the folder).
std::filesystem::path data_file(const nlohmann::json& data);

/// The data set as the command line would read it.
Dataset read_data(const nlohmann::json& data, const Context& context);

/// One case: what the spans of its Problem point to, and the λ of its points (decreasing).
struct Case {
  std::vector<double> response, weights, offset, factor, lower, upper, lambdas;
  Problem problem;
  PenaltySpec penalty;
  std::string title;

  /// threshold: classes are responses above it, where the loss is logistic.
  Case(const Dataset& data, const nlohmann::json& json, double threshold = 0);
  Case(const Case&) = delete;
};

}  // namespace riata::reference
