#pragma once

#include "riata/core/types.hpp"

namespace riata::kernels {

/// One step of an optimiser with its scalars worked out (in float64), PyTorch 2's formulas and order:
/// w := shrink·w; g += decay·w; then, by rule,
///   sgd      b := momentum·b + (1 − dampening) g, at the first step b := g; g := g + momentum·b (Nesterov) or b; w −=
///   rate·g.
///            s1 is b; null: no momentum
///   adam     m += (1 − β₁)(g − m); v := β₂ v + (1 − β₂) g²; den = √v / root + ε; w −= rate·m/den. s1, s2 are m, v; s3 is
///   the
///            running maximum of v (AMSGrad), which then stands in den, or null. rate includes 1/(1 − β₁ᵗ), root = √(1 −
///            β₂ᵗ)
///   nadam    m, v as adam, den = √(v / root²) + ε; w −= (rate·g + second_rate·m)/den
///   rmsprop  v := β₂ v + (1 − β₂) g²; centred: a += (1 − β₂)(g − a); den = √(v − a²) + ε; without s3 w −= rate·g/den, else
///            b := momentum·b + g/den; w −= rate·b. s1, s2, s3 are v, a, b; the last two may be null
///   adagrad  v += g²; den = √v + ε; w −= rate·g/den. s1 is v
struct StepRule {
  enum class Kind { sgd, adam, nadam, rmsprop, adagrad };
  Kind kind = Kind::sgd;
  double rate = 0, second_rate = 0;
  double decay = 0, shrink = 1;
  double momentum = 0, dampening = 0;
  bool nesterov = false, first = false;
  double beta1 = 0, beta2 = 0, root = 1, epsilon = 0;
};

/// Steps n weights. den, unless null, gets the denominators (rules other than sgd).
template <class T>
void optimizer_step(const StepRule& rule, T* w, const T* g, T* s1, T* s2, T* s3, T* den, Index n);

/// The soft threshold w := sign(w)(|w| − t)₊ with t = strength, or strength/denᵢ where den is not null.
template <class T>
void soft_threshold(T* w, double strength, const T* den, Index n);

/// The prox of the norms of the columns of w (rows × cols, row by row) in the metric of a step: each column becomes
/// argmin ½ Σ (wᵢ − zᵢ)²/uᵢ + strength ‖w‖₂ with uᵢ = unit/denᵢ (den null: unit). It is zero iff ‖z/u‖ ≤ strength; else
/// wᵢ = zᵢ t/(t + strength·uᵢ) with t = ‖w‖ the root of S(t) = Σ zᵢ²/(t + strength·uᵢ)² = 1. Newton's method on 1/√S, which
/// is concave, climbs to it from below (as for trust regions). Lanes are columns.
template <class T>
void group_threshold(T* w, const T* den, double unit, Index rows, Index cols, double strength);

/// LassoNet's prox (Lemhadri, Ruan, Abraham, Tibshirani 2021) in the metric of a step: weights that leave the inputs in
/// layers (w) only as far as their direct connections to the outputs (theta) allow. Of each input, a column of both, it
/// makes
///   argmin ½ Σ (θₖ − vₖ)²/tₖ + ½ Σ (wᵢ − zᵢ)²/uᵢ + strength ‖θ‖₂  so that |wᵢ| ≤ bound ‖θ‖₂,
/// with t and u = unit/den (den null: unit) and v, z what is there. θ = 0 where v = 0.
template <class T>
struct Hierarchy {
  T *theta, *w;                ///< outputs × cols, rows × cols, row by row
  const T *theta_den, *w_den;  ///< both null or neither
  Index outputs, rows, cols;
  double unit, bound;
  const double* strength;  ///< of each input; infinite: it goes
};
template <class T>
void hierarchical_threshold(const Hierarchy<T>& hierarchy);

/// g += strength · sign(w), sign 0 = 0.
template <class T>
void add_sign(T* g, const T* w, double strength, Index n);

/// Σ xᵢ² in float64.
template <class T>
double sum_of_squares(const T* x, Index n);

}  // namespace riata::kernels
