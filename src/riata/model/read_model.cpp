#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/model/coding_json.hpp"
#include "riata/model/json_reader.hpp"
#include "riata/model/model.hpp"
#include "riata/model/model_file.hpp"

namespace riata {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index kMost = std::numeric_limits<Index>::max();
constexpr int kDeepest = 16;

[[noreturn]] void refuse(const std::string& source, const std::string& message) {
  throw Error(ErrorKind::input, message, source);
}

/// Looks at the first bytes alone: is it ours, of a format we know, and unaltered?
/// Returns the format.
int check_envelope(std::string_view bytes, const std::string& source) {
  if (!bytes.starts_with(model_file::kMagic)) {
    refuse(source, "is not a riata model file; give a file that riata fit --model has written");
  }
  const std::string_view rest = bytes.substr(model_file::kMagic.size());
  int format = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), format);
  if (error != std::errc{} || format < 1) refuse(source, "has no format number: the file is damaged");
  if (format > kModelFormat) {
    refuse(source, "has format " + std::to_string(format) + ", this riata reads up to " + std::to_string(kModelFormat) +
                       "; use a newer riata");
  }
  constexpr std::size_t kHeaderBound = 200;
  const std::size_t key = bytes.substr(0, kHeaderBound).find(model_file::kChecksumKey);
  const std::size_t digits_at = key + model_file::kChecksumKey.size();
  if (key == std::string_view::npos || digits_at + model_file::kChecksumDigits > bytes.size()) {
    refuse(source, "has no checksum: the file is truncated or altered");
  }
  const std::string_view written = bytes.substr(digits_at, model_file::kChecksumDigits);
  if (written != model_checksum(std::string(bytes), digits_at)) {
    refuse(source, "does not match its checksum: the file is truncated or altered; fit the model again");
  }
  return format;
}

/// How deep brackets nest outside of text. (A callback of the parser's knows as well, but makes it look through a list anew
/// for each of its objects.)
int deepest(std::string_view bytes) {
  int depth = 0, most = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_text && c == '\\') ++i;
    if (c == '"') in_text = !in_text;
    if (in_text) continue;
    if (c == '{' || c == '[') most = std::max(most, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return most;
}

Json parse(std::string_view bytes, const std::string& source) {
  if (deepest(bytes) > kDeepest) refuse(source, "is nested too deeply for a model file");
  try {
    return Json::parse(bytes.begin(), bytes.end());
  } catch (const Json::exception&) {
    refuse(source, "is not well-formed JSON: the file is damaged");
  }
}

SparseCoefficients read_coefficients(const JsonReader& in, Index n_features) {
  SparseCoefficients out;
  const JsonReader indices = in.member("indices");
  out.values = in.member("values").finite_numbers();
  if (indices.size() != out.values.size()) in.fail("indices and values differ in number");
  out.indices.reserve(out.values.size());
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const Index least = out.indices.empty() ? 0 : out.indices.back() + 1;
    out.indices.push_back(indices.element(i).index(least, n_features - 1));
  }
  return out;
}

ModelPoint read_point(const JsonReader& in, Index n_features) {
  ModelPoint point;
  point.lambda = in.member("lambda").finite();
  if (point.lambda < 0) in.fail("the λ is negative");
  point.intercept = in.member("intercept").finite();
  point.n_nonzero = in.member("n_nonzero").index(0, n_features);
  if (!in.member("indices").is_null()) point.coefficients = read_coefficients(in, n_features);
  if (point.coefficients && point.n_nonzero != static_cast<Index>(point.coefficients->indices.size())) {
    in.member("n_nonzero").fail("it is not the number of coefficients");
  }
  point.objective = in.member("objective").finite_or_nan();
  point.deviance_ratio = in.member("deviance_ratio").finite_or_nan();
  point.degrees_of_freedom = in.member("degrees_of_freedom").finite_or_nan();
  if (in.has("gcv_error")) point.gcv_error = in.member("gcv_error").finite();
  if (in.has("leave_one_out_error")) point.leave_one_out_error = in.member("leave_one_out_error").finite();
  point.certificate.relative_gap = in.member("relative_gap").finite_or_nan();
  point.certificate.kkt_violation = in.member("kkt_violation").finite_or_nan();
  point.status = read_status(in.member("status"));
  return point;
}

