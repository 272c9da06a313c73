#include "riata/report/fit_advice.hpp"

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/calibration.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr double kOften = 0.8;  // a feature in fewer of the folds than this is not sure
constexpr std::size_t kNamed = 5;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

bool has_zeros(const Model& model) { return model.l1_ratio > 0 && model.penalty != "none"; }

std::string chosen_words(const Model& model) {
  const ModelPoint& point = model.path[at(model.selected->index)];
  const Index p = std::ssize(model.feature_names);
  const std::string used = html::number(point.n_nonzero) + " of " + html::number(p) + (p == 1 ? " feature" : " features");
  const bool squared = model.loss == "squared";
  if (model.penalty == "none") {
    return std::string(squared ? "Least squares" : "Logistic regression") + " without a penalty, on " + used + ".";
  }
  const std::string subject = model.penalty == "l2" && squared ? "Ridge (l2)" : "The " + html::text(penalty_words(model));
  return subject + " uses <strong>" + used + "</strong> at <strong>λ = " + html::number(point.lambda) + "</strong>, " +
         html::text(rule_words(model, model.selected->rule)) + ".";
}

/// Error with nothing but the intercept, on the scale of the cross-validation's measure; NaN where it is not known.
double null_error(const Model& model) {
  const ModelCrossValidation& cv = *model.cross_validation;
  if (model.path.front().n_nonzero == 0) return cv.mean.front();
  const bool deviance = cv.measure == "deviance" || (cv.measure == "mse" && model.loss == "squared");
  return deviance ? model.null_deviance : std::nan("");
}

/// "19 % less"
std::string change_words(double to, double from) {
  const std::string share = percent(std::abs(1 - to / from), 0);
  return share == percent(0, 0) ? "the same" : share + (to > from ? " more" : " less");
}

/// In the measure's own unit, and for squares their root in the target's; each beside that of no feature at all.
std::string error_words(const Model& model) {
  const ModelCrossValidation& cv = *model.cross_validation;
  const double error = cv.mean[at(model.selected->index)];
  const double without = null_error(model);
  const bool beside = std::isfinite(without) && without > 0 && cv.measure != "auc";
  const std::string measured = html::text(measure_words(cv.measure)) + " is " +
                               html::plus_minus(error, cv.standard_error[at(model.selected->index)]) + " (" +
                               html::number(cv.n_folds) + " folds)";
  std::string out = "On rows it has not seen its ";
  if (cv.measure == "mse") {
    out += "typical error (the root of the mean squared error) is <strong>" +
           html::in_threes(significant(std::sqrt(error))) + "</strong>";
    if (beside) out += ", against " + html::in_threes(significant(std::sqrt(without))) + " with no feature at all";
    out += ". The " + measured;
    if (beside) out += ", " + change_words(error, without);
  } else {
    out += measured;
    if (beside)
      out +=
          ", against " + html::in_threes(significant(without)) + " with no feature at all: " + change_words(error, without);
  }
  return out + ".";
}

/// What a shorter model costs.
std::string price_words(const Model& model) {
  const ModelCrossValidation& cv = *model.cross_validation;
  if (model.selected->rule != "1se" || cv.index_min == cv.index_1se) return "";
  const double chosen = cv.mean[at(cv.index_1se)], least = cv.mean[at(cv.index_min)];
  const ModelPoint& min = model.path[at(cv.index_min)];
  const std::string model_words =
      "λ = " + html::number(min.lambda) + (has_zeros(model) ? " with " + html::number(min.n_nonzero) + " features" : "");
  const std::string what = html::text(measure_words(cv.measure));
  if (cv.measure == "auc" || !(least > 0))
    return "The price of 1se: the " + what + " of min is " + html::number(least) + ", at " + model_words + ".";
  return "The price of 1se: " + percent(chosen / least - 1, 0) + " more " + what + " than min has, at " + model_words + ".";
}

bool no_signal(const Model& model) {
  const ModelCrossValidation& cv = *model.cross_validation;
  const double without = null_error(model);
  if (cv.measure == "auc") return cv.mean[at(cv.index_min)] - cv.standard_error[at(cv.index_min)] <= 0.5;
  return std::isfinite(without) && cv.mean[at(cv.index_min)] + cv.standard_error[at(cv.index_min)] >= without;
}

std::string effects_words(const Model& model) {
  const ModelPoint& point = model.path[at(model.selected->index)];
  if (!point.coefficients || point.coefficients->indices.empty()) return "";
  const std::vector<Coefficient> all = by_effect(model, *point.coefficients);
  const std::string on = model.classes.empty() ? "" : " on " + raised_words(model);
  std::string out =
      (all.size() > 1 ? "Largest effects of one standard deviation" : "Effect of one standard deviation") + on + ": ";
  for (std::size_t i = 0; i < std::min(all.size(), kNamed); ++i) {
    out += (i > 0 ? ", " : "") + html::name(model.feature_names[at(all[i].feature)]) + " " +
           (all[i].standardized > 0 ? "+" : "") + html::number(all[i].standardized, 3);
  }
  return out + ".";
}

