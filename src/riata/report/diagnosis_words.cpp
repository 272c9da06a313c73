#include "riata/report/diagnosis_words.hpp"

#include <fmt/format.h>

#include <cmath>

#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr double kHovers = 0.02;

std::string change(double from, double to) { return significant(from) + " → " + significant(to); }

std::string rise(double from, double to) {
  const std::string out = change(from, to);
  return from > 0 ? out + fmt::format(" (+{:.0f} %)", 100 * (to / from - 1)) : out;
}

/// What the accuracy does while the loss turns: it often hides it.
std::string accuracy_words(const Diagnosis& d) {
  if (!std::isfinite(d.accuracy_at_best) || !std::isfinite(d.last_accuracy)) return "";
  const double moved = d.last_accuracy - d.accuracy_at_best;
  if (std::abs(moved) <= kHovers) return "; its accuracy hovers at " + percent(d.last_accuracy) + " meanwhile";
  return fmt::format("; its accuracy {} {} → {}", moved > 0 ? "rises" : "falls", percent(d.accuracy_at_best),
                     percent(d.last_accuracy));
}

std::string overfits_words(const Diagnosis& d) {
  const std::string head = "overfits from epoch " + to_text(*d.epoch) + ": ";
  if (d.reason == Reason::memorises) {
    return head + "validation loss stays near " + significant(d.last_validation) + " while training loss falls on, to " +
           significant(d.last_training) + accuracy_words(d);
  }
  const bool falls = significant(d.last_training) != significant(d.training_at_best) && d.last_training < d.training_at_best;
  return head + "validation loss " + rise(d.best_validation, d.last_validation) +
         (falls ? " while training loss falls, " : " while training loss no longer falls, ") +
         change(d.training_at_best, d.last_training) + accuracy_words(d);
}

std::string no_signal_words(const Diagnosis& d, const std::string& null_words) {
  const std::string best = significant(d.best_validation) + " at epoch " + to_text(d.best_epoch);
  if (d.reason == Reason::never_improves) {
    const bool better = d.best_validation < d.first_validation;
    return std::string("no signal: validation loss is never ") + (better ? "clearly " : "") + "better than at the start (" +
           significant(d.first_validation) + ", at best " + best + "), whatever training loss does (" +
           change(d.first_training, d.last_training) + ")";
  }
  const double null = d.null_loss.value_or(d.first_validation);
  const bool below = d.best_validation < null;
  std::string out = "no signal: validation never beats " + null_words + (below ? " by more than chance" : "");
  out += (d.smoothed ? " (best smoothed loss " : " (best loss ") + best + ", " + null_words + " " + significant(null);
  if (below && d.n_validation > 0) out += ", on " + grouped(d.n_validation) + " rows";
  return out + ")";
}

std::string unclear_words(const Diagnosis& d) {
  switch (d.reason) {
    case Reason::no_validation:
      return "unclear: there is no validation loss, and training loss alone says nothing about new data";
    case Reason::no_training: return "unclear: there is no training loss to compare with";
    case Reason::diverged: return "unclear: a loss became infinite, so training diverged; try a smaller learning rate";
    case Reason::unstable:
      return "unclear: training loss rises too (" +
             (d.training_at_best <= d.first_training
                  ? change(d.training_at_best, d.last_training) + " since epoch " + to_text(d.best_epoch)
                  : change(d.first_training, d.last_training) + " since epoch " + to_text(d.first_epoch)) +
             "), so " +
             (d.penalised ? "the penalty is too strong or training is unstable; try less penalty, or a smaller learning rate"
                          : "training is unstable; try a smaller learning rate");
    case Reason::too_noisy:
      return "unclear: the losses jump from epoch to epoch by more than they change; train longer, or validate on more rows";
    default: break;
  }
  return "unclear: there are too few epochs to judge";
}

}  // namespace

