#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/calibration.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/text_table.hpp"
#include "riata/report/train_advice.hpp"

namespace riata {
namespace {

constexpr Index kLabel = 14;
constexpr Index kMostRows = 40;
constexpr std::size_t kMostNames = 20;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string title(const std::string& left, const NetworkModel& model, const TextStyle& style) {
  const std::string right = printable(model.source) + " → " + printable(model.target);
  return bold(left, style.colour) + "  " + shortened(right, style.width - display_width(left) - 2) + "\n";
}

std::string head(const NetworkModel& model, const TextStyle& style) {
  const auto line = [&](const char* label, const std::string& text) {
    return labelled(label, printable(text), kLabel, style.width, style.colour);
  };
  std::string rows = plural(model.n_samples, "row") + " to train on";
  if (model.n_validation > 0) rows += ", " + grouped(model.n_validation) + " to validate";
  if (model.n_test > 0) rows += ", " + grouped(model.n_test) + " to test";
  rows += "; " + plural(trained_features(model), "feature");
  std::string out = line("data", rows);
  if (!model.classes.empty() && model.classes.size() <= kMostNames) {
    std::string classes;
    for (const std::string& one : model.classes) classes += (classes.empty() ? "" : ", ") + one;
    out += line("classes", classes);
  }
  out += line("network", network_words(model));
  out += line("optimiser", model.optimizer);
  out += line("minimised", model.objective);
  if (model.penalty != "none") out += line("penalty", model.penalty + ", λ = " + significant(model.lambda));
  return out;
}

std::string cell(double value) { return std::isfinite(value) ? significant(value) : ""; }

/// --torch-compat in float64 is there to be compared with what PyTorch prints: digits enough to see that it is the same.
bool prints_all_digits(const NetworkModel& model) {
  const auto compatible = [](const auto& option) { return option.first == "torch-compat"; };
  return model.precision == Precision::float64 && std::ranges::any_of(model.options, compatible);
}

std::string history_section(const NetworkModel& model, Index every, const TextStyle& style) {
  using Align = TextTable::Align;
  const bool all_digits = prints_all_digits(model);
  const auto cell = [&](double value) {
    if (!std::isfinite(value)) return std::string();
    const bool plain = std::abs(value) >= 1e-4 && std::abs(value) < 1e4;
    return !all_digits ? significant(value) : plain ? fmt::format("{:.12f}", value) : significant(value, 13);
  };
  const bool accuracy = !model.classes.empty(), validation = model.n_validation > 0, test = model.n_test > 0;
  TextTable table;
  table.add_column("epoch", Align::right);
  table.add_column("training loss", Align::decimal);
  if (validation) table.add_column("validation", Align::decimal);
  if (test) table.add_column("test", Align::decimal);
  if (accuracy) table.add_column("accuracy", Align::right);
  if (accuracy && validation) table.add_column("validation", Align::right);
  if (accuracy && test) table.add_column("test", Align::right);
  table.add_column("weight norm", Align::decimal);
  table.add_column("", Align::left);
  const Index n = std::ssize(model.history);
  const Index step = std::max(every, (n + kMostRows - 1) / kMostRows);
  const auto share = [](double value) { return std::isfinite(value) ? percent(value) : std::string(); };
  for (Index i = 0; i < n; ++i) {
    const EpochRow& row = model.history[at(i)];
    const bool best = row.epoch == model.best_epoch;
    if (row.epoch % step != 0 && i + 1 != n && !best && i != 0) continue;
    std::vector<std::string> cells = {grouped(row.epoch), cell(row.training_loss)};
    if (validation) cells.push_back(cell(row.validation_loss));
    if (test) cells.push_back(cell(row.test_loss));
    if (accuracy) cells.push_back(share(row.training_accuracy));
    if (accuracy && validation) cells.push_back(share(row.validation_accuracy));
    if (accuracy && test) cells.push_back(share(row.test_accuracy));
    cells.push_back(cell(row.weight_norm));
    cells.emplace_back(best ? "◀ best" : "");
    table.add_row(std::move(cells));
  }
  return "\n" + bold("Epochs", style.colour) + "\n" + table.lines(style.width, style.colour);
}

std::string layer_section(const NetworkModel& model, const TextStyle& style) {
  using Align = TextTable::Align;
  TextTable table;
  table.add_column("parameters", Align::left);
  table.add_column("size", Align::right);
  table.add_column("exact zeros", Align::right);
  table.add_column("norm", Align::decimal);
  for (const ParameterFacts& one : parameter_facts(model)) {
    table.add_row({one.name, grouped(one.size), grouped(one.exact_zeros), significant(one.weight_norm)});
  }
  std::string out = "\n" + bold("Layers", style.colour) + "\n" + table.lines(style.width, style.colour);
  const std::vector<std::string> unused = unused_features(model);
  if (unused.empty()) return out;
  std::string names;
  for (std::size_t i = 0; i < std::min(unused.size(), kMostNames); ++i) names += (i > 0 ? ", " : "") + unused[i];
  if (unused.size() > kMostNames) names += ", …";
  return out + labelled("unused",
                        grouped(std::ssize(unused)) + " of " + plural(trained_features(model), "feature") + ": " +
                            printable(names),
                        kLabel, style.width, style.colour);
}

std::string grid_section(const TrainFacts& facts, const TextStyle& style) {
  using Align = TextTable::Align;
  if (facts.grid.empty()) return "";
  TextTable table;
  table.add_column("λ", Align::decimal);
  table.add_column("exact zeros", Align::right);
  const Index p = trained_features(facts.model);
  const bool leave = std::ranges::any_of(facts.grid, [&](const LambdaScore& one) { return one.n_used < p; });
  if (leave) table.add_column("features", Align::right);
  table.add_column(facts.n_folds > 0 ? facts.measure + " ± se" : "validation " + facts.measure, Align::decimal);
  table.add_column("", Align::left);
  const Index n = std::ssize(facts.grid), step = std::max<Index>(1, n / 12);
  const Index chosen = facts.rule == "1se" ? facts.index_1se : facts.index_min;
  for (Index k = 0; k < n; ++k) {
    const bool named = k == facts.index_min || k == chosen;
    if (k % step != 0 && k + 1 != n && !named) continue;
    const LambdaScore& one = facts.grid[at(k)];
    std::string mark = k == facts.index_min ? "min" : "";
    if (facts.n_folds > 0 && k == facts.index_1se) mark += mark.empty() ? "1se" : ", 1se";
    std::vector<std::string> cells = {significant(one.lambda), grouped(one.exact_zeros)};
    if (leave) cells.push_back(grouped(one.n_used));
    cells.push_back(facts.n_folds > 0 ? plus_minus(one.mean, one.standard_error) : cell(one.mean));
    cells.push_back(k == chosen ? "◀ " + mark : mark);
    table.add_row(std::move(cells));
  }
  std::string how = fmt::format("  {} λ", n);
  if (facts.n_folds > 0) how += fmt::format(", {} folds", facts.n_folds);
  if (facts.n_seeds > 1) how += fmt::format(", the mean of {} seeds", facts.n_seeds);
  return "\n" + bold("Strength", style.colour) + dim(how, style.colour) + "\n" + table.lines(style.width, style.colour);
}

std::string twin_section(const TwinFacts& twin, const TextStyle& style) {
  using Align = TextTable::Align;
  TextTable table;
  table.add_column("norm of", Align::left);
  table.add_column("this network", Align::decimal);
  table.add_column("unregularised", Align::decimal);
  for (const TwinFacts::Layer& layer : twin.layers) {
    table.add_row({layer.name, significant(layer.weight_norm), significant(layer.twin_norm)});
  }
  table.add_row({"all", significant(twin.weight_norm), significant(twin.twin_norm)});
  table.add_row({"training loss", cell(twin.training_loss), cell(twin.twin_training_loss)});
  if (std::isfinite(twin.validation_loss)) {
    table.add_row({"validation loss", cell(twin.validation_loss), cell(twin.twin_validation_loss)});
  }
  if (twin.twin_epochs > 0) table.add_row({"epochs", grouped(twin.epochs), grouped(twin.twin_epochs)});
  if (std::isfinite(twin.twin_least_loss)) {
    table.add_row({"least validation loss", significant(twin.least_loss), significant(twin.twin_least_loss)});
    table.add_row({"at epoch", grouped(twin.best_epoch), grouped(twin.twin_best_epoch)});
  }
  return "\n" + bold("Twin", style.colour) + "\n" + table.lines(style.width, style.colour) +
         labelled("", twin.text, 2, style.width, style.colour);
}

std::string result_sections(const NetworkModel& model, Index every, const TextStyle& style) {
  std::string out = history_section(model, every, style) + layer_section(model, style);
  out += "\n" + labelled("verdict", printable(model.diagnosis), kLabel, style.width, style.colour);
  if (model.best_epoch > 0 && model.best_epoch < model.stopped_epoch) {
    out += labelled(
        "best", "validation loss was least at epoch " + grouped(model.best_epoch) + " of " + grouped(model.stopped_epoch),
        kLabel, style.width, style.colour);
  }
  if (model.calibration)
    out += labelled("calibration", calibration_words(*model.calibration), kLabel, style.width, style.colour);
  return out;
}

std::string warning_section(const NetworkModel& model, const TextStyle& style) {
  if (model.warnings.empty()) return "";
  std::string out = "\n" + bold("Warnings", style.colour) + "\n";
  for (const std::string& warning : model.warnings) out += labelled("•", printable(warning), 4, style.width, style.colour);
  return out;
}

}  // namespace

std::string train_text(const TrainFacts& facts, const TextStyle& style) {
  const NetworkModel& model = facts.model;
  std::string out = title("riata train", model, style) + head(model, style) + grid_section(facts, style);
  out += result_sections(model, facts.log_every, style);
  if (facts.twin) out += twin_section(*facts.twin, style);
  out += warning_section(model, style);
  return out +
         dim(fmt::format("\n  read {:.3f} s, training {:.3f} s\n", facts.seconds_read, facts.seconds_train), style.colour);
}

std::string inspect_text(const NetworkModel& model, const TextStyle& style) {
  std::string out = title("riata model", model, style);
  out += labelled("trained by", "riata " + printable(model.riata), kLabel, style.width, style.colour);
  if (!model.options.empty()) {
    out += labelled("options", printable(option_words(model.options)), kLabel, style.width, style.colour);
  }
  return out + head(model, style) + result_sections(model, std::max<Index>(1, std::ssize(model.history) / 10), style) +
         warning_section(model, style);
}

}  // namespace riata
