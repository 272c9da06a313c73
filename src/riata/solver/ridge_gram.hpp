#pragma once

#include <span>
#include <vector>

#include "riata/solver/shifted_matrix.hpp"

namespace riata {

/// Ridge with k columns from the Gram G = ZᵀWZ alone: minimise ½ bᵀGb − cᵀb + λ/2 Σ fⱼ bⱼ². Columns U with f = 0 are
/// projected out first, the others P are scaled by D = diag(1/√f):
///
///   A = D (G_PP − G_PU G_UU⁺ G_UP) D,   b_P = D (A + λ)⁻¹ D (c_P − G_PU G_UU⁺ c_U),   b_U = G_UU⁺ (c_U − G_UP b_P)
///
/// (Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, 3.4.1.)
class RidgeGram {
 public:
  /// gram: k × k, is used up. factor: k finite entries. stop: asked now and then; once it says so nothing here is of use.
  RidgeGram(std::vector<double> gram, std::span<const double> factor, const Shifts& shifts = {},
            const blas::Stop& stop = {});

  Index columns() const { return static_cast<Index>(factor_.size()); }
  /// How A + λ is inverted.
  const ShiftedMatrix& shifted() const { return shifted_; }
  /// Of the systems that solve() solves for λ > 0, the directions that count as zero left out.
  double condition(double lambda) const;

  /// b for the linear term c (both k entries); λ > 0, or with eigenvalues 0: the answer of minimum norm in √f b. rounding:
  /// the error of vᵀDc for a unit vector v (ShiftedMatrix): c lies in the range of G, so vᵀDc is zero where the eigenvalue
  /// is.
  void solve(double lambda, std::span<const double> c, std::span<double> b, double rounding = 0);

  /// Trace of the hat matrix: rank of U + tr A (A + λ)⁻¹.
  double degrees_of_freedom(double lambda);

  /// Directions M (k × m, m = |P| + rank of U): the leverage of row i with weight wᵢ at λ is wᵢ Σₐ (zᵢᵀ Mₐ)² shrink(a, λ).
  std::vector<double> leverage_directions(double lambda);
  double shrink(Index a, double lambda) const;

 private:
  struct Unpenalised {
    std::vector<Index> columns;
    std::vector<double> vectors;  ///< u with uᵀ G_UU u = I: scaled eigenvectors; zero eigenvalues left out: q × rank
    Index rank = 0;
    double condition = 1;       ///< of G_UU, columns scaled to norm one
    std::vector<double> cross;  ///< vectorsᵀ G_UP: rank × |P|
  };
  void project_out(const std::vector<double>& gram, const blas::Stop& stop);

  std::vector<double> factor_;
  std::vector<Index> penalised_;
  Unpenalised unpenalised_;
  ShiftedMatrix shifted_;  ///< A: |P| × |P|
};

}  // namespace riata
