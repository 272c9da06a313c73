#pragma once

#include "riata/core/types.hpp"
#include "riata/kernels/layer_kinds.hpp"

/// The pieces of a perceptron on a block of rows, by columns: a column is one unit at all rows. T is float or double. The
/// number of rows is a multiple of kRowGroup; rows that fill it up carry weight 0.
namespace riata::kernels {

inline constexpr Index kRowGroup = 16;

/// z(:, o) = bias[o] + Σⱼ a(:, j) w[o · out_step + j · in_step]. bias may be null: zeros.
template <class T>
void affine(MatrixView<const T> a, const T* w, Index out_step, Index in_step, const T* bias, MatrixView<T> z);

/// weight[o · a.cols + j] += Σᵢ d(i, o) a(i, j), bias[o] += Σᵢ d(i, o). bias may be null.
template <class T>
void affine_gradient(MatrixView<const T> a, MatrixView<const T> d, T* weight, T* bias);

/// z := a(z); slope := a′(z), unless null.
template <class T>
void activate(Activation activation, T* z, T* slope, Index n);

/// x ∘= y.
template <class T>
void multiply(T* x, const T* y, Index n);

/// Σᵢ wᵢ ℓ(yᵢ, ηᵢ), and Σᵢ wᵢ over the rows whose class is right (0 for losses without classes); of several responses the
/// sum of ℓ and the share of right classes.
struct HeadSums {
  double loss = 0;
  double hits = 0;
};

/// delta := scale · wᵢ ∂ℓ/∂η where delta.data is not null (it may be eta). Rows with w = 0 give exactly 0. y holds eta.rows
/// entries a response, of which multinomial has one and every other loss one a column of eta.
template <class T>
HeadSums loss_head(NetworkLoss loss, MatrixView<const T> eta, const T* y, const T* w, T scale, MatrixView<T> delta);

}  // namespace riata::kernels
