#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "riata/core/text.hpp"
#include "riata/report/fit_advice.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr Index kRowsOfPath = 10;
constexpr Index kRowsOfCoefficients = 25;
constexpr Index kLabel = 14;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string head(const Model& model, const TextStyle& style) {
  const auto line = [&](const std::string& label, const std::string& text) {
    return labelled(label, printable(text), kLabel, style.width, style.colour);
  };
  const Index p = std::ssize(model.feature_names);
  std::string settings = penalty_words(model);
  settings += model.standardize ? ", features standardised" : ", features as they are";
  settings += model.intercept ? ", with an intercept" : ", without an intercept";
  std::string out = line("data", plural(model.n_samples, "row") + ", " + plural(p, "feature"));
  if (!model.classes.empty()) out += line("target", class_words(model));
  out += line("model", settings);
  out += line("minimised", model.objective);
  out += line("solved", certified_words(model));
  if (model.cross_validation) out += line("validated", validated_words(*model.cross_validation));
  return out;
}

/// First, last, the choices, and evenly spaced ones between.
std::set<Index> shown_rows(const Model& model, std::optional<Index> index) {
  const Index n = std::ssize(model.path);
  std::set<Index> rows;
  const Index even = std::min(n, kRowsOfPath);
  for (Index i = 0; i < even; ++i) rows.insert(even == 1 ? 0 : i * (n - 1) / (even - 1));
  if (index) rows.insert(*index);
  if (model.cross_validation) rows.insert({model.cross_validation->index_min, model.cross_validation->index_1se});
  return rows;
}

std::string mark(const Model& model, std::optional<Index> index, Index row) {
  std::string out;
  const auto add = [&](const std::string& word) { out += (out.empty() ? "" : ", ") + word; };
  if (model.cross_validation && row == model.cross_validation->index_min) add("min");
  if (model.cross_validation && row == model.cross_validation->index_1se) add("1se");
  if (model.path[at(row)].status != Status::converged) add(std::string(to_string(model.path[at(row)].status)));
  if (index == row) out = "◀ " + out;
  return out;
}

std::string path_section(const Model& model, std::optional<Index> index, const TextStyle& style) {
  using Align = TextTable::Align;
  const std::set<Index> rows = shown_rows(model, index);
  TextTable table;
  table.add_column("#", Align::right);
  table.add_column("λ", Align::decimal);
  table.add_column("non-zero", Align::right);
  table.add_column("explained", Align::right);
  const ModelCrossValidation* cv = model.cross_validation ? &*model.cross_validation : nullptr;
  if (cv != nullptr) table.add_column(cv->measure + " ± se", Align::decimal);
  table.add_column("", Align::left);
  for (Index k : rows) {
    const ModelPoint& point = model.path[at(k)];
    std::vector<std::string> cells = {std::to_string(k), significant(point.lambda), grouped(point.n_nonzero),
                                      percent(point.deviance_ratio)};
    if (cv != nullptr) cells.push_back(plus_minus(cv->mean[at(k)], cv->standard_error[at(k)]));
    cells.push_back(mark(model, index, k));
    table.add_row(std::move(cells));
  }
  const bool abridged = rows.size() < model.path.size();
  const std::string note = abridged ? fmt::format("  {} of {} λ", rows.size(), model.path.size()) : "";
  return "\n" + bold("Path", style.colour) + dim(note, style.colour) + "\n" + table.lines(style.width, style.colour);
}

/// An error that ridge's one factorisation gives, at the choice and at the best λ; nothing where it gave none.
std::string error_words(const Model& model, Index index, std::optional<double> ModelPoint::*error) {
  const std::optional<double>& here = model.path[at(index)].*error;
  if (!here) return "";
  const ModelPoint& best = least_by(model, error);
  const std::string here_words = significant(*here), least = significant(*(best.*error));
  if (model.path.size() == 1) return "mse " + here_words;
  if (least == here_words) return "mse " + here_words + ", the least of the path";
  return "mse " + here_words + "; least " + least + ", at λ = " + significant(best.lambda);
}

std::string choice_section(const Model& model, std::optional<Index> index, const TextStyle& style) {
  const auto line = [&](const std::string& label, const std::string& text) {
    return labelled(label, text, kLabel, style.width, style.colour);
  };
  const auto describe = [&](Index k) {
    std::string out =
        "λ = " + significant(model.path[at(k)].lambda) + ", " + grouped(model.path[at(k)].n_nonzero) + " non-zero";
    if (!model.cross_validation) return out;
    const ModelCrossValidation& cv = *model.cross_validation;
    return out + ", " + printable(cv.measure) + " " + plus_minus(cv.mean[at(k)], cv.standard_error[at(k)]);
  };
  std::string out = "\n" + bold("Choice", style.colour) + "\n";
  if (!index) return out + line("", "none was made: the run was interrupted before cross-validation had finished");
  const std::string rule = model.selected && model.selected->index == *index ? printable(model.selected->rule) : "given";
  const bool several = model.cross_validation && model.path.size() > 1;
  const bool listed = several && (rule == "min" || rule == "1se");
  if (several) {
    out += line(rule == "min" ? "◀ min" : "  min", describe(model.cross_validation->index_min));
    out += line(rule == "1se" ? "◀ 1se" : "  1se", describe(model.cross_validation->index_1se));
  }
  if (!listed) out += line("◀ " + rule, describe(*index));
  out += line("", rule_words(model, rule));
  for (const auto& [label, error] :
       {std::pair("  left out", &ModelPoint::leave_one_out_error), std::pair("  gcv", &ModelPoint::gcv_error)}) {
    if (const std::string words = error_words(model, *index, error); !words.empty()) out += line(label, words);
  }
  const std::string trust = rule == "given" ? "" : trust_words(model);
  return trust.empty() ? out : out + line("", trust);
}

