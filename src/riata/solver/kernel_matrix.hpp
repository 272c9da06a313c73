#pragma once

#include <memory>
#include <span>
#include <vector>

#include "riata/solver/problem.hpp"

namespace riata {

class RowFactors;
struct ColumnFactors;

/// out = Σⱼ aⱼ zⱼ zⱼᵀ over `columns` of the design (n × n, all rows, symmetric); a: columns.size() entries, or empty for
/// ones. n²/2 multiply-adds a column; columns are gathered a few hundred at a time, so no copy of the design is made. Once
/// the context is interrupted it ends early, with what was added so far.
void kernel_matrix(const Design& design, std::span<const Index> columns, std::span<const double> a, Matrix out,
                   const Context& context);

/// Z F⁻¹ Zᵀ of all rows about any one point, Z unscaled: a path of ridge and its folds on wide data share it, for about the
/// means of some of the rows (weights w of sum one) it is (I − 1wᵀ) K (I − w1ᵀ).
struct RowKernel {
  std::vector<double> entries;
  /// Where so many responses of the same rows and weights take it one after the other, the first leaves its factors to the
  /// others.
  Index n_responses = 1;
  mutable std::shared_ptr<RowFactors> factors = nullptr;
  mutable std::shared_ptr<ColumnFactors> columns = nullptr;  ///< of tall data, without entries
  /// Of the centred columns, or as it is.
  std::vector<double> about(std::span<const double> w, bool centred) const;
};

/// Whether the kernel of so many rows costs less than iterating: rows²·columns multiply-adds against four for each stored
/// entry in every iteration, of which some hundreds are common.
bool kernel_pays(const Design& design, Index columns);

/// Null where ridge would not take it, or not twice the same.
std::shared_ptr<const RowKernel> row_kernel_if_it_pays(const Problem& problem, const Context& context);

}  // namespace riata
