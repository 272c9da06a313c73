#include "riata/selection/collinearity.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "riata/core/random.hpp"
#include "riata/design/make_design.hpp"

namespace riata {
namespace {

struct Table {
  std::size_t n, p;
  std::vector<double> x;
  Table(std::size_t rows, std::size_t columns) : n(rows), p(columns), x(rows * columns) {
    Random random(2);
    for (double& value : x) value = random.uniform();
  }
  Collinearity measure(const std::vector<double>& w = {}, const std::vector<Index>& left_out = {}) const {
    std::vector<const double*> columns;
    for (std::size_t j = 0; j < p; ++j) columns.push_back(x.data() + j * n);
    return collinearity(*dense_columns<double>(columns, static_cast<Index>(n), nullptr), w, Context(1), left_out);
  }
};

TEST(Collinearity, OfTwoColumnsFollowsFromTheirCorrelation) {
  Table table(500, 2);
  for (std::size_t i = 0; i < 500; ++i) table.x[500 + i] = 1e5 + 3 * table.x[i] + 0.5 * table.x[500 + i];
  double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < 500; ++i) a += table.x[i] / 500, b += (table.x[500 + i] - 1e5) / 500;
  for (std::size_t i = 0; i < 500; ++i) {
    const double da = table.x[i] - a, db = table.x[500 + i] - 1e5 - b;
    aa += da * da, bb += db * db, ab += da * db;
  }
  const double r = ab / std::sqrt(aa * bb);
  const Collinearity out = table.measure();
  EXPECT_NEAR(out.condition_number, std::sqrt((1 + r) / (1 - r)), 1e-6);
  EXPECT_NEAR(out.effective_dimension, 4 / (2 + 2 * r * r), 1e-9);
}

TEST(Collinearity, TellsIndependentFromCopiedColumnsOnWideTablesToo) {
  for (const std::size_t p : {20u, 400u}) {
    Table table(100, p);
    EXPECT_GT(table.measure().independence, 0.85) << p;
    for (std::size_t j = 1; j < p; ++j) {
      for (std::size_t i = 0; i < 100; ++i) table.x[j * 100 + i] = table.x[i] + 0.1 * table.x[j * 100 + i];
    }
    EXPECT_LT(table.measure().effective_dimension, 1.2) << p;
    EXPECT_LT(table.measure().independence, 0.1) << p;
  }
}

TEST(Collinearity, DependentColumnsAndRowsOfNoWeight) {
  Table table(60, 3);
  for (std::size_t i = 0; i < 60; ++i) table.x[120 + i] = table.x[i] - table.x[60 + i];
  EXPECT_TRUE(std::isinf(table.measure().condition_number));
  EXPECT_LT(table.measure({}, {2}).condition_number, 2);
  Table some(60, 3);
  std::vector<double> w(60, 1.0);
  Table half(30, 3);
  for (std::size_t j = 0; j < 3; ++j) {
    for (std::size_t i = 0; i < 30; ++i) half.x[j * 30 + i] = some.x[j * 60 + i];
  }
  for (std::size_t i = 30; i < 60; ++i) w[i] = 0;
  EXPECT_NEAR(some.measure(w).condition_number, half.measure().condition_number, 1e-10);
}

}  // namespace
}  // namespace riata
