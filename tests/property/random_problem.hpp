#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <random>
#include <vector>

#include "riata/path/path.hpp"

namespace riata {

/// Judges compute with more digits than the engine: their own rounding, times a far bound or the inverse of nearly
/// dependent columns, must stay below what they judge.
using Real = long double;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;

/// A small problem with everything that a problem may have, drawn from a seed; it owns its memory.
struct RandomProblem {
  Eigen::MatrixXd x;
  std::vector<double> y, weights, offset, factor, lower, upper;
  bool intercept = true, standardize = true;
  PenaltySpec penalty;

  Problem problem() const;
};

/// What a drawn problem may hold besides numbers of ordinary size.
struct Ingredients {
  bool awkward_columns = true;  ///< constant, zero, duplicated, binary and far from zero
  bool bounds = true;
  bool factors = true;
};

/// From [0, 1).
double uniform(std::mt19937_64& engine);

/// Every column moves away from zero, by 0.5 to 1.5 times `mean`.
void move_means(RandomProblem& random, std::mt19937_64& engine, double mean);

RandomProblem random_problem(std::uint64_t seed, Index max_rows, Index max_cols, Ingredients ingredients = {});

/// Gap and KKT violation of β, β₀ (original scale) as docs and numerics state them: D computed and subtracted, in long
/// double.
struct Judgement {
  double relative_gap = 0;
  double kkt_violation = 0;
  double objective = 0;
};
Judgement judge(const RandomProblem& random, double lambda, double intercept, const Eigen::VectorXd& beta);

/// The coefficients of a point as a dense vector.
Eigen::VectorXd dense(const PathPoint& point, Index n_features);

}  // namespace riata