/// Features of the chosen model that fewer than kOften of the folds have too.
std::vector<Index> unsure(const Model& model) {
  std::vector<Index> out;
  if (!model.cross_validation || !model.selected || !has_zeros(model)) return out;
  const auto& shares = model.cross_validation->selection_frequency;
  const auto& coefficients = model.path[at(model.selected->index)].coefficients;
  if (shares.empty() || !coefficients) return out;
  for (Index j : coefficients->indices) {
    if (shares[at(j)] < kOften) out.push_back(j);
  }
  return out;
}

/// Of n used features, how many are used in most folds too.
std::string sure_words(Index sure, Index n) {
  if (n == 1) return sure == 1 ? "It is used in at least " : "It is used in fewer than ";
  if (sure == n) return "All " + html::number(n) + " are used in at least ";
  if (sure == 0) return "None of the " + html::number(n) + " is used in ";
  return html::number(sure) + " of the " + html::number(n) + (sure == 1 ? " is" : " are") + " used in at least ";
}

std::string stability_words(const Model& model) {
  if (!model.cross_validation || !has_zeros(model) || model.cross_validation->selection_frequency.empty()) return "";
  const Index n = model.path[at(model.selected->index)].n_nonzero;
  if (n == 0) return "";
  const Index sure = n - std::ssize(unsure(model));
  return sure_words(sure, n) + percent(kOften, 0) + " of the folds" + (sure > 0 ? " too" : "") +
         ". Folds share most of their rows, which flatters: " +
         html::code("riata compare " + shell_word(model.source) + " --target " + shell_word(model.target)) +
         " asks random halves of the rows.";
}

std::string and_more(std::size_t n) {
  return n > kNamed ? " and " + html::number(static_cast<Index>(n - kNamed)) + " more" : "";
}

std::string rare_words(const Model& model) {
  const std::vector<RareFeature>& rare = model.findings.rare;
  std::string names;
  for (std::size_t i = 0; i < std::min(rare.size(), kNamed); ++i) {
    names += (i > 0 ? ", " : "") + html::name(model.feature_names[at(rare[i].feature)]) + " (" +
             html::number(rare[i].n_rows) + (rare[i].n_rows == 1 ? " row)" : " rows)");
  }
  return "Used features that differ in a few rows only: " + names + and_more(rare.size()) +
         ". Their coefficients are those rows’ alone, in however many folds they are used.";
}

/// What the errors show of a bend and a funnel; the figure shows the rows.
std::string shape_words(const Model& model) {
  const std::optional<ErrorShape>& shape = model.findings.shape;
  if (!shape) return "";
  std::string out;
  if (shape->bends()) {
    out += std::string("The errors bend: the smallest and largest predictions are too ") +
           (shape->bend > 0 ? "low" : "high") + " beside those between, by " + significant(std::abs(shape->bend), 2) +
           " standard errors; the target is not linear in the features.";
  }
  const bool grows = shape->growth > 1;
  if (shape->funnels()) {
    out += (out.empty() ? "" : " ") + std::string("The errors ") + (grows ? "grow" : "shrink") +
           " with the prediction: in the fifth of the rows with the largest predictions they are " +
           significant(shape->growth, 2) + " times as large as in that with the smallest.";
  }
  if (shape->funnels() && grows && shape->positive) out += " Fitting the logarithm of the target may mend it.";
  return out;
}

std::string next_words(const Model& model) {
  const auto& stand_ins = model.findings.stand_ins;
  const std::string start = "Next: ";
  if (model.cross_validation && no_signal(model))
    return start + "look for features that say something about the target, or for more rows.";
  if (model.cross_validation && model.path.size() > 1 && model.cross_validation->index_min + 1 == std::ssize(model.path) &&
      model.path.back().lambda > 0) {
    return start + "let the path reach weaker penalties (<code>--lambda-min-ratio</code>): the least error is at its end.";
  }
  if (!model.cross_validation) return start + "cross-validate (<code>--folds 10</code>) to learn how it does on new rows.";
  if (stand_ins && !stand_ins->empty() && model.l1_ratio == 1) {
    return start + "try <code>--penalty elastic-net</code>, which keeps correlated features together.";
  }
  return start +
         "<code>riata compare</code> puts other penalties beside this one; <code>riata evaluate</code> judges it on rows "
         "kept aside.";
}