ModelCrossValidation read_cross_validation(const JsonReader& in, std::size_t n_points, std::size_t n_features) {
  ModelCrossValidation cv;
  const Index last = static_cast<Index>(n_points) - 1;
  cv.n_folds = in.member("folds").index(1, kMost);
  cv.measure = in.member("measure").text();
  cv.mean = in.member("mean").numbers_or_nan();
  cv.standard_error = in.member("standard_error").numbers_or_nan();
  if (cv.mean.size() != n_points || cv.standard_error.size() != n_points) in.fail("there is not one value per λ");
  cv.index_min = in.member("index_min").index(0, last);
  cv.index_1se = in.member("index_1se").index(0, last);
  cv.selection_frequency = in.member("selection_frequency").finite_numbers();
  const bool in_range = std::all_of(cv.selection_frequency.begin(), cv.selection_frequency.end(),
                                    [](double share) { return share >= 0 && share <= 1; });
  if (!in_range || (!cv.selection_frequency.empty() && cv.selection_frequency.size() != n_features)) {
    in.fail("the selection frequencies are not one share per feature");
  }
  return cv;
}

/// Two classes for the logistic loss, none for others. Files of format 1 know of none.
std::vector<std::string> read_classes(const JsonReader& in, int format, const std::string& loss) {
  std::vector<std::string> classes;
  if (format >= 2) classes = in.member("classes").texts();
  const bool expected = loss == "logistic" ? classes.size() == 2 && classes[0] != classes[1] : classes.empty();
  if (!expected) in.fail("the classes of the target are not those of the loss '" + printable(loss) + "'");
  return classes;
}

void read_facts(const JsonReader& in, int format, Model& model) {
  const JsonReader options = in.member("options");
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::vector<std::string> pair = options.element(i).texts();
    if (pair.size() != 2) options.element(i).fail("an option is a name and a value");
    model.options.emplace_back(pair[0], pair[1]);
  }
  model.source = in.member("source").text();
  model.target = in.member("target").text();
  model.weights_column = in.member("weights_column").text();
  model.offset_column = in.member("offset_column").text();
  model.n_samples = in.member("n_samples").index(1, kMost);
  model.total_weight = in.member("total_weight").finite();
  model.null_deviance = in.member("null_deviance").finite_or_nan();
  model.loss = in.member("loss").text();
  model.classes = read_classes(in, format, model.loss);
  model.penalty = in.member("penalty").text();
  model.l1_ratio = in.member("l1_ratio").finite();
  if (model.l1_ratio < 0 || model.l1_ratio > 1) in.member("l1_ratio").fail("it is not between 0 and 1");
  model.standardize = in.member("standardize").boolean();
  model.intercept = in.member("intercept_fitted").boolean();
  model.objective = in.member("objective").text();
  model.solver = in.member("solver").text();
  model.status = read_status(in.member("status"));
  model.warnings = in.member("warnings").texts();
}

/// The names must be those that the coding makes: else coefficients would silently meet the wrong columns.
void read_features(const JsonReader& in, Model& model) {
  model.coding = read_coding(in.member("coding"));
  model.feature_names = in.member("feature_names").texts();
  if (model.feature_names != model.coding.column_names()) {
    in.member("feature_names").fail("the names are not those of the coding");
  }
  model.standard_deviation = in.member("standard_deviation").finite_numbers();
  if (model.standard_deviation.size() != model.feature_names.size()) {
    in.member("standard_deviation").fail("there is not one value per feature");
  }
}

}  // namespace

std::string model_checksum(std::string bytes, std::size_t digits_at) {
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(digits_at), model_file::kChecksumDigits, '0');
  constexpr std::string_view kHex = "0123456789abcdef";
  XXH64_hash_t hash = XXH3_64bits(bytes.data(), bytes.size());
  std::string digits(model_file::kChecksumDigits, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, hash >>= 4) *digit = kHex[hash & 15];
  return digits;
}

Model read_model(std::string_view bytes, const std::string& source) {
  const int format = check_envelope(bytes, source);
  const Json document = parse(bytes, source);
  const JsonReader root(document, source);
  const JsonReader in = root.member("model");
  Model model;
  model.riata = root.member("riata").text();
  read_facts(in, format, model);
  read_features(in, model);
  const JsonReader path = in.member("path");
  if (path.size() == 0) path.fail("there is no λ");
  for (std::size_t k = 0; k < path.size(); ++k) {
    model.path.push_back(read_point(path.element(k), static_cast<Index>(model.feature_names.size())));
    if (k > 0 && model.path[k].lambda > model.path[k - 1].lambda) path.element(k).fail("the λ do not decrease");
  }
  if (const JsonReader cv = in.member("cross_validation"); !cv.is_null()) {
    model.cross_validation = read_cross_validation(cv, model.path.size(), model.feature_names.size());
  }
  if (const JsonReader selected = in.member("selected"); !selected.is_null()) {
    const Index last = static_cast<Index>(model.path.size()) - 1;
    model.selected = {selected.member("rule").text(), selected.member("index").index(0, last)};
  }
  if (format >= 3) model.findings = read_findings(in.member("findings"), static_cast<Index>(model.feature_names.size()));
  return model;
}

}  // namespace riata
