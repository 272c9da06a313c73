#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/solver/growing_cholesky.hpp"

namespace riata {

/// Columns that come to or go from the set A whose G(A, A) = L Lᵀ is factored. Each has a line: v = L⁻¹G(A, c) if it is not
/// in A, v = L⁻¹e_c if it is. With these, and without touching the factor, systems on other supports are solved:
///
///   b_A = L⁻ᵀ(t + V u)
///
/// where u holds those that go at a given value, and is minus the coefficients of those that come.
class SupportChanges {
 public:
  explicit SupportChanges(const GrowingCholesky& factor) : factor_(factor), rows_(factor.size()) {}

  Index size() const { return std::ssize(inside_); }
  bool inside(Index c) const { return inside_[static_cast<std::size_t>(c)] != 0; }  ///< in A
  ConstMatrix lines() const { return {lines_.data(), rows_, size()}; }              ///< V
  /// out += V u and out = Vᵀ t; nothing where A is empty.
  void add_lines(ConstMatrix u, Matrix out) const;
  void dot_lines(ConstMatrix t, Matrix out) const;

  /// Further columns: G(A, c), or the unit vector of the row of one that is in A. gram(a, c) is G of changed columns a and
  /// c.
  void add(std::span<const char> inside, std::vector<double> columns, const std::function<double(Index, Index)>& gram);

  /// What is left of the system on another support: factored.
  class System {
   public:
    /// u of the changed columns that go and come, where Vᵀ(t + V u) is to be `wanted` more than Vᵀt: of one that goes the
    /// value it is held at, of one that comes what its gradient should lose. Other entries of u are given.
    void solve(std::vector<double> wanted, std::span<double> u) const;

   private:
    friend class SupportChanges;
    explicit System(const SupportChanges& changes) : changes_(&changes) {}
    const SupportChanges* changes_;
    std::vector<Index> gone_, come_;
    std::vector<double> first_, between_, second_;
  };
  /// Nothing where columns depend on each other.
  std::optional<System> system(std::vector<Index> gone, std::vector<Index> come) const;

  /// The factor's rows that these columns, none of them in A, would be; empty where they depend on each other.
  std::vector<std::vector<double>> rows_of(std::span<const Index> come) const;

 private:
  double cross(Index a, Index c) const { return cross_[static_cast<std::size_t>(a + c * size())]; }
  std::vector<double> corner(std::span<const Index> come) const;

  const GrowingCholesky& factor_;
  Index rows_;
  std::vector<char> inside_;
  std::vector<double> lines_;
  std::vector<double> cross_;     ///< VᵀV, less G where neither is in A
  std::vector<double> diagonal_;  ///< of G
};

}  // namespace riata
