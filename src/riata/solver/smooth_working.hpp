#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/curved_gram.hpp"
#include "riata/solver/past_points.hpp"
#include "riata/solver/row_state.hpp"
#include "riata/solver/working_problem.hpp"

namespace riata {

/// A step of a SmoothWorking: where b₀ and the coefficients that it moves were, and by how much they moved.
struct SmoothMove {
  std::vector<double> start, delta;
  double start_b0 = 0, delta_b0 = 0;
  double goal = 0;  ///< what the objective must not exceed
};

/// Proximal Newton on the active-set core (smooth_working_problem).
class SmoothWorking final : public WorkingProblem {
 public:
  SmoothWorking(const FittedProblem& fitted, const Context& context);

  Status solve(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
               Index most_rounds) override;
  Index solve_ahead(std::span<const ElasticBox> penalties, std::span<const Index> working, const Precision& precision,
                    const Outlook& outlook, const std::function<bool(Index)>& solved) override;
  void begin(const ElasticBox& penalty, std::span<const Index> working, std::span<const double> precision,
             Index most_rounds) override;
  RowPass* next() override;
  void serve(RowPass& pass) override;
  void move_rows(Index first, std::span<double> rows) override;
  void recompute() override;
  std::span<const double> coefficients() const override { return active_.coefficients(); }
  double b0() const override { return b0_; }
  void eta(std::span<double> out) const override { std::ranges::copy(rows_.eta, out.begin()); }
  std::span<const double> pull() const override { return rows_.pull; }
  Gradients known_gradients() const override { return {known_, gradient_}; }
  void rate(std::span<double> out) override;
  double degrees_of_freedom() override;

 private:
  enum class Stage { begun, guessing, looking, stepping, ended };

  void refresh_curvature();
  RowPass* go_ahead();
  RowPass* judge_guess();
  double objective() const;
  void take_answer();
  double worst_violation() const;
  std::vector<Index> reduce(std::span<const Index> besides) const;
  RowPass* look(std::span<const Index> columns);
  RowPass* end(Status status);
  RowPass* judge();
  RowPass* step();
  void start_move();
  RowPass* move();
  void solve_model();
  void finish_step();
  bool shorten();

  const FittedProblem& fitted_;
  const Context& context_;
  CurvedGram curved_;
  ActiveSet active_;
  PastPoints past_;
  double b0_;
  RowState rows_;
  std::vector<double> start_;      ///< n: η before the last step
  std::vector<double> direction_;  ///< n: the last step of η
  std::vector<double> gradient_;   ///< p: Zᵀ pull where it has been taken last
  std::vector<Index> known_;       ///< increasing: the columns whose gradient_ is of the present point
  double ratio_ = 1;               ///< the present curvature is about that times the model's
  double l2_ = 0;                  ///< of the last solve
  double unit_ = 0;                ///< the coarsest precision: that of the intercept's gradient
  Index renewals_ = 0;             ///< of the curvature since the last attempt to go ahead
  bool fresh_ = false;             ///< the model's curvature is of the present point

  // The solve that next() goes on with.
  ElasticBox penalty_;
  std::span<const Index> working_;
  std::span<const double> precision_;
  Stage stage_ = Stage::ended;
  RowPass pass_;
  SmoothMove move_;
  PathState guess_;
  std::vector<Index> columns_;  ///< increasing: those of the working set that steps move
  Index round_ = 0, limit_ = 0;
  double worst_ = 0;
  bool stepped_ = false, renew_ = false, stagnant_ = false;
};

}  // namespace riata
