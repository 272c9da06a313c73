#include "cases.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <limits>

#include "riata/io/read_table.hpp"

namespace riata::reference {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kRepository = RIATA_SOURCE_DIR;

/// Entry k of the result is entry k mod length of the JSON list; "inf" is infinity. Nothing where the list is absent.
std::vector<double> repeat(const json& problem, const char* name, Index length) {
  if (!problem.contains(name)) return {};
  std::vector<double> cycle, out;
  for (const json& v : problem[name])
    cycle.push_back(v.is_string() ? std::numeric_limits<double>::infinity() : v.get<double>());
  for (Index k = 0; k < length; ++k) out.push_back(cycle[static_cast<std::size_t>(k) % cycle.size()]);
  return out;
}

}  // namespace

std::vector<std::string> case_files(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kRepository / "tests/reference" / folder)) {
    names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

json read_cases(const std::string& folder, const std::string& name) {
  std::ifstream file(kRepository / "tests/reference" / folder / (name + ".json"));
  return json::parse(file);
}

std::string name_of(const ::testing::TestParamInfo<std::string>& test) { return test.param; }

fs::path data_file(const json& data) {
  const char* folder = std::getenv("RIATA_DATA");
  if (!data["in_repository"].get<bool>() && folder == nullptr) return {};
  const fs::path file =
      (data["in_repository"].get<bool>() ? kRepository : fs::path(folder)) / data["file"].get<std::string>();
  return fs::exists(file) ? file : fs::path();
}

Dataset read_data(const json& data, const Context& context) {
  Roles roles;
  roles.target = data["target"];
  roles.exclude = data["exclude"].get<std::vector<std::string>>();
  const std::string missing = data["missing"];
  roles.missing = missing == "drop" ? MissingPolicy::drop : missing == "mean" ? MissingPolicy::mean : MissingPolicy::error;
  Dataset out = make_dataset(read_table(data_file(data), {}, context), roles, context);
  if (out.imputed_design) out.design = out.imputed_design({});
  return out;
}

Case::Case(const Dataset& data, const json& json, double threshold) {
  const Index n = data.design->rows(), p = data.design->cols();
  weights = repeat(json, "weights", n);
  offset = repeat(json, "offset", n);
  factor = repeat(json, "penalty_factor", p);
  lower = repeat(json, "lower", p);
  upper = repeat(json, "upper", p);
  if (json.contains("points")) {
    for (const auto& point : json["points"]) lambdas.push_back(point["lambda"]);
  } else {
    lambdas = json["lambdas"].get<std::vector<double>>();
  }
  penalty = {json["penalty"], json["l1_ratio"]};
  const std::string loss = json.value("loss", "squared");
  response = data.response.values;
  if (loss == "logistic") {
    for (double& y : response) y = y > threshold ? 1.0 : 0.0;
  }
  problem = {
      data.design,        loss_by_name(loss), response, weights, offset, factor, lower, upper, json.value("intercept", true),
      json["standardize"]};
  title = json["penalty"].get<std::string>() + (problem.standardize ? ", standardised" : "") +
          (problem.intercept ? "" : ", no intercept");
  for (const char* part : {"weights", "offset", "penalty_factor", "lower"}) {
    if (json.contains(part)) title += std::string(", ") + part;
  }
}

}  // namespace riata::reference
