#pragma once

#include <optional>
#include <span>
#include <vector>

#include "riata/solver/past_points.hpp"
#include "riata/solver/row_state.hpp"
#include "riata/solver/sides.hpp"
#include "riata/solver/system_columns.hpp"

namespace riata {

/// Several λ of a sparse problem without bounds at once. Each λ has a support of its own, but all Newton
/// systems are solved side by side: a pass over the rows of all their columns is a product for every one, and costs hardly
/// more than for one. Inside a step numbers are in single precision; gradients and points are in double.
class ProductAhead {
 public:
  struct Side {
    explicit Side(const FittedProblem& fitted) : rows(fitted) {}

    ElasticBox penalty;
    double b0 = 0;
    std::vector<double> b, gradient;  ///< of working
    RowState rows;
    bool settled = false;

    std::vector<signed char> free, sign;  ///< of working: those that the present step moves, and their signs
    std::vector<double> slope;            ///< −∂objective/∂b of these
    double worst = 0, best = 0;           ///< the present and the least violation, in units of precision
    double reduction = 0;                 ///< of the slope, by the present step
    int rises = 0;                        ///< rounds after which the violation was not the least
  };

  /// `diagonal`: of ZᵀHZ, p entries. `working` and `precision` as of WorkingProblem::solve.
  ProductAhead(const FittedProblem& fitted, std::span<const double> diagonal, std::span<const Index> working,
               std::span<const double> precision, SystemColumns& system, const Context& context);

  /// Solves these λ, decreasing, at most kMostSides, from a start each; all move there from the point b0, b, rows. Returns
  /// how many of the first are solved: a λ is given up, and those after it, where its violation does not fall or its system
  /// takes too many products.
  Index solve(std::span<const ElasticBox> penalties, std::span<const PathState> starts, double b0, std::span<const double> b,
              const RowState& rows);
  const Side& side(Index k) const { return sides_[static_cast<std::size_t>(k)]; }

 private:
  bool unsettled(std::size_t k) const { return static_cast<Index>(k) < in_play_ && !sides_[k].settled; }
  bool go_to(std::span<const PathState> starts);
  void take_gradients();
  void look(Side& side, bool first);
  bool set_columns();
  bool step();
  std::optional<SideCurvature> curvature_of(std::span<const std::size_t> sides, Index width) const;
  void move(Side& side, std::size_t c, const SideVectors<double>& delta, const SideVectors<double>& rows);

  const FittedProblem& fitted_;
  std::span<const double> diagonal_;
  std::span<const Index> working_;
  std::span<const double> precision_;
  SystemColumns& system_;
  const Context& context_;
  double unit_;   ///< the coarsest precision: that of the intercept's gradient
  double scale_;  ///< what a slope is multiplied by, so that single precision holds it
  std::vector<Side> sides_;
  std::vector<std::size_t> places_;  ///< in working_, of the system's columns
  Index in_play_ = 0;
};

}  // namespace riata
