#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/data/dataset.hpp"
#include "riata/data/make_column.hpp"

namespace riata {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
using Rows = std::vector<std::vector<double>>;

Rows rows_of(const Design& design) {
  std::vector<double> flat(static_cast<std::size_t>(design.rows() * design.cols()));
  std::vector<Index> all;
  for (Index j = 0; j < design.cols(); ++j) all.push_back(j);
  design.gather(all, Matrix(flat.data(), design.rows(), design.cols()));
  Rows rows(static_cast<std::size_t>(design.rows()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (Index j = 0; j < design.cols(); ++j) rows[i].push_back(flat[i + static_cast<std::size_t>(j * design.rows())]);
  }
  return rows;
}

std::string refusal(const Table& table, const Roles& roles) {
  try {
    make_dataset(table, roles, Context(1));
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// Rows 1 and 3 have weight zero; what is odd stands in them.
Table weighted(bool with_odd_rows) {
  std::vector<double> y = {1, kNaN, 2, 5, 7}, x = {1, 2, kNaN, kNaN, 4}, o = {0, kNaN, 1, 1, 2}, w = {1, 0, 2, 0, 1};
  std::vector<std::string> c = {"u", "only here", "", "v", "u"}, f = {"1", "", "2", "3", "2"};
  if (!with_odd_rows) {
    for (auto* values : {&y, &x, &o, &w}) *values = {(*values)[0], (*values)[2], (*values)[4]};
    for (auto* texts : {&c, &f}) *texts = {(*texts)[0], (*texts)[2], (*texts)[4]};
  }
  Table table = make_table({make_column("y", y), make_column("x", x), make_column("o", o), make_column("w", w),
                            make_column("c", c), make_column("f", f)});
  table.source = "t.csv";
  table.first_row_number = 2;
  return table;
}

Roles roles_with(MissingPolicy missing) {
  Roles roles;
  roles.target = "y";
  roles.weights = "w";
  roles.offset = "o";
  roles.fold_column = "f";
  roles.missing = missing;
  return roles;
}

TEST(RowsThatCount, AWeightOfZeroIsARowThatIsNotThere) {
  for (const MissingPolicy missing : {MissingPolicy::drop, MissingPolicy::mean, MissingPolicy::indicator}) {
    const Dataset with = make_dataset(weighted(true), roles_with(missing), Context(1));
    const Dataset without = make_dataset(weighted(false), roles_with(missing), Context(1));
    EXPECT_EQ(with.feature_names, without.feature_names);
    EXPECT_EQ(rows_of(*with.design), rows_of(*without.design));
    EXPECT_EQ(with.response.values, without.response.values);
    EXPECT_EQ(with.weights, without.weights);
    EXPECT_EQ(with.offset, without.offset);
    EXPECT_EQ(with.fold_labels, without.fold_labels);
    EXPECT_EQ(with.coding.features[0].fill, without.coding.features[0].fill);
    EXPECT_EQ(with.warnings, without.warnings);
  }
  EXPECT_EQ(make_dataset(weighted(true), roles_with(MissingPolicy::mean), Context(1)).row_numbers,
            (std::vector<Index>{0, 2, 4}));
}

TEST(RowsThatCount, ErrorsNameRowsOfTheTable) {
  EXPECT_THAT(refusal(weighted(true), roles_with(MissingPolicy::error)),
              HasSubstr("t.csv:4:2 \"x\": missing value (the first of 2 missing cells in 2 columns)"));
}

TEST(RowsThatCount, AColumnWithValuesInOtherRowsOnlyIsEmpty) {
  Table table =
      make_table({make_column("y", std::vector<double>{1, 2, 3}), make_column("x", std::vector<double>{kNaN, 4, kNaN}),
                  make_column("w", std::vector<double>{1, 0, 1})});
  Roles roles;
  roles.target = "y";
  roles.weights = "w";
  roles.missing = MissingPolicy::mean;
  EXPECT_THAT(refusal(table, roles), HasSubstr("the column holds no value at all"));
}

/// label; x1 = (0, 5, missing, 1), x2 = (6, 0, 7, missing).
Table sparse() {
  static const std::vector<Index> starts = {0, 3, 6};
  static const std::vector<std::int32_t> rows = {1, 2, 3, 0, 2, 3};
  static const std::vector<double> values = {5, kNaN, 1, 6, 7, kNaN};
  Table table = make_table({make_column("label", std::vector<double>{1, 2, 4, 3})});
  table.label = "label";
  table.source = "t.svm";
  table.has_header = false;
  table.matrix = MatrixBlock{};
  table.matrix->layout = MatrixBlock::Layout::sparse_columns;
  table.matrix->rows = 4;
  table.matrix->cols = 2;
  table.matrix->values = values.data();
  table.matrix->column_starts = starts.data();
  table.matrix->row_indices = rows.data();
  return table;
}

Roles missing_as(MissingPolicy missing) {
  Roles roles;
  roles.missing = missing;
  return roles;
}

TEST(SparseMissing, RefusedDroppedOrFilled) {
  EXPECT_THAT(refusal(sparse(), missing_as(MissingPolicy::error)),
              HasSubstr("t.svm:3:2 \"x1\": missing value (the first of 2 missing cells in 2 columns)"));
  const Dataset dropped = make_dataset(sparse(), missing_as(MissingPolicy::drop), Context(1));
  EXPECT_EQ(rows_of(*dropped.design), (Rows{{0, 6}, {5, 0}}));
  EXPECT_EQ(dropped.design->stored(), 2);
  const Dataset filled = make_dataset(sparse(), missing_as(MissingPolicy::mean), Context(1));
  const double mean1 = 2, mean2 = 13.0 / 3;
  EXPECT_THAT(rows_of(*filled.design), ElementsAre(ElementsAre(0, 6), ElementsAre(5, 0), ElementsAre(DoubleEq(mean1), 7),
                                                   ElementsAre(1, DoubleEq(mean2))));
  EXPECT_EQ(filled.design->stored(), 6);
  EXPECT_THAT(filled.coding.features[1].fill, testing::Optional(DoubleEq(mean2)));
  const DesignPtr fold = filled.imputed_design(std::vector<double>{1, 0, 1, 3});
  EXPECT_DOUBLE_EQ(rows_of(*fold)[2][0], 0.75);
  EXPECT_DOUBLE_EQ(rows_of(*fold)[3][1], 6.5);
  const Dataset flagged = make_dataset(sparse(), missing_as(MissingPolicy::indicator), Context(1));
  EXPECT_THAT(flagged.feature_names, ElementsAre("x1", "x2", "x1=missing", "x2=missing"));
  EXPECT_THAT(rows_of(*flagged.design)[2], ElementsAre(DoubleEq(mean1), 7, 1, 0));
}

TEST(SparseMissing, FilledAtPredictionByTheTrainingMean) {
  const Dataset trained = make_dataset(sparse(), missing_as(MissingPolicy::mean), Context(1));
  const Dataset applied = apply_coding(sparse(), trained.coding, "", UnseenPolicy::error, Context(1));
  EXPECT_EQ(rows_of(*applied.design), rows_of(*trained.design));
}

}  // namespace
}  // namespace riata
