#include "riata/design/standardized.hpp"

#include <cassert>
#include <utility>

namespace riata {
namespace {

/// The base's shift: (x − centre)/scale − shift = (x − (centre + scale·shift))/scale. Empty when there is nothing to shift.
std::vector<double> base_shift(const StandardizedDesign& design, std::span<const double> shift) {
  std::vector<double> result(static_cast<std::size_t>(design.cols()));
  for (std::size_t j = 0; j < result.size(); ++j) {
    const Index column = static_cast<Index>(j);
    result[j] = design.centre(column) + (shift.empty() ? 0.0 : design.scale(column) * shift[j]);
  }
  return result;
}

/// B with each row divided by its column's scale.
std::vector<double> over_scale(const StandardizedDesign& design, std::span<const Index> columns, ConstMatrix b) {
  std::vector<double> result(static_cast<std::size_t>(b.rows * b.cols));
  const Matrix own(result.data(), b.rows, b.cols);
  for (Index c = 0; c < b.cols; ++c) {
    for (Index k = 0; k < b.rows; ++k) own(k, c) = b(k, c) / design.scale(columns[static_cast<std::size_t>(k)]);
  }
  return result;
}

}  // namespace

StandardizedDesign::StandardizedDesign(DesignPtr base, std::vector<double> centre, std::vector<double> scale)
    : base_(std::move(base)), centre_(std::move(centre)), scale_(std::move(scale)) {
  assert(centre_.empty() || static_cast<Index>(centre_.size()) == base_->cols());
  assert(scale_.empty() || static_cast<Index>(scale_.size()) == base_->cols());
}

Index StandardizedDesign::rows() const { return base_->rows(); }
Index StandardizedDesign::cols() const { return base_->cols(); }
Index StandardizedDesign::stored() const { return base_->stored(); }

Index StandardizedDesign::bytes() const { return base_->bytes(); }

double StandardizedDesign::dot(Index j, std::span<const double> v, double shift) const {
  return base_->dot(j, v, centre(j) + scale(j) * shift) / scale(j);
}

void StandardizedDesign::add(Index j, double a, std::span<double> v, double shift) const {
  base_->add(j, a / scale(j), v, centre(j) + scale(j) * shift);
}

void StandardizedDesign::transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                            const Context& context) const {
  if (shift.empty()) {
    base_->transpose_multiply(first, v, out, centre_, context);
  } else {
    base_->transpose_multiply(first, v, out, base_shift(*this, shift), context);
  }
  if (scale_.empty()) return;
  for (Index c = 0; c < out.cols; ++c) {
    for (Index k = 0; k < out.rows; ++k) out(k, c) /= scale(first + k);
  }
}

void StandardizedDesign::dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
                              const Context& context) const {
  if (shift.empty()) {
    base_->dots(columns, v, out, centre_, context);
  } else {
    base_->dots(columns, v, out, base_shift(*this, shift), context);
  }
  if (scale_.empty()) return;
  for (Index c = 0; c < out.cols; ++c) {
    for (Index k = 0; k < out.rows; ++k) out(k, c) /= scale(columns[static_cast<std::size_t>(k)]);
  }
}

void StandardizedDesign::multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                                  const Context& context) const {
  const std::vector<double> scaled = over_scale(*this, columns, b);
  const ConstMatrix own(scaled.data(), b.rows, b.cols);
  if (shift.empty()) {
    base_->multiply(columns, own, out, centre_, context);
  } else {
    base_->multiply(columns, own, out, base_shift(*this, shift), context);
  }
}

void StandardizedDesign::multiply_back(std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                                       std::span<const double> shift, const Context& context) const {
  const std::vector<double> scaled = over_scale(*this, columns, b);
  const ConstMatrix own(scaled.data(), b.rows, b.cols);
  if (shift.empty()) {
    base_->multiply_back(columns, own, f, out, centre_, context);
  } else {
    base_->multiply_back(columns, own, f, out, base_shift(*this, shift), context);
  }
  if (scale_.empty()) return;
  for (Index c = 0; c < out.cols; ++c) {
    for (Index k = 0; k < out.rows; ++k) out(k, c) /= scale(columns[static_cast<std::size_t>(k)]);
  }
}

void StandardizedDesign::gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w,
                              Matrix out, std::span<const double> shift, const Context& context) const {
  if (shift.empty()) {
    base_->gram(left, right, w, out, centre_, context);
  } else {
    base_->gram(left, right, w, out, base_shift(*this, shift), context);
  }
  if (scale_.empty()) return;
  for (Index b = 0; b < out.cols; ++b) {
    for (Index a = 0; a < out.rows; ++a) {
      out(a, b) /= scale(left[static_cast<std::size_t>(a)]) * scale(right[static_cast<std::size_t>(b)]);
    }
  }
}

void StandardizedDesign::gather(std::span<const Index> columns, Matrix out) const {
  base_->gather(columns, out);
  for (Index k = 0; k < out.cols; ++k) {
    const Index j = columns[static_cast<std::size_t>(k)];
    for (double& value : out.column(k)) value = (value - centre(j)) / scale(j);
  }
}

std::optional<RowEntries> StandardizedDesign::row_entries(std::span<const Index> columns, std::span<const double> w,
                                                          std::span<const double> shift) const {
  std::optional<RowEntries> result = base_->row_entries(columns, w, shift.empty() ? centre_ : base_shift(*this, shift));
  if (!result || scale_.empty()) return result;
  std::vector<double> scales;
  for (const Index j : columns) scales.push_back(scale(j));
  for (std::size_t k = 0; k < scales.size(); ++k) result->rest[k] /= scales[k];
  for (std::size_t e = 0; e < result->values.size(); ++e) {
    result->values[e] /= scales[static_cast<std::size_t>(result->positions[e])];
  }
  return result;
}

ColumnMoments StandardizedDesign::moments(std::span<const double> w, const Context& context) const {
  ColumnMoments result = base_->moments(w, context);
  for (Index j = 0; j < cols(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    result.mean[at] = (result.mean[at] - centre(j)) / scale(j);
    result.variance[at] = result.variance[at] / scale(j) / scale(j);
  }
  return result;
}

}  // namespace riata
