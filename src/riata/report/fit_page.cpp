#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/text.hpp"
#include "riata/core/version.hpp"
#include "riata/report/fit_advice.hpp"
#include "riata/report/fit_charts.hpp"
#include "riata/report/fit_facts.hpp"
#include "riata/report/fit_words.hpp"
#include "riata/report/html.hpp"
#include "riata/report/row_charts.hpp"
#include "riata/report/text_table.hpp"

namespace riata {
namespace {

constexpr std::size_t kRowsOfCoefficients = 300;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string header_of(const Model& model, const std::string& kind) {
  std::string out = "<header>\n<h1>" + html::name(model.target) + " from " + html::name(model.source) + "</h1>\n";
  out += html::paragraph(kind + ": " + html::text(penalty_words(model)) + ", " + html::number(model.n_samples) + " rows, " +
                             html::number(std::ssize(model.feature_names)) + " features, " +
                             std::string(to_string(model.status)),
                         "under");
  return out + "</header>\n";
}

std::vector<std::string> cautions(const Model& model) {
  std::vector<std::string> out;
  for (const std::string& warning : model.warnings) out.push_back(html::sentence(warning));
  for (const std::string& warning : fit_cautions(model)) out.push_back(warning);
  return out;
}

std::string fitted(const FitFacts& facts) {
  const Model& model = facts.model;
  std::string symbols = "<p class=\"note\">η = β₀ + Xβ, wᵢ the weight of a row";
  if (model.penalty != "none") symbols += ", vⱼ a feature’s penalty factor (1 unless given)";
  if (model.penalty != "none" && model.standardize) symbols += ", sⱼ its standard deviation";
  if (model.intercept) symbols += "; the intercept β₀ is not penalised";
  std::string out = "<p class=\"formula\">minimise&ensp;" + html::text(model.objective) + "</p>\n" + symbols + ".</p>\n";
  out += "<dl class=\"facts\">\n";
  out += html::fact("table", html::name(model.source) + ", " + html::number(model.n_samples) + " rows");
  out += html::fact("target", html::name(model.target));
  if (!model.classes.empty()) out += html::fact("predicted", html::text(class_words(model)));
  out += html::fact(
      "features", html::number(std::ssize(model.feature_names)) + (model.standardize ? ", standardised" : ", as they are"));
  if (!model.weights_column.empty()) out += html::fact("weights", html::name(model.weights_column));
  if (!model.offset_column.empty()) out += html::fact("offset", html::name(model.offset_column));
  out += html::fact("solved", html::text(certified_words(model)));
  if (model.cross_validation) out += html::fact("validated", html::text(validated_words(*model.cross_validation)));
  const std::string options = option_words(model.options);
  if (!options.empty()) out += html::fact("options", html::code(options));
  return html::section("fitted", "What was fitted", out + "</dl>\n");
}

std::string choice(const Model& model) {
  if (!model.cross_validation) return "";
  const ModelCrossValidation& cv = *model.cross_validation;
  const bool several = model.path.size() > 1;
  html::Table table{.id = "choice",
                    .caption = several ? "The two rules, and what was chosen" : "The error of the one λ",
                    .headings = {"rule", "λ", "non-zero", html::text(cv.measure) + " ± se", "explained (training)"},
                    .rows = {},
                    .row_classes = {},
                    .words = {},
                    .cards = true};
  const auto add = [&](const std::string& rule, Index k, bool chosen) {
    const ModelPoint& point = model.path[at(k)];
    table.rows.push_back({rule + (chosen ? " ◀ chosen" : ""), html::number(point.lambda), html::number(point.n_nonzero),
                          html::plus_minus(cv.mean[at(k)], cv.standard_error[at(k)]), html::share(point.deviance_ratio)});
    table.row_classes.emplace_back(chosen ? "chosen" : "");
  };
  const std::string rule = model.selected ? model.selected->rule : "";
  if (several) {
    add("min", cv.index_min, rule == "min");
    add("1se", cv.index_1se, rule == "1se");
  }
  if (model.selected && (!several || (rule != "min" && rule != "1se"))) add(html::text(rule), model.selected->index, true);
  return html::table(table);
}

/// The errors that ridge's one factorisation gives.
std::string factorisation_errors(const Model& model, Index index) {
  html::Table table{.id = "factorisation-errors",
                    .caption = "Mean squared errors by the fit of all rows alone",
                    .headings = {"", "at the chosen λ"},
                    .rows = {},
                    .row_classes = {},
                    .words = {},
                    .cards = true};
  if (model.path.size() > 1) table.headings.insert(table.headings.end(), {"least", "at λ"});
  for (const auto& [name, error] : {std::pair("each row left out in turn", &ModelPoint::leave_one_out_error),
                                    std::pair("generalised cross-validation (GCV)", &ModelPoint::gcv_error)}) {
    const std::optional<double>& here = model.path[at(index)].*error;
    if (!here) continue;
    table.rows.push_back({name, html::number(*here)});
    if (model.path.size() == 1) continue;
    const ModelPoint& best = least_by(model, error);
    table.rows.back().insert(table.rows.back().end(), {html::number(*(best.*error)), html::number(best.lambda)});
  }
  return table.rows.empty() ? "" : html::table(table);
}

std::string coefficient_table(const Model& model, Index index) {
  const ModelPoint& point = model.path[at(index)];
  if (!point.coefficients)
    return html::paragraph("The coefficients were not kept for this λ, because the path is very large.");
  const DrawnPath drawn = drawn_path(model);
  html::Table table{.id = "coefficients",
                    .caption = "Coefficients that are not zero, largest effect first",
                    .headings = {"feature", "coefficient", "per sd"},
                    .rows = {},
                    .row_classes = {},
                    .words = {}};
  const std::vector<Coefficient> all = by_effect(model, *point.coefficients);
  for (std::size_t i = 0; i < std::min(all.size(), kRowsOfCoefficients); ++i) {
    const auto found = std::ranges::find(drawn.features, all[i].feature);
    const std::size_t f = static_cast<std::size_t>(found - drawn.features.begin());
    const int colour = found == drawn.features.end() ? 8 : drawn.colours[f];
    const std::string swatch =
        colour < 8 ? fmt::format("<span class=\"swatch s{}\"></span>", colour) : "<span class=\"swatch\"></span>";
    table.rows.push_back({swatch + html::name(model.feature_names[at(all[i].feature)]), html::number(all[i].value),
                          html::number(all[i].standardized)});
  }
  std::string out = html::table(table);
  if (all.size() > kRowsOfCoefficients) {
    out += html::paragraph("The " + html::number(static_cast<Index>(kRowsOfCoefficients)) + " largest of " +
                               html::number(std::ssize(all)) + "; --format json and the model file have all.",
                           "note");
  }
  if (model.intercept) out += html::paragraph("Intercept at the chosen λ: " + html::number(point.intercept), "note");
  return out;
}

std::string slider(const Model& model, const DrawnPath& drawn, Index shown) {
  const Index last = std::ssize(drawn.points) - 1;
  const ModelPoint& point = model.path[at(drawn.points[at(shown)])];
  std::string out = fmt::format(
      "<div class=\"slider screen-only\"><label for=\"slider\">Walk along the path</label>\n<input type=\"range\" "
      "id=\"slider\" min=\"0\" max=\"{}\" step=\"1\" value=\"{}\" aria-describedby=\"slider-says\">\n<div class=\"ends\">"
      "<span>stronger</span><span>weaker</span></div>\n<output id=\"slider-says\" for=\"slider\" aria-live=\"polite\">λ = "
      "{}, "
      "{} non-zero</output>\n<div class=\"buttons\">",
      last, shown, significant(point.lambda), grouped(point.n_nonzero));
  const auto button = [&](const std::string& name, Index k) {
    out += fmt::format("<button type=\"button\" data-position=\"{}\">{}</button>", *drawn.position(k), name);
  };
  if (model.selected) button("chosen", model.selected->index);
  if (model.cross_validation) {
    button("min", model.cross_validation->index_min);
    button("1se", model.cross_validation->index_1se);
  }
  return out + "</div></div>\n";
}

/// The path, the errors, and the table that walks with the slider.
void add_path(Page& page, const Model& model, const DrawnPath& drawn, Index index) {
  std::string left;
  const auto add = [&](Chart chart) { left += page.add(std::move(chart)); };
  const bool walks = drawn.has_coefficients && drawn.points.size() > 1 && !drawn.features.empty();
  const bool many = std::ranges::count_if(model.path, [](const ModelPoint& point) { return point.lambda > 0; }) > 1;
  if (walks && many) add(path_chart(model, drawn, index));
  if (many && model.cross_validation) add(validation_chart(model, drawn, index));
  if (walks) left = slider(model, drawn, *drawn.position(index)) + left;
  if (walks || model.cross_validation) page.path = path_data(model, drawn);
  const std::string right = coefficient_table(model, index);
  const std::string content =
      choice(model) + factorisation_errors(model, index) +
      (left.empty() ? right : "<div class=\"columns\"><div>\n" + left + "</div><div>\n" + right + "</div></div>\n");
  page.body += html::section("path", model.path.size() > 1 ? "How much to regularise" : "The coefficients", content);
}

void add_coefficients(Page& page, const Model& model, Index index) {
  const ModelPoint& point = model.path[at(index)];
  if (!point.coefficients || point.coefficients->indices.empty()) return;
  page.body += html::section("effects", "What the chosen model uses", page.add(coefficient_chart(model, index)));
}

std::string stand_ins(const Model& model) {
  if (!model.findings.stand_ins || !model.selected) return "";
  const auto& chosen = model.path[at(model.selected->index)].coefficients;
  if (!chosen) return "";
  std::string out = html::paragraph(fmt::format(
      "Features whose correlation with a used one is at least {} in size carry nearly the same information; which of them a "
      "penalty with exact zeros keeps may be close to arbitrary.",
      significant(model.findings.least_correlation, 2)));
  html::Table table{.id = "groups",
                    .caption = "Used features, and what could stand in for them",
                    .headings = {"used", "stand-ins (correlation)"},
                    .rows = {},
                    .row_classes = {},
                    .words = {1}};
  const auto is_used = [&](Index j) { return std::ranges::binary_search(chosen->indices, j); };
  for (const StandIns& group : *model.findings.stand_ins) {
    std::string others;
    for (std::size_t i = 0; i < group.others.size(); ++i) {
      const StandIns::Other& other = group.others[i];
      others += (i > 0 ? ", " : "") + html::name(model.feature_names[at(other.feature)]) + " (" +
                html::number(other.correlation, 2) + (is_used(other.feature) ? ", used too)" : ")");
    }
    if (const Index more = group.n_others - std::ssize(group.others); more > 0)
      others += " and " + html::number(more) + " more";
    table.rows.push_back({html::name(model.feature_names[at(group.feature)]), others});
  }
  out += table.rows.empty() ? html::paragraph("No used feature has such a stand-in.") : html::table(table);
  return html::section("groups-heading", "Correlated features", out);
}

void add_rows(Page& page, const FitFacts& facts) {
  if (facts.rows && !facts.rows->observed.empty()) page.body += rows_section(page, *facts.rows, facts.model.classes);
}

/// The weights over the iterations, and beside them those of the other of l1 and l2.
void add_walks(Page& page, const FitFacts& facts) {
  if (!facts.trajectory) return;
  const DrawnPath drawn = drawn_path(facts.model);
  const std::string& penalty = facts.model.penalty;
  Chart chart = trajectory_chart(facts.model, drawn, *facts.trajectory, "trajectory-chart", penalty);
  std::string content;
  if (!facts.other_trajectory) {
    content = page.add(std::move(chart));
  } else {
    content = page.add_pair(std::move(chart),
                            trajectory_chart(facts.model, drawn, *facts.other_trajectory, "other-trajectory-chart",
                                             penalty == "l1" ? "l2 at the same λ" : "l1 at the same λ"));
    content +=
        html::paragraph("l1 holds weights at exactly zero; l2 makes all of them small and none of them zero.", "note");
  }
  page.body += html::section("walk", "How gradient descent got there", content);
}

std::string footer(const FitFacts& facts, bool timed) {
  std::string out = "<footer>riata " + html::text(facts.model.riata);
  if (timed) {
    out += fmt::format(" · read {:.3f} s, fit {:.3f} s, cross-validation {:.3f} s", facts.seconds.read, facts.seconds.fit,
                       facts.seconds.cross_validation);
  }
  return out + " · λ is on the mean scale · this page needs no network and sends nothing</footer>\n";
}

std::string page_of(const FitFacts& facts, bool timed) {
  const Model& model = facts.model;
  Page page;
  page.title = "riata: " + model.target + " from " + model.source;
  page.body = header_of(model, "Linear model") + "<main>\n";
  page.body += "<noscript><p class=\"note\">The figures need JavaScript; every table is here without it.</p></noscript>\n";
  std::vector<std::string> brief = fit_brief(model);
  const bool judged = facts.rows && facts.rows->origin == RowFacts::Origin::out_of_fold && model.classes.size() == 2;
  if (judged && brief.size() > 2) brief.insert(brief.begin() + 2, wrong_words(*facts.rows));
  page.body += html::brief("In short", brief) + html::warnings(cautions(model));
  const Index index = model.selected ? model.selected->index : std::ssize(model.path) - 1;
  add_path(page, model, drawn_path(model), index);
  if (model.selected) add_coefficients(page, model, index);
  page.body += stand_ins(model);
  add_rows(page, facts);
  add_walks(page, facts);
  page.body += fitted(facts) + "</main>\n" + footer(facts, timed);
  return write_page(page);
}

}  // namespace

std::string fit_html(const FitFacts& facts) { return page_of(facts, true); }

std::string model_html(const Model& model) {
  FitFacts facts;
  facts.model = model;
  return page_of(facts, false);
}

}  // namespace riata
