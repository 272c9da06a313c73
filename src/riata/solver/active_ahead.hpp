#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/solver/active_set.hpp"
#include "riata/solver/support_changes.hpp"

namespace riata {

/// Several λ of an active set at once. Each has a support of its own; all share the factor of the support they start from
/// (support_changes.hpp), so that a round of all λ costs products and triangular solves with as many sides. From the start
/// b₀ with gradients g₀,
///
///   b = b₀ + L⁻ᵀ(L⁻¹h + V u),   h = g₀ − l1 F s − l2 F b₀.
///
/// With an l2 part each λ has another one than the factor, and its system is solved by Chebyshev's iteration preconditioned
/// with the factor (Golub & Varga 1961, Numer. Math. 3): all eigenvalues lie between 1 and the ratio of the two.
///
/// In a round every λ drops the columns whose signs do not last and lets in those that violate their condition (block
/// pivoting: Portugal, Júdice & Vicente 1994, Math. Comp. 63); the λ before the first that does not settle are handed over.
class AheadSolver {
 public:
  AheadSolver(ActiveSet& set, AheadQuadratic& quadratic, std::span<const ElasticBox> penalties,
              std::span<const Index> working, std::span<const double> precision, const Outlook& outlook);

  /// How many of the first λ are solved, as precisely as rounding allows; each is handed over while it is the set's point.
  Index solve(bool& exact, const std::function<void(Index)>& solved);

 private:
  struct Point {
    double l1 = 0, l2 = 0;
    std::vector<signed char> sign;  ///< of each working column; 0: it is at zero
    std::vector<double> base;       ///< coefficients of the factor's columns
    std::vector<double> others;     ///< of the changed_ that are not in the factor
    std::vector<double> rows;       ///< residuals
    std::vector<double> gradient;   ///< of working
    bool lasting = false;           ///< no coefficient had another sign after the last step
    bool settled = false;
  };

  /// Changes of the coefficients of some λ, or what their gradients lack: of the factor's columns, and of the changed ones.
  class Sides {
   public:
    Sides(Index n_base, Index n_changed, Index count)
        : memory_(static_cast<std::size_t>((n_base + n_changed) * count)),
          base(memory_.data(), n_base, count),
          changed(memory_.data() + n_base * count, n_changed, count) {}
    Sides(const Sides& other) = delete;
    void operator=(const Sides& other) = delete;
    void subtract(const Sides& other) const {
      for (Index i = 0; i < std::ssize(memory_); ++i) base.data[i] -= other.base.data[i];
    }

   private:
    std::vector<double> memory_;

   public:
    const Matrix base, changed;
  };
  using Systems = std::vector<SupportChanges::System>;

  bool ridge() const { return penalties_.front().l2 != 0; }
  bool find_rows();
  Index column(Index w) const { return working_[static_cast<std::size_t>(w)]; }
  signed char sign_before(Index w) const;
  void predict(const Outlook& outlook);
  void let_in(Point& point, std::vector<ActiveSet::Violator>& found);
  std::vector<Index> unsettled() const;
  void extend(std::span<const Index> points);
  Systems systems(std::vector<Index>& points);
  void solve(std::span<const Index> points, const Systems& systems, ConstMatrix wanted, const Sides& sides) const;
  void move(std::span<const Index> points, const Sides& by);
  void add_ridge(std::span<const Index> points, const Sides& change, const Sides& residual) const;
  double stretch(Index k) const;
  void precondition(std::span<const Index> points, const Systems& systems, const Sides& residual, const Sides& change) const;
  void correct(std::span<const Index> points, const Systems& systems, const Sides& residual, double precision);
  std::vector<Index> step(std::span<const Index> points);
  bool drop(Point& point) const;
  void settle_signs(std::vector<Index> points);
  void move_rows(std::span<const Index> points);
  void look(std::span<const Index> points, bool at_zero);
  void round();
  std::vector<ActiveSet::Violator> violators(Index k, std::span<const double> gradient) const;
  double coefficient(const Point& point, Index w) const;
  double off(const Point& point, Index w) const;
  double error(const Point& point) const;
  Index refine(std::span<const Index> points);
  Index polish(Index count, bool& exact);
  void hand_over(Index count, const std::function<void(Index)>& solved);
  void move_factor(Index count);
  double next_ridge(Index count) const;

  ActiveSet& set_;
  AheadQuadratic& quadratic_;
  std::span<const ElasticBox> penalties_;
  std::span<const Index> working_;
  std::span<const double> precision_;
  Index base_;                                                     ///< columns of the factor
  Index most_;                                                     ///< columns that a λ lets in a round
  std::vector<Index> row_;                                         ///< of each working column in the factor; −1: not there
  std::vector<Index> home_;                                        ///< of each column of the factor in working
  std::vector<Index> place_;                                       ///< of each working column in changed_; −1: not there
  std::vector<Index> changed_;                                     ///< of working: those that come or go at some λ
  SupportChanges changes_;                                         ///< the same columns
  std::span<const double> gradient_;                               ///< of the working columns at the start
  std::vector<double> start_;                                      ///< coefficients of the factor's columns there
  std::vector<double> half_gradient_, half_sign_;                  ///< L⁻¹g₀, L⁻¹Fs
  std::vector<double> half_ridge_;                                 ///< L⁻¹Fb₀
  std::vector<double> along_gradient_, along_sign_, along_ridge_;  ///< Vᵀ of these
  std::vector<Point> points_;
  Index in_play_;  ///< λ before the first that cannot be solved this way
};

}  // namespace riata
