#include "riata/model/findings.hpp"

#include <limits>

namespace riata {
namespace {

constexpr Index kMostRows = std::numeric_limits<Index>::max();

void write(JsonWriter& out, const StandIns& one) {
  out.begin_object();
  out.member("feature", one.feature);
  out.member("n_others", one.n_others);
  out.key("others");
  out.begin_array();
  for (const StandIns::Other& other : one.others) {
    out.begin_array();
    out.value(other.feature);
    out.value(other.correlation);
    out.end_array();
  }
  out.end_array();
  out.end_object();
}

void write(JsonWriter& out, const ErrorShape& shape) {
  out.begin_object();
  out.member("bend", shape.bend);
  out.member("bend_size", shape.bend_size);
  out.member("growth", shape.growth);
  out.member("growth_errors", shape.growth_errors);
  out.member("positive", shape.positive);
  out.end_object();
}

StandIns read_stand_ins(const JsonReader& in, Index last) {
  StandIns out;
  out.feature = in.member("feature").index(0, last);
  const JsonReader others = in.member("others");
  for (std::size_t i = 0; i < others.size(); ++i) {
    const JsonReader pair = others.element(i);
    if (pair.size() != 2) pair.fail("a stand-in is a feature and its correlation");
    out.others.push_back({pair.element(0).index(0, last), pair.element(1).finite()});
  }
  if (out.others.size() > StandIns::kMost) others.fail("more of them than are kept");
  out.n_others = in.member("n_others").index(static_cast<Index>(out.others.size()), last);
  return out;
}

ErrorShape read_shape(const JsonReader& in) {
  ErrorShape out;
  out.bend = in.member("bend").finite();
  out.bend_size = in.member("bend_size").finite();
  out.growth = in.member("growth").finite();
  if (!(out.growth > 0)) in.member("growth").fail("it is not above 0");
  out.growth_errors = in.member("growth_errors").finite();
  out.positive = in.member("positive").boolean();
  return out;
}

}  // namespace

void write_calibration(JsonWriter& out, const Calibration& one) {
  out.begin_object();
  out.member("n_rows", one.n_rows);
  out.member("slope", one.slope);
  out.member("slope_error", one.slope_error);
  out.member("predicted", one.predicted);
  out.member("observed", one.observed);
  out.member("observed_error", one.observed_error);
  out.end_object();
}

Calibration read_calibration(const JsonReader& in) {
  return {.n_rows = in.member("n_rows").index(1, kMostRows),
          .slope = in.member("slope").finite(),
          .slope_error = in.member("slope_error").finite(),
          .predicted = in.member("predicted").finite(),
          .observed = in.member("observed").finite(),
          .observed_error = in.member("observed_error").finite()};
}

Calibration::Verdict Calibration::verdict() const {
  constexpr double kErrors = 2, kMuch = 0.1, kUnsure = 0.25;
  const double off = slope - 1;
  if (std::abs(off) > std::max(kErrors * slope_error, kMuch)) return off < 0 ? Verdict::too_extreme : Verdict::too_timid;
  const double level = predicted - observed;
  if (std::abs(level) > kErrors * observed_error) return level > 0 ? Verdict::too_high : Verdict::too_low;
  return slope_error > kUnsure ? Verdict::unclear : Verdict::trustworthy;
}

const char* to_string(Calibration::Verdict verdict) {
  switch (verdict) {
    case Calibration::Verdict::too_extreme: return "too extreme";
    case Calibration::Verdict::too_timid: return "too timid";
    case Calibration::Verdict::too_high: return "too high";
    case Calibration::Verdict::too_low: return "too low";
    case Calibration::Verdict::unclear: return "unclear";
    case Calibration::Verdict::trustworthy: break;
  }
  return "trustworthy";
}

void write_findings(JsonWriter& out, const Findings& findings) {
  out.begin_object();
  out.key("rare");
  out.begin_array();
  for (const RareFeature& one : findings.rare) out.value(std::vector<Index>{one.feature, one.n_rows});
  out.end_array();
  out.key("stand_ins");
  if (findings.stand_ins) {
    out.begin_array();
    for (const StandIns& one : *findings.stand_ins) write(out, one);
    out.end_array();
  } else {
    out.null();
  }
  out.member("least_correlation", findings.least_correlation);
  out.key("shape");
  findings.shape ? write(out, *findings.shape) : out.null();
  out.key("calibration");
  findings.calibration ? write_calibration(out, *findings.calibration) : out.null();
  out.end_object();
}

Findings read_findings(const JsonReader& in, Index n_features) {
  Findings out;
  const JsonReader rare = in.member("rare"), stand_ins = in.member("stand_ins"), shape = in.member("shape");
  for (std::size_t i = 0; i < rare.size(); ++i) {
    const JsonReader pair = rare.element(i);
    if (pair.size() != 2) pair.fail("a rare feature is a feature and a number of rows");
    out.rare.push_back({pair.element(0).index(0, n_features - 1), pair.element(1).index(1, kMostRows)});
  }
  if (!stand_ins.is_null()) {
    out.stand_ins.emplace();
    for (std::size_t i = 0; i < stand_ins.size(); ++i) {
      out.stand_ins->push_back(read_stand_ins(stand_ins.element(i), n_features - 1));
    }
  }
  out.least_correlation = in.member("least_correlation").finite();
  if (!shape.is_null()) out.shape = read_shape(shape);
  if (in.has("calibration") && !in.member("calibration").is_null())  // the first files of format 3 had none
    out.calibration = read_calibration(in.member("calibration"));
  return out;
}

}  // namespace riata
