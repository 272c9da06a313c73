#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/types.hpp"

namespace riata {

/// Weighted mean and weighted 1/n variance of every column.
struct ColumnMoments {
  std::vector<double> mean;
  std::vector<double> variance;
};

/// Of some columns on the rows of one part, about a shift: their Gram matrix and their products with other columns V.
struct PartSums {
  Matrix gram;      ///< columns × columns
  Matrix products;  ///< columns × V's
};

/// Rewrites the entries of rows first, first + 1, … in place, one column a right-hand side; called for disjoint rows, by
/// several threads at once.
using RowMap = std::function<void(Index first, Matrix rows)>;

/// Some columns of a sparse design, row by row, positions in a row increasing: x_{i,k} = the entry of row i at position k,
/// or 0 where there is none, less rest[k].
struct RowEntries {
  std::vector<Index> starts;  ///< rows + 1
  std::vector<std::int32_t> positions;
  std::vector<double> values;
  std::vector<double> rest;
};

/// The matrix X (n × p) as solvers see it. Every call costs O(n), O(stored) or a block, so the virtual dispatch is free.
///
/// Arithmetic is in float64 whatever the storage. Where a `shift` is taken, column j counts as x_j − shift_j: the
/// subtraction happens inside the sum, so that a column of mean 1e8 and standard deviation 1 keeps its digits.
/// Rows are never subset: a row that is left out has weight zero (its entry in `v` is zero), see docs/decisions/0003.
/// Thread-safe for concurrent calls; results do not depend on the number of threads.
class Design {
 public:
  virtual ~Design() = default;

  virtual Index rows() const = 0;
  virtual Index cols() const = 0;

  /// Stored entries: n·p for dense designs, the stored non-zeros for sparse ones. Tells solvers what a pass costs.
  virtual Index stored() const = 0;

  /// Bytes that the stored entries take in memory (of a sparse design with their row numbers): the size of the data.
  virtual Index bytes() const = 0;

  /// Σᵢ (x_ij − shift) vᵢ; v has n entries.
  virtual double dot(Index j, std::span<const double> v, double shift = 0.0) const = 0;

  /// v += a (x_j − shift); v has n entries.
  virtual void add(Index j, double a, std::span<double> v, double shift = 0.0) const = 0;

  /// out = (X[:, first … first + out.rows) − 1 shiftᵀ)ᵀ V. V: n × m, out: columns × m.
  /// shift: p entries (indexed by the column's number in X), or empty for none.
  virtual void transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                  const Context& context) const = 0;

  /// out = (X[:, columns] − 1 shiftᵀ)ᵀ V. By default one dot product a number.
  virtual void dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
                    const Context& context) const;

  /// out += (X[:, columns] − 1 shiftᵀ) B. B: columns.size() × m, out: n × m.
  virtual void multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                        const Context& context) const = 0;

  /// out = Aᵀ f(A B), A = X[:, columns] − 1 shiftᵀ, f row by row: what a gradient step costs. Dense designs read A once,
  /// in blocks of rows that stay in cache between the two products. B, out: columns.size() × m.
  virtual void multiply_back(std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                             std::span<const double> shift, const Context& context) const;

  /// out(a, b) = Σᵢ wᵢ (x_{i,left[a]} − shift)(x_{i,right[b]} − shift). w: n entries, or empty for ones.
  virtual void gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
                    std::span<const double> shift, const Context& context) const = 0;

  /// outs[k]: weighted sums of `columns` on the rows with part_of[i] = k (negative: no part; empty: all are part 0). V: n ×
  /// m. One pass over dense designs, and over sparse ones with few columns, whatever the number of parts; by default one
  /// gram and its dots a part.
  virtual void part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                         ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
                         const Context& context) const;

  /// out(:, a) = x_{columns[a]} as float64. out: n × columns.size().
  virtual void gather(std::span<const Index> columns, Matrix out) const = 0;

  /// Two-pass weighted mean and variance (divisor Σw); w: n entries, or empty for ones. Rows of weight zero do not count.
  virtual ColumnMoments moments(std::span<const double> w, const Context& context) const = 0;

  /// Values near the columns' means, to take moments about: of dense designs the means of a few rows, by default of all.
  virtual std::vector<double> rough_means(const Context& context) const { return moments({}, context).mean; }

  /// A copy of some columns, for many products with them; nothing where the design is not sparse. Without the entries of
  /// rows whose weight is zero (w: n entries, or empty for ones).
  virtual std::optional<RowEntries> row_entries(std::span<const Index> columns, std::span<const double> w,
                                                std::span<const double> shift) const;
};

using DesignPtr = std::shared_ptr<const Design>;

}  // namespace riata
