#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "riata/solver/testing.hpp"

/// What ridge is compared with: the explicit solution of small problems.
namespace riata::testing {

struct Explicit {
  Eigen::VectorXd b, leverage;
  double degrees_of_freedom = 0;
};

inline Eigen::MatrixXd standardised(const FittedProblem& fitted) {
  Eigen::MatrixXd z(fitted.rows(), fitted.cols());
  std::vector<Index> all;
  for (Index j = 0; j < fitted.cols(); ++j) all.push_back(j);
  fitted.design->gather(all, {z.data(), z.rows(), z.cols()});
  for (const Index j : fitted.excluded) z.col(j).setZero();
  return z;
}

/// (ZᵀWZ + λF)⁻¹ ZᵀWy, with a unit diagonal for excluded columns, and the hat matrix's diagonal.
inline Explicit refit(const FittedProblem& fitted, double lambda) {
  const Eigen::MatrixXd z = standardised(fitted);
  const Eigen::Map<const Eigen::VectorXd> w(fitted.weights.data(), z.rows()), y(fitted.response.data(), z.rows());
  Eigen::MatrixXd h = z.transpose() * w.asDiagonal() * z;
  for (Index j = 0; j < z.cols(); ++j) {
    const double f = fitted.factor[static_cast<std::size_t>(j)];
    h(j, j) += std::isinf(f) ? 1.0 : lambda * f;
  }
  const Eigen::MatrixXd inverse = h.ldlt().solve(Eigen::MatrixXd::Identity(z.cols(), z.cols()));
  Explicit out;
  Eigen::MatrixXd rows(z.rows() + z.cols(), z.cols());  // [W^½Z; (λF)^½] b ≈ [W^½y; 0] loses fewer digits
  rows << w.cwiseSqrt().asDiagonal() * z, Eigen::MatrixXd::Zero(z.cols(), z.cols());
  for (Index j = 0; j < z.cols(); ++j) {
    const double f = fitted.factor[static_cast<std::size_t>(j)];
    rows(z.rows() + j, j) = std::isinf(f) ? 1.0 : std::sqrt(lambda * f);
  }
  Eigen::VectorXd right = Eigen::VectorXd::Zero(rows.rows());
  right.head(z.rows()) = w.cwiseSqrt().cwiseProduct(y);
  out.b = rows.householderQr().solve(right);
  const Eigen::MatrixXd hat = z * inverse * z.transpose() * w.asDiagonal();
  out.leverage = hat.diagonal();
  out.degrees_of_freedom = hat.trace();
  if (fitted.intercept) out.leverage += w;
  return out;
}

/// Weights of 0 and 3; columns without a penalty, with a larger one, left out.
inline DenseProblem awkward(Index n, Index p, bool intercept) {
  DenseProblem problem = random_problem(n, p, 21);
  problem.intercept = intercept;
  problem.standardize = intercept;
  problem.weights.assign(static_cast<std::size_t>(n), 1.0);
  problem.weights[2] = 3;
  problem.weights[4] = 0;
  problem.factor.assign(static_cast<std::size_t>(p), 1.0);
  problem.factor[1] = 0;
  problem.factor[3] = 0;
  problem.factor[5] = 2.5;
  problem.factor[6] = std::numeric_limits<double>::infinity();
  return problem;
}

}  // namespace riata::testing
