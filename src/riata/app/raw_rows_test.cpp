#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "riata/app/train.hpp"
#include "riata/data/make_column.hpp"
#include "riata/model/network_model.hpp"

namespace riata {
namespace {

constexpr Index kRows = 90, kCols = 7;

double entry(Index i, Index j) {
  const double x = std::sin(0.7 * static_cast<double>(i * kCols + j) * static_cast<double>(i + 1));
  return x > 0.6 || (j == 0 && i % 3 == 0) ? 2 * x + 3 : 0;
}

/// The same numbers as a matrix with and without its zeros; y: number or three classes.
Table table_of(bool sparse, bool classes) {
  struct Memory {
    std::vector<Index> starts = {0};
    std::vector<std::int32_t> rows;
    std::vector<double> values;
  };
  auto memory = std::make_shared<Memory>();
  std::vector<double> y;
  for (Index i = 0; i < kRows; ++i) {
    const double eta = entry(i, 0) - entry(i, 2) + 0.3 * std::sin(static_cast<double>(i * i));
    y.push_back(classes ? std::floor(std::abs(std::remainder(eta, 3.0)) * 1.99) : eta);
  }
  for (Index j = 0; j < kCols; ++j) {
    for (Index i = 0; i < kRows; ++i) {
      if (sparse && entry(i, j) == 0) continue;
      memory->rows.push_back(static_cast<std::int32_t>(i));
      memory->values.push_back(entry(i, j));
    }
    memory->starts.push_back(std::ssize(memory->values));
  }
  Table table = make_table({make_column("y", y)});
  table.source = "t.svm";
  table.matrix = MatrixBlock{};
  table.matrix->layout = sparse ? MatrixBlock::Layout::sparse_columns : MatrixBlock::Layout::dense;
  table.matrix->rows = kRows;
  table.matrix->cols = kCols;
  table.matrix->values = memory->values.data();
  table.matrix->row_stride = 1;
  table.matrix->column_stride = kRows;
  table.matrix->column_starts = memory->starts.data();
  table.matrix->row_indices = memory->rows.data();
  table.matrix->owner = memory;
  return table;
}

TrainSpec spec_of(bool classes, Index batch, Precision precision) {
  TrainSpec spec;
  spec.target = "y";
  spec.hidden = {4};
  spec.network_loss = classes ? NetworkLoss::multinomial : NetworkLoss::squared;
  spec.penalty = PenaltyChoice::l1;
  spec.n_lambdas = 3;
  spec.folds = 3;
  spec.penalty_factor = {{"x3", 0}};
  spec.batch_size = batch;
  spec.epochs = 12;
  spec.precision = precision;
  return spec;
}

/// Bit by bit, whatever is done with them.
TEST(RawRows, SparseFeaturesTrainAndPredictAsDenseOnes) {
  for (const bool classes : {false, true}) {
    for (const Index batch : {0, 16}) {
      const TrainSpec spec = spec_of(classes, batch, batch == 0 ? Precision::float64 : Precision::float32);
      const Table sparse = table_of(true, classes), dense = table_of(false, classes);
      TrainInputs with_sparse, with_dense;
      with_sparse.test = sparse;
      with_dense.test = dense;
      const TrainFacts one = run_train(spec, sparse, with_sparse, {}, Context(1)),
                       two = run_train(spec, dense, with_dense, {}, Context(1));
      ASSERT_EQ(one.grid.size(), two.grid.size());
      for (std::size_t k = 0; k < one.grid.size(); ++k) {
        EXPECT_EQ(one.grid[k].lambda, two.grid[k].lambda);
        EXPECT_EQ(one.grid[k].mean, two.grid[k].mean);
      }
      for (std::size_t k = 0; k < one.model.parameters.size(); ++k) {
        EXPECT_EQ(one.model.parameters[k].values, two.model.parameters[k].values);
      }
      EXPECT_EQ(one.model.history.back().test_loss, two.model.history.back().test_loss);
      EXPECT_EQ(one.model.null_loss, two.model.null_loss);
    }
  }
}

/// 5,000 × 5,000 numbers would be 200 MB.
TEST(RawRows, SparseFeaturesAreNeverMadeDense) {
  constexpr Index kMany = 5000;
  std::vector<Index> starts;
  std::vector<std::int32_t> rows;
  std::vector<double> values, y;
  for (Index j = 0; j < kMany; ++j) {
    starts.push_back(j);
    rows.push_back(static_cast<std::int32_t>(j * 7919 % kMany));
    values.push_back(1.0 + static_cast<double>(j % 5));
    y.push_back(static_cast<double>(j % 2));
  }
  starts.push_back(kMany);
  Table table = make_table({make_column("y", y)});
  table.source = "t.svm";
  table.matrix = MatrixBlock{};
  table.matrix->layout = MatrixBlock::Layout::sparse_columns;
  table.matrix->rows = table.matrix->cols = kMany;
  table.matrix->values = values.data();
  table.matrix->column_starts = starts.data();
  table.matrix->row_indices = rows.data();
  TrainSpec spec;
  spec.target = "y";
  spec.batch_size = 1000;
  spec.epochs = 1;
  Context context(1);
  context.memory_budget = 20'000'000;
  EXPECT_EQ(run_train(spec, table, {}, {}, context).model.history.size(), 1U);
}

}  // namespace
}  // namespace riata
