#pragma once

#include <memory>
#include <vector>

#include "riata/solver/newton.hpp"
#include "riata/solver/smooth_point.hpp"

namespace riata {

/// Ridge with any smooth loss on wide data, without bounds, λ > 0: the penalised coefficients are b = F⁻¹ Zᵀa for some a,
/// one number a row. With Z F⁻¹ Zᵀ = L Lᵀ the problem becomes ridge with the columns of L in place of theirs, rows² numbers
/// whatever p; unpenalised columns stay as they are. (Hastie & Tibshirani 2004, Biostatistics 5.)
class RowSpanSolver final : public PathSolver {
 public:
  /// `predictions_only`: solutions leave State::b empty, and their certificate is that of the small problem, which is equal
  /// to the whole one's but for rounding.
  RowSpanSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, const NewtonOptions& options,
                bool predictions_only, const Context& context);

  std::string_view name() const override { return "newton, span of the rows"; }
  Solution solve(double lambda, State& state) override;
  Status solve_path(std::span<const double> lambdas, const SolutionSink& sink) override;

 private:
  std::shared_ptr<const std::vector<double>> small_columns();
  void make_small();
  State whole(const State& small) const;

  std::shared_ptr<Quadratic> quadratic_;
  double tolerance_;
  bool predictions_only_;
  std::vector<Index> penalised_;
  std::vector<Index> pivots_;   ///< rows that span the others
  std::vector<double> factor_;  ///< L of the pivots, lower triangular
  FittedProblem small_;
  std::unique_ptr<NewtonSolver> solver_;
};

}  // namespace riata
