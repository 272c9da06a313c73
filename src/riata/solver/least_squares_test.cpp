#include "riata/solver/least_squares.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "riata/solver/testing.hpp"

namespace riata {
namespace {

using testing::DenseProblem;
using testing::random_problem;

/// β₀, β on the original scale by the plain formulas.
std::vector<double> original(const FittedProblem& fitted, const LeastSquares& solution) {
  std::vector<double> out{solution.intercept};
  for (Index j = 0; j < fitted.cols(); ++j) {
    const double beta = solution.coefficients[static_cast<std::size_t>(j)] / fitted.design->scale(j);
    out.push_back(beta);
    out[0] -= fitted.design->centre(j) * beta;
  }
  return out;
}

struct Certified {
  std::vector<double> estimates;  ///< B0 first where there is an intercept
  DenseProblem problem;
};

/// Lines "B0 -0.26 0.23" are certified estimates; after the second "Data:" come y and x columns. Polynomials hold x alone.
Certified read_nist(const std::string& name, Index degree, bool intercept) {
  std::ifstream file(std::string(RIATA_TESTS) + "/reference/nist/" + name + ".dat");
  EXPECT_TRUE(file) << name;
  Certified out;
  out.problem.intercept = intercept;
  std::vector<std::vector<double>> rows;
  std::string line;
  int data_lines = 0;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "Data:") {
      ++data_lines;
      continue;
    }
    double value = 0;
    if (data_lines < 2 && first.size() >= 2 && first[0] == 'B' && std::isdigit(first[1]) && words >> value) {
      out.estimates.push_back(value);
    } else if (data_lines == 2) {
      std::istringstream numbers(line);
      std::vector<double> row;
      while (numbers >> value) row.push_back(value);
      if (row.size() >= 2) rows.push_back(row);
    }
  }
  DenseProblem& problem = out.problem;
  problem.n = static_cast<Index>(rows.size());
  problem.p = degree > 1 ? degree : static_cast<Index>(rows.front().size()) - 1;
  for (Index j = 0; j < problem.p; ++j) {
    for (const auto& row : rows) {
      problem.x.push_back(degree > 1 ? std::pow(row[1], static_cast<double>(j + 1)) : row[static_cast<std::size_t>(j + 1)]);
    }
  }
  for (const auto& row : rows) problem.y.push_back(row[0]);
  return out;
}

double digits(const std::vector<double>& found, const std::vector<double>& certified) {
  double worst = 15;
  for (std::size_t j = 0; j < certified.size(); ++j) {
    const double error = std::abs(found[j] - certified[j]) / std::abs(certified[j]);
    if (error > 0) worst = std::min(worst, -std::log10(error));
  }
  return worst;
}

TEST(LeastSquares, ReachesTheDigitsOfNist) {
  struct Case {
    const char* name;
    Index degree;
    bool intercept;
    double digits;
  };
  for (const Case& c : {Case{"Norris", 1, true, 12},
                        {"Pontius", 2, true, 12},
                        {"NoInt1", 1, false, 12},
                        {"NoInt2", 1, false, 12},
                        {"Longley", 1, true, 11},
                        {"Wampler1", 5, true, 8},
                        {"Wampler2", 5, true, 10},
                        {"Wampler3", 5, true, 8},
                        {"Wampler4", 5, true, 7},
                        {"Wampler5", 5, true, 6},
                        {"Filip", 10, true, 7}}) {
    for (const bool standardize : {true, false}) {
      Certified nist = read_nist(c.name, c.degree, c.intercept);
      nist.problem.standardize = standardize;
      ASSERT_EQ(nist.estimates.size(), static_cast<std::size_t>(nist.problem.p + (c.intercept ? 1 : 0))) << c.name;
      const FittedProblem fitted = nist.problem.fitted();
      const LeastSquares solution = least_squares(fitted, 1e-6, Context(1));
      std::vector<double> found = original(fitted, solution);
      if (!c.intercept) found.erase(found.begin());
      EXPECT_GE(digits(found, nist.estimates), c.digits) << c.name << " condition " << solution.condition;
      EXPECT_EQ(solution.rank, solution.columns) << c.name;
    }
  }
}

Eigen::MatrixXd standardised(const FittedProblem& fitted) {
  Eigen::MatrixXd z(fitted.rows(), fitted.cols());
  std::vector<Index> all;
  for (Index j = 0; j < fitted.cols(); ++j) all.push_back(j);
  fitted.design->gather(all, {z.data(), z.rows(), z.cols()});
  return z;
}

