#include "riata/report/train_advice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <span>
#include <string_view>

#include "riata/core/text.hpp"
#include "riata/report/calibration.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr std::size_t kNamed = 12;

bool regularised(const NetworkModel& model) { return model.lambda > 0 || model.weight_decay > 0; }

std::string option_of(const NetworkModel& model, const char* name) {
  const auto found = std::ranges::find(model.options, name, &std::pair<std::string, std::string>::first);
  return found == model.options.end() ? "" : found->second;
}

bool squared(const NetworkModel& model) { return to_string(model.network.loss) == "squared"; }

/// Root of the mean squared error; the squared loss is half of that mean.
double typical_error(double loss) { return std::sqrt(2 * loss); }

std::string weights_words(const NetworkModel& model) {
  const EpochRow* kept = kept_epoch(model);
  if (kept == nullptr) return "";
  std::string out = "The weights are those of <strong>epoch " + html::number(kept->epoch) + "</strong> of " +
                    html::number(model.stopped_epoch);
  if (restores_best(model)) {
    out += ", restored because the validation loss was least there";
    const std::string patience = option_of(model, "patience");
    const bool ran_out = std::to_string(model.stopped_epoch - model.best_epoch) == patience;
    return out + (ran_out ? "; training stopped " + html::text(patience) + " epochs later (<code>--patience</code>)." : ".");
  }
  if (model.best_epoch > 0 && model.best_epoch < kept->epoch) {
    return out + ", the last; the validation loss was least at epoch " + html::number(model.best_epoch) + ".";
  }
  return out + ", the last.";
}

std::string loss_words(const NetworkModel& model) {
  const EpochRow* kept = kept_epoch(model);
  if (kept == nullptr || !std::isfinite(kept->validation_loss)) return "";
  std::string out = "On " + html::number(model.n_validation) + " rows held out its loss" +
                    (squared(model) ? ", half the mean squared error, is " : " is ") + html::number(kept->validation_loss) +
                    ", against " + html::number(model.null_loss) +
                    (model.classes.empty() ? " by predicting the mean" : " by predicting the shares of the classes");
  if (model.null_loss > 0) {
    const double saved = 1 - kept->validation_loss / model.null_loss;
    out += ": " + percent(std::abs(saved), 0) + (saved < 0 ? " more" : " less");
  }
  if (squared(model)) {
    out += "; a typical error of " + html::in_threes(significant(typical_error(kept->validation_loss))) + " in units of " +
           html::name(model.target) + ", against " + html::in_threes(significant(typical_error(model.null_loss)));
  }
  if (std::isfinite(kept->validation_accuracy)) out += "; accuracy " + html::share(kept->validation_accuracy);
  if (std::isfinite(kept->test_loss))
    out += ". On " + html::number(model.n_test) + " test rows: " + html::number(kept->test_loss);
  return out + ".";
}

std::string strength_words(const TrainFacts& facts) {
  const NetworkModel& model = facts.model;
  if (!(model.lambda > 0)) return "";
  std::string out = html::text(model.penalty) + " with <strong>λ = " + html::number(model.lambda) + "</strong>";
  const std::string best = facts.measure.empty()    ? "least loss"
                           : facts.measure == "auc" ? "largest auc"
                                                    : "least " + facts.measure;
  if (facts.rule.empty()) {
    out += ", given by you";
  } else if (facts.rule == "1se") {
    out += ", chosen by 1se: the strongest penalty within one standard error of the " + best + " over " +
           html::number(facts.n_folds) + " folds";
  } else {
    out += facts.n_folds > 0 ? ", chosen by the " + best + " over " + html::number(facts.n_folds) + " folds"
                             : ", chosen by the " + best + " on the rows held out";
  }
  if (facts.n_seeds > 1) out += ", the mean of " + html::number(facts.n_seeds) + " random starts";
  const std::string limit = option_of(model, "max-features");
  if (!limit.empty()) out += " among the λ that leave at most " + html::text(limit) + " features";
  return out + ".";
}

std::string used_words(const NetworkModel& model) {
  const std::vector<std::string> unused = unused_features(model);
  Index zeros = 0, size = 0;
  for (const ParameterFacts& one : parameter_facts(model)) {
    if (!one.name.ends_with(".weight")) continue;
    zeros += one.exact_zeros;
    size += one.size;
  }
  const Index p = trained_features(model);
  if (unused.empty() && zeros == 0) return "It uses all " + html::number(p) + " features; no weight is exactly zero.";
  std::string out = "It uses " + html::number(p - std::ssize(unused)) + " of " + html::number(p) + " features; ";
  out += zeros == 0 ? "the file has left out the weights that are exactly zero."
                    : html::number(zeros) + " of " + html::number(size) + " weights are exactly zero.";
  for (std::size_t i = 0; i < std::min(unused.size(), kNamed); ++i) {
    out += (i == 0 ? " Unused: " : ", ") + html::name(unused[i]);
  }
  if (unused.empty()) return out;
  return out + (unused.size() > kNamed ? ", and " + html::number(std::ssize(unused) - static_cast<Index>(kNamed)) + " more."
                                       : ".");
}

