#include <algorithm>
#include <cmath>
#include <optional>

#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/solver/ridge_routes.hpp"

namespace riata {
namespace {

constexpr Index kEntries = 100'000'000;  // of basis and products
std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

KrylovRidge::KrylovRidge(const FittedProblem& fitted, Scope scope, Quadratic& quadratic, const RidgeOptions& options,
                         const Context& context)
    : fitted_(fitted),
      scope_(std::move(scope)),
      quadratic_(quadratic),
      context_(context),
      alone_(fitted, scope_, quadratic, options.tolerance, context),
      by_rows_(scope_.k() > scope_.n()),
      goal_(0.1 * options.tolerance * 0.5 * fitted.null_deviance) {
  for (const Index j : scope_.columns) root_factor_.push_back(std::sqrt(fitted.factor[at(j)]));
  std::vector<double> start;
  if (by_rows_) {
    for (std::size_t i = 0; i < fitted.weights.size(); ++i) {
      root_weight_.push_back(std::sqrt(fitted.weights[i]));
      start.push_back(root_weight_[i] > 0 ? root_weight_[i] * fitted.response[i] : 0.0);
    }
  } else {
    State state = null_state(fitted);
    quadratic.evaluate(state);
    on_moments_ = quadratic.residual().empty();
    for (Index a = 0; a < scope_.k(); ++a) {
      start.push_back(quadratic.gradient()[at(scope_.columns[at(a)])] / root_factor_[at(a)]);
    }
  }
  const Index lean = working_memory(context, fitted.design->bytes()) / 16;
  const Index entries = (context.lean ? std::min(kEntries, lean) : kEntries) / (by_rows_ ? 2 : 1);
  const Index most = std::min(options.most_products, entries / std::max<Index>(std::ssize(start), 1));
  space_.emplace(
      std::move(start),
      [this](std::span<const double> v, std::span<double> out) { by_rows_ ? kernel_times(v, out) : gram_times(v, out); },
      most);
}

/// out = F^−½ ZᵀWZ F^−½ v.
void KrylovRidge::gram_times(std::span<const double> v, std::span<double> out) const {
  std::vector<double> values(v.begin(), v.end()), image(at(fitted_.cols()));
  for (std::size_t a = 0; a < values.size(); ++a) values[a] /= root_factor_[a];
  quadratic_.image(scope_.columns, values, image);
  for (std::size_t a = 0; a < out.size(); ++a) out[a] = image[at(scope_.columns[a])] / root_factor_[a];
}

/// out = W^½ Z F⁻¹ Zᵀ W^½ v; what is before W^½ is kept: it makes the predictions of all rows.
void KrylovRidge::kernel_times(std::span<const double> v, std::span<double> out) {
  const Index n = fitted_.rows();
  const std::vector<double> b = coefficients({v.data(), n, 1});
  std::vector<double> values;
  for (const Index j : scope_.columns) values.push_back(b[at(j)]);
  products_.resize(products_.size() + at(n), 0.0);
  const std::span<double> zb = std::span(products_).last(at(n));
  fitted_.design->multiply(scope_.columns, {values.data(), scope_.k(), 1}, {zb.data(), n, 1}, {}, context_);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = root_weight_[i] * zb[i];
}

/// F⁻¹ Zᵀ W^½ α, a column each.
std::vector<double> KrylovRidge::coefficients(ConstMatrix alpha) const {
  const Index n = alpha.rows, p = fitted_.cols(), m = alpha.cols;
  std::vector<double> v(alpha.data, alpha.data + n * m), b(at(p * m));
  for (Index l = 0; l < m; ++l) {
    for (Index i = 0; i < n; ++i) v[at(i + l * n)] *= root_weight_[at(i)];
  }
  fitted_.design->transpose_multiply(0, {v.data(), n, m}, {b.data(), p, m}, {}, context_);
  for (Index l = 0; l < m; ++l) {
    for (const Index j : fitted_.excluded) b[at(j + l * p)] = 0;
    for (const Index j : scope_.columns) b[at(j + l * p)] /= fitted_.factor[at(j)];
  }
  return b;
}

/// Whether what the point leaves is a small enough gap: ‖g‖²/2λ of the gradient g, which by rows is F^−½ ZᵀW^½ u.
bool KrylovRidge::reached(const KrylovSpace::Point& point, double lambda) const {
  return (by_rows_ ? point.curvature : point.square) / (2 * lambda) <= goal_;
}

/// The point at λ, from as large a space as it needs.
KrylovSpace::Point KrylovRidge::reach(double lambda) {
  KrylovSpace::Point point = space_->solve(lambda);
  while (!reached(point, lambda) && !context_.interrupted() && space_->grow()) point = space_->solve(lambda);
  return point;
}

void KrylovRidge::solve_many(std::span<const double> lambdas, Matrix b) {
  const Index m = b.cols;
  if (m > 0) (void)reach(lambdas.back());  // the smallest needs the largest space
  std::vector<KrylovSpace::Point> points;
  for (const double lambda : lambdas) points.push_back(reach(lambda));
  const ConstMatrix basis = space_->basis();
  std::vector<double> y(at(basis.cols * m), 0.0), x(at(basis.rows * m), 0.0);
  for (Index l = 0; l < m; ++l) std::ranges::copy(points[at(l)].y, y.begin() + l * basis.cols);
  if (basis.cols > 0) {
    blas::gemm(blas::Op::none, blas::Op::none, 1.0, basis, {y.data(), basis.cols, m}, 0.0, {x.data(), basis.rows, m});
  }
  if (by_rows_) {
    std::ranges::copy(coefficients({x.data(), basis.rows, m}), b.data);
    return;
  }
  for (Index l = 0; l < m; ++l) {
    std::ranges::fill(b.column(l), 0.0);
    for (Index a = 0; a < scope_.k(); ++a) {
      b(scope_.columns[at(a)], l) = x[at(a + l * scope_.k())] / root_factor_[at(a)];
    }
  }
}

bool KrylovRidge::predict(double lambda, std::span<double> zb) {
  if (!by_rows_) return false;
  const KrylovSpace::Point point = reach(lambda);
  std::ranges::fill(zb, 0.0);
  if (!point.y.empty()) {
    const ConstMatrix products(products_.data(), fitted_.rows(), std::ssize(point.y));
    blas::gemv(blas::Op::none, 1.0, products, point.y, 0.0, zb);
  }
  return reached(point, lambda);
}

/// From the point's own rest u = W^½(y − Zb) − λα, not from what the space says of it.
double KrylovRidge::gap(double lambda) {
  const Index n = fitted_.rows();
  const KrylovSpace::Point point = reach(lambda);
  std::vector<double> zb(at(n)), rest(at(n), 0.0), inside(at(space_->products()));
  (void)predict(lambda, zb);
  if (inside.empty()) return 0;
  if (!point.y.empty()) {
    blas::gemv(blas::Op::none, -lambda, {space_->basis().data, n, std::ssize(point.y)}, point.y, 0.0, rest);
  }
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (root_weight_[i] > 0) rest[i] += root_weight_[i] * (fitted_.response[i] - zb[i]);
  }
  blas::gemv(blas::Op::transpose, 1.0, space_->basis(), rest, 0.0, inside);
  return std::max(0.0, space_->curvature(inside)) / (2 * lambda);
}

}  // namespace riata
