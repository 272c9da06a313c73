#include "riata/solver/quadratic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "riata/kernels/blas.hpp"
#include "riata/kernels/kernels.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

class ResidualQuadratic final : public Quadratic {
 public:
  ResidualQuadratic(const FittedProblem& fitted, const Context& context)
      : fitted_(fitted), context_(context), residual_(at(fitted.rows())) {}

  void evaluate(State& state) override {
    const Support support(state.b);
    std::ranges::fill(residual_, 0.0);
    if (!support.columns.empty()) {
      fitted_.design->multiply(support.columns, support.as_matrix(), {residual_.data(), fitted_.rows(), 1}, {}, context_);
    }
    for (std::size_t i = 0; i < residual_.size(); ++i) residual_[i] = fitted_.response[i] - residual_[i];
    state.b0 = fitted_.response_mean;
    if (fitted_.intercept) {
      double mean = 0;
      for (std::size_t i = 0; i < residual_.size(); ++i) mean += fitted_.weights[i] * residual_[i];
      for (double& r : residual_) r -= mean;
      state.b0 += mean;
    }
    residual_square_ = 0;
    std::vector<double> weighted(residual_.size());
    for (std::size_t i = 0; i < residual_.size(); ++i) {
      weighted[i] = fitted_.weights[i] * residual_[i];
      residual_square_ += weighted[i] * residual_[i];
    }
    gradient_.resize(at(fitted_.cols()));
    transpose_multiply(weighted, gradient_);
  }

  std::span<const double> residual() const override { return residual_; }

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const override {
    fitted_.design->gram(left, right, fitted_.weights, out, {}, context_);
  }

  void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const override {
    std::vector<double> product(at(fitted_.rows()), 0.0);
    fitted_.design->multiply(columns, {values.data(), static_cast<Index>(values.size()), 1},
                             {product.data(), fitted_.rows(), 1}, {}, context_);
    for (std::size_t i = 0; i < product.size(); ++i) product[i] *= fitted_.weights[i];
    transpose_multiply(product, out);
  }

 private:
  void transpose_multiply(const std::vector<double>& v, std::span<double> out) const {
    fitted_.design->transpose_multiply(0, {v.data(), fitted_.rows(), 1}, {out.data(), fitted_.cols(), 1}, {}, context_);
    for (const Index j : fitted_.excluded) out[at(j)] = 0.0;
  }

  const FittedProblem& fitted_;
  const Context& context_;
  std::vector<double> residual_;
};

class MomentQuadratic final : public Quadratic {
 public:
  MomentQuadratic(const FittedProblem& fitted, const CrossMoments& moments, const Context& context)
      : fitted_(fitted),
        context_(context),
        linear_(at(fitted.cols())),
        gram_(at(fitted.cols() * fitted.cols())),
        image_(at(fitted.cols())) {
    const Index p = fitted.cols();
    std::vector<double> unit(at(p));  // 1/(s √W); 0 where excluded
    for (Index j = 0; j < p; ++j) {
      if (fitted.norm[at(j)] > 0.0) unit[at(j)] = 1.0 / (fitted.design->scale(j) * std::sqrt(moments.weight));
    }
    context.for_blocks(p, [&](Index k) {
      moments.xx_about(fitted.intercept, k, std::span(gram_).subspan(at(k * p), at(p)));
      for (Index j = 0; j < p; ++j) gram_[at(k * p + j)] *= unit[at(j)] * unit[at(k)];
    });
    for (Index j = 0; j < p; ++j) {
      linear_[at(j)] = moments.xz_about(fitted.intercept, j) / std::sqrt(moments.weight) * unit[at(j)];
    }
    gradient_ = linear_;
    residual_square_ = fitted.null_deviance;
  }

  void evaluate(State& state) override {
    const Support support(state.b);
    image(support.columns, support.values, image_);
    evaluate_at(state, image_);
  }

  void evaluate_at(State& state, std::span<const double> image) override {
    residual_square_ = fitted_.null_deviance;
    for (std::size_t j = 0; j < linear_.size(); ++j) {
      gradient_[j] = linear_[j] - image[j];
      residual_square_ -= state.b[j] * (linear_[j] + gradient_[j]);
    }
    residual_square_ = std::max(0.0, residual_square_);
    state.b0 = fitted_.response_mean;
  }