using Names = std::span<const std::string_view>;

/// A command with those options of the training that are `named`, or with all others, and more.
std::string command_words(const NetworkModel& model, const std::string& command, Names named, bool others,
                          const std::string& more) {
  std::vector<std::pair<std::string, std::string>> options;
  for (const auto& one : model.options) {
    if ((std::ranges::find(named, one.first) == named.end()) == others) options.push_back(one);
  }
  std::string out = "riata " + command + " " + shell_word(model.source);
  if (!options.empty()) out += " " + option_words(options);
  return html::code(out + more);
}

/// What may follow from training again, with something that holds the network back.
std::string train_words(const NetworkModel& model, const std::string& more) {
  constexpr std::array<std::string_view, 9> kHoldsBack = {
      "penalty", "lambda", "lambdas", "lambda-min-ratio", "max-features", "folds", "select", "patience", "twin"};
  return command_words(model, "train", kHoldsBack, true, more);
}

std::string compare_words(const NetworkModel& model) {
  constexpr std::array<std::string_view, 13> kShared = {"target",  "features",  "exclude",      "categorical", "weights",
                                                        "missing", "hidden",    "activation",   "epochs",      "batch-size",
                                                        "seed",    "precision", "learning-rate"};
  return command_words(model, "compare", kShared, false, "");
}

bool twin_is_better(const TrainFacts& facts) {
  return facts.twin && std::isfinite(facts.twin->twin_least_loss) && facts.twin->twin_least_loss < facts.twin->least_loss;
}

/// The comparison with the twin, and what it says of the penalty.
std::string twin_words(const TrainFacts& facts) {
  if (!facts.twin) return "";
  std::string out =
      "Beside its twin, the same network from the same start without regularisation: " + html::text(facts.twin->text) + ".";
  if (twin_is_better(facts)) {
    out += " On the rows held out the twin was better, " + html::number(facts.twin->twin_least_loss) + " at epoch " +
           html::number(facts.twin->twin_best_epoch) + " against " + html::number(facts.twin->least_loss) +
           ": there this regularisation costs more than it saves.";
  }
  return out;
}

/// Of a network that overfits although something holds it back.
std::vector<std::string> more_words(const TrainFacts& facts, const std::string& early) {
  const NetworkModel& model = facts.model;
  const std::string stop = "Or stop early: " + early;
  if (twin_is_better(facts)) return {"Next: less regularisation, and stop early: " + early};
  if (!(model.lambda > 0)) return {"Next: a larger <code>--weight-decay</code>.", stop};
  const std::string scale = option_of(model, "lambda-scale");
  if (!scale.empty() && scale != "mean") return {"Next: a larger <code>--lambda</code>.", stop};
  const std::string patience = option_of(model, "patience");
  const std::string stronger = " --penalty " + model.penalty + " --lambda " + significant(3 * model.lambda);
  std::vector<std::string> out = {"Next: a stronger penalty, three times this λ: " +
                                  train_words(model, patience.empty() ? stronger : stronger + " --patience " + patience)};
  if (!restores_best(model)) out.push_back(stop);
  return out;
}

/// What to do next: the first paragraph, and others with a command each.
std::vector<std::string> next_words(const TrainFacts& facts) {
  const NetworkModel& model = facts.model;
  const std::string compare = "Or put the ways to hold it back side by side: " + compare_words(model);
  if (model.verdict == "overfits") {
    const std::string early = train_words(model, " --patience 20");
    if (regularised(model)) {
      std::vector<std::string> out = more_words(facts, early);
      out.push_back(compare);
      return out;
    }
    return {"Next, regularise: " + train_words(model, " --penalty l1 --lambdas 20 --folds 5"), "Or stop early: " + early,
            compare};
  }
  if (model.verdict == "underfits")
    return {"Next: more <code>--epochs</code>, a larger <code>--learning-rate</code>, more units, or less penalty."};
  if (model.verdict == "no signal") {
    return {"Next: look for features that say something about the target, or for more rows."};
  }
  if (model.verdict == "unclear" && model.n_validation > 0) return {};  // the verdict says what to try
  if (model.verdict == "unclear")
    return {"Next: hold out rows (<code>--validation 0.2</code>) and train for more <code>--epochs</code>."};
  if (model.lambda > 0 && facts.rule.empty()) {
    const std::string patience = option_of(model, "patience");
    const std::string more = " --penalty " + model.penalty + " --lambdas 20 --folds 5";
    return {"Next, let folds choose λ: " + train_words(model, patience.empty() ? more : more + " --patience " + patience),
            compare};
  }
  return {"Next: <code>riata evaluate</code> judges it on rows that it has not seen.", compare};
}

}  // namespace

