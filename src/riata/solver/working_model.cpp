#include "riata/solver/working_model.hpp"

#include <algorithm>

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

void GramModel::reserve(std::size_t count) {
  if (count <= capacity_) return;
  const std::size_t grown = std::max({std::size_t{64}, count, capacity_ + capacity_ / 2});
  std::vector<double> larger(grown * grown);
  for (std::size_t j = 0; j < entered_.size(); ++j) {
    std::copy_n(gram_.begin() + static_cast<std::ptrdiff_t>(j * capacity_), entered_.size(),
                larger.begin() + static_cast<std::ptrdiff_t>(j * grown));
  }
  gram_ = std::move(larger);
  capacity_ = grown;
}

void GramModel::enter(std::span<const Index> columns) {
  const std::size_t old = entered_.size(), count = old + columns.size();
  reserve(count);
  for (const Index j : columns) {
    slot_[at(j)] = static_cast<Index>(entered_.size());
    entered_.push_back(j);
  }
  const Matrix block(gram_.data() + old * capacity_, static_cast<Index>(count), static_cast<Index>(columns.size()),
                     static_cast<Index>(capacity_));
  quadratic_.gram(entered_, columns, block);
  for (std::size_t j = old; j < count; ++j) {  // one triangle decides, so that the matrix is symmetric to the last bit
    for (std::size_t i = 0; i < j; ++i) gram_[i * capacity_ + j] = gram_[j * capacity_ + i];
  }
}

void GramModel::start(std::span<const Index> columns) {
  std::vector<Index> fresh;
  for (const Index j : columns) {
    if (slot_[at(j)] < 0) fresh.push_back(j);
  }
  if (!fresh.empty()) enter(fresh);
  position_.clear();
  diagonal_.clear();
  gradient_.clear();
  for (const Index j : columns) {
    position_.push_back(at(slot_[at(j)]));
    diagonal_.push_back(gram_[position_.back() * capacity_ + position_.back()]);
    gradient_.push_back(quadratic_.gradient()[at(j)]);
  }
}

void GramModel::move(std::size_t k, double delta) {
  const double* column = gram_.data() + position_[k] * capacity_;
  for (std::size_t l = 0; l < gradient_.size(); ++l) gradient_[l] -= delta * column[position_[l]];
}

ResidualModel::ResidualModel(const FittedProblem& fitted, const Quadratic& quadratic, const Context&)
    : fitted_(fitted), quadratic_(quadratic) {
  const auto [low, high] = std::ranges::minmax(fitted.weights);
  equal_weights_ = low == high;
}

void ResidualModel::start(std::span<const Index> columns) {
  columns_.assign(columns.begin(), columns.end());
  residual_.assign(quadratic_.residual().begin(), quadratic_.residual().end());
  weighted_.resize(residual_.size());
}

double ResidualModel::curvature(std::size_t k) const {
  const double norm = fitted_.norm[at(columns_[k])];
  return norm * norm;
}

double ResidualModel::gradient(std::size_t k) {
  if (equal_weights_) return fitted_.weights.front() * fitted_.design->dot(columns_[k], residual_, 0.0);
  for (std::size_t i = 0; i < residual_.size(); ++i) weighted_[i] = fitted_.weights[i] * residual_[i];
  return fitted_.design->dot(columns_[k], weighted_, 0.0);
}

void ResidualModel::move(std::size_t k, double delta) { fitted_.design->add(columns_[k], -delta, residual_, 0.0); }

}  // namespace riata
