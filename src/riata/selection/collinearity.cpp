#include "riata/selection/collinearity.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace riata {
namespace {

constexpr Index kBlock = 256;  // columns gathered at a time

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Columns that vary, standardised and multiplied by √(wᵢ/Σw): rows of weight zero are left out.
class Standardised {
 public:
  Standardised(const Design& design, std::span<const double> weights, std::span<const Index> left_out,
               const Context& context)
      : design_(design), moments_(design.moments(weights, context)) {
    const Index n = design.rows();
    const double total = weights.empty() ? static_cast<double>(n) : std::accumulate(weights.begin(), weights.end(), 0.0);
    for (Index i = 0; i < n; ++i) {
      const double w = weights.empty() ? 1.0 : weights[at(i)];
      if (!(w > 0)) continue;
      rows_.push_back(i);
      root_.push_back(std::sqrt(w / total));
    }
    for (Index j = 0; j < design.cols(); ++j) {
      if (std::ranges::find(left_out, j) != left_out.end()) continue;
      if (std::sqrt(moments_.variance[at(j)]) > 1e-14 * std::abs(moments_.mean[at(j)])) columns_.push_back(j);
    }
  }
  Index rows() const { return std::ssize(rows_); }
  Index cols() const { return std::ssize(columns_); }

  Eigen::MatrixXd block(Index first, Index count) const {
    std::vector<double> raw(at(design_.rows() * count));
    design_.gather(std::span<const Index>(columns_).subspan(at(first), at(count)),
                   Matrix(raw.data(), design_.rows(), count));
    Eigen::MatrixXd out(rows(), count);
    for (Index c = 0; c < count; ++c) {
      const Index j = columns_[at(first + c)];
      const double scale = 1 / std::sqrt(moments_.variance[at(j)]);
      for (Index i = 0; i < rows(); ++i) {
        out(i, c) = (raw[at(rows_[at(i)] + c * design_.rows())] - moments_.mean[at(j)]) * scale * root_[at(i)];
      }
    }
    return out;
  }

 private:
  const Design& design_;
  ColumnMoments moments_;
  std::vector<Index> rows_, columns_;
  std::vector<double> root_;
};

/// ZᵀZ or ZZᵀ, whichever is smaller; the diagonal and what is below it.
Eigen::MatrixXd smaller_product(const Standardised& z) {
  if (z.cols() <= z.rows()) {
    Eigen::MatrixXd all(z.rows(), z.cols());
    for (Index first = 0; first < z.cols(); first += kBlock) {
      const Index count = std::min(kBlock, z.cols() - first);
      all.middleCols(first, count) = z.block(first, count);
    }
    return all.transpose() * all;
  }
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(z.rows(), z.rows());
  for (Index first = 0; first < z.cols(); first += kBlock) {
    const Eigen::MatrixXd part = z.block(first, std::min(kBlock, z.cols() - first));
    out.noalias() += part * part.transpose();
  }
  return out;
}

}  // namespace

Collinearity collinearity(const Design& design, std::span<const double> weights, const Context& context,
                          std::span<const Index> left_out) {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  const Standardised z(design, weights, left_out, context);
  const Index n = z.rows(), p = z.cols(), least = std::min(n, p);
  if (least == 0 || least > kMostForEigenvalues) return {unknown, unknown, unknown};
  const Eigen::MatrixXd product = smaller_product(z);
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(product, Eigen::EigenvaluesOnly).eigenvalues();
  const double largest = values.maxCoeff();
  const double zero = largest * static_cast<double>(std::max(n, p)) * std::numeric_limits<double>::epsilon();
  double smallest = largest;
  bool dependent = false;
  for (const double value : values) {
    if (value > zero) {
      smallest = std::min(smallest, value);
    } else {
      dependent = dependent || p < n;
    }
  }
  Collinearity out;
  out.condition_number = dependent ? std::numeric_limits<double>::infinity() : std::sqrt(largest / smallest);
  out.effective_dimension = values.sum() * values.sum() / values.squaredNorm();
  const double independent = static_cast<double>(p) * static_cast<double>(n) / static_cast<double>(n + p);
  out.independence = std::min(1.0, out.effective_dimension / independent);
  return out;
}

}  // namespace riata
