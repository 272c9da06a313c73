#include "riata/solver/lockstep.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <numeric>
#include <optional>

#include "riata/solver/column_products.hpp"
#include "riata/solver/point_judge.hpp"
#include "riata/solver/rough_columns.hpp"
#include "riata/solver/split_moments.hpp"

namespace riata {
namespace {

constexpr double kFarOff = 8.0;       // standard deviations from a member's centre to the common shift: digits are lost
constexpr double kShareOfData = 0.6;  // memory for members, of the data's
constexpr double kLeastMemory = 70e6;
constexpr double kBytesAColumn = 112;  // of a member

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Of increasing columns.
std::vector<Index> united(std::span<const Index> a, std::span<const Index> b) {
  std::vector<Index> both;
  std::ranges::set_union(a, b, std::back_inserter(both));
  return both;
}

struct Member {
  Problem problem;
  FittedProblem fitted;
  std::shared_ptr<Quadratic> quadratic;
  std::optional<PointJudge> judge;
  std::optional<LookAhead> look;
  std::vector<Index> far;         ///< increasing: columns whose products come from the member's own design
  std::vector<double> side_sums;  ///< of the present sides
  RowPass* asked = nullptr;       ///< by the present solve
  Status worst = Status::converged;
};

class Lockstep {
 public:
  Lockstep(const Problem& problem, std::span<const LockstepMember> members, ElasticNet penalty, double tolerance,
           const Context& context, const LockstepSink& sink, bool rough)
      : design_(*problem.design), context_(context), inner_(1), sink_(sink), given_(members), members_(members.size()) {
    inner_.interrupt = context.interrupt;
    inner_.memory_budget = context.memory_budget;
    inner_.lean = context.lean;
    const bool many = std::ssize(members) >= context.threads();
    const Context& own = many ? inner_ : context_;
    std::vector<double> weights(problem.weights.begin(), problem.weights.end());
    if (weights.empty()) weights.assign(at(design_.rows()), 1.0);
    std::vector<std::span<const double>> parts;
    for (const LockstepMember& member : members) parts.push_back(member.weights);
    const std::vector<ColumnMoments> moments = split_moments(design_, weights, parts, context);
    for (std::size_t k = 0; k < members_.size(); ++k) {
      Member& member = members_[k];
      member.problem = problem;
      member.problem.weights = members[k].weights;
      member.fitted = to_fitted(member.problem, moments[k]);
    }
    set_shifts(problem.intercept);
    for (std::size_t k = 0; k < members_.size(); ++k) {
      Member& member = members_[k];
      member.quadratic = residual_quadratic(member.fitted, own);
      member.judge.emplace(member.fitted, *member.quadratic, penalty, tolerance, own);
      const LookAheadOptions options{.tolerance = tolerance, .degrees_of_freedom = false, .predictions_only = true};
      member.look.emplace(member.fitted, penalty.l1_ratio, members[k].lambdas, options, own);
    }
    if (rough) rough_.emplace(design_, shift_);
  }

  std::vector<Status> run() {
    for_members([](Member& member) { member.look->start(); });
    pass(true);
    if (rough_) for_members([](Member& member) { member.look->expect_rough_products(); });
    for_members([](Member& member) { member.fitted.null_gradient = member.look->largest_gradient(); });
    while (std::ranges::any_of(members_, [](const Member& member) { return !member.look->done(); })) {
      for_members([](Member& member) { member.look->choose(); });
      solve();
      pass(!rough_);
      for_members([this](Member& member) { accept(member); });
    }
    std::vector<Status> out;
    for (const Member& member : members_) out.push_back(worse(member.worst, member.look->status()));
    return out;
  }

 private:
  /// The mean of the members' centres: near each of them.
  void set_shifts(bool intercept) {
    if (!intercept) return;
    shift_.assign(at(design_.cols()), 0.0);
    for (const Member& member : members_) {
      for (Index j = 0; j < design_.cols(); ++j) {
        shift_[at(j)] += member.fitted.design->centre(j) / static_cast<double>(members_.size());
      }
    }
    for (Member& member : members_) {
      for (Index j = 0; j < design_.cols(); ++j) {
        const double norm = member.fitted.norm[at(j)];
        if (norm > 0 && std::abs(off_shift(member, j)) > kFarOff * norm * member.fitted.design->scale(j))
          member.far.push_back(j);
      }
    }
  }

  double off_shift(const Member& member, Index j) const { return member.fitted.design->centre(j) - shift_[at(j)]; }