/// Used features that nearly repeat another used one, with the closest of them.
std::string copies_words(const Model& model) {
  constexpr double kCopy = 0.95;  // correlation from which on two coefficients share one effect
  if (!model.findings.stand_ins || !model.selected) return "";
  const auto& coefficients = model.path[at(model.selected->index)].coefficients;
  if (!coefficients) return "";
  std::string names;
  std::size_t n = 0;
  for (const StandIns& group : *model.findings.stand_ins) {
    const auto copy = std::ranges::find_if(group.others, [&](const StandIns::Other& other) {
      return std::abs(other.correlation) >= kCopy && std::ranges::binary_search(coefficients->indices, other.feature);
    });
    if (copy == group.others.end()) continue;
    if (n++ < kNamed)
      names += (names.empty() ? "" : ", ") + html::name(model.feature_names[at(group.feature)]) + " and " +
               html::name(model.feature_names[at(copy->feature)]) +
               (group.n_others > 1 ? " with " + html::number(group.n_others - 1) + " more" : "") + " (correlation " +
               significant(copy->correlation, 3) + ")";
  }
  if (n == 0) return "";
  return "Used features that nearly repeat each other: " + names + and_more(n) +
         ". They share one effect: trust the predictions, not single coefficients or their signs.";
}

/// What this model's features and errors make doubtful (HTML).
std::vector<std::string> findings(const Model& model) {
  std::vector<std::string> out;
  const std::vector<Index> doubtful = unsure(model);
  if (!doubtful.empty()) {
    std::string names;
    for (std::size_t i = 0; i < std::min(doubtful.size(), kNamed); ++i) {
      names += (i > 0 ? ", " : "") + html::name(model.feature_names[at(doubtful[i])]) + " " +
               html::share(model.cross_validation->selection_frequency[at(doubtful[i])], 0);
    }
    names += and_more(doubtful.size());
    const Index used = model.path[at(model.selected->index)].n_nonzero;
    const bool many = static_cast<double>(doubtful.size()) > (1 - kOften) * static_cast<double>(used);
    out.push_back(std::string(many ? "The selection is unstable: " : "Not all of the selection is sure: ") +
                  html::number(std::ssize(doubtful)) + " of " + html::number(used) +
                  (doubtful.size() == 1 ? " used features is" : " used features are") + " missing in more than " +
                  percent(1 - kOften, 0) + " of the folds (used in: " + names + ").");
  }
  if (const std::string copies = copies_words(model); !copies.empty()) out.push_back(copies);
  if (!model.findings.rare.empty()) out.push_back(rare_words(model));
  if (const std::string shape = shape_words(model); !shape.empty()) out.push_back(shape);
  const std::optional<Calibration>& calibration = model.findings.calibration;
  if (calibration && calibration->misleads()) out.push_back(html::text(calibration_words(*calibration)));
  return out;
}

}  // namespace

std::string trust_words(const Model& model) {
  const std::optional<Calibration>& calibration = model.findings.calibration;
  return calibration && !calibration->misleads() ? calibration_words(*calibration) : "";
}

std::vector<std::string> fit_brief(const Model& model) {
  if (!model.selected) return {"Interrupted before a λ was chosen: the page shows the part of the path that was finished."};
  std::vector<std::string> out = {chosen_words(model)};
  if (model.cross_validation) {
    out.push_back(error_words(model));
    if (const std::string price = price_words(model); !price.empty()) out.push_back(price);
    if (no_signal(model))
      out.emplace_back("<strong>No signal:</strong> no λ is better than using no feature, beyond the noise.");
  }
  for (const std::string& words :
       {html::text(trust_words(model)), effects_words(model), stability_words(model), next_words(model)}) {
    if (!words.empty()) out.push_back(words);
  }
  return out;
}

std::vector<std::string> fit_warnings(const Model& model, std::optional<Index> index) {
  std::vector<std::string> out = model.warnings;
  if (!model.selected || index != model.selected->index) return out;
  for (const std::string& finding : findings(model)) out.push_back(html::plain(finding));
  return out;
}

std::vector<std::string> fit_cautions(const Model& model) {
  std::vector<std::string> out = findings(model);
  if (model.cross_validation && model.path.size() > 1 && model.selected &&
      (model.selected->rule == "min" || model.selected->rule == "1se")) {
    out.emplace_back(
        "λ was chosen on the same folds, so the error flatters the model a little; <code>riata evaluate</code> on rows kept "
        "aside does not.");
  }
  if (has_zeros(model) && model.selected && model.path[at(model.selected->index)].n_nonzero > 0) {
    out.emplace_back(
        "Features were chosen by looking at the target: p-values and confidence intervals computed for them on the same "
        "rows are not valid.");
  }
  return out;
}

}  // namespace riata
