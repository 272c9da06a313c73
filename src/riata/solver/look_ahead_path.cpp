#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "riata/solver/column_products.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/rough_columns.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::optional<RoughColumns> rough_columns(const FittedProblem& fitted, Index lambdas, const Context& context) {
  const Design& base = fitted.design->base();
  if (!RoughColumns::pay(base, lambdas, context)) return std::nullopt;
  std::vector<double> centres(at(base.cols()));
  for (std::size_t j = 0; j < centres.size(); ++j) centres[j] = fitted.design->centre(static_cast<Index>(j));
  return std::optional<RoughColumns>(std::in_place, base, std::move(centres));
}

/// Those of the standardised columns; returns their units.
std::vector<double> rough_products(const RoughColumns& rough, const StandardizedDesign& design, Index first,
                                   const RoughColumns::Sides& sides, Matrix out) {
  std::vector<double> units;
  rough.transpose_multiply(first, sides, out);
  for (Index a = 0; a < out.rows; ++a) {
    const double scale = design.scale(first + a);
    units.push_back(rough.unit(first + a) / scale);
    for (Index c = 0; c < out.cols; ++c) out(a, c) /= scale;
  }
  return units;
}

}  // namespace

Status look_ahead_path(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas,
                       const LookAheadOptions& options, const Context& context, const SolvedPointSink& sink) {
  LookAhead look(fitted, l1_ratio, lambdas, options, context);
  std::optional<RoughColumns> rough = rough_columns(fitted, std::ssize(lambdas), context);
  const auto pass = [&](bool exact) {
    const ConstMatrix sides = look.sides();
    const RoughColumns::Sides ready(exact ? ConstMatrix() : sides);
    const Index size = columns_in_block(*fitted.design);
    context.for_blocks((fitted.cols() + size - 1) / size, [&](Index block) {
      const Index first = block * size, count = std::min(size, fitted.cols() - first);
      std::vector<double> products(at(count * sides.cols)), units;
      const Matrix out(products.data(), count, sides.cols);
      if (exact) {
        fitted.design->transpose_multiply(first, sides, out, {}, context);
        if (rough) rough->copy(first, count);
      } else {
        units = rough_products(*rough, *fitted.design, first, ready, out);
      }
      look.take(first, out, units);
    });
  };
  look.start();
  pass(true);
  if (rough) look.expect_rough_products();
  while (!look.done()) {
    if (context.interrupted()) return Status::interrupted;
    look.choose();
    look.solve();
    pass(!rough);
    look.accept(sink);
  }
  return look.status();
}

}  // namespace riata
