#include "riata/solver/conjugate_gradients.hpp"

#include <algorithm>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

constexpr Index kMostProducts = 500;
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

}  // namespace riata
