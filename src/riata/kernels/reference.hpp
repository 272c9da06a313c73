#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "riata/core/types.hpp"

/// The hot loops as one would write them on a blackboard: one accumulator, one loop. Tests compare the fast kernels with
/// these, and they say what the fast ones compute. T is float or double (storage), I is int32 or int64; sums are float64.
namespace riata::kernels::reference {

/// Σᵢ (xᵢ − shift) vᵢ.
template <class T>
double dot(const T* x, const double* v, Index n, double shift) {
  double sum = 0;
  for (Index i = 0; i < n; ++i) sum += (static_cast<double>(x[i]) - shift) * v[i];
  return sum;
}

/// v += a (x − shift).
template <class T>
void add(double a, const T* x, double shift, double* v, Index n) {
  for (Index i = 0; i < n; ++i) v[i] += a * (static_cast<double>(x[i]) - shift);
}

/// out = scale ∘ (x − shift). scale may be null: ones.
template <class T>
void load(const T* x, double shift, const double* scale, double* out, Index n) {
  for (Index i = 0; i < n; ++i) out[i] = (scale == nullptr ? 1.0 : scale[i]) * (static_cast<double>(x[i]) - shift);
}

/// First and second weighted moments about `shift`: Σ wᵢ dᵢ and Σ wᵢ dᵢ², d = x − shift, over rows with wᵢ ≠ 0. w may be
/// null: ones.
struct Sums {
  double first = 0;
  double second = 0;
};

template <class T>
Sums sums(const T* x, const double* w, Index n, double shift) {
  Sums total;
  for (Index i = 0; i < n; ++i) {
    const double weight = w == nullptr ? 1.0 : w[i];
    if (weight == 0.0) continue;
    const double d = static_cast<double>(x[i]) - shift;
    total.first += weight * d;
    total.second += weight * d * d;
  }
  return total;
}

/// out(j, c) += Σᵢ (columns[j][i] − shift[j]) V(i, c) for i < rows. shift may be null: zeros. V and out column-major.
template <class T>
void transposed_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  for (Index c = 0; c < v.cols; ++c) {
    for (Index j = 0; j < n_columns; ++j) {
      out(j, c) += dot(columns[j], &v(0, c), v.rows, shift == nullptr ? 0.0 : shift[j]);
    }
  }
}

/// Each times w: the value (0 where w is 0, whatever it was), minus the gradient, the curvature.
inline void weigh(const double* w, Index n, double* value, double* gradient, double* curvature) {
  for (Index i = 0; i < n; ++i) {
    value[i] = w[i] > 0 ? w[i] * value[i] : 0.0;
    gradient[i] *= -w[i];
    curvature[i] *= w[i];
  }
}

/// out(i, c) += Σⱼ (columns[j][i] − shift[j]) B(j, c) for i < out.rows. shift may be null: zeros.
template <class T>
void multiply_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  for (Index c = 0; c < b.cols; ++c) {
    for (Index j = 0; j < n_columns; ++j) {
      add(b(j, c), columns[j], shift == nullptr ? 0.0 : shift[j], &out(0, c), out.rows);
    }
  }
}

/// out(j, c) += Σᵢ (rows[i][j] − shift[j]) V(i, c) for j < out.rows: transposed_block of a matrix stored by rows. shift may
/// be null: zeros.
template <class T>
void transposed_rows(const T* const* rows, Index n_rows, const double* shift, ConstMatrix v, Matrix out) {
  for (Index c = 0; c < v.cols; ++c) {
    for (Index i = 0; i < n_rows; ++i) {
      for (Index j = 0; j < out.rows; ++j) {
        out(j, c) += (static_cast<double>(rows[i][j]) - (shift == nullptr ? 0.0 : shift[j])) * v(i, c);
      }
    }
  }
}

/// Rounds x to multiples of a unit, the largest of them ± 32767, into column `column` of a panel: row i of that column is at
/// panel_place(i, column).
inline Index panel_place(Index i, Index column) { return i / 16 * 128 + column * 16 + i % 16; }
inline double round_column(const double* x, Index n, std::int16_t* panel, Index column) {
  double most = 0;
  for (Index i = 0; i < n; ++i) most = std::max(most, std::abs(x[i]));
  const double unit = most / 32767;
  for (Index i = 0; i < n; ++i) {
    panel[panel_place(i, column)] = static_cast<std::int16_t>(unit > 0 ? std::lround(x[i] / unit) : 0);
  }
  return unit;
}

