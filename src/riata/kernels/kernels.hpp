#pragma once

#include <cstdint>

#include "riata/core/types.hpp"
#include "riata/kernels/reference.hpp"

/// The few hot loops, compiled for several instruction sets and chosen at run time. What each computes is written in
/// reference.hpp under the same name. T is float or double, I is int32 or int64; sums are float64 with several accumulators,
/// so the last bits differ from the reference and between instruction sets, never between calls on one machine.
namespace riata::kernels {

using reference::kLeastProbability;
using reference::Sums;

template <class T>
double dot(const T* x, const double* v, Index n, double shift);

template <class T>
void add(double a, const T* x, double shift, double* v, Index n);

template <class T>
void load(const T* x, double shift, const double* scale, double* out, Index n);

template <class T>
Sums sums(const T* x, const double* w, Index n, double shift);

void weigh(const double* w, Index n, double* value, double* gradient, double* curvature);

/// v.rows ≤ kMaxBlockRows. The bits of out(j, c) do not depend on which other columns and right-hand sides are in the call.
inline constexpr Index kMaxBlockRows = 512;
template <class T>
void transposed_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out);

template <class T>
void multiply_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out);

/// The bits of out(j, c) do not depend on which other columns and right-hand sides are in the call.
template <class T>
void transposed_rows(const T* const* rows, Index n_rows, const double* shift, ConstMatrix v, Matrix out);

/// Panels of kPanelColumns columns in 16 bits a number: kPanelRows rows of the first, of the second, …, and so on down.
inline constexpr Index kPanelColumns = 8, kPanelRows = 16;
inline constexpr Index kMostPanelRows = 1024;  ///< of a product

/// Writes a column to its place in a panel: round(xᵢ / unit). Returns the unit, so that |xᵢ − unit · kᵢ| ≤ 0.51 unit. What
/// is left of the last kPanelRows rows is not written.
double round_column(const double* x, Index n, std::int16_t* panel);

/// out(j, c) += Σᵢ panel(i, j) V(i, c) for j < kPanelColumns in float32, in sums of at most v.rows / 4 terms each; v.rows: a
/// multiple of kPanelRows, at most kMostPanelRows.
void panel_products(const std::int16_t* panel, MatrixView<const float> v, Matrix out);

template <class T>
void transpose(const T* x, Index stride, Index rows, Index cols, T* out, Index out_stride);

template <class T, class I>
double sparse_dot(const T* values, const I* rows, Index stored, const double* v, double shift);

/// The same for several right-hand sides with neighbouring rows together: V(i, c) is v[i · sides + c]. The bits of out[c]
/// are those of sparse_dot.
template <class T, class I>
void sparse_dots(const T* values, const I* rows, Index stored, const double* v, Index sides, double shift, double* out);

template <class T, class I>
void sparse_add(double a, const T* values, const I* rows, Index stored, double* v, double shift);

/// Rows first … last − 1 of a sparse matrix A kept by rows, row i from starts[i] to ends[i] − 1: z = A v, out += Aᵀ(h ∘ z).
void sparse_normal(const Index* starts, const Index* ends, const std::int32_t* positions, const double* values, Index first,
                   Index last, const double* h, const double* v, double* z, double* out);

/// The same for several right-hand sides in float32, a row's together: V(k, c) is v[k · sides + c]; totals[c] += Σ hᵢ zᵢ. Of
/// weights h there is one a row, or one a row and side.
void sparse_normal_sides(const Index* starts, const Index* ends, const std::int32_t* positions, const float* values,
                         Index first, Index last, const float* h, Index weights, const float* v, Index sides, float* totals,
                         float* out);

/// Likewise out += AᵀH alone, where H(i, c) is h[i · sides + c].
void sparse_transposed_sides(const Index* starts, const Index* ends, const std::int32_t* positions, const float* values,
                             Index first, Index last, const float* h, Index sides, float* out);

/// Every output may be null.
void logistic(const double* y, const double* eta, Index n, double* value, double* gradient, double* curvature);

void logistic_gap(const double* y, const double* eta, const double* theta, Index n, double* out);

}  // namespace riata::kernels
