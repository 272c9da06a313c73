#include "riata/solver/separation.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

namespace riata {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kDecided = 15.0;  // margin of a row whose probability has nearly reached its class
constexpr Index kMostEntries = 50'000'000, kMostWork = 10'000'000'000;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

[[noreturn]] void refuse(Index column, bool alone) {
  throw ColumnError(column, std::string(alone ? " separates" : ", with other unpenalised columns, separates") +
                                " the classes: the loss falls for ever as its coefficient grows, so that there is no fit "
                                "without a penalty on it; give a penalty with λ above 0, or leave it out");
}

bool applies(const FittedProblem& fitted) { return fitted.loss->name() == "logistic"; }

bool counts(const FittedProblem& fitted, Index j) { return fitted.norm[at(j)] > 0; }

/// Whether a coefficient may grow for ever in the direction of `sign`.
bool open(const FittedProblem& fitted, Index j, double sign) {
  if (sign > 0) return fitted.upper.empty() || fitted.upper[at(j)] == kInfinity;
  return fitted.lower.empty() || fitted.lower[at(j)] == -kInfinity;
}

/// The sign of a coefficient whose growth never raises the loss, and lowers it on some row; 0: there is none.
double separating_sign(const FittedProblem& fitted, const std::vector<double>& z) {
  double low[2] = {kInfinity, kInfinity}, high[2] = {-kInfinity, -kInfinity};
  for (std::size_t i = 0; i < z.size(); ++i) {
    if (!(fitted.weights[i] > 0)) continue;
    const int c = fitted.original_response[i] > 0.5;
    low[c] = std::min(low[c], z[i]);
    high[c] = std::max(high[c], z[i]);
  }
  // Without an intercept zero is the border of both classes.
  const double border = fitted.intercept ? kInfinity : 0.0;
  if (std::max(high[0], -border) <= std::min(low[1], border) && high[1] > low[0]) return 1;
  if (std::max(high[1], -border) <= std::min(low[0], border) && high[0] > low[1]) return -1;
  return 0;
}

/// Rows that count, as they push: s (1, z) with s = ±1 by class; margins are these times (b₀, b).
struct Margins {
  Eigen::MatrixXd rows;  ///< rows that count × (1 +) columns
  Eigen::VectorXd point;
};

Margins margins_of(const FittedProblem& fitted, std::span<const Index> columns, std::span<const double> b, double b0) {
  const Index n = fitted.rows(), k = std::ssize(columns), first = fitted.intercept ? 1 : 0;
  std::vector<double> z(at(n * k));
  fitted.design->gather(columns, Matrix(z.data(), n, k));
  const auto used = std::ranges::count_if(fitted.weights, [](double w) { return w > 0; });
  Margins out{Eigen::MatrixXd(used, k + first), Eigen::VectorXd(k + first)};
  for (Index i = 0, row = 0; i < n; ++i) {
    if (!(fitted.weights[at(i)] > 0)) continue;
    const double sign = fitted.original_response[at(i)] > 0.5 ? 1.0 : -1.0;
    if (first > 0) out.rows(row, 0) = sign;
    for (Index j = 0; j < k; ++j) out.rows(row, first + j) = sign * z[at(j * n + i)];
    ++row;
  }
  if (first > 0) out.point(0) = b0;
  for (Index j = 0; j < k; ++j) out.point(first + j) = b[at(columns[at(j)])];
  return out;
}

/// No row is pushed the wrong way, and some row the right way.
bool separates(const Margins& margins, const Eigen::VectorXd& direction) {
  constexpr double kRounding = 1e-9;
  const Eigen::VectorXd push = margins.rows * direction;
  const double largest = push.maxCoeff();
  return largest > 0 && push.minCoeff() >= -kRounding * largest;
}

/// The part of the point that rows which are not decided say nothing about: what grew while they stood still.
Eigen::VectorXd undetermined_part(const Margins& margins) {
  const Eigen::VectorXd push = margins.rows * margins.point;
  std::vector<Index> open_rows;
  for (Index i = 0; i < push.size(); ++i) {
    if (push(i) < kDecided) open_rows.push_back(i);
  }
  const Eigen::MatrixXd undecided = margins.rows(open_rows, Eigen::all);
  if (undecided.rows() == 0) return margins.point;
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> qr(undecided);
  return margins.point - qr.solve(undecided * margins.point);
}

/// Names the column with the largest share in a direction that separates, unless a bound stops it.
void refuse_direction(const FittedProblem& fitted, std::span<const Index> columns, const Eigen::VectorXd& direction) {
  Index largest = -1;
  double share = 0;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const double own = direction(static_cast<Index>(k));
    const double size = std::abs(own) * fitted.norm[at(columns[k])];
    if (size > 1e-9 * direction.norm() && !open(fitted, columns[k], own)) return;
    if (size > share) share = size, largest = columns[k];
  }
  if (largest >= 0) refuse(largest, false);
}

