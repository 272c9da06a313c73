#include "riata/data/coded_design.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/design/imputed.hpp"
#include "riata/design/make_design.hpp"

namespace riata {
namespace {

using Scalar = MatrixBlock::Scalar;
using Place = FeatureCells::Place;

/// 0/1 columns in the making: which rows hold a one, column by column.
template <class I>
struct BinaryColumns {
  std::vector<I> starts{0};
  std::vector<I> rows;
  std::vector<float> ones;

  void add(const std::vector<Index>& set) {
    for (Index i : set) rows.push_back(static_cast<I>(i));
    starts.push_back(static_cast<I>(rows.size()));
  }

  /// A column per level from `first` on, then perhaps one for missing cells: a counting sort by level.
  void add(const std::vector<std::int32_t>& codes, std::int32_t first, std::int32_t n_levels, bool missing_level) {
    const std::int32_t width = n_levels - first + (missing_level ? 1 : 0);
    const auto column = [&](std::int32_t code) {
      if (code == FeatureCells::kMissing) return missing_level ? width - 1 : -1;
      return code < first ? -1 : code - first;
    };
    std::vector<I> next(static_cast<std::size_t>(width) + 1);
    for (std::int32_t code : codes) {
      if (const std::int32_t k = column(code); k >= 0) ++next[static_cast<std::size_t>(k) + 1];
    }
    next[0] = static_cast<I>(rows.size());
    for (std::size_t k = 1; k < next.size(); ++k) {
      next[k] = static_cast<I>(next[k] + next[k - 1]);
      starts.push_back(next[k]);
    }
    rows.resize(static_cast<std::size_t>(next.back()));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (const std::int32_t k = column(codes[i]); k >= 0) {
        rows[static_cast<std::size_t>(next[static_cast<std::size_t>(k)]++)] = static_cast<I>(i);
      }
    }
  }
};

template <class I>
DesignPtr binary_design(Index rows, const Coding& coding, const std::vector<FeatureCells>& cells) {
  auto binary = std::make_shared<BinaryColumns<I>>();
  for (std::size_t f = 0; f < coding.features.size(); ++f) {
    const FeatureCoding& feature = coding.features[f];
    if (feature.kind == FeatureCoding::Kind::categorical) {
      binary->add(cells[f].codes, feature.reference_level ? 1 : 0, static_cast<std::int32_t>(feature.levels.size()),
                  feature.missing_level);
    } else if (feature.indicator) {
      binary->add(cells[f].numbers.missing);
    }
  }
  const auto cols = static_cast<Index>(binary->starts.size()) - 1;
  if (cols == 0) return nullptr;
  binary->ones.assign(binary->rows.size(), 1.0F);
  return sparse_columns(rows, cols, binary->starts.data(), binary->rows.data(), binary->ones.data(), binary);
}

bool narrow_enough(Index rows, const std::vector<FeatureCells>& cells) {
  const auto count = static_cast<double>(cells.size());
  return static_cast<double>(rows) * count < static_cast<double>(std::numeric_limits<std::int32_t>::max());
}

/// The weighted mean of observed cells, about the first of them so that a large mean keeps its digits.
template <class T>
double observed_mean(const Numbers& numbers, std::span<const double> weights) {
  const T* values = static_cast<const T*>(numbers.values);
  double about = 0, sum = 0, total = 0;
  bool any = false;
  std::size_t next = 0;
  for (Index i = 0; i < numbers.rows; ++i) {
    if (next < numbers.missing.size() && numbers.missing[next] == i) {
      ++next;
      continue;
    }
    const double w = weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)];
    if (!(w > 0)) continue;
    if (!any) about = static_cast<double>(values[i]);
    any = true;
    sum += w * (static_cast<double>(values[i]) - about);
    total += w;
  }
  return any ? about + sum / total : 0.0;  // nothing observed: the column is constant whatever stands in
}

Index row_of(const MatrixBlock& matrix, Index entry) {
  return matrix.wide_indices ? static_cast<const std::int64_t*>(matrix.row_indices)[entry]
                             : static_cast<const std::int32_t*>(matrix.row_indices)[entry];
}

