#pragma once

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "riata/solver/past_points.hpp"
#include "riata/solver/product_ahead.hpp"
#include "riata/solver/row_state.hpp"
#include "riata/solver/system_columns.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {

/// Σ wᵢ ℓ + penalty over a working set, by products with the design alone. A Newton system on the columns that are free to
/// move, with their signs fixed, is solved by conjugate gradients; what would change its sign or leave its bounds stops
/// there (Bertsekas 1982, SIAM J. Control Optim. 20: projected Newton).
class ProductWorking final : public WorkingProblem {
 public:
  ProductWorking(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted),
        context_(context),
        rows_(fitted),
        system_(fitted, context),
        past_(fitted),
        b0_(fitted.response_mean),
        b_(static_cast<std::size_t>(fitted.cols())),
        gradient_(static_cast<std::size_t>(fitted.cols())),
        seen_(static_cast<std::size_t>(fitted.cols())),
        trend_(static_cast<std::size_t>(fitted.cols())),
        gradient_trend_(static_cast<std::size_t>(fitted.cols())),
        diagonal_(static_cast<std::size_t>(fitted.cols())) {
    copies_ = fitted.design->row_entries({}, {}, {}).has_value();
    recompute();
  }

  Status solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
               Index most_rounds) override;
  Index solve_ahead(std::span<const ElasticBox> penalties, std::span<const Index> working, const Precision& precision,
                    const Outlook& outlook, const std::function<bool(Index)>& solved) override;
  void recompute() override {
    rows_.set(b0_, b_, context_);
    std::ranges::fill(seen_, -std::numeric_limits<double>::infinity());
    take_diagonal();
  }
  std::span<const double> coefficients() const override { return b_; }
  double b0() const override { return b0_; }
  void eta(std::span<double> out) const override { std::ranges::copy(rows_.eta, out.begin()); }
  std::span<const double> pull() const override { return rows_.pull; }
  Gradients known_gradients() const override { return {known_, gradient_}; }
  void rate(std::span<double> out) override;
  double degrees_of_freedom() override;

 private:
  /// The columns that may move, and the slope of the objective that a Newton step takes to zero.
  struct Free {
    std::vector<Index> columns;
    std::vector<double> sign;   ///< of the l1 part; 0: none
    std::vector<double> slope;  ///< −∂objective/∂b
  };

  void take_gradients(const ElasticBox& penalty, std::span<const Index> working);
  void set_gradients(std::span<const Index> columns, std::span<const double> values);
  Free free_columns(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
                    double ahead) const;
  double worst_violation(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision) const;
  double solve_newton(const Free& free, double l2, double reduction, std::span<double> step, std::vector<double>& rows);
  void take_diagonal();
  void travel_from(std::span<const double> pull);
  bool find_again(std::span<const Index> working, double l1);
  PathState lead(std::span<const Index> working, double l1) const;
  void go_to(const ProductAhead::Side& side, std::span<const Index> working);
  bool step(const ElasticBox& penalty, const Free& free, std::span<const double> start, double reduction, bool far);
  double target(const ElasticBox& penalty, Index j, double sign, double step) const;
  bool move(const ElasticBox& penalty, const Free& free, std::span<const double> step, std::span<const double> step_rows,
            double intercept_step);
  /// But for what columns add that do not move.
  double objective(const ElasticBox& penalty, const Free& free) const {
    return rows_.loss() + penalty_value(penalty, free.columns, b_);
  }

  const FittedProblem& fitted_;
  const Context& context_;
  RowState rows_;
  SystemColumns system_;
  PastPoints past_;
  double b0_;
  std::vector<double> b_;                   ///< p
  std::vector<double> gradient_;            ///< p: Zᵀ pull where it has been taken last
  std::span<const Index> known_;            ///< columns whose gradient_ is of the present point; empty while not told
  std::vector<double> seen_;                ///< p: travelled_ when gradient_ was taken
  std::vector<double> trend_;               ///< p: −db/dl1 as the last λ showed it
  std::vector<double> gradient_trend_;      ///< p: the same of the gradients
  std::vector<double> diagonal_;            ///< p: of the Newton system at the last recompute, near enough to precondition
  std::vector<double> diagonal_curvature_;  ///< n: of which it is
  ElasticBox box_;
  bool copies_ = false;            ///< the design tells its columns by rows
  Index most_sides_ = kMostSides;  ///< λ to be tried at once
  double travelled_ = 0;           ///< Σ ‖Δ pull‖ in the rows' weights, over all steps
};

}  // namespace riata
