#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/report/diagnosis_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/train_charts.hpp"

namespace riata {
namespace {

constexpr Index kRowsOfEpochs = 24;

bool are_whole(const std::vector<double>& epochs) {
  return std::ranges::all_of(epochs, [](double one) { return std::floor(one) == one && std::abs(one) < 1e15; });
}

/// The curves as figures take them. Epochs that are fractions are counted.
NetworkModel drawn(const DiagnoseFacts& facts) {
  const LearningCurves& curves = facts.curves;
  const bool whole = are_whole(curves.epoch);
  const auto place = [&](double epoch) {
    const auto above = std::ranges::lower_bound(curves.epoch, epoch) - curves.epoch.begin();
    return whole ? static_cast<Index>(epoch) : static_cast<Index>(above) + 1;
  };
  NetworkModel out;
  out.null_loss = curves.null_loss.value_or(EpochRow::kNone);
  for (std::size_t i = 0; i < curves.epoch.size(); ++i) {
    out.history.push_back({.epoch = place(curves.epoch[i]),
                           .training_loss = curves.training_loss[i],
                           .validation_loss = curves.validation_loss[i],
                           .training_accuracy = curves.training_accuracy[i],
                           .validation_accuracy = curves.validation_accuracy[i]});
  }
  if (!out.history.empty()) out.stopped_epoch = out.history.back().epoch;
  if (facts.diagnosis.epoch) out.diagnosis_epoch = place(*facts.diagnosis.epoch);
  return out;
}

std::string epoch_table(const NetworkModel& model, const DiagnoseFacts& facts) {
  struct Column {
    const std::string* name;
    double EpochRow::*value;
  };
  std::vector<Column> columns = {{&facts.training_loss, &EpochRow::training_loss},
                                 {&facts.validation_loss, &EpochRow::validation_loss},
                                 {&facts.training_accuracy, &EpochRow::training_accuracy},
                                 {&facts.validation_accuracy, &EpochRow::validation_accuracy}};
  std::erase_if(columns, [](const Column& column) { return column.name->empty(); });
  html::Table table{
      .id = "epochs", .caption = "The log by epoch", .headings = {"epoch"}, .rows = {}, .row_classes = {}, .words = {}};
  for (const Column& column : columns) table.headings.push_back(html::text(*column.name));
  const Index n = std::ssize(model.history), step = std::max<Index>(1, n / kRowsOfEpochs);
  for (Index i = 0; i < n; ++i) {
    const EpochRow& row = model.history[static_cast<std::size_t>(i)];
    const bool begins = model.diagnosis_epoch > 0 && row.epoch == model.diagnosis_epoch;
    if (i % step != 0 && i + 1 != n && !begins) continue;
    table.rows.push_back({html::number(row.epoch) + (begins ? ": overfits from here" : "")});
    for (const Column& column : columns) table.rows.back().push_back(html::number(row.*column.value));
  }
  return html::table(table);
}

}  // namespace

std::string diagnose_html(const DiagnoseFacts& facts) {
  const NetworkModel model = drawn(facts);
  Page page;
  page.title = "riata diagnose: " + facts.log;
  page.body = "<header>\n<h1>How training went</h1>\n" +
              html::paragraph(html::name(facts.log) + ", " + html::number(facts.n_epochs) + " epochs", "under") +
              "</header>\n<main>\n" + html::brief("In short", {html::sentence(diagnosis_words(facts.diagnosis))});
  std::string left;
  for (Chart& chart : curve_charts(model)) left += page.add(std::move(chart));
  if (!are_whole(facts.curves.epoch))
    left += html::paragraph("The log's epochs are fractions: here they are counted.", "note");
  page.body += html::section(
      "learning", "The learning curves",
      "<div class=\"columns\"><div>\n" + left + "</div><div>\n" + epoch_table(model, facts) + "</div></div>\n");
  page.body +=
      "</main>\n<footer>riata " + std::string(version()) + " · this page needs no network and sends nothing</footer>\n";
  return write_page(page);
}

}  // namespace riata
