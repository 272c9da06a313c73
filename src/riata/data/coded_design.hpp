#pragma once

#include <optional>
#include <span>
#include <vector>

#include "riata/data/column_values.hpp"
#include "riata/data/dataset.hpp"

namespace riata {

/// A feature's cells, ready to become coded columns.
struct FeatureCells {
  static constexpr std::int32_t kMissing = -1;  ///< a code: the cell is empty
  static constexpr std::int32_t kNoLevel = -2;  ///< a code: the cell sets none of the level columns
  enum class Place { numbers, matrix, labels, zero };

  Place place = Place::numbers;
  Index matrix_column = -1;         ///< place matrix
  Numbers numbers;                  ///< place numbers; place matrix: the rows missing in it alone
  std::vector<std::int32_t> codes;  ///< place labels: index into FeatureCoding::levels, or one of the codes above
};

/// The coded design of a table, in storage as it came: runs of numeric columns (pointers into Arrow memory, or a part of the
/// table's matrix), then one sparse part with all 0/1 columns. Column order is that of Coding::column_names().
class CodedDesign {
 public:
  /// `cells` belong to `coding.features` one by one. `matrix` where features lie in it.
  CodedDesign(Index rows, const Coding& coding, std::vector<FeatureCells> cells, const MatrixBlock* matrix);

  /// Missing cells of numeric columns filled: with fill[k] for the k-th numeric feature.
  DesignPtr filled(const std::vector<double>& fill) const;

  /// For every numeric feature its mean over the observed cells with weights (empty: ones); NaN where nothing is missing.
  std::vector<double> observed_means(std::span<const double> weights) const;

  bool has_missing() const;
  Index n_numeric() const { return static_cast<Index>(numeric_.size()); }

 private:
  MatrixBlock::Scalar scalar_of(const FeatureCells& cells) const;
  double observed_mean_of(const FeatureCells& cells, std::span<const double> weights) const;
  struct Run {
    std::size_t begin, end;                                          ///< of numeric_
    DesignPtr complete;                                              ///< null where cells are missing
    std::shared_ptr<const std::vector<std::vector<Index>>> missing;  ///< then: of each column
  };
  void make_runs();
  DesignPtr complete_run(std::size_t begin, std::size_t end) const;
  template <class T>
  DesignPtr imputed_run(const Run& run, const std::vector<double>& fill) const;

  Index rows_;
  std::optional<MatrixBlock> matrix_;
  std::vector<FeatureCells> numeric_;
  std::vector<Run> runs_;
  DesignPtr binary_;  ///< null: no 0/1 columns
};

/// The rows of a matrix that `kept` lists: dense becomes column-major, sparse stays sparse.
MatrixBlock keep_rows(const MatrixBlock& matrix, const std::vector<Index>& kept);

}  // namespace riata