std::string coefficient_section(const Model& model, Index index, const TextStyle& style) {
  using Align = TextTable::Align;
  const ModelPoint& point = model.path[at(index)];
  const Index p = std::ssize(model.feature_names);
  std::string out = "\n" + bold("Coefficients", style.colour);
  if (!point.coefficients) return out + "\n  not kept for this λ, because the path is very large\n";
  const std::vector<double>* shares = nullptr;
  if (model.cross_validation && model.selected && model.selected->index == index &&
      !model.cross_validation->selection_frequency.empty()) {
    shares = &model.cross_validation->selection_frequency;
  }
  TextTable table;
  table.add_column("feature", Align::left, true);
  table.add_column("coefficient", Align::decimal);
  table.add_column("per sd", Align::decimal);
  if (shares != nullptr) table.add_column("in folds", Align::right);
  const std::vector<Coefficient> sorted = by_effect(model, *point.coefficients);
  const Index shown = std::min<Index>(std::ssize(sorted), kRowsOfCoefficients);
  for (Index i = 0; i < shown; ++i) {
    const Coefficient& one = sorted[at(i)];
    std::vector<std::string> cells = {model.feature_names[at(one.feature)], significant(one.value),
                                      significant(one.standardized)};
    if (shares != nullptr) cells.push_back(percent((*shares)[at(one.feature)], 0));
    table.add_row(std::move(cells));
  }
  const Index unshown = std::ssize(sorted) - shown;
  if (unshown > 0) table.add_row({"… and " + grouped(unshown) + " smaller ones"});
  if (model.intercept) table.add_row({"(intercept)", significant(point.intercept)});
  const Index zeros = p - point.n_nonzero;
  std::string note = "  " + grouped(point.n_nonzero) + " of " + grouped(p);
  if (zeros > 0) note += ", the others exactly zero";
  if (unshown > 0) note += "; --format json lists all";
  out += dim(note, style.colour) + "\n" + table.lines(style.width, style.colour);
  return out;
}

std::string warning_section(const Model& model, std::optional<Index> index, const TextStyle& style) {
  const std::vector<std::string> warnings = fit_warnings(model, index);
  if (warnings.empty()) return "";
  std::string out = "\n" + bold("Warnings", style.colour) + "\n";
  for (const std::string& warning : warnings) out += labelled("•", printable(warning), 4, style.width, style.colour);
  return out;
}

std::string steps_section(const Trajectory& trajectory, const TextStyle& style) {
  using Align = TextTable::Align;
  TextTable table;
  table.add_column("iteration", Align::right);
  table.add_column("objective", Align::decimal);
  table.add_column("non-zero", Align::right);
  const Index n = std::ssize(trajectory.rows);
  const Index shown = std::min(n, kRowsOfPath);
  for (Index i = 0; i < shown; ++i) {
    const TrajectoryRow& row = trajectory.rows[at(shown == 1 ? 0 : i * (n - 1) / (shown - 1))];
    table.add_row({grouped(row.iteration), significant(row.objective, 7), grouped(std::ssize(row.coefficients.indices))});
  }
  const std::string note = fmt::format("  learning rate {}, weight decay factor {} a step",
                                       significant(trajectory.learning_rate), to_text(trajectory.decay_factor));
  return "\n" + bold("Steps", style.colour) + dim(note, style.colour) + "\n" + table.lines(style.width, style.colour);
}

std::string solution_sections(const Model& model, std::optional<Index> index, const TextStyle& style) {
  std::string out;
  if (model.path.size() > 1) out += path_section(model, index, style);
  out += choice_section(model, index, style);
  if (index) out += coefficient_section(model, *index, style);
  return out + warning_section(model, index, style);
}

std::string title(const std::string& left, const Model& model, const TextStyle& style) {
  const std::string right = printable(model.source) + " → " + printable(model.target);
  return bold(left, style.colour) + "  " + shortened(right, style.width - display_width(left) - 2) + "\n";
}

}  // namespace

std::string fit_text(const FitFacts& facts, const TextStyle& style) {
  const Model& model = facts.model;
  std::optional<Index> index;
  if (model.selected) index = model.selected->index;
  std::string out = title("riata fit", model, style) + head(model, style);
  if (facts.trajectory) out += steps_section(*facts.trajectory, style);
  out += solution_sections(model, index, style);
  if (!facts.penalty_chosen) {
    out += "\n" +
           labelled("",
                    "No penalty was chosen, so this is ridge. riata compare puts none, l2, l1 and elastic-net side by side.",
                    2, style.width, style.colour);
  }
  out += dim(fmt::format("\n  read {:.3f} s, fit {:.3f} s, cross-validation {:.3f} s\n", facts.seconds.read,
                         facts.seconds.fit, facts.seconds.cross_validation),
             style.colour);
  return out;
}

std::string inspect_text(const Model& model, std::optional<Index> index, const TextStyle& style) {
  const auto line = [&](const std::string& label, const std::string& text) {
    return labelled(label, printable(text), kLabel, style.width, style.colour);
  };
  std::string out = title("riata model", model, style);
  out += line("fitted by", "riata " + model.riata);
  if (!model.options.empty()) {
    out += line("options", option_words(model.options));
  }
  return out + head(model, style) + solution_sections(model, index, style);
}

}  // namespace riata
