#include "riata/solver/rough_columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "riata/core/memory.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

using kernels::kMostPanelRows, kernels::kPanelColumns, kernels::kPanelRows;

// Units of a column's rounding that a product is off, per row: 0.51 for the numbers, and for sums of T = kMostPanelRows / 4
// terms and right-hand sides in float32 32767 · 2⁻²⁴ (T + 16) = 0.54.
constexpr double kUnits = 1.1;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }
Index padded(Index n, Index size) { return (n + size - 1) / size * size; }

}  // namespace

bool RoughColumns::pay(const Design& design, Index lambdas, const Context& context) {
  constexpr Index kFewestLambdas = 10;
  constexpr Index kCached = 131072;  // numbers that stay in a second-level cache
  constexpr Index kShare = 3;        // of the data that the copy may take
  const bool dense = design.stored() == design.rows() * design.cols(), wide = design.cols() > design.rows();
  return dense && wide && !context.lean && lambdas >= kFewestLambdas && design.stored() > kCached &&
         kShare * bytes(design) <= std::min(design.bytes(), kShare * working_memory(context, design.bytes()));
}

Index RoughColumns::bytes(const Design& design) {
  return padded(design.rows(), kPanelRows) * padded(design.cols(), kPanelColumns) * static_cast<Index>(sizeof(std::int16_t));
}

RoughColumns::RoughColumns(const Design& design, std::vector<double> shift)
    : design_(design),
      shift_(std::move(shift)),
      memory_(std::make_unique_for_overwrite<std::int16_t[]>(at(bytes(design)) / sizeof(std::int16_t))),
      units_(at(design.cols())) {}

std::int16_t* RoughColumns::panel(Index column) const { return memory_.get() + column * padded(design_.rows(), kPanelRows); }

void RoughColumns::copy(Index first, Index count) {
  const Index n = design_.rows(), size = padded(n, kPanelRows) * kPanelColumns;
  std::vector<double> memory(at(n * kPanelColumns));
  for (Index from = first; from < first + count; from += kPanelColumns) {
    std::vector<Index> columns(at(std::min(kPanelColumns, first + count - from)));
    std::iota(columns.begin(), columns.end(), from);
    const Matrix values(memory.data(), n, std::ssize(columns));
    design_.gather(columns, values);
    std::int16_t* const to = panel(from);
    std::fill(values.cols < kPanelColumns ? to : to + size - kPanelRows * kPanelColumns, to + size, std::int16_t{0});
    for (Index k = 0; k < values.cols; ++k) {
      double* const x = &values(0, k);
      if (!shift_.empty()) kernels::load(x, shift_[at(from + k)], nullptr, x, n);
      units_[at(from + k)] = kUnits * kernels::round_column(x, n, to + k * kPanelRows);
    }
  }
}

RoughColumns::Sides::Sides(ConstMatrix v) : rows_(padded(v.rows, kPanelRows)), values_(at(rows_ * v.cols)) {
  for (Index c = 0; c < v.cols; ++c) {
    double largest = 0;
    for (const double value : v.column(c)) largest = std::max(largest, std::abs(value));
    largest = std::max(largest, std::numeric_limits<double>::min());
    scale_.push_back(largest);
    float* to = values_.data() + c * rows_;
    for (const double value : v.column(c)) *to++ = static_cast<float>(value / largest);
  }
}

void RoughColumns::transpose_multiply(Index first, const Sides& sides, Matrix out) const {
  std::vector<double> sums(at(kPanelColumns * out.cols));
  const Matrix own(sums.data(), kPanelColumns, out.cols);
  for (Index from = 0; from < out.rows; from += kPanelColumns) {
    std::ranges::fill(sums, 0.0);
    for (Index row = 0; row < sides.rows_; row += kMostPanelRows) {
      const Index rows = std::min(kMostPanelRows, sides.rows_ - row);
      kernels::panel_products(panel(first + from) + row * kPanelColumns,
                              {sides.values_.data() + row, rows, out.cols, sides.rows_}, own);
    }
    for (Index c = 0; c < out.cols; ++c) {
      for (Index j = 0; j < std::min(kPanelColumns, out.rows - from); ++j) {
        out(from + j, c) = own(j, c) * (unit(first + from + j) / kUnits) * sides.scale_[at(c)];
      }
    }
  }
}

}  // namespace riata
