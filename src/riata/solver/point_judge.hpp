#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "riata/penalty/elastic_net.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/quadratic.hpp"

namespace riata {

/// Converged only where the certificate says so, whatever the solver thinks.
Status graded(const Certificate& certificate, Status status, double tolerance);

/// Certifies the points of a path with look-ahead, one after the other, and holds the last.
class PointJudge {
 public:
  /// `base`: any view of the squared loss of this problem, for its Gram blocks and images.
  PointJudge(const FittedProblem& fitted, const Quadratic& base, ElasticNet penalty, double tolerance,
             const Context& context);

  Solution operator()(const SolvedPoint& solved, double lambda);
  const State& state() const { return state_; }

 private:
  /// A point whose gradient and residual square are known already, with the Gram blocks of another quadratic.
  class KnownPoint final : public Quadratic {
   public:
    explicit KnownPoint(const Quadratic& base) : base_(base) {}
    std::vector<double>& gradient_entries() { return gradient_; }
    void set_residual(std::vector<double> residual, double square) {
      residual_ = std::move(residual);
      residual_square_ = square;
    }
    std::span<const double> residual() const override { return residual_; }
    void evaluate(State&) override {}
    void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const override {
      base_.gram(left, right, out);
    }
    void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const override {
      base_.image(columns, values, out);
    }

   private:
    const Quadratic& base_;
    std::vector<double> residual_;
  };

  void set_point(const SolvedPoint& solved);
  void judge_squared(const SolvedPoint& solved, double lambda, Solution& solution);
  void judge_smooth(const SolvedPoint& solved, double lambda, Solution& solution);
  std::vector<double> centred_residual(std::span<const double> pull) const;
  std::vector<double> balanced_residual(std::span<const double> pull);
  void take_gradients(std::span<const double> pull);
  double plain_gap(const SolvedPoint& solved, double lambda);
  double smooth_gap(const SolvedPoint& solved, double lambda, std::span<const double> theta) const;
  std::vector<Index> free_columns(double lambda) const;
  std::optional<std::vector<double>> newton_step(const SolvedPoint& solved, std::span<const Index> columns,
                                                 std::span<const double> curvature) const;
  std::vector<double> settled_residual(std::span<const double> pull, std::span<const double> curvature,
                                       std::span<const double> step);
  double gap_on_data(const SolvedPoint& solved, double lambda, std::span<const Index> columns, std::vector<double> curvature,
                     double least);
  bool tell_apart(const std::vector<Index>& columns);
  double free_gap(const SolvedPoint& solved, double lambda, const std::vector<Index>& columns, double gap);
  void forget_rounding(std::span<const Index> columns, std::span<const double> pull);

  const FittedProblem& fitted_;
  ElasticNet penalty_;
  double tolerance_;
  const Context& context_;
  KnownPoint point_;
  Certifier certifier_;
  State state_;
  double lambda_ = 0;            ///< of the point that is judged
  bool unsure_ = false;          ///< rounding hides more of the objective than the tolerance allows
  std::vector<Index> columns_;   ///< non-zero in state_
  std::vector<Index> relevant_;  ///< whose gradients point_ has
  std::vector<Index> free_;      ///< columns a Gram did not tell apart last
  std::vector<Index> kept_;      ///< those of them that span free_ in the data
};

}  // namespace riata
