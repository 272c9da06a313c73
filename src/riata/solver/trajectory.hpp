#pragma once

#include <optional>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// A coefficient vector with few entries: original scale, indices increasing. Features not listed are exactly zero.
struct SparseCoefficients {
  std::vector<Index> indices;
  std::vector<double> values;
};

/// What the L1 part does in a gradient step (solver/gradient_descent.hpp): the soft threshold; the plain formula with
/// sign(0) = 0; or the plain formula where a step that would cross zero stops there.
enum class L1Step { proximal, subgradient, clip };

struct GradientDescentOptions {
  L1Step l1_step = L1Step::proximal;
  std::optional<double> learning_rate;  ///< default 1/L
  Index iterations = 0;                 ///< 0: 10000
};

/// One recorded iteration of gradient descent, on the original scale.
struct TrajectoryRow {
  Index iteration = 0;
  double objective = 0;
  double intercept = 0;
  SparseCoefficients coefficients;
};

struct Trajectory {
  std::vector<TrajectoryRow> rows;  ///< at most 1000, evenly thinned, always with the first and the last iteration
  double learning_rate = 0;
  double decay_factor = 1;  ///< 1 − learning rate · λ(1−ρ): what a step multiplies the weights with first
};

}  // namespace riata
