#include "riata/report/fit_words.hpp"

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

std::string plural(Index n, const std::string& noun) { return grouped(n) + " " + noun + (n == 1 ? "" : "s"); }

std::string option_words(const std::vector<std::pair<std::string, std::string>>& options) {
  std::string out;
  for (const auto& [name, value] : options) {
    out += out.empty() ? "--" : " --";
    if (value == "false") out += "no-";
    out += name;
    if (value != "true" && value != "false") out.append(" ").append(shell_word(value));
  }
  return out;
}

const ModelPoint& least_by(const Model& model, std::optional<double> ModelPoint::*error) {
  return *std::ranges::min_element(model.path, {},
                                   [&](const ModelPoint& point) { return (point.*error).value_or(HUGE_VAL); });
}

std::string penalty_words(const Model& model) {
  const std::string loss = model.loss == "squared" ? "" : model.loss + " regression, ";
  if (model.penalty == "none") return loss + "no penalty";
  if (model.penalty == "l1") return loss + "lasso (l1)";
  if (model.penalty == "l2") return loss + "ridge (l2)";
  return loss + model.penalty + ", l1 ratio " + to_text(model.l1_ratio);
}

std::string class_words(const Model& model) {
  if (model.classes.size() != 2) return "";
  return "probability of " + model.classes[1] + " (else " + model.classes[0] + ")";
}

std::string measure_words(const std::string& measure) {
  if (measure == "mse") return "mean squared error";
  if (measure == "mae") return "mean absolute error";
  if (measure == "error") return "share of rows classified wrongly";
  if (measure == "auc") return "area under the ROC curve";
  return measure;
}

std::string rule_words(const std::string& rule, const std::string& measure) {
  const std::string best = measure == "auc" ? "largest" : "least", what = measure == "auc" ? "auc" : "error";
  if (rule == "min") return "chosen by min: the " + best + " cross-validated " + what;
  if (rule == "1se") return "chosen by 1se: the strongest penalty within one standard error of the " + best + " " + what;
  if (rule == "given") return "as given";
  return "chosen by the least " + rule;
}

std::string rule_words(const Model& model, const std::string& rule) {
  return rule_words(rule, model.cross_validation ? model.cross_validation->measure : "");
}

std::string certified_words(const Model& model) {
  double gap = 0, kkt = 0;
  Index unfinished = 0;
  bool has_gap = true;
  for (const ModelPoint& point : model.path) {
    has_gap = has_gap && std::isfinite(point.certificate.relative_gap);
    gap = std::max(gap, point.certificate.relative_gap);
    kkt = std::max(kkt, point.certificate.kkt_violation);
    unfinished += point.status == Status::converged ? 0 : 1;
  }
  const auto n = std::ssize(model.path);
  std::string out = n == 1 ? "one λ" : grouped(n) + " λ";
  if (n > 1) out += " from " + significant(model.path.front().lambda) + " to " + significant(model.path.back().lambda);
  out += unfinished == 0 ? ", certified"
         : n == 1        ? ", not converged"
                         : ", " + grouped(unfinished) + " of them not converged";
  if (has_gap) out += ": relative gap ≤ " + magnitude(gap);
  return out + (has_gap ? ", " : ": ") + "KKT violation ≤ " + magnitude(kkt) + " (" + model.solver + ")";
}

std::string validated_words(const ModelCrossValidation& cv) {
  return plural(cv.n_folds, "fold") + ", " + measure_words(cv.measure);
}

std::string raised_words(const Model& model) {
  return model.classes.size() == 2 ? "the log-odds of " + html::name(model.classes[1]) : "the prediction";
}

std::vector<Coefficient> by_effect(const Model& model, const SparseCoefficients& coefficients) {
  std::vector<Coefficient> out;
  for (std::size_t i = 0; i < coefficients.indices.size(); ++i) {
    const Index j = coefficients.indices[i];
    out.push_back({j, coefficients.values[i], coefficients.values[i] * model.standard_deviation[at(j)]});
  }
  std::ranges::stable_sort(
      out, [](const Coefficient& a, const Coefficient& b) { return std::abs(a.standardized) > std::abs(b.standardized); });
  return out;
}

}  // namespace riata