/// The same for a sparse column, whose entries that are not stored are observed zeros.
template <class T>
double observed_sparse_mean(const MatrixBlock& matrix, const FeatureCells& cells, std::span<const double> weights) {
  const auto weight = [&](Index i) { return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(i)]; };
  double total = 0, sum = 0;
  for (Index i = 0; i < matrix.rows; ++i) total += weight(i);
  for (const Index i : cells.numbers.missing) total -= weight(i);
  for (Index k = matrix.column_starts[cells.matrix_column]; k < matrix.column_starts[cells.matrix_column + 1]; ++k) {
    const auto x = static_cast<double>(static_cast<const T*>(matrix.values)[k]);
    if (!std::isnan(x)) sum += weight(row_of(matrix, k)) * x;
  }
  return total > 0 ? sum / total : 0.0;
}

/// As many sparse columns from `first` on, with fill[j] where column j misses a value: values copied, rows not.
template <class T>
MatrixBlock filled_sparse(const MatrixBlock& matrix, Index first, std::span<const double> fill) {
  struct Memory {
    std::vector<Index> starts;
    std::vector<T> values;
    std::shared_ptr<const void> rows;
  };
  auto memory = std::make_shared<Memory>();
  memory->rows = matrix.owner;
  const Index begin = matrix.column_starts[first], end = matrix.column_starts[first + std::ssize(fill)];
  const T* values = static_cast<const T*>(matrix.values);
  memory->values.assign(values + begin, values + end);
  for (Index j = 0; j <= std::ssize(fill); ++j) memory->starts.push_back(matrix.column_starts[first + j] - begin);
  for (std::size_t j = 0; j < fill.size(); ++j) {
    for (Index k = memory->starts[j]; k < memory->starts[j + 1]; ++k) {
      T& value = memory->values[static_cast<std::size_t>(k)];
      if (std::isnan(value)) value = static_cast<T>(fill[j]);
    }
  }
  MatrixBlock out = matrix;
  out.cols = std::ssize(fill);
  out.values = memory->values.data();
  out.column_starts = memory->starts.data();
  if (matrix.wide_indices) {
    out.row_indices = static_cast<const std::int64_t*>(matrix.row_indices) + begin;
  } else {
    out.row_indices = static_cast<const std::int32_t*>(matrix.row_indices) + begin;
  }
  out.owner = std::move(memory);
  return out;
}

template <class T>
DesignPtr dense_part(const MatrixBlock& matrix, Index first, Index cols) {
  const T* values = static_cast<const T*>(matrix.values);
  if (matrix.layout == MatrixBlock::Layout::dense) {
    return strided(values + first * matrix.column_stride, matrix.rows, cols, matrix.row_stride, matrix.column_stride,
                   matrix.owner);
  }
  if (matrix.wide_indices) {
    return sparse_columns(matrix.rows, cols, matrix.column_starts + first,
                          static_cast<const std::int64_t*>(matrix.row_indices), values, matrix.owner);
  }
  // int32 indices ask for int32 starts, which the design widens again
  if (matrix.column_starts[matrix.cols] > std::numeric_limits<std::int32_t>::max()) {
    auto wide = std::make_shared<std::vector<std::int64_t>>(
        static_cast<const std::int32_t*>(matrix.row_indices),
        static_cast<const std::int32_t*>(matrix.row_indices) + matrix.column_starts[matrix.cols]);
    const auto owner =
        std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(matrix.owner, wide);
    return sparse_columns(matrix.rows, cols, matrix.column_starts + first, wide->data(), values, owner);
  }
  const std::vector<std::int32_t> starts(matrix.column_starts + first, matrix.column_starts + first + cols + 1);
  return sparse_columns(matrix.rows, cols, starts.data(), static_cast<const std::int32_t*>(matrix.row_indices), values,
                        matrix.owner);
}

DesignPtr zero_columns(Index rows, Index cols) {
  const std::vector<std::int32_t> starts(static_cast<std::size_t>(cols) + 1, 0);
  auto nothing = std::make_shared<std::pair<std::vector<std::int32_t>, std::vector<float>>>();
  nothing->first.reserve(1);
  nothing->second.reserve(1);
  return sparse_columns(rows, cols, starts.data(), nothing->first.data(), nothing->second.data(), nothing);
}