std::string network_words(const NetworkModel& model) {
  std::string out = grouped(model.network.inputs), units_now;
  for (const Index units : model.network.hidden) {
    out += " → " + grouped(units) + " " + std::string(to_string(model.network.activation));
    units_now += (units_now.empty() ? "" : ",") + std::to_string(units);
  }
  out += " → " + grouped(model.network.outputs);
  const auto trained = std::ranges::find(model.options, "hidden", &std::pair<std::string, std::string>::first);
  if (!model.dropped_features.empty() || (trained != model.options.end() && trained->second != units_now)) {
    out += " (what is left of " + grouped(model.network.inputs + std::ssize(model.dropped_features));
    std::string_view units = trained == model.options.end() ? std::string_view() : trained->second;
    while (!units.empty()) {
      const std::size_t end = std::min(units.find(','), units.size());
      out += " → " + grouped(parse_index(units.substr(0, end)).value_or(0));
      units.remove_prefix(std::min(end + 1, units.size()));
    }
    out += " → " + grouped(model.network.outputs) + ")";
  }
  if (model.network.skip) out += " beside a linear part";
  out += ", loss " + std::string(to_string(model.network.loss));
  out += model.standardize ? ", features standardised" : ", features as they are";
  if (!model.intercept) out += ", no biases";
  return out + (model.precision == Precision::float64 ? ", float64" : ", float32");
}

bool restores_best(const NetworkModel& model) {
  return model.best_epoch > 0 &&
         std::ranges::any_of(model.options, [](const auto& option) { return option.first == "patience"; });
}

const EpochRow* kept_epoch(const NetworkModel& model) {
  const Index epoch = restores_best(model) ? model.best_epoch : model.stopped_epoch;
  const auto found = std::ranges::find(model.history, epoch, &EpochRow::epoch);
  return found == model.history.end() ? nullptr : &*found;
}

/// What speaks for the probabilities; what speaks against them is a caution.
std::string trust_words(const NetworkModel& model) {
  const std::optional<Calibration>& calibration = model.calibration;
  return calibration && !calibration->misleads() ? html::text(calibration_words(*calibration)) : "";
}

std::vector<std::string> train_brief(const TrainFacts& facts) {
  const NetworkModel& model = facts.model;
  const std::string verdict = html::text(model.verdict);
  std::string words = html::text(model.diagnosis);
  if (words.starts_with(verdict))
    words = "<strong>It " +
            (verdict == "no signal" ? "finds no signal"
             : verdict == "unclear" ? "is unclear"
                                    : verdict) +
            "</strong>" + words.substr(verdict.size());
  if (words.find("→") != std::string::npos) words += " (losses smoothed over the epochs)";
  std::vector<std::string> out;
  for (const std::string& one : {
           words + ".",
           weights_words(model),
           loss_words(model),
           strength_words(facts),
           used_words(model),
           twin_words(facts),
           trust_words(model),
       }) {
    if (!one.empty()) out.push_back(one);
  }
  std::ranges::copy(next_words(facts), std::back_inserter(out));
  return out;
}

std::vector<std::string> train_cautions(const TrainFacts& facts) {
  const NetworkModel& model = facts.model;
  std::vector<std::string> out;
  for (const std::string& warning : model.warnings) out.push_back(html::sentence(warning));
  if (model.status == Status::interrupted) {
    out.push_back("Training was interrupted after epoch " + html::number(model.stopped_epoch) + ".");
  }
  const EpochRow* kept = kept_epoch(model);
  if (model.verdict == "overfits" && kept != nullptr && kept->epoch > model.diagnosis_epoch && !restores_best(model)) {
    out.push_back("The weights are those of epoch " + html::number(kept->epoch) + ", after overfitting began at epoch " +
                  html::number(model.diagnosis_epoch) + ": the epochs since fitted the training rows alone.");
  }
  const bool chose_lambda = !facts.rule.empty() && facts.n_folds == 0;
  if (restores_best(model) || chose_lambda) {
    out.push_back(std::string("The rows held out chose the ") + (restores_best(model) ? "epoch" : "λ") +
                  ", so their loss flatters the network a little; <code>--test TABLE</code> or <code>riata evaluate</code> "
                  "on other rows does not.");
  }
  if (model.calibration && model.calibration->misleads()) out.push_back(html::text(calibration_words(*model.calibration)));
  if (!regularised(model) && !model.feature_names.empty()) {
    out.emplace_back("No penalty: the norms of its weights partly remain from the start; do not rank features by them.");
  }
  if (!unused_features(model).empty()) {
    out.emplace_back("Features were chosen by looking at the target: inference on them with the same rows is not valid.");
  }
  return out;
}

}  // namespace riata