/// Where Newton steps of the logistic loss lead from zero; no margin moves by more than a few units at once.
void walk(Margins& margins, const Context& context) {
  constexpr int kSteps = 60;
  constexpr double kLongest = 4, kFarEnough = 3 * kDecided, kRidge = 1e-14;
  const auto n = static_cast<double>(margins.rows.rows());
  margins.point.setZero();
  for (int k = 0; k < kSteps && !context.interrupted(); ++k) {
    const Eigen::ArrayXd push = (margins.rows * margins.point).array();
    if (push.maxCoeff() > kFarEnough) return;
    const Eigen::ArrayXd wrong = 1 / (1 + push.exp());
    const Eigen::VectorXd pull = margins.rows.transpose() * wrong.matrix() / n;
    Eigen::MatrixXd bend = margins.rows.transpose() * (wrong * (1 - wrong) / n).matrix().asDiagonal() * margins.rows;
    bend.diagonal().array() += kRidge * bend.trace();
    const Eigen::VectorXd step = bend.ldlt().solve(pull);
    const double longest = (margins.rows * step).cwiseAbs().maxCoeff();
    if (!(longest > 1e-6)) return;
    margins.point += std::min(1.0, kLongest / longest) * step;
  }
}

}  // namespace

void refuse_separating_columns(const FittedProblem& fitted, std::span<const Index> columns) {
  if (!applies(fitted)) return;
  std::vector<double> z(at(fitted.rows()));
  for (const Index j : columns) {
    if (!counts(fitted, j)) continue;
    fitted.design->gather(std::vector<Index>{j}, Matrix(z.data(), fitted.rows(), 1));
    const double sign = separating_sign(fitted, z);
    if (sign != 0 && open(fitted, j, sign)) refuse(j, true);
  }
}

void refuse_separation(const FittedProblem& fitted, std::span<const Index> columns, std::span<const double> b, double b0) {
  if (!applies(fitted)) return;
  std::vector<Index> live;
  for (const Index j : columns) {
    if (counts(fitted, j) && b[at(j)] != 0) live.push_back(j);
  }
  if (live.empty() || std::ssize(live) * fitted.rows() > kMostEntries) return;
  const Margins margins = margins_of(fitted, live, b, b0);
  if (!((margins.rows * margins.point).maxCoeff() >= kDecided)) return;
  const Eigen::VectorXd direction = undetermined_part(margins);
  if (separates(margins, direction)) refuse_direction(fitted, live, direction.tail(std::ssize(live)));
}

void refuse_separating_span(const FittedProblem& fitted, std::span<const Index> columns, const Context& context) {
  std::vector<Index> live;
  std::ranges::copy_if(columns, std::back_inserter(live), [&](Index j) { return counts(fitted, j); });
  const Index work = std::ssize(live) * std::ssize(live) * fitted.rows();
  if (!applies(fitted) || live.empty() || work > kMostWork) return;
  refuse_separating_columns(fitted, live);
  Margins margins = margins_of(fitted, live, std::vector<double>(fitted.factor.size()), 0);
  const Eigen::VectorXd size = margins.rows.colwise().norm();
  margins.rows *= size.cwiseInverse().asDiagonal();
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(margins.rows);
  if (context.interrupted()) return;
  const Index rank = qr.rank();
  margins.rows = qr.householderQ() * Eigen::MatrixXd::Identity(margins.rows.rows(), rank) *
                 std::sqrt(static_cast<double>(margins.rows.rows()));
  margins.point.resize(rank);
  walk(margins, context);
  if (context.interrupted() || !((margins.rows * margins.point).maxCoeff() >= kDecided)) return;
  const Eigen::VectorXd direction = undetermined_part(margins);
  if (!separates(margins, direction)) return;
  Eigen::VectorXd own = Eigen::VectorXd::Zero(size.size());
  own.head(rank) = qr.matrixR().topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solve(direction);
  own = (qr.colsPermutation() * own).eval().cwiseQuotient(size);
  refuse_direction(fitted, live, own.tail(std::ssize(live)));
}

}  // namespace riata
