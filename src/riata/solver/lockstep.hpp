#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/penalty/elastic_net.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/path_solver.hpp"
#include "riata/solver/problem.hpp"

namespace riata {

/// One of several problems on one matrix: which rows count, and its λ (decreasing, positive, mean scale).
struct LockstepMember {
  std::span<const double> weights;  ///< n: the row's weight in the common problem, or zero
  std::span<const double> lambdas;
};

/// Takes a member's point at its λ number point.k. Called by several threads at once, for one member by one at a time, in
/// order of λ. Returning false stops the member.
using LockstepSink = std::function<bool(std::size_t member, const SolvedPoint& point, const Solution& solution)>;

/// Lasso or elastic-net paths (ρ > 0, no unpenalised columns) of problems that differ in the rows that count alone, all at
/// once: every certifying pass over X serves all members, two right-hand sides each, about a common shift; each member's own
/// centring and scaling is applied to the products. On tall data the passes of Newton steps do too (smooth losses; decision
/// 0410). Everything is as in the member's own path, certificates too, up to rounding. Returns each member's worst status.
std::vector<Status> solve_in_lockstep(const Problem& problem, std::span<const LockstepMember> members, ElasticNet penalty,
                                      double tolerance, const Context& context, const LockstepSink& sink);

}  // namespace riata