  template <class F>
  void for_members(const F& f) {
    context_.for_blocks(std::ssize(members_), [&](Index k) {
      Member& member = members_[at(k)];
      if (!member.look->done()) f(member);
    });
  }

  /// All members' solves; where it pays, round by round, and one pass over the rows answers all that they ask for.
  void solve() {
    const bool together = one_pass_pays();
    for_members([&](Member& member) {
      if (together && member.far.empty()) {
        member.look->begin();
      } else {
        member.look->solve();
      }
    });
    while (together) {
      for_members([](Member& member) { member.asked = member.far.empty() ? member.look->next() : nullptr; });
      std::vector<Member*> asking;
      for (Member& member : members_) {
        if (member.asked != nullptr) asking.push_back(&member);
      }
      if (asking.empty()) return;
      move_rows(asking);
    }
  }

  /// Whether passes with all columns that members work on cost less than each member's own, which read memory once a member
  /// and step, but have the member's factor in cache. Sparse designs share nothing: sides are multiplied one by one.
  bool one_pass_pays() const {
    constexpr Index kFaster = 2;       // a product with many sides, per side
    constexpr Index kCached = 262144;  // numbers a member's passes may read again and again
    std::vector<Index> columns;
    Index own = 0, sides = 0;
    for (const Member& member : members_) {
      if (member.look->done() || !member.far.empty()) continue;
      columns = united(columns, member.look->working());
      own += std::ssize(member.look->working());
      ++sides;
    }
    const bool dense = design_.stored() == design_.rows() * design_.cols();
    return dense && sides > 1 && design_.rows() * own > kCached * sides && sides * std::ssize(columns) <= kFaster * own;
  }

  /// Answers all of them in one pass, about the common shift.
  void move_rows(std::span<Member* const> asking) {
    std::vector<Index> columns;
    for (const Member* member : asking) columns = united(columns, member->asked->columns);
    const Index count = std::ssize(columns), sides = std::ssize(asking);
    std::vector<double> steps(at(count * sides)), products(at(count * sides)), constants(asking.size());
    const Matrix b(steps.data(), count, sides), out(products.data(), count, sides);
    for (Index c = 0; c < sides; ++c) {
      const Member& member = *asking[at(c)];
      if (!member.asked->moves) continue;
      for_places(*member.asked, columns, [&](std::size_t k, Index j, Index place) {
        b(place, c) = member.asked->delta[k] / member.fitted.design->scale(j);
        if (!shift_.empty()) constants[at(c)] -= b(place, c) * off_shift(member, j);
      });
    }
    const RowMap move = [&](Index first, Matrix rows) {
      for (Index c = 0; c < sides; ++c) {
        Member& member = *asking[at(c)];
        const std::span<double> own = rows.column(c);
        if (member.asked->moves) {
          for (double& value : own) value += constants[at(c)];
          member.look->move_rows(first, own);
        } else {
          std::ranges::copy(member.look->pull().subspan(at(first), own.size()), own.begin());
        }
      }
    };
    design_.multiply_back(columns, b, move, out, shift_, context_);
    for (Index c = 0; c < sides; ++c) {
      Member& member = *asking[at(c)];
      const auto pull = member.look->pull();
      const double sum = shift_.empty() ? 0.0 : std::accumulate(pull.begin(), pull.end(), 0.0);
      for_places(*member.asked, columns, [&](std::size_t k, Index j, Index place) {
        const double off = shift_.empty() ? 0.0 : off_shift(member, j) * sum;
        member.asked->gradients[k] = (out(place, c) - off) / member.fitted.design->scale(j);
      });
    }
  }

  /// f(k, j, place) for the pass's k-th column j, which is columns[place].
  template <class F>
  static void for_places(const RowPass& pass, const std::vector<Index>& columns, const F& f) {
    Index place = 0;
    for (std::size_t k = 0; k < pass.columns.size(); ++k) {
      while (columns[at(place)] != pass.columns[k]) ++place;
      f(k, pass.columns[k], place);
    }
  }

