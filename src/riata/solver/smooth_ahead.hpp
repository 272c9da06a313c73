#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/curved_gram.hpp"
#include "riata/solver/fitted_problem.hpp"
#include "riata/solver/past_points.hpp"
#include "riata/solver/row_state.hpp"

namespace riata {

/// Several λ of a smooth path advance together by proximal Newton steps. All share one stored curvature and its factor, each
/// has a point and a support of its own; one pass over the rows serves them all, so that a number of the design that is read
/// from memory is multiplied as often as there are λ.
///
/// The first points are those of the model's own path from where the caller is.
class SmoothAhead {
 public:
  /// Coefficients, gradients and steps are those of the working columns, in their order.
  struct Point {
    Point(const ElasticBox& box, const RowState& start) : penalty(box), rows(start) {}

    ElasticBox penalty;
    double b0 = 0, delta_b0 = 0;
    std::vector<double> b, delta, gradient;
    RowState rows;
    std::vector<double> direction;  ///< n: the last step of η
    std::vector<char> kept;         ///< of the working columns: moved before, so that steps go on with them
    double goal = 0;                ///< what the objective must not exceed
    double worst = 0;               ///< violation, in units of the precision
    Index steps = 0;
    bool settled = false;
  };

  SmoothAhead(const FittedProblem& fitted, const Context& context, CurvedGram& curved, ActiveSet& active,
              std::span<const Index> working)
      : fitted_(fitted), context_(context), curved_(curved), active_(active), working_(working) {}

  /// From the active set's point, with these rows, where gradients are `outlook`'s and the curvature `ratio` times the
  /// model's.
  void predict(std::span<const ElasticBox> penalties, const RowState& rows, double b0, double ratio, const Outlook& outlook,
               std::span<const double> precision);
  /// Another first point of a λ.
  void start_at(Index k, const PathState& known);

  /// How many of the first λ are solved to the precision; the active set is left at any point.
  Index solve(std::span<const double> precision);

  Index renewals() const { return renewals_; }
  const Point& point(Index k) const { return points_[static_cast<std::size_t>(k)]; }
  void set_point(const Point& point);

 private:
  std::vector<Point*> unsettled();
  void move(std::span<Point* const> points);
  bool judge(Point& point);
  double objective(const Point& point) const;
  void step(Point& point);
  void renew(std::span<Point* const> points);

  const FittedProblem& fitted_;
  const Context& context_;
  CurvedGram& curved_;
  ActiveSet& active_;
  std::span<const Index> working_;
  std::span<const double> precision_;
  double unit_ = 0;
  double start_l1_ = 0;
  std::vector<Point> points_;
  double contraction_ = 0;  ///< the worst of the last round
  Index renewals_ = 0;
  Index in_play_ = 0;  ///< λ before the first that is left to the caller
};

}  // namespace riata
