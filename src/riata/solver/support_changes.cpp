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

std::optional<SupportChanges::System> SupportChanges::system(std::vector<Index> gone, std::vector<Index> come) const {
  const Index g = std::ssize(gone), e = std::ssize(come);
  // [C_gg C_ge; C_eg −K] u = wanted: first those that go, then those that come.
  System out(*this);
  out.first_.resize(at(g * g));
  out.between_.resize(at(g * e));
  out.second_ = corner(come);
  const Matrix gg(out.first_.data(), g, g), ge(out.between_.data(), g, e), ee(out.second_.data(), e, e);
  for (Index b = 0; b < g; ++b) {
    for (Index a = b; a < g; ++a) gg(a, b) = cross(gone[at(a)], gone[at(b)]);
  }
  for (Index b = 0; b < e; ++b) {
    for (Index a = 0; a < g; ++a) ge(a, b) = cross(gone[at(a)], come[at(b)]);
  }
  if (g > 0 && blas::potrf(Triangle::lower, gg) != 0) return std::nullopt;
  if (g > 0 && e > 0) {
    blas::trsm(Side::left, Triangle::lower, Op::none, gg, ge);
    blas::syrk(Triangle::lower, Op::transpose, 1.0, ge, 1.0, ee);
  }
  if (e > 0 && blas::potrf(Triangle::lower, ee) != 0) return std::nullopt;
  for (Index a = 0; a < e; ++a) {
    if (!(ee(a, a) * ee(a, a) > kDependent * diagonal_[at(come[at(a)])])) return std::nullopt;
  }
  out.gone_ = std::move(gone);
  out.come_ = std::move(come);
  return out;
}

void SupportChanges::System::solve(std::vector<double> wanted, std::span<double> u) const {
  for (Index c = 0; c < changes_->size(); ++c) {
    for (Index a = 0; a < changes_->size() && u[at(c)] != 0; ++a) wanted[at(a)] -= changes_->cross(a, c) * u[at(c)];
  }
  const Index g = std::ssize(gone_), e = std::ssize(come_);
  const ConstMatrix gg(first_.data(), g, g), ge(between_.data(), g, e), ee(second_.data(), e, e);
  std::vector<double> left, right;
  for (const Index c : gone_) left.push_back(wanted[at(c)]);
  for (const Index c : come_) right.push_back(-wanted[at(c)]);
  if (g > 0) blas::trsv(Triangle::lower, Op::none, gg, left);
  if (e > 0) {
    if (g > 0) blas::gemv(Op::transpose, 1.0, ge, left, 1.0, right);
    blas::trsv(Triangle::lower, Op::none, ee, right);
    blas::trsv(Triangle::lower, Op::transpose, ee, right);
    if (g > 0) blas::gemv(Op::none, -1.0, ge, right, 1.0, left);
  }
  if (g > 0) blas::trsv(Triangle::lower, Op::transpose, gg, left);
  for (std::size_t a = 0; a < gone_.size(); ++a) u[at(gone_[a])] = left[a];
  for (std::size_t a = 0; a < come_.size(); ++a) u[at(come_[a])] = right[a];
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