  /// All members' sides times X, block by block.
  void pass(bool exact) {
    const Index n = design_.rows(), p = design_.cols();
    sides_.clear();
    for (Member& member : members_) {
      if (member.look->done()) continue;
      const ConstMatrix own = member.look->sides();
      sides_.insert(sides_.end(), own.data, own.data + n * own.cols);
      member.side_sums.clear();
      for (Index c = 0; c < own.cols; ++c) {
        double sum = 0;
        for (const double v : own.column(c)) sum += v;
        member.side_sums.push_back(sum);
      }
    }
    const ConstMatrix sides(sides_.data(), n, std::ssize(sides_) / n);
    const RoughColumns::Sides rough_sides(exact ? ConstMatrix() : sides);
    const Index size = columns_in_block(design_);
    context_.for_blocks((p + size - 1) / size, [&](Index block) {
      const Index first = block * size, count = std::min(size, p - first);
      std::vector<double> products(at(count * sides.cols));
      const Matrix raw(products.data(), count, sides.cols);
      if (exact) {
        design_.transpose_multiply(first, sides, raw, shift_, inner_);
        if (rough_) rough_->copy(first, count);
      } else {
        rough_->transpose_multiply(first, rough_sides, raw);
      }
      Index next = 0;
      for (Member& member : members_) {
        if (member.look->done()) continue;
        const Index own = std::ssize(member.side_sums);
        hand_over(member, first, {&raw(0, next), count, own, raw.stride}, exact);
        next += own;
      }
    });
  }

  void hand_over(Member& member, Index first, Matrix products, bool exact) const {
    std::vector<double> units;
    for (Index j = first; j < first + products.rows && !exact; ++j) {
      units.push_back(rough_->unit(j) / member.fitted.design->scale(j));
    }
    for (Index c = 0; c < products.cols; ++c) {
      const double sum = member.side_sums[at(c)];
      for (Index a = 0; a < products.rows; ++a) {
        double& value = products(a, c);
        if (!shift_.empty()) value -= off_shift(member, first + a) * sum;
        value /= member.fitted.design->scale(first + a);
      }
    }
    const ConstMatrix sides = member.look->sides();
    for (auto j = std::ranges::lower_bound(member.far, first); j != member.far.end() && *j < first + products.rows; ++j) {
      for (Index c = 0; c < products.cols; ++c) {
        products(*j - first, c) = member.fitted.design->dot(*j, sides.column(c), 0.0);
      }
    }
    member.look->take(first, products, units);
  }

  void accept(Member& member) {
    const std::size_t k = static_cast<std::size_t>(&member - members_.data());
    member.look->accept([&](const SolvedPoint& point) {
      const Solution solution = (*member.judge)(point, given_[k].lambdas[at(point.k)]);
      member.worst = worse(member.worst, solution.status);
      return sink_(k, point, solution);
    });
  }

  const Design& design_;
  const Context& context_;
  Context inner_;
  const LockstepSink& sink_;
  std::span<const LockstepMember> given_;
  std::vector<Member> members_;
  std::vector<double> shift_;  ///< p, or empty without an intercept
  std::vector<double> sides_;
  std::optional<RoughColumns> rough_;
};

/// How many groups of members: the vectors of those that go together, and the Gram entries and the factor of a support that
/// may grow to saturation, must not outgrow the data, with what else is taken.
std::size_t groups_of_members(std::size_t members, const Design& design, const Context& context, Index taken) {
  double allowed = std::max(kLeastMemory, kShareOfData * 8.0 * static_cast<double>(design.stored()));
  if (context.memory_budget > 0) allowed = std::min(allowed, 0.5 * static_cast<double>(context.memory_budget));
  const double most = static_cast<double>(std::min(design.rows(), design.cols()));
  const double member = kBytesAColumn * static_cast<double>(design.cols()) + sizeof(double) * most * most;
  const double at_once = std::max(1.0, (allowed - static_cast<double>(taken)) / member);
  return (members - 1) / static_cast<std::size_t>(at_once) + 1;
}

}  // namespace

std::vector<Status> solve_in_lockstep(const Problem& problem, std::span<const LockstepMember> members, ElasticNet penalty,
                                      double tolerance, const Context& context, const LockstepSink& sink) {
  const Design& design = *problem.design;
  const std::size_t groups = groups_of_members(members.size(), design, context, 0);
  const bool rough = RoughColumns::pay(design, std::ssize(members.front().lambdas), context) &&
                     groups_of_members(members.size(), design, context, RoughColumns::bytes(design)) == groups;
  const std::size_t size = (members.size() - 1) / groups + 1;
  std::vector<Status> out;
  for (std::size_t first = 0; first < members.size(); first += size) {
    const auto some = members.subspan(first, std::min(size, members.size() - first));
    const LockstepSink shifted = [&](std::size_t k, const SolvedPoint& point, const Solution& solution) {
      return sink(first + k, point, solution);
    };
    for (const Status status : Lockstep(problem, some, penalty, tolerance, context, shifted, rough).run())
      out.push_back(status);
  }
  return out;
}

}  // namespace riata
