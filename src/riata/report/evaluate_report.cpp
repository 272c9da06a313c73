#include <cmath>

#include "riata/core/json_writer.hpp"
#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/report/evaluate_facts.hpp"
#include "riata/report/text_table.hpp"

namespace riata {

std::string evaluate_json(const Model& model, const EvaluateFacts& facts) {
  JsonWriter out;
  out.begin_object();
  out.member("riata", version());
  out.member("command", "evaluate");
  out.member("n_samples", facts.n_samples);
  out.member("loss", model.loss);
  out.member("penalty", model.penalty);
  out.member("lambda", facts.lambda);
  out.member("confidence", 0.95);
  out.key("measures");
  out.begin_object();
  for (const MeasuredValue& measure : facts.measures) {
    out.key(measure.name);
    out.begin_object();
    out.member("value", measure.value);
    out.member("low", measure.low);
    out.member("high", measure.high);
    out.end_object();
  }
  out.end_object();
  out.member("method", facts.method);
  out.member("warnings", facts.warnings);
  out.end_object();
  return out.text() + "\n";
}

std::string evaluate_text(const Model& model, const EvaluateFacts& facts, const TextStyle& style) {
  using Align = TextTable::Align;
  const std::string left = "riata evaluate", right = printable(model.source) + " → " + printable(facts.table);
  std::string out = bold(left, style.colour) + "  " + shortened(right, style.width - display_width(left) - 2) + "\n";
  out +=
      labelled("data", grouped(facts.n_samples) + " rows, target " + printable(facts.target), 14, style.width, style.colour);
  const bool linear = facts.network.empty();
  if (!linear) out += labelled("network", facts.network, 14, style.width, style.colour);
  if (linear || model.penalty != "none") {
    out += labelled(linear ? "model" : "penalty", printable(model.penalty) + ", λ = " + significant(facts.lambda), 14,
                    style.width, style.colour);
  }
  TextTable table;
  table.add_column("measure", Align::left);
  table.add_column("value", Align::decimal);
  table.add_column("95 % interval", Align::left);
  for (const MeasuredValue& measure : facts.measures) {
    const bool known = std::isfinite(measure.low) && std::isfinite(measure.high);
    table.add_row({measure.name, significant(measure.value),
                   known ? significant(measure.low) + " to " + significant(measure.high) : "–"});
  }
  out += "\n" + table.lines(style.width, style.colour);
  return out + "\n" + labelled("intervals", facts.method, 14, style.width, style.colour);
}

}  // namespace riata
