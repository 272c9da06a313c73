#include "riata/app/choose_loss.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr std::size_t kShown = 5;

/// The distinct values of the rows that count, increasing, but no more than `most`.
std::vector<double> distinct_values(const std::vector<double>& values, std::span<const double> weights, std::size_t most) {
  std::vector<double> out;
  for (std::size_t i = 0; i < values.size() && out.size() < most; ++i) {
    if (!weights.empty() && !(weights[i] > 0)) continue;
    const auto at = std::ranges::lower_bound(out, values[i]);
    if (at == out.end() || *at != values[i]) out.insert(at, values[i]);
  }
  return out;
}

std::string class_name(const Response& response, double value) {
  return response.classes.empty() ? to_text(value + 0.0) : response.classes[static_cast<std::size_t>(value)];
}

std::string listed(const Response& response, const std::vector<double>& values) {
  std::string out;
  for (std::size_t k = 0; k < std::min(kShown, values.size()); ++k) {
    out += (k == 0 ? "'" : ", '") + printable(class_name(response, values[k])) + "'";
  }
  return values.size() > kShown ? out + ", …" : out;
}

/// Codes 0 and 1. A row that does not count may be of neither class: it gets 0.
Response two_classes(Response response, const std::vector<double>& pair) {
  std::vector<std::string> classes;
  for (const double value : pair) classes.push_back(class_name(response, value));
  for (double& value : response.values) value = value == pair[1] ? 1 : 0;
  response.classes = std::move(classes);
  return response;
}

ChosenLoss logistic(Response response, std::span<const double> weights, bool asked, const std::string& source) {
  const std::string target = "the target '" + printable(response.name) + "'";
  const std::vector<double> found = distinct_values(response.values, weights, kShown + 1);
  if (found.size() == 1) {
    throw Error(ErrorKind::input,
                target + " has one class only, " + listed(response, found) +
                    ": there is nothing to tell apart; give rows of both classes",
                source);
  }
  if (found.size() == 2) return {"logistic", two_classes(std::move(response), found)};
  const std::string many = target + " has more than two classes (" + listed(response, found) + ")";
  const std::string advice = "; make two classes of them, or use riata train, which without --hidden is the linear model";
  if (!asked) {
    throw Error(ErrorKind::not_supported, many + ", and --loss multinomial is not in this version" + advice, source);
  }
  const std::string instead = response.classes.empty() ? "; make two classes of them; for numbers use --loss squared" : "";
  throw Error(ErrorKind::input, many + ", and --loss logistic needs two" + (instead.empty() ? advice : instead), source);
}

}  // namespace

ChosenLoss choose_loss(LossChoice choice, Response response, std::span<const double> weights, const std::string& source) {
  const bool named = !response.classes.empty();
  if (choice == LossChoice::logistic) return logistic(std::move(response), weights, true, source);
  if (choice == LossChoice::automatic && (named || distinct_values(response.values, weights, 3).size() == 2)) {
    return logistic(std::move(response), weights, false, source);
  }
  if (named) {
    throw Error(ErrorKind::input,
                "the target '" + printable(response.name) + "' holds no numbers, which --loss squared needs", source);
  }
  return {"squared", std::move(response)};
}

}  // namespace riata
