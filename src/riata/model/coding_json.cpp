#include "riata/model/coding_json.hpp"

#include <algorithm>
#include <set>

#include "riata/core/text.hpp"
#include "riata/model/model_file.hpp"

namespace riata {
namespace {

void write_feature(JsonWriter& out, const FeatureCoding& feature) {
  out.begin_object();
  out.member("name", feature.name);
  if (feature.kind == FeatureCoding::Kind::numeric) {
    out.member("kind", "numeric");
    out.member("indicator", feature.indicator);
    feature.fill ? out.member("fill", *feature.fill) : out.null_member("fill");
  } else {
    out.member("kind", "categorical");
    out.member("levels", feature.levels);
    out.member("reference_level", feature.reference_level);
    out.member("missing_level", feature.missing_level);
  }
  out.end_object();
}

FeatureCoding read_feature(const JsonReader& in) {
  FeatureCoding feature;
  feature.name = in.member("name").text();
  const std::string kind = in.member("kind").text();
  if (kind == "numeric") {
    feature.indicator = in.member("indicator").boolean();
    if (const JsonReader fill = in.member("fill"); !fill.is_null()) feature.fill = fill.finite();
  } else if (kind == "categorical") {
    feature.kind = FeatureCoding::Kind::categorical;
    feature.levels = in.member("levels").texts();
    if (!std::is_sorted(feature.levels.begin(), feature.levels.end()) ||
        std::adjacent_find(feature.levels.begin(), feature.levels.end()) != feature.levels.end()) {
      in.fail("the levels are not sorted and distinct");
    }
    feature.reference_level = in.member("reference_level").boolean();
    feature.missing_level = in.member("missing_level").boolean();
  } else {
    in.fail("'" + printable(kind) + "' is not a kind of feature");
  }
  return feature;
}

}  // namespace

void write_coding(JsonWriter& out, const Coding& coding) {
  out.begin_object();
  out.member("missing", model_file::name_of(coding.missing));
  out.key("features");
  out.begin_array();
  for (const FeatureCoding& feature : coding.features) write_feature(out, feature);
  out.end_array();
  out.end_object();
}

Coding read_coding(const JsonReader& in) {
  Coding coding;
  const std::string missing = in.member("missing").text();
  bool known = false;
  for (MissingPolicy policy : {MissingPolicy::error, MissingPolicy::drop, MissingPolicy::mean, MissingPolicy::indicator}) {
    if (missing != model_file::name_of(policy)) continue;
    coding.missing = policy;
    known = true;
  }
  if (!known) in.fail("'" + printable(missing) + "' is not a way to treat missing values");
  const JsonReader features = in.member("features");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < features.size(); ++i) {
    coding.features.push_back(read_feature(features.element(i)));
    if (!seen.insert(coding.features.back().name).second) features.element(i).fail("the name stands there twice");
  }
  return coding;
}

Status read_status(const JsonReader& in) {
  const std::string name = in.text();
  for (Status status : {Status::converged, Status::iteration_limit, Status::diverged, Status::interrupted}) {
    if (to_string(status) == name) return status;
  }
  in.fail("'" + printable(name) + "' is not a status");
}

}  // namespace riata