/// out(j, c) += Σᵢ xᵢⱼ V(i, c) for the eight columns of a panel.
inline void panel_products(const std::int16_t* panel, MatrixView<const float> v, Matrix out) {
  for (Index c = 0; c < v.cols; ++c) {
    for (Index j = 0; j < 8; ++j) {
      for (Index i = 0; i < v.rows; ++i) out(j, c) += panel[panel_place(i, j)] * static_cast<double>(v(i, c));
    }
  }
}

/// out[j · out_stride + i] = x[i · stride + j].
template <class T>
void transpose(const T* x, Index stride, Index rows, Index cols, T* out, Index out_stride) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) out[j * out_stride + i] = x[i * stride + j];
  }
}

/// Σₖ (valuesₖ − shift) v[rowₖ] over the stored entries.
template <class T, class I>
double sparse_dot(const T* values, const I* rows, Index stored, const double* v, double shift) {
  double sum = 0;
  for (Index k = 0; k < stored; ++k) sum += (static_cast<double>(values[k]) - shift) * v[rows[k]];
  return sum;
}

/// out[c] = Σₖ (valuesₖ − shift) v[rowₖ · sides + c].
template <class T, class I>
void sparse_dots(const T* values, const I* rows, Index stored, const double* v, Index sides, double shift, double* out) {
  for (Index c = 0; c < sides; ++c) {
    out[c] = 0;
    for (Index k = 0; k < stored; ++k) out[c] += (static_cast<double>(values[k]) - shift) * v[rows[k] * sides + c];
  }
}

/// v[rowₖ] += a (valuesₖ − shift) over the stored entries; the rows are distinct.
template <class T, class I>
void sparse_add(double a, const T* values, const I* rows, Index stored, double* v, double shift) {
  for (Index k = 0; k < stored; ++k) v[rows[k]] += a * (static_cast<double>(values[k]) - shift);
}

/// z = A v, out += Aᵀ(h ∘ z) for rows first … last − 1 of a sparse A by rows.
inline void sparse_normal(const Index* starts, const Index* ends, const std::int32_t* positions, const double* values,
                          Index first, Index last, const double* h, const double* v, double* z, double* out) {
  for (Index i = first; i < last; ++i) {
    z[i] = 0;
    for (Index k = starts[i]; k < ends[i]; ++k) z[i] += values[k] * v[positions[k]];
    for (Index k = starts[i]; k < ends[i]; ++k) out[positions[k]] += h[i] * z[i] * values[k];
  }
}

/// log(1 + e^η) − yη for y ∈ {0, 1}, and its first and second derivative in η.
inline void logistic(const double* y, const double* eta, Index n, double* value, double* gradient, double* curvature) {
  for (Index i = 0; i < n; ++i) {
    const double sign = y[i] > 0.5 ? -1.0 : 1.0, z = sign * eta[i];
    const double t = std::exp(-std::abs(z));
    value[i] = (z > 0 ? z : 0.0) + std::log1p(t);
    gradient[i] = sign * (z >= 0 ? 1 / (1 + t) : t / (1 + t));
    curvature[i] = t / ((1 + t) * (1 + t));
  }
}

inline constexpr double kLeastProbability = 1e-290;  // a quotient by less may overflow

/// Fenchel–Young terms of the logistic loss (Loss::fenchel_young); NaN for rows whose dual point is outside its domain or
/// where a class is less likely than kLeastProbability.
inline void logistic_gap(const double* y, const double* eta, const double* theta, Index n, double* out) {
  const auto divergence = [](double q, double p) { return q == 0 ? p : q * std::log(q / p) - q + p; };
  for (Index i = 0; i < n; ++i) {
    const double sign = y[i] > 0.5 ? 1.0 : -1.0, towards = sign * theta[i], t = std::exp(-std::abs(eta[i]));
    const double large = 1 / (1 + t), small = t / (1 + t), other = sign * eta[i] > 0 ? small : large;
    const bool told = towards >= 0 && towards <= 1 && small >= kLeastProbability;
    out[i] = told ? divergence(towards, other) + divergence(1 - towards, sign * eta[i] > 0 ? large : small) : std::nan("");
  }
}

}  // namespace riata::kernels::reference
