#include "riata/solver/conjugate_gradients.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr Index kMostProducts = 500;
constexpr Index kMostTogether = 100;
constexpr double kNull = 1e-12;  // of the energy of separate columns: a direction in which twins trade places

double inner(std::span<const double> a, std::span<const double> b) {
  return kernels::dot(a.data(), b.data(), std::ssize(a), 0.0);
}

}  // namespace

double conjugate_gradients(const SystemProduct& product, std::span<const double> slope, std::span<const double> diagonal,
                           double reduction, std::span<double> step, std::span<double> rows, const Context& context) {
  const std::size_t size = slope.size();
  std::vector<double> image(size), residual(size), scaled(size), direction(size), along(rows.size());
  const bool started = std::ranges::any_of(step, [](double value) { return value != 0; });
  double intercept = started ? product(step, rows, image) : 0.0;
  double goal = 0;
  for (std::size_t k = 0; k < size; ++k) {
    residual[k] = slope[k] - image[k];
    goal += slope[k] * slope[k] / diagonal[k];
  }
  goal *= reduction * reduction;
  double square = 0;
  for (Index round = 0; round < kMostProducts; ++round) {
    for (std::size_t k = 0; k < size; ++k) scaled[k] = residual[k] / diagonal[k];
    const double next = inner(residual, scaled);
    if (!(next > goal)) break;
    const double beta = round == 0 ? 0.0 : next / square;
    square = next;
    for (std::size_t k = 0; k < size; ++k) direction[k] = scaled[k] + beta * direction[k];
    const double shift = product(direction, along, image);
    const double energy = inner(direction, image);
    double separate = 0;  // what it would be if columns were orthogonal
    for (std::size_t k = 0; k < size; ++k) separate += direction[k] * direction[k] * diagonal[k];
    if (!(energy > kNull * separate)) break;
    const double t = square / energy;
    for (std::size_t k = 0; k < size; ++k) {
      step[k] += t * direction[k];
      residual[k] -= t * image[k];
    }
    for (std::size_t i = 0; i < along.size(); ++i) rows[i] += t * along[i];
    intercept += t * shift;
    if (context.interrupted()) break;
  }
  return intercept;
}

namespace {

/// Several systems by conjugate gradients, so many at once.
template <std::size_t width>
class SidesInStep {
 public:
  SidesInStep(const SideVectors<float>& slope, const SideVectors<float>& diagonal)
      : entries_(slope.entries()),
        residual_(slope),
        inverse_(diagonal),
        diagonal_(diagonal),
        step_(static_cast<Index>(entries_), slope.width),
        direction_(step_),
        image_(step_) {
    for (float& value : inverse_.values) value = value > 0 ? 1 / value : 0.0F;
  }

  SideSteps solve(const SidesProduct& product, const Sides& reduction, const Context& context) {
    Sums square = sum([&](std::size_t i) { return residual_.values[i] * residual_.values[i] * inverse_.values[i]; });
    Sums goal{}, before{};
    std::array<float, width> beta{}, t{};
    for (std::size_t c = 0; c < width; ++c) goal[c] = square[c] * reduction[c] * reduction[c];
    for (Index round = 0; round < kMostTogether && !context.interrupted(); ++round) {
      if (std::ranges::equal(square, goal, std::less_equal<>())) break;
      for (std::size_t c = 0; c < width; ++c) beta[c] = before[c] > 0 ? static_cast<float>(square[c] / before[c]) : 0.0F;
      for_all([&](std::size_t i, std::size_t c) {
        direction_.values[i] = residual_.values[i] * inverse_.values[i] + beta[c] * direction_.values[i];
      });
      product(direction_, image_);
      const Sums energy = sum([&](std::size_t i) { return direction_.values[i] * image_.values[i]; });
      const Sums separate =
          sum([&](std::size_t i) { return direction_.values[i] * direction_.values[i] * diagonal_.values[i]; });
      for (std::size_t c = 0; c < width; ++c) {
        const bool ended = !(energy[c] > kNullRounded * separate[c]);
        t[c] = ended ? 0.0F : static_cast<float>(square[c] / energy[c]);
        if (ended) goal[c] = std::numeric_limits<double>::infinity();
      }
      for_all([&](std::size_t i, std::size_t c) {
        step_.values[i] += t[c] * direction_.values[i];
        residual_.values[i] -= t[c] * image_.values[i];
      });
      before = square;
      square = sum([&](std::size_t i) { return residual_.values[i] * residual_.values[i] * inverse_.values[i]; });
    }
    SideSteps steps{std::move(step_)};
    for (std::size_t c = 0; c < width; ++c) steps.solved[c] = square[c] <= goal[c];
    return steps;
  }

 private:
  using Sums = std::array<double, width>;
  static constexpr double kNullRounded = 1e-6;

  template <class F>
  void for_all(const F& f) const {
    for (std::size_t i = 0; i < entries_ * width; i += width) {
      for (std::size_t c = 0; c < width; ++c) f(i + c, c);
    }
  }

  /// Σ f over each side's entries, a block of them in single precision.
  template <class F>
  Sums sum(const F& f) const {
    constexpr std::size_t kBlock = 64 * width;
    Sums sums{};
    for (std::size_t first = 0; first < entries_ * width; first += kBlock) {
      std::array<float, width> part{};
      for (std::size_t i = first; i < std::min(first + kBlock, entries_ * width); i += width) {
        for (std::size_t c = 0; c < width; ++c) part[c] += f(i + c);
      }
      for (std::size_t c = 0; c < width; ++c) sums[c] += static_cast<double>(part[c]);
    }
    return sums;
  }

  std::size_t entries_;
  SideVectors<float> residual_, inverse_, diagonal_, step_, direction_, image_;
};

}  // namespace

SideSteps conjugate_gradients(const SidesProduct& product, const SideVectors<float>& slope,
                              const SideVectors<float>& diagonal, const Sides& reduction, const Context& context) {
  constexpr auto kAll = static_cast<std::size_t>(kMostSides);
  if (slope.width == kMostSides) return SidesInStep<kAll>(slope, diagonal).solve(product, reduction, context);
  return SidesInStep<kAll / 2>(slope, diagonal).solve(product, reduction, context);
}

}  // namespace riata