template <class T>
DesignPtr pointer_part(std::span<const FeatureCells> cells, Index rows) {
  std::vector<const T*> columns;
  auto owners = std::make_shared<std::vector<std::shared_ptr<const void>>>();
  for (const FeatureCells& cell : cells) {
    columns.push_back(static_cast<const T*>(cell.numbers.values));
    owners->push_back(cell.numbers.owner);
  }
  return dense_columns(std::move(columns), rows, std::move(owners));
}

/// Whether b goes on where a ends: the same kind of storage, side by side.
bool continues(const FeatureCells& a, const FeatureCells& b) {
  if (a.place != b.place) return false;
  if (a.place == Place::matrix) return b.matrix_column == a.matrix_column + 1;
  if (a.place == Place::numbers) return a.numbers.scalar == b.numbers.scalar;
  return true;
}

std::shared_ptr<const std::vector<std::vector<Index>>> missing_rows(const std::vector<FeatureCells>& cells,
                                                                    std::size_t begin, std::size_t end) {
  auto rows = std::make_shared<std::vector<std::vector<Index>>>();
  for (std::size_t k = begin; k < end; ++k) rows->push_back(cells[k].numbers.missing);
  return rows;
}

template <class T, class I>
MatrixBlock keep_sparse(const MatrixBlock& matrix, const std::vector<Index>& kept) {
  struct Memory {
    std::vector<Index> starts{0};
    std::vector<I> rows;
    std::vector<T> values;
  };
  std::vector<Index> position(static_cast<std::size_t>(matrix.rows), -1);
  for (std::size_t k = 0; k < kept.size(); ++k) position[static_cast<std::size_t>(kept[k])] = static_cast<Index>(k);
  auto memory = std::make_shared<Memory>();
  for (Index j = 0; j < matrix.cols; ++j) {
    for (Index k = matrix.column_starts[j]; k < matrix.column_starts[j + 1]; ++k) {
      const Index row = position[static_cast<std::size_t>(static_cast<const I*>(matrix.row_indices)[k])];
      if (row < 0) continue;
      memory->rows.push_back(static_cast<I>(row));
      memory->values.push_back(static_cast<const T*>(matrix.values)[k]);
    }
    memory->starts.push_back(static_cast<Index>(memory->rows.size()));
  }
  MatrixBlock out = matrix;
  out.rows = static_cast<Index>(kept.size());
  out.values = memory->values.data();
  out.column_starts = memory->starts.data();
  out.row_indices = memory->rows.data();
  out.owner = std::move(memory);
  return out;
}

template <class T>
MatrixBlock keep_dense(const MatrixBlock& matrix, const std::vector<Index>& kept) {
  auto memory = std::make_shared<std::vector<T>>();
  memory->reserve(kept.size() * static_cast<std::size_t>(matrix.cols));
  const T* values = static_cast<const T*>(matrix.values);
  for (Index j = 0; j < matrix.cols; ++j) {
    for (Index i : kept) memory->push_back(values[i * matrix.row_stride + j * matrix.column_stride]);
  }
  MatrixBlock out = matrix;
  out.rows = static_cast<Index>(kept.size());
  out.row_stride = 1;
  out.column_stride = out.rows;
  out.values = memory->data();
  out.owner = std::move(memory);
  return out;
}

}  // namespace

CodedDesign::CodedDesign(Index rows, const Coding& coding, std::vector<FeatureCells> cells, const MatrixBlock* matrix)
    : rows_(rows) {
  if (matrix != nullptr) matrix_ = *matrix;
  binary_ = narrow_enough(rows, cells) ? binary_design<std::int32_t>(rows, coding, cells)
                                       : binary_design<std::int64_t>(rows, coding, cells);
  numeric_ = std::move(cells);
  std::erase_if(numeric_, [](const FeatureCells& cell) { return cell.place == Place::labels; });
  make_runs();
}

void CodedDesign::make_runs() {
  for (std::size_t begin = 0; begin < numeric_.size();) {
    std::size_t end = begin + 1;
    while (end < numeric_.size() && continues(numeric_[end - 1], numeric_[end])) ++end;
    const bool missing =
        std::any_of(numeric_.begin() + static_cast<Index>(begin), numeric_.begin() + static_cast<Index>(end),
                    [](const FeatureCells& cell) { return !cell.numbers.missing.empty(); });
    runs_.push_back({begin, end, missing ? nullptr : complete_run(begin, end), nullptr});
    if (missing) runs_.back().missing = missing_rows(numeric_, begin, end);
    begin = end;
  }
}

