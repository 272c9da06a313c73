#include "riata/data/dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/data/make_column.hpp"

namespace riata {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
using Strings = std::vector<std::string>;

const Context& one_thread() {
  static const Context context(1);
  return context;
}

/// The design's rows, dense.
std::vector<std::vector<double>> rows_of(const Design& design) {
  std::vector<double> flat(static_cast<std::size_t>(design.rows() * design.cols()));
  std::vector<Index> all;
  for (Index j = 0; j < design.cols(); ++j) all.push_back(j);
  design.gather(all, Matrix(flat.data(), design.rows(), design.cols()));
  std::vector<std::vector<double>> rows(static_cast<std::size_t>(design.rows()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (Index j = 0; j < design.cols(); ++j) rows[i].push_back(flat[i + static_cast<std::size_t>(j * design.rows())]);
  }
  return rows;
}

template <class... Columns>
Table table_of(Columns... columns) {
  std::vector<Column> all;
  (all.push_back(std::move(columns)), ...);
  Table table = make_table(std::move(all));
  table.source = "t.csv";
  table.first_row_number = 2;
  return table;
}

Table mixed() {
  return table_of(make_column("y", std::vector<double>{1, 2, 3, 4.5}),
                  make_column("colour", Strings{"red", "blue", "red", "Green"}),
                  make_column("size", std::vector<float>{1.5F, 2, 3, 9}), make_boolean_column("new", {0, 1, 1, 0}),
                  make_column("n", std::vector<std::int64_t>{5, 6, -7, 9}));
}

Roles target(const std::string& name, MissingPolicy missing = MissingPolicy::error) {
  Roles roles;
  roles.target = name;
  roles.missing = missing;
  return roles;
}

std::string refusal(const Table& table, const Roles& roles) {
  try {
    make_dataset(table, roles, one_thread());
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Dataset, NumbersKeepTheirStorageAndTextBecomesLevelColumns) {
  const Table table = mixed();
  const Dataset data = make_dataset(table, target("y"), one_thread());
  EXPECT_THAT(data.feature_names, ElementsAre("new", "n", "size", "colour=Green", "colour=blue", "colour=red"));
  EXPECT_THAT(rows_of(*data.design), ElementsAre(ElementsAre(0, 5, 1.5, 0, 0, 1), ElementsAre(1, 6, 2, 0, 1, 0),
                                                 ElementsAre(1, -7, 3, 0, 0, 1), ElementsAre(0, 9, 9, 1, 0, 0)));
  EXPECT_EQ(data.design->stored(), 3 * 4 + 4) << "level columns stay sparse";
  EXPECT_THAT(data.response.values, ElementsAre(1, 2, 3, 4.5));
  EXPECT_FALSE(data.response.looks_like_classes);
  EXPECT_EQ(data.imputed_design({}), data.design);
}

TEST(Dataset, OutlivesItsTable) {
  Dataset data;
  {
    const Table table = mixed();
    data = make_dataset(table, target("y"), one_thread());
  }
  EXPECT_EQ(rows_of(*data.design)[3][2], 9);
}

TEST(Dataset, ReferenceLevelIsDropped) {
  Roles roles = target("y");
  roles.reference_level = true;
  roles.categorical = {"n"};
  const Dataset data = make_dataset(mixed(), roles, one_thread());
  EXPECT_THAT(data.feature_names, ElementsAre("new", "size", "colour=blue", "colour=red", "n=5", "n=6", "n=9"));
}

TEST(Dataset, ClassesAreSortedAndDetected) {
  const Table text = table_of(make_column("y", Strings{"b", "a", "b"}), make_column("x", std::vector<double>{1, 2, 3}));
  Response response = make_dataset(text, target("y"), one_thread()).response;
  EXPECT_TRUE(response.looks_like_classes);
  EXPECT_THAT(response.classes, ElementsAre("a", "b"));
  EXPECT_THAT(response.values, ElementsAre(1, 0, 1));
  const Table two =
      table_of(make_column("y", std::vector<double>{-1, 1, -1}), make_column("x", std::vector<double>{1, 2, 3}));
  response = make_dataset(two, target("1"), one_thread()).response;
  EXPECT_TRUE(response.looks_like_classes);
  EXPECT_THAT(response.classes, IsEmpty());
  EXPECT_THAT(response.values, ElementsAre(-1, 1, -1));
  EXPECT_THAT(as_classes(response, 2).classes, ElementsAre("-1", "1"));
  EXPECT_THAT(as_classes(response, 2).values, ElementsAre(0, 1, 0));
}

Table holed() {
  return table_of(make_column("x", std::vector<double>{1, kNaN, 3, 5}), make_column("y", std::vector<double>{1, 2, 4, 3}),
                  make_column("c", Strings{"u", "v", "NA", "u"}), make_column("w", std::vector<double>{1, 1, 2, 3}));
}

TEST(Dataset, MissingCellsAreRefusedByDefault) {
  EXPECT_EQ(refusal(holed(), target("y")),
            "t.csv:3:1 \"x\": missing value (the first of 2 missing cells in 2 columns); choose --missing drop, mean or "
            "indicator, or fill it in");
}

TEST(Dataset, DropLeavesCompleteRows) {
  Roles roles = target("y", MissingPolicy::drop);
  roles.weights = "w";
  const Dataset data = make_dataset(holed(), roles, one_thread());
  EXPECT_THAT(data.feature_names, ElementsAre("x", "c=u"));
  EXPECT_THAT(rows_of(*data.design), ElementsAre(ElementsAre(1, 1), ElementsAre(5, 1)));
  EXPECT_THAT(data.response.values, ElementsAre(1, 3));
  EXPECT_THAT(data.weights, ElementsAre(1, 3));
  EXPECT_THAT(data.row_numbers, ElementsAre(0, 3));
  EXPECT_THAT(data.warnings, ElementsAre("dropped 2 rows with missing values, 2 remain"));
}

TEST(Dataset, MeansComeFromTheRowsWithWeight) {
  Roles roles = target("y", MissingPolicy::mean);
  roles.weights = "w";
  const Dataset data = make_dataset(holed(), roles, one_thread());
  const double mean = (1 * 1 + 2 * 3 + 3 * 5) / 6.0;
  EXPECT_THAT(data.feature_names, ElementsAre("x", "c=u", "c=v", "c=missing"));
  EXPECT_THAT(rows_of(*data.design), ElementsAre(ElementsAre(1, 1, 0, 0), ElementsAre(DoubleEq(mean), 0, 1, 0),
                                                 ElementsAre(3, 0, 0, 1), ElementsAre(5, 1, 0, 0)));
  EXPECT_THAT(data.coding.features[0].fill, testing::Optional(DoubleEq(mean)));
  const DesignPtr fold = data.imputed_design(std::vector<double>{1, 1, 1, 0});
  EXPECT_DOUBLE_EQ(rows_of(*fold)[1][0], 2);
  EXPECT_DOUBLE_EQ(rows_of(*fold)[3][0], 5);
}

TEST(Dataset, IndicatorAddsAColumn) {
  const Dataset data = make_dataset(holed(), target("y", MissingPolicy::indicator), one_thread());
  EXPECT_THAT(data.feature_names, ElementsAre("x", "w", "x=missing", "c=u", "c=v", "c=missing"));
  EXPECT_THAT(rows_of(*data.design)[1], ElementsAre(DoubleEq(3), 1, 1, 0, 1, 0));
}

TEST(Dataset, RefusalsNameTheCell) {
  const auto with = [](std::vector<double> x, std::vector<double> y) {
    return table_of(make_column("x", std::move(x)), make_column("y", std::move(y)));
  };
  EXPECT_EQ(refusal(with({1, kInf}, {1, 2}), target("y")),
            "t.csv:3:1 \"x\": inf is not a usable number; correct the cell, or leave it empty if it may be missing");
  EXPECT_EQ(refusal(with({1, 2}, {kNaN, 2}), target("y")),
            "t.csv:2:2 \"y\": the target is missing; drop such rows with --missing drop, or fill it in");
  EXPECT_EQ(refusal(with({kNaN, kNaN}, {1, 2}), target("y", MissingPolicy::mean)),
            "t.csv:1 \"x\": the column holds no value at all; leave it out with --exclude x");
  EXPECT_EQ(refusal(with({1, kNaN}, {kNaN, 2}), target("y", MissingPolicy::drop)),
            "t.csv: every row has a missing value, so that --missing drop leaves none; choose mean or indicator");
  EXPECT_EQ(refusal(with({}, {}), target("y")), "t.csv: the table has no rows");
  Roles weighted = target("y");
  weighted.weights = "w";
  const auto weights = [](std::vector<double> w) {
    return table_of(make_column("x", std::vector<double>{1, 2}), make_column("y", std::vector<double>{1, 2}),
                    make_column("w", std::move(w)));
  };
  EXPECT_EQ(refusal(weights({1, -1}), weighted), "t.csv:3:3 \"w\": the weight -1 is negative; weights are 0 or more");
  EXPECT_EQ(refusal(weights({1, kNaN}), weighted), "t.csv:3:3 \"w\": the weight is missing; fill it in");
  EXPECT_EQ(refusal(weights({0, 0}), weighted), "t.csv:3 \"w\": all weights are zero; at least one row must count");
}

TEST(Dataset, RolesMustFit) {
  EXPECT_EQ(refusal(mixed(), target("")),
            "t.csv: say which column to predict: --target COL; the columns are y, colour, size, new, n");
  EXPECT_EQ(refusal(mixed(), target("color")), "t.csv: no column 'color' (did you mean 'colour'?)");
  Roles roles = target("y");
  roles.weights = "y";
  EXPECT_EQ(refusal(mixed(), roles), "column 'y' is given to both --target and --weights; it can have one part only");
  roles = target("y");
  roles.exclude = {"colour", "size", "new", "n"};
  EXPECT_EQ(refusal(mixed(), roles), "t.csv: no feature is left beside the target 'y'");
  roles = target("y");
  roles.features = {"n"};
  roles.categorical = {"new"};
  EXPECT_EQ(refusal(mixed(), roles), "--categorical new: that column is not among the features");
  const Table clash = table_of(make_column("y", std::vector<double>{1, 2}), make_column("c", Strings{"a", "b"}),
                               make_column("c=a", std::vector<double>{1, 2}));
  EXPECT_THAT(refusal(clash, target("y")), HasSubstr("two coded columns would be called \"c=a\""));
}

TEST(Dataset, WithoutHeaderTheLastColumnIsTheTarget) {
  Table table = table_of(make_column("x1", std::vector<double>{1, 2}), make_column("x2", std::vector<double>{3, 4}));
  table.has_header = false;
  EXPECT_EQ(make_dataset(table, target(""), one_thread()).response.name, "x2");
}

TEST(Dataset, SuspicionsAreTold) {
  const Table table = table_of(
      make_column("id", std::vector<double>{7, 8, 9, 10, 11}), make_column("y", std::vector<double>{1, 3, 2, 5, 4}),
      make_column("copy", std::vector<double>{-2, -6, -4, -10, -8}), make_column("x", std::vector<double>{1, 0, 0, 1, 1}));
  const Dataset data = make_dataset(table, target("y"), one_thread());
  EXPECT_THAT(data.warnings,
              ElementsAre(StartsWith("leakage: \"copy\" tells the target"), StartsWith("leakage: \"id\" counts the rows")));
  const Table constant =
      table_of(make_column("y", std::vector<double>{2, 2, 2, 2}), make_column("x", std::vector<double>{1, 0, 0, 5}));
  EXPECT_THAT(make_dataset(constant, target("y"), one_thread()).warnings,
              ElementsAre("the target \"y\" is constant (2): there is nothing to learn"));
}

Dataset predicted(const Dataset& trained, const Table& table, UnseenPolicy unseen = UnseenPolicy::error) {
  return apply_coding(table, trained.coding, "", unseen, one_thread());
}

TEST(ApplyCoding, MatchesColumnsByNameAndIgnoresOthers) {
  const Dataset trained = make_dataset(mixed(), target("y"), one_thread());
  const Table fresh = table_of(make_column("extra", Strings{"?"}), make_column("n", std::vector<double>{2}),
                               make_column("new", std::vector<std::int64_t>{1}),
                               make_column("size", std::vector<double>{0.5}), make_column("colour", Strings{"blue"}));
  const Dataset data = predicted(trained, fresh);
  EXPECT_EQ(data.feature_names, trained.feature_names);
  EXPECT_THAT(rows_of(*data.design), ElementsAre(ElementsAre(1, 2, 0.5, 0, 1, 0)));
  const Table lacking = table_of(make_column("N", std::vector<double>{2}), make_column("new", std::vector<double>{2}));
  try {
    predicted(trained, lacking);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::column);
    EXPECT_STREQ(error.what(), "t.csv: no column 'n', which the model needs (did you mean 'N'?)");
  }
}

TEST(ApplyCoding, UnseenLevels) {
  const Dataset trained = make_dataset(holed(), target("y", MissingPolicy::mean), one_thread());
  const Table fresh = table_of(make_column("x", std::vector<double>{kNaN, 2}), make_column("w", std::vector<double>{0, 0}),
                               make_column("c", Strings{"", "word"}));
  EXPECT_THAT(rows_of(*predicted(trained, fresh, UnseenPolicy::baseline).design),
              ElementsAre(ElementsAre(3, 0, 0, 0, 1), ElementsAre(2, 0, 0, 0, 0)));
  EXPECT_THAT(rows_of(*predicted(trained, fresh, UnseenPolicy::missing).design)[1], ElementsAre(2, 0, 0, 0, 1));
  try {
    predicted(trained, fresh);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "t.csv:3:3 \"c\": the model has not seen the value 'word'; correct it, or use --unseen "
                 "baseline or missing");
  }
}

TEST(ApplyCoding, MissingWithoutAStandInIsRefused) {
  const Dataset trained = make_dataset(mixed(), target("y"), one_thread());
  Table fresh = table_of(make_column("n", std::vector<double>{kNaN}), make_column("new", std::vector<double>{1}),
                         make_column("size", std::vector<double>{1}), make_column("colour", Strings{"red"}));
  EXPECT_THROW(predicted(trained, fresh), Error);
}

TEST(Matrix, PartsOfAMatrixAreSharedNotCopied) {
  static const std::vector<double> row_major = {1, 2, 3, 40, 5, 6};
  Table table;
  table.source = "m.npy";
  table.rows = 2;
  table.has_header = false;
  table.matrix = MatrixBlock{};
  table.matrix->rows = 2;
  table.matrix->cols = 3;
  table.matrix->values = row_major.data();
  table.matrix->row_stride = 3;
  table.matrix->column_stride = 1;
  const Dataset data = make_dataset(table, target(""), one_thread());
  EXPECT_EQ(data.response.name, "x3");
  EXPECT_THAT(data.feature_names, ElementsAre("x1", "x2"));
  EXPECT_THAT(rows_of(*data.design), ElementsAre(ElementsAre(1, 2), ElementsAre(40, 5)));
  const Dataset middle = make_dataset(table, target("x2"), one_thread());
  EXPECT_THAT(rows_of(*middle.design), ElementsAre(ElementsAre(1, 3), ElementsAre(40, 6)));
}

TEST(Matrix, SparseStaysSparseAndMayBeNarrowerAtPrediction) {
  static const std::vector<Index> starts = {0, 1, 1, 3};
  static const std::vector<std::int32_t> rows = {1, 0, 2};
  static const std::vector<double> values = {5, 6, 7};
  const auto make = [](Index cols) {
    Table table = make_table({make_column("label", std::vector<double>{1, 2, 4})});
    table.label = "label";
    table.matrix = MatrixBlock{};
    table.matrix->layout = MatrixBlock::Layout::sparse_columns;
    table.matrix->rows = 3;
    table.matrix->cols = cols;
    table.matrix->values = values.data();
    table.matrix->column_starts = starts.data();
    table.matrix->row_indices = rows.data();
    return table;
  };
  const Dataset data = make_dataset(make(3), target(""), one_thread());
  EXPECT_EQ(data.design->stored(), 3);
  EXPECT_THAT(rows_of(*data.design), ElementsAre(ElementsAre(0, 0, 6), ElementsAre(5, 0, 0), ElementsAre(0, 0, 7)));
  const Dataset narrow = apply_coding(make(2), data.coding, "", UnseenPolicy::error, one_thread());
  EXPECT_THAT(rows_of(*narrow.design), ElementsAre(ElementsAre(0, 0, 0), ElementsAre(5, 0, 0), ElementsAre(0, 0, 0)));
  EXPECT_EQ(apply_coding(make(3), data.coding, "label", UnseenPolicy::error, one_thread()).response.values.size(), 3u);
}

}  // namespace
}  // namespace riata
