#include "riata/solver/support_changes.hpp"

#include <algorithm>
#include <utility>

#include "riata/kernels/blas.hpp"

namespace riata {
namespace {

using blas::Op, blas::Side, blas::Triangle;

constexpr double kDependent = 1e-12;  // pivots below this share of G(c, c) are rounding

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

void SupportChanges::add_lines(ConstMatrix u, Matrix out) const {
  if (rows_ > 0 && size() > 0) blas::gemm(Op::none, Op::none, 1.0, lines(), u, 1.0, out);
}

void SupportChanges::dot_lines(ConstMatrix t, Matrix out) const {
  if (rows_ > 0 && size() > 0) blas::gemm(Op::transpose, Op::none, 1.0, lines(), t, 0.0, out);
}

void SupportChanges::add(std::span<const char> inside, std::vector<double> columns,
                         const std::function<double(Index, Index)>& gram) {
  const Index known = size(), fresh = std::ssize(inside), all = known + fresh;
  factor_.forward(Matrix(columns.data(), rows_, fresh));
  inside_.insert(inside_.end(), inside.begin(), inside.end());
  lines_.insert(lines_.end(), columns.begin(), columns.end());

  const std::vector<double> before = std::exchange(cross_, std::vector<double>(at(all * all)));
  const Matrix now(cross_.data(), all, all);
  for (Index c = 0; c < known; ++c) std::copy_n(before.begin() + c * known, known, now.column(c).begin());
  dot_lines({columns.data(), rows_, fresh}, {&now(0, known), all, fresh});
  for (Index c = known; c < all; ++c) {
    for (Index a = 0; a <= c; ++a) {
      if (!this->inside(a) && !this->inside(c)) now(a, c) -= gram(a, c);
      now(c, a) = now(a, c);
    }
    diagonal_.push_back(gram(c, c));
  }
}

/// G − VᵀV of columns that come, factored; empty where they depend on each other or on A.
std::vector<double> SupportChanges::corner(std::span<const Index> come) const {
  const Index e = std::ssize(come);
  std::vector<double> out(at(e * e));
  const Matrix own(out.data(), e, e);
  for (Index b = 0; b < e; ++b) {
    for (Index a = b; a < e; ++a) own(a, b) = -cross(come[at(a)], come[at(b)]);
  }
  return out;
}

bool SupportChanges::solve(std::span<const Index> gone, std::span<const Index> come, std::vector<double> wanted,
                           std::span<double> u) const {
  for (Index c = 0; c < size(); ++c) {
    for (Index a = 0; a < size() && u[at(c)] != 0; ++a) wanted[at(a)] -= cross(a, c) * u[at(c)];
  }
  const Index g = std::ssize(gone), e = std::ssize(come);
  // [C_gg C_ge; C_eg −K] u = wanted: first those that go, then those that come.
  std::vector<double> first(at(g * g)), between(at(g * (e + 1))), second = corner(come), right(at(e));
  const Matrix gg(first.data(), g, g), ge(between.data(), g, e + 1), ee(second.data(), e, e);
  for (Index b = 0; b < g; ++b) {
    for (Index a = b; a < g; ++a) gg(a, b) = cross(gone[at(a)], gone[at(b)]);
    ge(b, e) = wanted[at(gone[at(b)])];
  }
  for (Index b = 0; b < e; ++b) {
    for (Index a = 0; a < g; ++a) ge(a, b) = cross(gone[at(a)], come[at(b)]);
    right[at(b)] = -wanted[at(come[at(b)])];
  }
  const ConstMatrix y(ge.data, g, e);
  if (g > 0) {
    if (blas::potrf(Triangle::lower, gg) != 0) return false;
    blas::trsm(Side::left, Triangle::lower, Op::none, gg, ge);
  }
  if (g > 0 && e > 0) {
    blas::syrk(Triangle::lower, Op::transpose, 1.0, y, 1.0, ee);
    blas::gemv(Op::transpose, 1.0, y, ge.column(e), 1.0, right);
  }
  if (e > 0) {
    if (blas::potrf(Triangle::lower, ee) != 0) return false;
    for (Index a = 0; a < e; ++a) {
      if (!(ee(a, a) * ee(a, a) > kDependent * diagonal_[at(come[at(a)])])) return false;
    }
    blas::trsm(Side::left, Triangle::lower, Op::none, ee, {right.data(), e, 1});
    blas::trsm(Side::left, Triangle::lower, Op::transpose, ee, {right.data(), e, 1});
    for (Index a = 0; a < e; ++a) u[at(come[at(a)])] = right[at(a)];
  }
  if (g > 0) {
    const auto left = ge.column(e);
    if (e > 0) blas::gemv(Op::none, -1.0, y, right, 1.0, left);
    blas::trsm(Side::left, Triangle::lower, Op::transpose, gg, {left.data(), g, 1});
    for (Index a = 0; a < g; ++a) u[at(gone[at(a)])] = left[at(a)];
  }
  return true;
}

std::vector<std::vector<double>> SupportChanges::rows_of(std::span<const Index> come) const {
  const Index count = std::ssize(come);
  std::vector<double> own = corner(come);
  const Matrix factor(own.data(), count, count);
  std::vector<std::vector<double>> rows;
  if (count == 0 || blas::potrf(Triangle::lower, factor) != 0) return rows;
  for (Index a = 0; a < count; ++a) {
    const auto line = lines().column(come[at(a)]);
    rows.emplace_back(line.begin(), line.end());
    for (Index b = 0; b <= a; ++b) rows.back().push_back(factor(a, b));
  }
  return rows;
}

}  // namespace riata
