#include "riata/core/json_writer.hpp"
#include "riata/core/version.hpp"
#include "riata/report/compare_facts.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Of a linear model, as `riata fit` writes them.
void write_coefficients(JsonWriter& out, const CompareFacts& facts, const Candidate& one) {
  out.member("intercept", one.intercept);
  const auto list = [&](const char* key, const std::vector<double>& values) {
    out.key(key);
    out.begin_object();
    for (std::size_t i = 0; i < values.size(); ++i)
      out.member(facts.feature_names[at(one.coefficients.indices[i])], values[i]);
    out.end_object();
  };
  list("coefficients", one.coefficients.values);
  if (facts.standardize) list("standardized_coefficients", one.weights);
}

/// What choosing λ by the other rule comes to.
void write_other(JsonWriter& out, const CompareFacts& facts, const Candidate& one) {
  if (!one.other) return out.null_member("other_rule");
  out.key("other_rule");
  out.begin_object();
  out.member("rule", other_rule(facts));
  out.member("lambda", one.other->lambda);
  out.member("cv_mean", one.other->mean);
  out.member("cv_standard_error", one.other->standard_error);
  out.member("n_nonzero", one.other->n_nonzero);
  out.end_object();
}

void write_candidate(JsonWriter& out, const CompareFacts& facts, const Candidate& one) {
  out.begin_object();
  out.member("penalty", one.penalty);
  out.member("l1_ratio", one.l1_ratio);
  out.member("lambda", one.lambda);
  out.member("cv_mean", one.mean);
  out.member("cv_standard_error", one.standard_error);
  out.member("n_nonzero", one.n_nonzero);
  out.member("sum_of_squares", one.sum_of_squares);
  out.member("sum_of_absolutes", one.sum_of_absolutes);
  out.member("seconds", one.seconds);
  out.member("largest_weight", weight_sizes(one).largest);
  out.member("median_weight", weight_sizes(one).median);
  out.member("objective", one.objective);
  if (facts.hidden.empty()) {
    out.member("l1_share", one.l1_share);
    write_other(out, facts, one);
    write_coefficients(out, facts, one);
  } else {
    out.member("epochs", one.epochs);
    out.member("n_weights", one.n_weights);
    out.member("largest_weights", largest_weights(one, kMostWeights));
    out.member("training_loss", one.curves.training);
    out.member("validation_loss", one.curves.validation);
  }
  out.end_object();
}

void write_groups(JsonWriter& out, const CompareFacts& facts) {
  out.key("correlated_groups");
  out.begin_array();
  for (const GroupFacts& group : facts.measured.groups) {
    out.begin_array();
    for (std::size_t i = 0; i < group.features.size(); ++i) {
      out.begin_object();
      out.member("feature", facts.feature_names[at(group.features[i])]);
      out.member("correlation", group.correlation[i]);
      out.member("kept", static_cast<bool>(group.kept[i]));
      out.member("in_folds", group.in_folds[i]);
      out.member("in_halves", group.in_halves[i]);
      out.end_object();
    }
    out.end_array();
  }
  out.end_array();
}

void write_stability(JsonWriter& out, const CompareFacts& facts) {
  const Stability& stability = facts.measured.stability;
  out.key("selection_stability");
  out.begin_object();
  out.member("pairs", stability.pairs);
  out.member("most_selected", stability.q);
  out.member("threshold", stability.threshold);
  out.member("expected_false", stability.expected_false);
  out.member("expected_false_worst", stability.expected_false_worst);
  out.key("frequency");
  out.begin_object();
  for (std::size_t j = 0; j < stability.frequency.size(); ++j) {
    if (stability.frequency[j] > 0) out.member(facts.feature_names[j], stability.frequency[j]);
  }
  out.end_object();
  out.end_object();
}

void write_variation(JsonWriter& out, const char* name, const CompareFacts& facts, double Candidate::*value) {
  out.key(name);
  out.begin_object();
  for (const Candidate& one : facts.candidates) out.member(one.penalty, one.*value);
  out.end_object();
}

/// What speaks for a penalty of a linear model.
void write_features(JsonWriter& out, const CompareFacts& facts) {
  out.member("condition_number", facts.measured.collinearity.condition_number);
  out.member("effective_dimension", facts.measured.collinearity.effective_dimension);
  out.member("independence", facts.measured.collinearity.independence);
  out.member("least_correlation", facts.measured.least_correlation);
  write_groups(out, facts);
  out.member("share_irrelevant", facts.measured.share_irrelevant);
  write_stability(out, facts);
}

void write_measured(JsonWriter& out, const CompareFacts& facts) {
  out.key("measured");
  out.begin_object();
  if (facts.hidden.empty()) {
    write_features(out, facts);
  } else {
    for (const char* key : {"condition_number", "correlated_groups", "share_irrelevant", "selection_stability"})
      out.null_member(key);
  }
  write_variation(out, "coefficient_variation", facts, &Candidate::coefficient_variation);
  write_variation(out, "prediction_variation", facts, &Candidate::prediction_variation);
  out.end_object();
}

}  // namespace

std::string compare_json(const CompareFacts& facts) {
  JsonWriter out;
  out.begin_object();
  out.member("riata", version());
  out.member("command", "compare");
  out.member("status", to_string(facts.status));
  out.member("n_samples", facts.n_samples);
  out.member("n_features", facts.feature_names.size());
  out.member("loss", facts.loss);
  if (!facts.hidden.empty()) {
    out.member("hidden", facts.hidden);
    out.member("epochs", facts.epochs);
  }
  out.member("standardize", facts.standardize);
  out.member("folds", facts.n_folds);
  out.member("measure", facts.measure);
  out.member("rule", facts.rule);
  out.member("no_feature", facts.null_error);
  out.key("candidates");
  out.begin_array();
  for (const Candidate& one : facts.candidates) write_candidate(out, facts, one);
  out.end_array();
  out.key("differences");
  out.begin_array();
  for (const Candidate& one : facts.candidates) {
    out.begin_object();
    out.member("penalty", one.penalty);
    out.member("against", facts.candidates[facts.best].penalty);
    out.member("mean", one.difference);
    out.member("standard_error", one.difference_error);
    out.end_object();
  }
  out.end_array();
  write_measured(out, facts);
  out.key("advice");
  out.begin_object();
  out.member("penalty", facts.advice.penalty);
  out.member("tie", facts.advice.tie);
  out.member("text", facts.advice.text);
  out.end_object();
  if (facts.hidden.empty()) write_coefficients(out, facts, advised(facts));
  out.member("warnings", facts.warnings);
  out.key("seconds");
  out.begin_object();
  out.member("read", facts.seconds_read);
  out.member("compare", facts.seconds);
  out.end_object();
  out.end_object();
  return out.text() + "\n";
}

}  // namespace riata
