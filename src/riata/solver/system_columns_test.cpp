#include "riata/solver/system_columns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "riata/design/make_design.hpp"

// A Newton system's columns against the dense arithmetic, while the copy by rows is made, grows, is left behind by columns
// that leave, overflows and is given up.
namespace riata {
namespace {

struct Data {
  std::vector<std::int32_t> starts{0}, rows;
  std::vector<double> values, y;
};

Problem sparse_problem(Index n, Index p) {
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal;
  auto data = std::make_shared<Data>();
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < n; ++i) {
      if (normal(generator) < 1.2 && j != 7) continue;  // column 7 has an entry in every row
      data->rows.push_back(static_cast<std::int32_t>(i));
      data->values.push_back(1 + normal(generator));
    }
    data->starts.push_back(static_cast<std::int32_t>(data->rows.size()));
  }
  for (Index i = 0; i < n; ++i) data->y.push_back(normal(generator));
  Problem problem;
  problem.design = sparse_columns(n, p, data->starts.data(), data->rows.data(), data->values.data(), data);
  problem.loss = loss_by_name("squared");
  problem.response = std::span<const double>(data->y);
  return problem;
}

/// The columns in fitted coordinates.
std::vector<std::vector<double>> dense(const FittedProblem& fitted, std::span<const Index> columns) {
  std::vector<std::vector<double>> z;
  for (const Index j : columns) {
    const Index one[] = {j};
    z.emplace_back(static_cast<std::size_t>(fitted.rows()));
    fitted.design->gather(one, {z.back().data(), fitted.rows(), 1});
  }
  return z;
}

void expect_products(SystemColumns& system, const FittedProblem& fitted, const std::vector<Index>& columns,
                     const std::vector<double>& h) {
  std::mt19937_64 generator(columns.size());
  std::normal_distribution<double> normal;
  system.set(columns, h);
  const auto z = dense(fitted, columns);
  std::vector<double> v, rows(h.size()), out(columns.size()), image(h.size());
  for (std::size_t k = 0; k < columns.size(); ++k) v.push_back(normal(generator));
  const double shift = system.normal(v, rows, out);
  double total = 0, sum = 0;
  for (std::size_t i = 0; i < h.size(); ++i) {
    for (std::size_t k = 0; k < v.size(); ++k) image[i] += z[k][i] * v[k];
    total += h[i];
    sum += h[i] * image[i];
  }
  EXPECT_NEAR(shift, -sum / total, 1e-12);
  std::vector<double> added(h.size(), 1.0), dots(columns.size());
  system.add(v, added);
  system.dots(image, dots);
  for (std::size_t i = 0; i < h.size(); ++i) {
    EXPECT_NEAR(rows[i], image[i] - sum / total, 1e-12);
    EXPECT_NEAR(added[i], 1 + image[i], 1e-12);
  }
  for (std::size_t k = 0; k < columns.size(); ++k) {
    double weighted = 0, plain = 0;
    for (std::size_t i = 0; i < h.size(); ++i) {
      weighted += z[k][i] * h[i] * (image[i] - sum / total);
      plain += z[k][i] * image[i];
    }
    EXPECT_NEAR(out[k], weighted, 1e-11) << columns.size() << " columns, the " << k << "th";
    EXPECT_NEAR(dots[k], plain, 1e-11);
  }
}

/// Every side as it would be alone.
void expect_sides(SystemColumns& system, const std::vector<Index>& columns, const std::vector<double>& h, Index width) {
  std::mt19937_64 generator(columns.size());
  std::normal_distribution<double> normal;
  system.set(columns, h);
  ASSERT_TRUE(system.copied());
  const auto place = system.places();
  SideVectors<float> v(system.entries(), width), out = v;
  SideVectors<double> exact(system.entries(), width), rows(std::ssize(h), width);
  for (std::size_t k = 0; k < columns.size(); ++k) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(width); ++c) {
      exact(place[k], c) = static_cast<double>(v(place[k], c) = static_cast<float>(normal(generator)));
    }
  }
  system.normal(v, out);
  std::ranges::fill(rows.values, 1.0);
  system.add(exact, rows);
  for (std::size_t c = 0; c < static_cast<std::size_t>(width); ++c) {
    std::vector<double> own(columns.size()), image(own), own_rows(h.size()), added(h.size(), 1.0);
    for (std::size_t k = 0; k < own.size(); ++k) own[k] = exact(place[k], c);
    (void)system.normal(own, own_rows, image);
    system.add(own, added);
    for (std::size_t k = 0; k < own.size(); ++k) EXPECT_NEAR(static_cast<double>(out(place[k], c)), image[k], 1e-4);
    for (std::size_t i = 0; i < h.size(); ++i) EXPECT_NEAR(rows(i, c), added[i], 1e-12);
  }
}

TEST(SystemColumns, MultiplyAsDenseColumnsDo) {
  constexpr Index kRows = 70, kCols = 200;
  const Context context(2);
  const Problem problem = sparse_problem(kRows, kCols);
  const FittedProblem fitted = to_fitted(problem, context);
  SystemColumns system(fitted, context);
  std::vector<double> h(fitted.weights.begin(), fitted.weights.end());
  const auto every = [](Index first, Index last, Index step) {
    std::vector<Index> columns;
    for (Index j = first; j < last; j += step) columns.push_back(j);
    return columns;
  };
  expect_products(system, fitted, every(3, 120, 2), h);
  std::vector<Index> columns = every(3, 120, 2);
  columns.insert(columns.begin(), {0, 2});  // appended: positions are not in the order of columns any more
  expect_products(system, fitted, columns, h);
  for (const Index width : {kMostSides, kMostSides / 2}) expect_sides(system, columns, h, width);
  columns.erase(columns.begin() + 5, columns.begin() + 8);
  expect_products(system, fitted, columns, h);
  for (std::size_t i = 0; i < h.size(); ++i) h[i] *= i % 3 == 0 ? 2 : 0.5;
  expect_products(system, fitted, columns, h);
  expect_products(system, fitted, every(1, 190, 2), h);  // more than rows have room for
  expect_products(system, fitted, every(7, 40, 3), h);   // far fewer
  expect_products(system, fitted, every(0, 200, 1), h);  // too many to copy
}

}  // namespace
}  // namespace riata
