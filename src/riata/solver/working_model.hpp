#pragma once

#include <memory>
#include <span>
#include <vector>

#include "riata/solver/quadratic.hpp"

namespace riata {

/// The quadratic restricted to a working set, for coordinate descent: gradients gₖ = zₖᵀWr kept up to date as coefficients
/// move. Positions k count within the working set.
class WorkingModel {
 public:
  virtual ~WorkingModel() = default;
  /// Takes a working set at the point where the quadratic was evaluated last.
  virtual void start(std::span<const Index> columns) = 0;
  virtual double curvature(std::size_t k) const = 0;
  virtual double gradient(std::size_t k) = 0;
  virtual void move(std::size_t k, double delta) = 0;
  /// Keeps the present gradients, and goes back to them (moving back would leave rounding errors).
  virtual void remember() = 0;
  virtual void recall() = 0;
  /// G(k, l) for exact steps; only where `has_gram`.
  virtual bool has_gram() const = 0;
  virtual double gram(std::size_t k, std::size_t l) const = 0;
};

/// Covariance updates on the Gram of all columns that ever entered: a move costs the size of the working set, whatever n.
/// (Friedman, Hastie & Tibshirani 2010, J. Stat. Softw. 33, §2.2.)
class GramModel final : public WorkingModel {
 public:
  explicit GramModel(const Quadratic& quadratic, Index n_features)
      : quadratic_(quadratic), slot_(static_cast<std::size_t>(n_features), -1) {}

  void start(std::span<const Index> columns) override;
  double curvature(std::size_t k) const override { return diagonal_[k]; }
  double gradient(std::size_t k) override { return gradient_[k]; }
  void move(std::size_t k, double delta) override;
  void remember() override { remembered_ = gradient_; }
  void recall() override { gradient_ = remembered_; }
  bool has_gram() const override { return true; }
  double gram(std::size_t k, std::size_t l) const override { return gram_[position_[k] * capacity_ + position_[l]]; }

 private:
  void enter(std::span<const Index> columns);
  void reserve(std::size_t count);

  const Quadratic& quadratic_;
  std::vector<Index> slot_;  ///< p: place in entered_, or −1
  std::vector<Index> entered_;
  std::size_t capacity_ = 0;
  std::vector<double> gram_;           ///< entered × entered, column-major, stride capacity_
  std::vector<std::size_t> position_;  ///< of the working set's columns in entered_
  std::vector<double> diagonal_, gradient_, remembered_;
};

/// Residual updates: a move and a gradient cost a pass over the column each. For working sets whose Gram would not fit.
class ResidualModel final : public WorkingModel {
 public:
  ResidualModel(const FittedProblem& fitted, const Quadratic& quadratic, const Context& context);

  void start(std::span<const Index> columns) override;
  double curvature(std::size_t k) const override;
  double gradient(std::size_t k) override;
  void move(std::size_t k, double delta) override;
  void remember() override { remembered_ = residual_; }
  void recall() override { residual_ = remembered_; }
  bool has_gram() const override { return false; }
  double gram(std::size_t, std::size_t) const override { return 0.0; }

 private:
  const FittedProblem& fitted_;
  const Quadratic& quadratic_;
  bool equal_weights_;
  std::vector<Index> columns_;
  std::vector<double> residual_, remembered_, weighted_;
};

}  // namespace riata