  /// Squares of the coefficients cancel, where residuals only have the coefficients themselves to cancel.
  double rounding(double size) const override { return kEpsilon * size * size; }

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) const override {
    const Index p = fitted_.cols();
    for (Index b = 0; b < out.cols; ++b) {
      for (Index a = 0; a < out.rows; ++a) out(a, b) = gram_[at(right[at(b)] * p + left[at(a)])];
    }
  }

  void image(std::span<const Index> columns, std::span<const double> values, std::span<double> out) const override {
    const Index p = fitted_.cols();
    constexpr Index kBlock = 1024;
    context_.for_blocks((p + kBlock - 1) / kBlock, [&](Index block) {
      const Index first = block * kBlock, count = std::min(kBlock, p - first), n_columns = std::ssize(columns);
      std::vector<const double*> parts;
      parts.reserve(columns.size());
      for (const Index j : columns) parts.push_back(gram_.data() + j * p + first);
      const Matrix part(out.data() + first, count, 1);
      std::ranges::fill(part.column(0), 0.0);
      kernels::multiply_block(parts.data(), n_columns, nullptr, {values.data(), n_columns, 1}, part);
    });
  }

  void images(ConstMatrix b, Matrix out) const override {
    const Index p = fitted_.cols();
    if (p > 0) blas::gemm(blas::Op::none, blas::Op::none, 1.0, {gram_.data(), p, p}, b, 0.0, out);
  }

  /// By rows of the Gram where these are fewer than the columns that b needs.
  void image_at(std::span<const Index> of, std::span<const double> b, std::span<double> out) const override {
    const Index p = fitted_.cols(), count = std::ssize(of);
    if (count > p - std::ranges::count(b, 0.0)) return Quadratic::image_at(of, b, out);
    std::ranges::fill(out, 0.0);
    for (Index first = 0; first < p; first += kernels::kMaxBlockRows) {
      std::vector<const double*> parts;
      for (const Index j : of) parts.push_back(gram_.data() + j * p + first);
      const Index rows = std::min(kernels::kMaxBlockRows, p - first);
      kernels::transposed_block(parts.data(), count, nullptr, {b.data() + first, rows, 1}, {out.data(), count, 1});
    }
  }

 private:
  const FittedProblem& fitted_;
  const Context& context_;
  std::vector<double> linear_;  ///< ZᵀWy
  std::vector<double> gram_;    ///< ZᵀWZ
  std::vector<double> image_;   ///< p: scratch
};

}  // namespace

void Quadratic::evaluate_at(State& state, std::span<const double>) { evaluate(state); }

void Quadratic::images(ConstMatrix b, Matrix out) const {
  for (Index c = 0; c < b.cols; ++c) {
    const Support support(b.column(c));
    image(support.columns, support.values, out.column(c));
  }
}

void Quadratic::image_at(std::span<const Index> of, std::span<const double> b, std::span<double> out) const {
  const Support support(b);
  std::vector<double> all(b.size());
  image(support.columns, support.values, all);
  for (std::size_t i = 0; i < of.size(); ++i) out[i] = all[at(of[i])];
}

double Quadratic::rounding(double size) const { return kEpsilon * kEpsilon * size * size; }

bool doubtful(const FittedProblem& fitted, const Quadratic& quadratic, std::span<const double> b, double tolerance) {
  constexpr double kFinest = 1e-9;
  double size = 0;
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (b[j] != 0) size += std::abs(b[j]) * fitted.norm[j];
  }
  return quadratic.rounding(size) > std::max(tolerance, kFinest) * 0.5 * fitted.null_deviance;
}

Support::Support(std::span<const double> b) {
  for (std::size_t j = 0; j < b.size(); ++j) {
    if (b[j] == 0.0) continue;
    columns.push_back(static_cast<Index>(j));
    values.push_back(b[j]);
  }
}

double shrunken_trace(const Quadratic& quadratic, std::span<const Index> active, std::span<const double> curvature) {
  const Index m = static_cast<Index>(active.size());
  std::vector<double> h(at(m * m)), inverse(at(m * m), 0.0);
  const Matrix matrix(h.data(), m, m), unit(inverse.data(), m, m);
  quadratic.gram(active, active, matrix);
  for (Index k = 0; k < m; ++k) {
    matrix(k, k) += curvature[at(k)];
    unit(k, k) = 1.0;
  }
  if (blas::potrf(blas::Triangle::lower, matrix) != 0) return static_cast<double>(m);
  blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, matrix, unit);
  double trace = static_cast<double>(m);
  for (Index k = 0; k < m; ++k) {
    double diagonal = 0;
    for (const double value : unit.column(k)) diagonal += value * value;
    trace -= curvature[at(k)] * diagonal;
  }
  return trace;
}

std::shared_ptr<Quadratic> residual_quadratic(const FittedProblem& fitted, const Context& context) {
  return std::make_shared<ResidualQuadratic>(fitted, context);
}

std::shared_ptr<Quadratic> moment_quadratic(const FittedProblem& fitted, const CrossMoments& moments,
                                            const Context& context) {
  return std::make_shared<MomentQuadratic>(fitted, moments, context);
}

}  // namespace riata
