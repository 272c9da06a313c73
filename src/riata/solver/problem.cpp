#include "riata/solver/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "riata/core/error.hpp"

namespace riata {
namespace {

void check_length(std::string_view what, std::size_t found, Index expected, std::string_view unit) {
  if (static_cast<Index>(found) == expected) return;
  throw Error(ErrorKind::argument,
              fmt::format("the {} has {} entries, but the design has {} {}", what, found, expected, unit));
}

/// Throws for the first entry that is not `valid`, counting from one.
template <class Valid>
void check_entries(std::span<const double> values, std::string_view what, std::string_view rule, Valid valid) {
  const auto bad = std::ranges::find_if_not(values, valid);
  if (bad == values.end()) return;
  throw Error(ErrorKind::input, fmt::format("the {} {} is {}: {}", what, bad - values.begin() + 1, *bad, rule));
}

bool is_finite(double value) { return std::isfinite(value); }

}  // namespace

void Problem::check() const {
  if (!design) throw Error(ErrorKind::argument, "the problem has no design");
  if (!loss) throw Error(ErrorKind::argument, "the problem has no loss");
  const Index n = design->rows(), p = design->cols();
  if (n == 0) throw Error(ErrorKind::input, "there are no rows to fit");
  check_length("response", response.size(), n * loss->n_outputs(), "rows");
  loss->check_response(response);
  if (!weights.empty()) {
    check_length("vector of weights", weights.size(), n, "rows");
    check_entries(weights, "weight of row", "weights must be finite and not negative",
                  [](double w) { return std::isfinite(w) && w >= 0.0; });
    if (std::ranges::all_of(weights, [](double w) { return w == 0.0; })) {
      throw Error(ErrorKind::input, "all weights are zero: at least one row must count");
    }
  }
  if (!offset.empty()) {
    check_length("offset", offset.size(), n * loss->n_outputs(), "rows");
    check_entries(offset, "offset of row", "offsets must be finite", is_finite);
  }
  if (!penalty_factor.empty()) {
    check_length("vector of penalty factors", penalty_factor.size(), p, "columns");
    check_entries(penalty_factor, "penalty factor of column", "factors must be at least 0 (inf leaves the column out)",
                  [](double f) { return f >= 0.0; });
  }
  if (!lower.empty()) {
    check_length("vector of lower bounds", lower.size(), p, "columns");
    check_entries(lower, "lower bound of column", "a lower bound must not exclude zero", [](double b) { return b <= 0.0; });
  }
  if (!upper.empty()) {
    check_length("vector of upper bounds", upper.size(), p, "columns");
    check_entries(upper, "upper bound of column", "an upper bound must not exclude zero", [](double b) { return b >= 0.0; });
  }
}

}  // namespace riata
