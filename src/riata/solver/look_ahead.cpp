#include "riata/solver/look_ahead.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "riata/core/memory.hpp"
#include "riata/solver/column_products.hpp"
#include "riata/solver/working_choice.hpp"

namespace riata {
namespace {

constexpr Index kMostAhead = 14;     // λ solved before one certifying pass; where it costs little
constexpr Index kFewAhead = 8;       // as many as this, and one more
constexpr Index kPass = 16;          // for each so many times that it has the working set's columns
constexpr Index kProductsAhead = 8;  // of conjugate gradients: each pass costs a rate, farther ahead columns are missed
constexpr Index kAheadEntries = 8'000'000;  // of the block of residuals kept meanwhile
constexpr Index kFewLikely = 32;            // may be let in at once beside as many again as there are
constexpr double kMostMargin = 0.5;         // how much nearer than predicted a gradient may come to its threshold
constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// Whether every column is in the model: no l1 part, or none at the first λ.
bool all_active(double l1_ratio, std::span<const double> lambdas) {
  return l1_ratio == 0 || (!lambdas.empty() && lambdas.front() == 0);
}

/// Gradients are told the worse the longer the steps of λ are.
double first_margin(std::span<const double> lambdas) {
  constexpr double kLeast = 0.1, kOfStep = 1.7;
  if (lambdas.size() < 2 || lambdas[0] == 0) return kLeast;
  return std::clamp(kOfStep * (1 - lambdas[1] / lambdas[0]), kLeast, kMostMargin);
}

bool ends_at_zero(std::span<const double> lambdas) { return !lambdas.empty() && lambdas.back() == 0; }

/// Whether a λ is solved to rounding: where steps are exact, so that precision costs nothing.
bool exact_steps(const FittedProblem& fitted, bool all) {
  return fitted.loss->name() == "squared" && !takes_products(fitted, all);
}

/// Numbers that may be kept of the λ ahead.
Index ahead_entries(const FittedProblem& fitted, const Context& context) {
  constexpr Index kShare = 16;
  if (!context.lean) return kAheadEntries;
  return std::min(kAheadEntries, working_memory(context, fitted.design->bytes()) / (kShare * Index{sizeof(double)}));
}

/// Whether bounds are worth their vectors of the rows; else every column is looked at.
bool room_for_bounds(const FittedProblem& fitted, const Context& context) {
  constexpr Index kVectors = 11, kShare = 4;  // those of SpanBound, and the anchor
  const Index bytes = kVectors * Index{sizeof(double)} * fitted.rows();
  return !context.lean || kShare * bytes <= working_memory(context, fitted.design->bytes());
}

/// How precisely every λ is solved, of ‖zⱼ‖_W ‖y‖_W, where the gap does not tell it: columns without a penalty.
double fixed_precision(const FittedProblem& fitted, bool all, bool free, double tolerance) {
  constexpr double kShare = 0.003;
  if (exact_steps(fitted, all)) return 0.0;
  const bool squared = fitted.loss->name() == "squared";
  return kShare * (takes_products(fitted, all) && (squared || !free) ? tolerance : std::min(tolerance, 1e-10));
}

}  // namespace

LookAhead::LookAhead(const FittedProblem& fitted, double l1_ratio, std::span<const double> lambdas,
                     const LookAheadOptions& options, const Context& context, std::unique_ptr<WorkingProblem> working)
    : fitted_(fitted),
      context_(context),
      l1_ratio_(l1_ratio),
      lambdas_(lambdas),
      options_(options),
      problem_(working ? std::move(working) : default_working(fitted, all_active(l1_ratio, lambdas), context)),
      precision_(gradient_precision(
          fitted, fixed_precision(fitted, all_active(l1_ratio, lambdas),
                                  !fitted.unpenalised.empty() || ends_at_zero(lambdas), options.tolerance))),
      gradient_(at(fitted.cols())),
      slope_(at(fitted.cols())),
      excluded_(at(fitted.cols())),
      near_(at(fitted.cols())),
      pulls_(at(fitted.rows())),
      margin_(first_margin(lambdas)),
      most_ahead_(std::clamp<Index>(ahead_entries(fitted, context) / std::max<Index>(1, fitted.rows()), 1, kMostAhead)),
      bounded_(room_for_bounds(fitted, context)) {
  ahead_ = std::min(ahead_, most_ahead_);
  for (const Index j : fitted.excluded) excluded_[at(j)] = 1;
  together_ = products_are_cheap(fitted) && fitted.lower.empty();
  const bool all = all_active(l1_ratio, lambdas);
  constexpr double kGap = 1e-10;  // costs Newton steps two more than 1e-6, and coefficients then have ten digits
  const bool enough = takes_products(fitted, all) || options.predictions_only;
  goal_ = enough ? options.tolerance : std::min(options.tolerance, kGap);
  if (exact_steps(fitted, all) || all || !fitted.unpenalised.empty() || ends_at_zero(lambdas)) return;
  for (Index j = 0; j < fitted.cols(); ++j) {
    if (!excluded_[at(j)]) widest_ = std::max(widest_, fitted.norm[at(j)] / fitted.factor[at(j)]);
  }
}

/// How precise gradients must be for the gap that is aimed at, at that λ and point, of ‖zⱼ‖_W ‖y‖_W. Where they are
/// off by δⱼ = ε ‖zⱼ‖ ‖y‖, the dual point is scaled by 1 − max δⱼ/(λρfⱼ), which costs λρ Σ fⱼ|bⱼ| times that maximum and
/// half the null deviance times its square; what the support is off costs Σ |bⱼ| δⱼ.
double LookAhead::enough(double lambda) const {
  const auto b = problem_->coefficients();
  double size = 0;
  for (const Index j : working_) size += (widest_ * fitted_.factor[at(j)] + fitted_.norm[at(j)]) * std::abs(b[at(j)]);
  const double y = std::sqrt(fitted_.null_deviance);
  return std::min(0.5 * goal_ * y / size, std::sqrt(goal_) * lambda * l1_ratio_ / (y * widest_));
}

ElasticBox LookAhead::box(double lambda) const {
  return {lambda * l1_ratio_, lambda * (1 - l1_ratio_), fitted_.factor, fitted_.lower, fitted_.upper};
}

void LookAhead::start() {
  working_ = fitted_.unpenalised;
  (void)problem_->solve(box(lambdas_.empty() ? 0.0 : lambdas_.front()), working_, precision_, options_.most_rounds);
  std::ranges::copy(problem_->pull(), pulls_.begin());
  if (bounded_) anchor_.assign(at(2 * fitted_.rows()), 0.0);
}

ConstMatrix LookAhead::sides() const {
  const Index n = fitted_.rows();
  if (starting_) return {pulls_.data(), n, 1};
  return {pulls_.data() + (solved_ - 1) * n, n, 2};
}

double LookAhead::largest_gradient() const {
  double largest = 0;
  for (Index j = 0, p = fitted_.cols(); j < p; ++j) {
    if (!excluded_[at(j)]) largest = std::max(largest, std::abs(gradient_[at(j)]));
  }
  return largest;
}

/// The working set: the present support, and every column whose predicted gradient comes near its threshold by the last of
/// the λ that come next.
void LookAhead::choose() {
  if (std::exchange(starting_, false)) {
    if (bounded_) std::ranges::copy(pulls_, anchor_.begin());
    previous_ = 0;
    for (Index j = 0, p = fitted_.cols(); j < p && l1_ratio_ > 0; ++j) {
      const double f = fitted_.factor[at(j)];
      if (!excluded_[at(j)] && f > 0) previous_ = std::max(previous_, std::abs(gradient_[at(j)]) / (f * l1_ratio_));
    }
  }
  solved_ = std::min(ahead_, static_cast<Index>(lambdas_.size()) - next_);
  const double last = lambdas_[at(next_ + solved_ - 1)];
  const double drop = (previous_ - last) * l1_ratio_;  // negative where the last λ tried were too many
  const double reach = std::abs(drop);
  const auto b = problem_->coefficients();
  std::vector<Index> chosen;
  Index known = 0;
  likely_.clear();
  for (Index j = 0, p = fitted_.cols(); j < p; ++j) {
    if (excluded_[at(j)]) continue;
    const double threshold = last * l1_ratio_ * fitted_.factor[at(j)];
    const double predicted = std::abs(gradient_[at(j)] - drop * slope_[at(j)]);
    const bool sure = b[at(j)] != 0 || fitted_.factor[at(j)] == 0 || forced(j);
    if (!sure && predicted + margin_ * (threshold + reach) < threshold) continue;
    chosen.push_back(j);
    if (sure) ++known;
    if (sure || predicted >= threshold) likely_.push_back(j);
  }
  // After a long step of λ a straight line from the last gradients says nothing: columns then come as they are asked for.
  if (std::ssize(likely_) > 2 * known + kFewLikely) likely_.clear();
  if (missed_at_once_) {  // the same working set and what it lacked, so that it can only grow
    std::vector<Index> both;
    std::ranges::set_union(working_, forced_, std::back_inserter(both));
    working_ = std::move(both);
  } else {
    working_ = std::move(chosen);
  }
}

bool LookAhead::forced(Index j) const { return std::binary_search(forced_.begin(), forced_.end(), j); }

void LookAhead::solve() {
  begin();
  while (RowPass* const pass = next()) problem_->serve(*pass);
}

void LookAhead::begin() {
  const Index n = fitted_.rows();
  etas_.resize(at(n * solved_));
  pulls_.resize(at(n * (solved_ + 1)));
  kept_.resize(at(solved_));
  problem_->recompute();
  solving_ = solve_ahead();
  if (solving_ < solved_) {
    problem_->expect(likely_);
    begin_at(std::numeric_limits<double>::infinity());
  } else {
    finish();
  }
}

/// The first λ at once, as many as that way settles.
Index LookAhead::solve_ahead() {
  const bool factored = options_.degrees_of_freedom && l1_ratio_ < 1;  // at every λ in any case, for these (0650)
  if (options_.most_rounds > 0 || factored || context_.interrupted()) return 0;
  std::vector<ElasticBox> boxes;
  for (Index i = 0; i < solved_; ++i) boxes.push_back(box(lambdas_[at(next_ + i)]));
  Outlook outlook{.l1 = previous_ * l1_ratio_, .rough = rough_};
  for (const Index j : working_) {
    outlook.gradient.push_back(gradient_[at(j)]);
    outlook.slope.push_back(slope_[at(j)]);
  }
  const auto precision = [this]() -> std::span<const double> {
    if (widest_ > 0) precision_ = gradient_precision(fitted_, relative_ = 0.5 * enough(lambdas_[at(next_ + solved_ - 1)]));
    return precision_;
  };
  Index done = 0;
  for (bool again = true; std::exchange(again, false) && done < solved_;) {
    const auto solved = [&](Index i) {
      if (widest_ > 0 && enough(lambdas_[at(next_ + done + i)]) < relative_) {  // the coefficients have grown
        again = together_;
        return false;
      }
      keep(done + i, Status::converged);
      return !context_.interrupted();
    };
    done += problem_->solve_ahead(std::span(boxes).subspan(at(done)), working_, precision, outlook, solved);
  }
  return done;
}

/// The present λ, as precisely as the gap takes, or `relative` where that is more precise.
void LookAhead::begin_at(double relative) {
  if (context_.interrupted()) return;
  const double lambda = lambdas_[at(next_ + solving_)];
  relative_ = relative;
  if (widest_ > 0) {
    const double wanted = enough(lambda);
    if (wanted < relative_) precision_ = gradient_precision(fitted_, relative_ = 0.5 * wanted);
  }
  problem_->begin(box(lambda), working_, precision_, options_.most_rounds);
}

RowPass* LookAhead::next() {
  while (solving_ < solved_) {
    const double lambda = lambdas_[at(next_ + solving_)];
    const bool interrupted = context_.interrupted();
    if (RowPass* const pass = interrupted ? nullptr : problem_->next()) return pass;
    const Status status = interrupted ? Status::interrupted : problem_->ended();
    if (status == Status::converged && widest_ > 0 && enough(lambda) < relative_) {
      begin_at(relative_);  // the coefficients have grown
      continue;
    }
    keep(solving_, status);
    if (++solving_ < solved_) {
      begin_at(std::numeric_limits<double>::infinity());
    } else {
      finish();
    }
  }
  return nullptr;
}

/// What the certifying pass takes.
void LookAhead::finish() {
  const Index n = fitted_.rows();
  // The last right-hand side: how every gradient changes with λ from here.
  problem_->rate(std::span(pulls_).subspan(at(n * solved_), at(n)));
  std::ranges::fill(near_, static_cast<char>(!bounded_ || !fitted_.unpenalised.empty()));
  if (!bounded_) return;
  const auto column = [n](std::span<const double> v, Index c) { return v.subspan(at(c * n), at(n)); };
  const std::span<const double> known[] = {column(pulls_, solved_ - 1), column(pulls_, solved_), column(anchor_, 0),
                                           column(anchor_, 1)};
  bound_.set(fitted_.weights, known, {pulls_.data(), n, solved_});
  thresholds_.clear();
  for (Index i = 0; i < solved_; ++i) thresholds_.push_back(lambdas_[at(next_ + i)] * l1_ratio_);
}

void LookAhead::keep(Index i, Status status) {
  const Index n = fitted_.rows();
  problem_->eta(std::span(etas_).subspan(at(i * n), at(n)));
  std::ranges::copy(problem_->pull(), pulls_.begin() + i * n);
  Kept& kept = kept_[at(i)];
  const bool count = options_.degrees_of_freedom || l1_ratio_ == 1;
  kept = {{}, {}, problem_->b0(), count ? problem_->degrees_of_freedom() : std::nan(""), status};
  const auto b = problem_->coefficients();
  for (const Index j : working_) {
    if (b[at(j)] == 0) continue;
    kept.columns.push_back(j);
    kept.values.push_back(b[at(j)]);
  }
  const WorkingProblem::Gradients known = problem_->known_gradients();
  if (!std::ranges::includes(known.columns, working_)) return;
  for (const Index j : working_) kept.gradient.push_back(known.of_column[at(j)]);
}

void LookAhead::take(Index first, ConstMatrix products, std::span<const double> units) {
  const std::size_t from = at(first), count = at(products.rows);
  if (!starting_) {
    if (bounded_) {
      const double* const known[] = {&products(0, 0), &products(0, 1), gradient_.data() + from, slope_.data() + from};
      bound_.mark(known, std::span(fitted_.norm).subspan(from, count), std::span(fitted_.factor).subspan(from, count), units,
                  thresholds_, std::span(near_).subspan(from, count));
    }
    std::ranges::copy(products.column(1), slope_.begin() + first);
  }
  std::ranges::copy(products.column(0), gradient_.begin() + first);
}

/// Columns that are not proved to be zero at every λ just solved.
void LookAhead::find_relevant() {
  for (const Kept& kept : kept_) {
    for (const Index j : kept.columns) near_[at(j)] = 1;
  }
  relevant_.clear();
  for (Index j = 0, p = fitted_.cols(); j < p; ++j) {
    if (near_[at(j)] && !excluded_[at(j)]) relevant_.push_back(j);
  }
}

/// Their gradients: those that the solves have taken, and products for the others.
void LookAhead::take_relevant() {
  const Index count = std::ssize(relevant_);
  gradients_.resize(at(count * solved_));
  const Matrix out(gradients_.data(), count, solved_);
  std::vector<Index> asked;
  const bool known = std::ranges::all_of(kept_, [&](const Kept& kept) { return kept.gradient.size() == working_.size(); });
  std::ranges::set_difference(relevant_, known ? std::span<const Index>(working_) : std::span<const Index>(),
                              std::back_inserter(asked));
  std::vector<double> memory(asked.size() * at(solved_));
  const Matrix products(memory.data(), std::ssize(asked), solved_);
  column_products(*fitted_.design, asked, {pulls_.data(), fitted_.rows(), solved_}, products, context_);
  for (Index r = 0, a = 0, w = 0; r < count; ++r) {
    const Index j = relevant_[at(r)];
    const bool looked = a < products.rows && asked[at(a)] == j;
    while (!looked && working_[at(w)] != j) ++w;
    for (Index i = 0; i < solved_; ++i) out(r, i) = looked ? products(a, i) : kept_[at(i)].gradient[at(w)];
    if (looked) ++a;
  }
}

void LookAhead::accept(const SolvedPointSink& sink) {
  const std::size_t n = at(fitted_.rows());
  find_relevant();
  take_relevant();
  if (bounded_) std::copy_n(pulls_.begin() + static_cast<std::ptrdiff_t>(n) * (solved_ - 1), 2 * n, anchor_.begin());
  previous_ = lambdas_[at(next_ + solved_ - 1)];
  Index good = 0;
  for (; good < solved_ && !stopped_; ++good) {
    const Kept& kept = kept_[at(good)];
    const auto gradient = std::span<const double>(gradients_).subspan(at(good) * relevant_.size(), relevant_.size());
    if (find_missed(box(lambdas_[at(next_ + good)]), gradient)) break;
    const auto row = [&](const std::vector<double>& v) { return std::span(v).subspan(at(good) * n, n); };
    stopped_ = context_.interrupted() || kept.status == Status::interrupted ||
               !sink({next_ + good, kept.columns, kept.values, kept.b0, row(etas_), row(pulls_), relevant_, gradient,
                      kept.degrees_of_freedom, kept.status});
  }
  if (!stopped_) adapt(good);
}

void LookAhead::adapt(Index good) {
  missed_at_once_ = good == 0;
  if (good == solved_) {
    margin_ = std::max(0.02, 0.95 * margin_);
    const Index worth =
        products_are_cheap(fitted_) ? kProductsAhead : kFewAhead + fitted_.cols() / (kPass * (std::ssize(working_) + 1));
    ahead_ = std::min({most_ahead_, worth, ahead_ + std::max<Index>(1, ahead_ / 2)});
  } else {
    margin_ = std::min(kMostMargin, 1.5 * margin_);
    if (!together_) ahead_ = std::max<Index>(1, std::max(good, ahead_ / 2));
  }
  next_ += good;
}

bool LookAhead::find_missed(const ElasticBox& penalty, std::span<const double> gradient) {
  forced_.clear();
  auto known = working_.begin();
  for (std::size_t r = 0; r < relevant_.size(); ++r) {
    const Index j = relevant_[r];
    while (known != working_.end() && *known < j) ++known;
    if (known != working_.end() && *known == j) continue;
    if (violation(penalty, j, 0.0, gradient[r], precision_[at(j)]) > 0) forced_.push_back(j);
  }
  return !forced_.empty();
}

std::vector<double> gradient_precision(const FittedProblem& fitted, double relative) {
  std::vector<double> precision(fitted.norm);
  for (double& value : precision) value *= std::max(kRounding, relative) * std::sqrt(fitted.null_deviance);
  return precision;
}

}  // namespace riata
