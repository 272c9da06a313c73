#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "riata/design/make_design.hpp"
#include "riata/solver/fitted_problem.hpp"

/// Small dense problems for unit tests, brought to fitted coordinates by the plain formulas.
namespace riata::testing {

struct DenseProblem {
  Index n = 0, p = 0;
  std::vector<double> x, y, weights, factor;
  bool intercept = true, standardize = true;

  double operator()(Index i, Index j) const { return x[static_cast<std::size_t>(i + j * n)]; }

  FittedProblem fitted() const {
    const auto rows = static_cast<std::size_t>(n), cols = static_cast<std::size_t>(p);
    FittedProblem out;
    out.original_response = y;
    out.weights = weights.empty() ? std::vector<double>(rows, 1.0) : weights;
    double total = 0;
    for (const double w : out.weights) total += w;
    for (double& w : out.weights) w /= total;
    out.factor = factor.empty() ? std::vector<double>(cols, 1.0) : factor;
    out.intercept = intercept;
    out.standardized = standardize;
    out.total_weight = total;
    std::vector<double> centre(cols, 0.0), scale(cols, 1.0);
    for (std::size_t j = 0; j < cols; ++j) {
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < rows; ++i) mean += out.weights[i] * x[i + j * rows];
      for (std::size_t i = 0; i < rows; ++i)
        variance += out.weights[i] * (x[i + j * rows] - mean) * (x[i + j * rows] - mean);
      if (intercept) centre[j] = mean;
      if (standardize && variance > 0) scale[j] = std::sqrt(variance);
      if (!(variance > 0) || std::isinf(out.factor[j])) {
        out.excluded.push_back(static_cast<Index>(j));
        out.factor[j] = std::numeric_limits<double>::infinity();
      } else if (out.factor[j] == 0) {
        out.unpenalised.push_back(static_cast<Index>(j));
      }
      out.norm.push_back(std::sqrt(variance + (mean - centre[j]) * (mean - centre[j])) / scale[j]);
      if (std::isinf(out.factor[j])) out.norm.back() = 0.0;
    }
    for (std::size_t i = 0; intercept && i < rows; ++i) out.response_mean += out.weights[i] * y[i];
    for (const double value : y) out.response.push_back(value - out.response_mean);
    for (std::size_t i = 0; i < rows; ++i) out.null_deviance += out.weights[i] * out.response[i] * out.response[i];
    out.null_gradient = std::sqrt(out.null_deviance);
    out.design = std::make_shared<StandardizedDesign>(strided(x.data(), n, p, 1, n, nullptr), centre, scale);
    return out;
  }
};

inline DenseProblem random_problem(Index n, Index p, unsigned seed, double mean = 3.0) {
  DenseProblem out;
  out.n = n;
  out.p = p;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  for (Index i = 0; i < n * p; ++i) out.x.push_back(mean + normal(random));
  for (Index i = 0; i < n; ++i) {
    double value = 2.0 + normal(random);
    for (Index j = 0; j < std::min<Index>(p, 5); ++j) value += (j % 2 == 0 ? 1.0 : -0.5) * out(i, j);
    out.y.push_back(value);
  }
  return out;
}

}  // namespace riata::testing