std::string diagnosis_words(const Diagnosis& d, const std::string& null_words) {
  switch (d.verdict) {
    case Verdict::overfits: return overfits_words(d);
    case Verdict::no_signal: return no_signal_words(d, null_words);
    case Verdict::unclear: return unclear_words(d);
    case Verdict::underfits:
      if (d.reason == Reason::training_stuck) {
        return "underfits: not even training loss (" + significant(d.last_training) + ") beats " + null_words + " (" +
               significant(d.null_loss.value_or(d.last_training)) + "); give it less penalty, more epochs or more units";
      }
      return "underfits: both losses are still falling at epoch " + to_text(d.last_epoch) + " (training " +
             change(d.first_training, d.last_training) + ", validation " + change(d.first_validation, d.last_validation) +
             "); train longer, or with a larger learning rate";
    case Verdict::fits: break;
  }
  return "fits: validation loss " + change(d.first_validation, d.last_validation) + ", levelled off by epoch " +
         to_text(d.last_epoch) + " beside training loss " + significant(d.last_training);
}

void write_diagnosis(JsonWriter& out, const Diagnosis& diagnosis, const std::string& text) {
  out.key("diagnosis");
  out.begin_object();
  out.member("verdict", to_string(diagnosis.verdict));
  if (!diagnosis.epoch) {
    out.null_member("epoch");
  } else if (std::floor(*diagnosis.epoch) == *diagnosis.epoch && std::abs(*diagnosis.epoch) < 1e15) {
    out.member("epoch", static_cast<Index>(*diagnosis.epoch));
  } else {
    out.member("epoch", *diagnosis.epoch);
  }
  out.member("text", text);
  out.end_object();
}

std::string diagnose_json(const DiagnoseFacts& facts) {
  const Diagnosis& d = facts.diagnosis;
  JsonWriter out;
  out.begin_object();
  out.member("riata", version());
  out.member("command", "diagnose");
  out.member("log", facts.log);
  out.member("n_epochs", facts.n_epochs);
  out.key("columns");
  out.begin_object();
  const auto column = [&](const char* key, const std::string& name) {
    name.empty() ? out.null_member(key) : out.member(key, name);
  };
  column("epoch", facts.epoch);
  column("training_loss", facts.training_loss);
  column("validation_loss", facts.validation_loss);
  column("training_accuracy", facts.training_accuracy);
  column("validation_accuracy", facts.validation_accuracy);
  out.end_object();
  write_diagnosis(out, d, diagnosis_words(d));
  out.member("best_epoch", d.best_epoch);
  out.member("best_validation_loss", d.best_validation);
  out.member("last_validation_loss", d.last_validation);
  out.member("training_loss_at_best", d.training_at_best);
  out.member("last_training_loss", d.last_training);
  facts.curves.null_loss ? out.member("null_loss", *facts.curves.null_loss) : out.null_member("null_loss");
  out.key("curves");
  out.begin_object();
  out.member("epoch", facts.curves.epoch);
  const auto curve = [&](const char* key, const std::string& name, const std::vector<double>& values) {
    if (!name.empty()) out.member(key, values);
  };
  curve("training_loss", facts.training_loss, facts.curves.training_loss);
  curve("validation_loss", facts.validation_loss, facts.curves.validation_loss);
  curve("training_accuracy", facts.training_accuracy, facts.curves.training_accuracy);
  curve("validation_accuracy", facts.validation_accuracy, facts.curves.validation_accuracy);
  out.end_object();
  out.end_object();
  return out.text() + "\n";
}

std::string diagnose_text(const DiagnoseFacts& facts, const TextStyle& style) {
  constexpr Index kLabel = 14;
  const auto line = [&](const char* label, const std::string& text) {
    return labelled(label, printable(text), kLabel, style.width, style.colour);
  };
  std::string out = bold("riata diagnose", style.colour) + "  " + shortened(printable(facts.log), style.width - 16) + "\n";
  std::string columns;
  for (const std::string* name :
       {&facts.training_loss, &facts.validation_loss, &facts.training_accuracy, &facts.validation_accuracy}) {
    if (!name->empty()) columns += (columns.empty() ? "" : ", ") + *name;
  }
  out += line("log", plural(facts.n_epochs, "epoch") + ": " + columns);
  return out + line("verdict", diagnosis_words(facts.diagnosis));
}

}  // namespace riata
