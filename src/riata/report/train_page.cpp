#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/row_charts.hpp"
#include "riata/report/text_table.hpp"
#include "riata/report/train_advice.hpp"
#include "riata/report/train_charts.hpp"

namespace riata {
namespace {

constexpr Index kRowsOfEpochs = 24;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string header_of(const NetworkModel& model) {
  return "<header>\n<h1>" + html::name(model.target) + " from " + html::name(model.source) + "</h1>\n" +
         html::paragraph("Network: " + html::text(network_words(model)) + "; " + html::number(model.n_samples) +
                             " rows to train on, " + html::number(model.n_validation) + " held out",
                         "under") +
         "</header>\n";
}

/// Evenly spaced epochs, the first, the last, the best and the one where overfitting begins.
std::string epoch_table(const NetworkModel& model) {
  const bool test = model.n_test > 0, validation = model.n_validation > 0, classes = !model.classes.empty();
  html::Table table{
      .id = "epochs",
      .caption = classes && validation
                     ? "Losses by epoch, without the penalty; accuracy on validation rows; the norm of all parameters"
                     : "Losses by epoch, without the penalty; the norm of all parameters",
      .headings = {"epoch", "training"},
      .rows = {},
      .row_classes = {},
      .words = {}};
  if (validation) table.headings.emplace_back("validation");
  if (test) table.headings.emplace_back("test");
  if (classes && validation) table.headings.emplace_back("accuracy");
  table.headings.emplace_back("norm");
  const Index n = std::ssize(model.history), step = std::max<Index>(1, n / kRowsOfEpochs);
  const EpochRow* kept = kept_epoch(model);
  for (Index i = 0; i < n; ++i) {
    const EpochRow& row = model.history[at(i)];
    const bool begins = row.epoch == model.diagnosis_epoch, best = row.epoch == model.best_epoch;
    if (row.epoch % step != 0 && i != 0 && i + 1 != n && !begins && !best) continue;
    std::string mark;
    const auto say = [&](const char* words) { mark += (mark.empty() ? ": " : ", ") + std::string(words); };
    if (&row == kept) say("◀ kept");
    if (best) say("least");
    if (begins) say("overfits from here");
    std::vector<std::string> cells = {html::number(row.epoch) + mark, html::number(row.training_loss)};
    if (validation) cells.push_back(html::number(row.validation_loss));
    if (test) cells.push_back(html::number(row.test_loss));
    if (classes && validation) cells.push_back(html::share(row.validation_accuracy));
    cells.push_back(html::number(row.weight_norm));
    table.rows.push_back(std::move(cells));
    table.row_classes.emplace_back(&row == kept ? "chosen" : "");
  }
  return html::table(table);
}

void add_learning(Page& page, const TrainFacts& facts) {
  std::string left;
  for (Chart& chart : learning_charts(facts)) left += page.add(std::move(chart));
  if (left.empty()) return;
  page.body +=
      html::section("learning", "How it learned",
                    "<div class=\"columns\"><div>\n" + left + "</div><div>\n" + epoch_table(facts.model) + "</div></div>\n");
}

void add_grid(Page& page, const TrainFacts& facts) {
  if (facts.grid.empty()) return;
  html::Table table{.id = "grid",
                    .caption = "Every λ that was tried",
                    .headings = {"λ", facts.n_folds > 0 ? facts.measure + " ± se" : facts.measure, "exact zeros"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  const Index chosen = facts.rule == "1se" ? facts.index_1se : facts.index_min;
  for (Index k = 0; k < std::ssize(facts.grid); ++k) {
    const LambdaScore& one = facts.grid[at(k)];
    std::string mark = k == facts.index_min ? " min" : "";
    if (facts.n_folds > 0 && k == facts.index_1se) mark += " 1se";
    if (k == chosen) mark += " ◀ chosen";
    table.rows.push_back({html::number(one.lambda) + mark,
                          facts.n_folds > 0 ? html::plus_minus(one.mean, one.standard_error) : html::number(one.mean),
                          html::number(one.exact_zeros)});
    table.row_classes.emplace_back(k == chosen ? "chosen" : "");
  }
  std::string left;
  for (Chart& chart : grid_charts(facts)) left += page.add(std::move(chart));
  const std::string right = html::table(table);
  page.body += html::section(
      "strength", "How much to regularise",
      left.empty() ? right : "<div class=\"columns\"><div>\n" + left + "</div><div>\n" + right + "</div></div>\n");
}

void add_layers(Page& page, const NetworkModel& model) {
  html::Table table{.id = "layers",
                    .caption = "Parameters by layer",
                    .headings = {"parameters", "size", "exact zeros", "norm"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  for (const ParameterFacts& one : parameter_facts(model)) {
    table.rows.push_back(
        {html::text(one.name), html::number(one.size), html::number(one.exact_zeros), html::number(one.weight_norm)});
  }
  std::string content = html::table(table);
  if (!model.feature_names.empty()) {
    content = "<div class=\"columns\"><div>\n" + page.add(input_chart(model)) + "</div><div>\n" + content + "</div></div>\n";
  }
  page.body += html::section("layers-heading", "What its weights use", content);
}

void add_twin(Page& page, const TrainFacts& facts) {
  if (!facts.twin) return;
  const TwinFacts& twin = *facts.twin;
  html::Table table{.id = "twin",
                    .caption = "The same network from the same start, with and without regularisation",
                    .headings = {"weight norm", "this network", "unregularised"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  for (const TwinFacts::Layer& layer : twin.layers) {
    table.rows.push_back({html::text(layer.name), html::number(layer.weight_norm), html::number(layer.twin_norm)});
  }
  table.rows.push_back({"all", html::number(twin.weight_norm), html::number(twin.twin_norm)});
  table.rows.push_back(
      {"training loss at the end", html::number(twin.training_loss), html::number(twin.twin_training_loss)});
  if (std::isfinite(twin.validation_loss)) {
    table.rows.push_back(
        {"validation loss at the end", html::number(twin.validation_loss), html::number(twin.twin_validation_loss)});
  }
  if (twin.twin_epochs > 0) {
    table.rows.push_back({"epochs", html::number(twin.epochs), html::number(twin.twin_epochs)});
  }
  if (std::isfinite(twin.twin_least_loss)) {
    table.rows.push_back({"least validation loss", html::number(twin.least_loss), html::number(twin.twin_least_loss)});
    table.rows.push_back({"at epoch", html::number(twin.best_epoch), html::number(twin.twin_best_epoch)});
  }
  page.body += html::section("twin-heading", "Beside an unregularised twin",
                             html::paragraph("Beside it, " + html::text(twin.text) + ".") + html::table(table));
}

void add_rows(Page& page, const TrainFacts& facts) {
  if (facts.rows && !facts.rows->observed.empty()) page.body += rows_section(page, *facts.rows, facts.model.classes);
}

std::string trained(const NetworkModel& model) {
  std::string out = "<p class=\"formula\">minimise&ensp;" + html::text(model.objective) + "</p>\n";
  if (model.lambda > 0) out += html::paragraph("wᵢ is the weight of a row, w a weight of the network.", "note");
  out += "<dl class=\"facts\">\n";
  out += html::fact("table", html::name(model.source));
  out += html::fact("target", html::name(model.target));
  out += html::fact("network", html::text(network_words(model)));
  out += html::fact("optimiser", html::text(model.optimizer));
  out += html::fact("penalty", html::text(model.penalty) + (model.lambda > 0 ? ", λ = " + html::number(model.lambda) : ""));
  std::string rows = html::number(model.n_samples) + " to train on, " + html::number(model.n_validation) + " held out";
  if (model.n_test > 0) rows += ", " + html::number(model.n_test) + " to test";
  out += html::fact("rows", rows);
  out += html::fact("epochs", html::number(model.stopped_epoch));
  const std::string options = option_words(model.options);
  if (!options.empty()) out += html::fact("options", html::code(options));
  return html::section("trained", "What was trained", out + "</dl>\n");
}

std::string page_of(const TrainFacts& facts, bool timed) {
  const NetworkModel& model = facts.model;
  Page page;
  page.title = "riata: " + model.target + " from " + model.source;
  page.body = header_of(model) + "<main>\n";
  page.body += "<noscript><p class=\"note\">The figures need JavaScript; every table is here without it.</p></noscript>\n";
  page.body += html::brief("In short", train_brief(facts)) + html::warnings(train_cautions(facts));
  add_learning(page, facts);
  add_grid(page, facts);
  add_layers(page, model);
  add_twin(page, facts);
  add_rows(page, facts);
  page.body += trained(model) + "</main>\n<footer>riata " + html::text(model.riata);
  if (timed) page.body += fmt::format(" · read {:.3f} s, training {:.3f} s", facts.seconds_read, facts.seconds_train);
  if (model.lambda > 0) page.body += " · λ is on the mean scale";
  page.body += " · this page needs no network and sends nothing</footer>\n";
  return write_page(page);
}

}  // namespace

std::string train_html(const TrainFacts& facts) { return page_of(facts, true); }

std::string network_html(const NetworkModel& model) {
  TrainFacts facts;
  facts.model = model;
  facts.twin = model.twin;
  if (model.search) static_cast<LambdaSearch&>(facts) = *model.search;
  return page_of(facts, false);
}

}  // namespace riata