/// The pseudo-inverse's answer through Eigen's singular values.
Eigen::VectorXd by_svd(const FittedProblem& fitted) {
  const Eigen::Map<const Eigen::VectorXd> w(fitted.weights.data(), fitted.rows()), y(fitted.response.data(), fitted.rows());
  const Eigen::VectorXd root = w.cwiseSqrt();
  Eigen::JacobiSVD<Eigen::MatrixXd> svd(root.asDiagonal() * standardised(fitted), Eigen::ComputeThinU | Eigen::ComputeThinV);
  svd.setThreshold(1e-11);
  return svd.solve(root.cwiseProduct(y));
}

double distance(const std::vector<double>& a, const Eigen::VectorXd& b) {
  return (Eigen::Map<const Eigen::VectorXd>(a.data(), static_cast<Index>(a.size())) - b).norm() / b.norm();
}

struct Route {
  const char* method;
  Index n, p;
};

TEST(LeastSquares, EveryRouteGivesTheAnswerOfTheSingularValues) {
  for (const Route& route :
       {Route{"QR in long double", 40, 7}, Route{"QR in long double", 12, 20},
        Route{"Cholesky of the Gram, refined", 900, 80}, Route{"eigenvalues of the kernel, refined", 90, 700}}) {
    DenseProblem problem = random_problem(route.n, route.p, 7);
    problem.weights.assign(static_cast<std::size_t>(route.n), 1.0);
    problem.weights[3] = 0;
    problem.weights[5] = 2.5;
    const FittedProblem fitted = problem.fitted();
    const LeastSquares solution = least_squares(fitted, 1e-6, Context(2));
    EXPECT_EQ(solution.method, route.method);
    EXPECT_EQ(solution.rank, std::min(route.n - 2, route.p));
    EXPECT_EQ(rank_warning(solution).empty(), route.p < route.n);
    EXPECT_LT(distance(solution.coefficients, by_svd(fitted)), 1e-11) << route.method;
  }
}

TEST(LeastSquares, DependentColumnsShareTheCoefficientAndAreNamed) {
  for (const Index n : {30, 2000}) {  // long double; pivoted QR after Cholesky has refused
    DenseProblem problem = random_problem(n, n == 30 ? 6 : 60, 8);
    std::copy_n(problem.x.begin(), n, problem.x.begin() + n);  // column 1 = column 0
    const FittedProblem fitted = problem.fitted();
    const LeastSquares solution = least_squares(fitted, 1e-6, Context(1));
    EXPECT_EQ(solution.method, n == 30 ? "QR in long double" : "pivoted QR");
    EXPECT_EQ(solution.rank, problem.p - 1);
    EXPECT_NEAR(solution.coefficients[0], solution.coefficients[1], 1e-12);
    EXPECT_LT(distance(solution.coefficients, by_svd(fitted)), 1e-10);
    EXPECT_NE(rank_warning(solution).find("rank " + std::to_string(problem.p - 1)), std::string::npos);
  }
}

TEST(LeastSquares, IllConditionedTallDataGoThroughQR) {
  DenseProblem problem = random_problem(2000, 60, 9);
  for (Index i = 0; i < problem.n; ++i) {  // column 1 = column 0 + a little: the Gram's condition number is about 1e16
    const auto row = static_cast<std::size_t>(i);
    problem.x[row + 2000] = problem.x[row] + 1e-8 * problem.x[row + 2000];
  }
  const FittedProblem fitted = problem.fitted();
  const LeastSquares solution = least_squares(fitted, 1e-6, Context(1));
  EXPECT_EQ(solution.method, "pivoted QR");
  EXPECT_EQ(solution.rank, 60);
  EXPECT_GT(solution.condition, 1e7);
  const Eigen::VectorXd reference = by_svd(fitted);
  const Eigen::MatrixXd z = standardised(fitted);
  const Eigen::Map<const Eigen::VectorXd> b(solution.coefficients.data(), 60);
  EXPECT_LT((z * (b - reference)).norm(), 1e-6 * (z * reference).norm());
}

TEST(LeastSquares, MoreThreadsGiveTheSameBits) {
  for (const Route& route : {Route{"", 900, 80}, Route{"", 90, 700}}) {
    const DenseProblem problem = random_problem(route.n, route.p, 10);
    const FittedProblem fitted = problem.fitted();
    EXPECT_EQ(least_squares(fitted, 1e-6, Context(1)).coefficients, least_squares(fitted, 1e-6, Context(3)).coefficients);
  }
}

}  // namespace
}  // namespace riata