DesignPtr CodedDesign::complete_run(std::size_t begin, std::size_t end) const {
  const std::span<const FeatureCells> cells(numeric_.data() + begin, end - begin);
  const auto cols = static_cast<Index>(cells.size());
  const FeatureCells& first = cells.front();
  switch (first.place) {
    case Place::matrix:
      return matrix_->scalar == Scalar::float32 ? dense_part<float>(*matrix_, first.matrix_column, cols)
                                                : dense_part<double>(*matrix_, first.matrix_column, cols);
    case Place::numbers:
      return first.numbers.scalar == Scalar::float32 ? pointer_part<float>(cells, rows_)
                                                     : pointer_part<double>(cells, rows_);
    default: return zero_columns(rows_, cols);
  }
}

template <class T>
DesignPtr CodedDesign::imputed_run(const Run& run, const std::vector<double>& fill) const {
  if (numeric_[run.begin].place == Place::matrix) {
    const auto cols = static_cast<Index>(run.end - run.begin);
    const std::span<const double> fills(fill.data() + run.begin, run.end - run.begin);
    return dense_part<T>(filled_sparse<T>(*matrix_, numeric_[run.begin].matrix_column, fills), 0, cols);
  }
  std::vector<const T*> columns;
  auto owners = std::make_shared<std::vector<std::shared_ptr<const void>>>();
  for (std::size_t k = run.begin; k < run.end; ++k) {
    columns.push_back(static_cast<const T*>(numeric_[k].numbers.values));
    owners->push_back(numeric_[k].numbers.owner);
  }
  const std::vector<double> fills(fill.begin() + static_cast<Index>(run.begin), fill.begin() + static_cast<Index>(run.end));
  return std::make_shared<ImputedDesign<T>>(std::move(columns), rows_, run.missing, fills, std::move(owners));
}

DesignPtr CodedDesign::filled(const std::vector<double>& fill) const {
  std::vector<DesignPtr> parts;
  for (const Run& run : runs_) {
    if (run.complete != nullptr) {
      parts.push_back(run.complete);
    } else if (scalar_of(numeric_[run.begin]) == Scalar::float32) {
      parts.push_back(imputed_run<float>(run, fill));
    } else {
      parts.push_back(imputed_run<double>(run, fill));
    }
  }
  if (binary_ != nullptr) parts.push_back(binary_);
  return hstack(std::move(parts));
}

Scalar CodedDesign::scalar_of(const FeatureCells& cells) const {
  return cells.place == Place::matrix ? matrix_->scalar : cells.numbers.scalar;
}

double CodedDesign::observed_mean_of(const FeatureCells& cells, std::span<const double> weights) const {
  const bool narrow = scalar_of(cells) == Scalar::float32;
  if (cells.place == Place::matrix) {
    return narrow ? observed_sparse_mean<float>(*matrix_, cells, weights)
                  : observed_sparse_mean<double>(*matrix_, cells, weights);
  }
  return narrow ? observed_mean<float>(cells.numbers, weights) : observed_mean<double>(cells.numbers, weights);
}

std::vector<double> CodedDesign::observed_means(std::span<const double> weights) const {
  std::vector<double> means(numeric_.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t k = 0; k < numeric_.size(); ++k) {
    if (!numeric_[k].numbers.missing.empty()) means[k] = observed_mean_of(numeric_[k], weights);
  }
  return means;
}

bool CodedDesign::has_missing() const {
  return std::any_of(runs_.begin(), runs_.end(), [](const Run& run) { return run.complete == nullptr; });
}

MatrixBlock keep_rows(const MatrixBlock& matrix, const std::vector<Index>& kept) {
  const bool narrow = matrix.scalar == Scalar::float32;
  if (matrix.layout == MatrixBlock::Layout::dense) {
    return narrow ? keep_dense<float>(matrix, kept) : keep_dense<double>(matrix, kept);
  }
  if (matrix.wide_indices) {
    return narrow ? keep_sparse<float, std::int64_t>(matrix, kept) : keep_sparse<double, std::int64_t>(matrix, kept);
  }
  return narrow ? keep_sparse<float, std::int32_t>(matrix, kept) : keep_sparse<double, std::int32_t>(matrix, kept);
}

}  // namespace riata
