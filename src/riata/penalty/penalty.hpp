#pragma once

#include <concepts>
#include <string_view>

namespace riata {

/// A closed interval of the real line; ends may be infinite.
struct Interval {
  double low;
  double high;
};

/// A penalty on one coefficient (or, through its norm, on a block): λ f P(b), with f the coefficient's penalty factor.
/// λ is always an argument, never a member. Bounds are the Problem's: solvers clamp, and add the normal cone themselves.
///
///   value(b, λf)            the penalty at b
///   prox(z, step, λf)       argmin_b (b − z)²/(2 step) + value(b, λf); step is 1/curvature
///   subdifferential(b, λf)  ∂ value at b (for non-convex penalties the limiting one)
///   conjugate_argmax(v, λf) argmax_b v b − value(b, λf); ±∞ where the supremum is infinite (convex penalties only)
///
/// A coefficient with f = 0 is not penalised: every function then treats the penalty as zero.
/// Adding a penalty: one header of at most 80 lines, its test, a line in penalty/list.hpp.
template <class P>
concept Penalty = requires(const P p, double x) {
  { P::kName } -> std::convertible_to<std::string_view>;
  { P::kConvex } -> std::convertible_to<bool>;
  { p.value(x, x) } -> std::same_as<double>;
  { p.prox(x, x, x) } -> std::same_as<double>;
  { p.subdifferential(x, x) } -> std::same_as<Interval>;
};

template <class P>
concept ConvexPenalty = Penalty<P> && P::kConvex && requires(const P p, double x) {
  { p.conjugate_argmax(x, x) } -> std::same_as<double>;
};

}  // namespace riata
