#include "riata/app/train_fold.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <utility>

#include "riata/app/network_rows.hpp"
#include "riata/app/train_options.hpp"
#include "riata/core/error.hpp"

namespace riata {
namespace {

constexpr Index kNumbers = 4;  // of an outcome

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

template <class T>
void count_weights(const Network<T>& network, NetworkOutcome& outcome) {
  std::vector<bool> used(at(network.spec().inputs), false);
  for (const ParameterBlock& block : network.blocks()) {
    if (block.is_bias) continue;
    const std::span<const T> weights = network.of(block);
    const auto zeros = static_cast<double>(std::ranges::count(weights, T{0}));
    outcome.zeros += zeros;
    outcome.nonzero += static_cast<double>(block.size()) - zeros;
    for (std::size_t k = 0; k < weights.size() && block.layer == 0; ++k) {
      if (weights[k] != 0) used[k % used.size()] = true;
    }
  }
  outcome.used = static_cast<double>(std::ranges::count(used, true));
}

/// Over starts. One that diverged leaves no measure: its λ is not to be trusted.
NetworkOutcome mean_of(const std::vector<NetworkOutcome>& outcomes) {
  NetworkOutcome sum{.measured = 0};
  for (const NetworkOutcome& one : outcomes) {
    sum.measured += one.measured;
    sum.zeros += one.zeros;
    sum.nonzero += one.nonzero;
    sum.used += one.used;
  }
  const auto n = static_cast<double>(outcomes.size());
  return {sum.measured / n, sum.zeros / n, sum.nonzero / n, sum.used / n};
}

/// What a network says of rows, on the scale of the response.
template <class T>
NetworkRows said_of(const Network<T>& network, const Samples<T>& samples, const RawRows& rows, const TrainProblem& problem,
                    const Context& context) {
  NetworkRows out{problem.loss, problem.outputs(), std::vector<double>(at(rows.n * problem.outputs())),
                  problem.scaling.unit};
  forward(network, samples, Matrix(out.eta.data(), rows.n, out.outputs), context);
  for (double& one : out.eta) one = problem.scaling.shift + problem.scaling.unit * one;
  for (std::size_t i = 0; i < rows.offset.size(); ++i) out.eta[i] += rows.offset[i];
  return out;
}

TrainProblem problem_of_fold(const TrainSpec& spec, const TrainProblem& problem, const RawRows& training) {
  TrainProblem fold;
  fold.loss = problem.loss;
  fold.classes = problem.classes;
  fold.feature_names = problem.feature_names;
  fold.input_factors = problem.input_factors;
  fold.scaling = scaling_of(training, problem.inputs(), problem.loss, spec);
  return fold;
}

/// The networks of a part of a fold: which, and how many of the last of them an earlier run finished.
struct PartRange {
  Index first, count, kept = 0;

  Index finished_from() const { return first + count - kept; }
};

/// Throws Error(input) for a part of another grid.
template <class T>
PartRange part_range(const NetworkGrid<T>& grid, Index fold, Index part) {
  const Index n = grid.n_networks(), parts = grid.parts_per_fold();
  PartRange out{.first = part * n / parts, .count = (part + 1) * n / parts - part * n / parts};
  const GridPart<T>* kept = grid.parts.find(fold * parts + part);
  if (kept == nullptr) return out;
  out.kept = std::ssize(kept->numbers) / kNumbers;
  const std::size_t parameters = grid.spec.warms() ? grid.start(0).parameters().size() : 0;
  const bool fits = std::ssize(kept->numbers) == kNumbers * out.kept && kept->parameters.size() == parameters &&
                    (grid.spec.warms() ? out.kept <= out.count : out.kept == out.count);
  if (!fits) throw Error(ErrorKind::input, "--resume: a part of the grid does not hold what this version writes; remove it");
  return out;
}

/// One fold of a grid under way. Networks are numbered by start, and within a start by λ.
template <class T>
class FoldTraining {
 public:
  FoldTraining(const NetworkGrid<T>& grid, const FoldRows& rows, Index fold, const std::function<void(Index)>& finished,
               const Context& context)
      : grid_(grid),
        rows_(rows),
        fold_(fold),
        finished_(finished),
        context_(context),
        problem_(problem_of_fold(grid.spec, grid.problem, rows.training)),
        training_(rows.training, grid.problem.inputs(), problem_.scaling, grid.spec.batch_size),
        judged_(rows.judged, grid.problem.inputs(), problem_.scaling),
        data_{.training = training_.samples(), .validation = {}, .test = {}},
        outcomes_(at(grid.n_networks())) {
    const TrainSpec& spec = grid.spec;
    if (spec.patience > 0 || spec.schedule.kind == ScheduleOptions::Kind::plateau) data_.validation = judged_.samples();
    for (const double lambda : grid.lambdas) options_.push_back(train_options(spec, problem_, lambda));
  }

  std::vector<NetworkOutcome> run();

 private:
  void train_together(Index part);
  void train_path(Index part);
  /// Of a walk whose best network is the chosen one: where the best so far started.
  void remember_start(Index k, const Network<T>& start, double& least);
  NetworkOutcome outcome_of(const TrainResult<T>& result) const;
  PartRange take_kept(Index part);
  /// Networks from … to − 1 of the part are finished; `next` is where the next one starts, if one starts from another.
  void keep(Index part, Index from, Index to, std::span<const T> next);

  const NetworkGrid<T>& grid_;
  const FoldRows& rows_;
  Index fold_;
  const std::function<void(Index)>& finished_;
  const Context& context_;
  TrainProblem problem_;
  ScaledRows<T> training_, judged_;
  TrainData<T> data_;
  std::vector<TrainOptions> options_;
  std::vector<NetworkOutcome> outcomes_;
  std::atomic<Index> n_finished_ = 0;
};

template <class T>
std::vector<NetworkOutcome> FoldTraining<T>::run() {
  context_.for_blocks(grid_.parts_per_fold(),
                      [&](Index part) { grid_.spec.warms() ? train_path(part) : train_together(part); });
  if (n_finished_ < grid_.n_networks()) return {};
  const std::size_t n = grid_.lambdas.size();
  std::vector<NetworkOutcome> by_lambda(n);
  for (std::size_t k = 0; k < n; ++k) {
    std::vector<NetworkOutcome> by_start;
    for (std::size_t r = k; r < outcomes_.size(); r += n) by_start.push_back(outcomes_[r]);
    by_lambda[k] = mean_of(by_start);
  }
  return by_lambda;
}

template <class T>
PartRange FoldTraining<T>::take_kept(Index part) {
  const PartRange range = part_range(grid_, fold_, part);
  if (range.kept == 0) return range;
  const std::vector<double>& numbers = grid_.parts.find(fold_ * grid_.parts_per_fold() + part)->numbers;
  for (Index i = 0; i < range.kept; ++i) {
    const double* one = &numbers[at(i * kNumbers)];
    outcomes_[at(range.finished_from() + i)] = {one[0], one[1], one[2], one[3]};
  }
  n_finished_ += range.kept;
  return range;
}

template <class T>
void FoldTraining<T>::keep(Index part, Index from, Index to, std::span<const T> next) {
  if (!grid_.parts.keeps()) return;
  GridPart<T> out{.numbers = {}, .parameters = {next.begin(), next.end()}};
  for (Index i = from; i < to; ++i) {
    const NetworkOutcome& one = outcomes_[at(i)];
    out.numbers.insert(out.numbers.end(), {one.measured, one.zeros, one.nonzero, one.used});
  }
  grid_.parts.keep(fold_ * grid_.parts_per_fold() + part, out);
}

template <class T>
NetworkOutcome FoldTraining<T>::outcome_of(const TrainResult<T>& result) const {
  NetworkOutcome out;
  if (result.status != Status::converged) return out;
  const NetworkRows said = said_of(result.network, judged_.samples(), rows_.judged, problem_, context_);
  out.measured =
      measure_of(said, rows_.judged.response, rows_.judged.weights, grid_.spec.measure.value_or(MeasureChoice::deviance));
  count_weights(result.network, out);
  return out;
}

template <class T>
void FoldTraining<T>::train_together(Index part) {
  const PartRange range = take_kept(part);
  if (range.kept > 0) return;
  std::vector<Network<T>> starts;
  std::vector<TrainOptions> options;
  for (Index i = range.first; i < range.first + range.count; ++i) {
    starts.push_back(grid_.start(i / std::ssize(options_)));
    options.push_back(options_[at(i % std::ssize(options_))]);
  }
  const std::vector<TrainResult<T>> results = train_side_by_side<T>(starts, data_, options, context_);
  if (std::ranges::count(results, Status::interrupted, &TrainResult<T>::status) > 0) return;
  for (Index i = 0; i < range.count; ++i) outcomes_[at(range.first + i)] = outcome_of(results[at(i)]);
  n_finished_ += range.count;
  keep(part, range.first, range.first + range.count, {});
  finished_(range.count);
}

template <class T>
void FoldTraining<T>::remember_start(Index k, const Network<T>& start, double& least) {
  const NetworkOutcome& one = outcomes_[at(k)];
  const double loss = grid_.spec.measure == MeasureChoice::auc ? -one.measured : one.measured;
  if (std::lround(one.used) > grid_.spec.max_features.value_or(grid_.problem.inputs()) || !(loss <= least)) return;
  least = loss;
  grid_.parts.hold(grid_.last_part(1),
                   {{static_cast<double>(k + 1)}, {start.parameters().begin(), start.parameters().end()}});
}

template <class T>
void FoldTraining<T>::train_path(Index part) {
  const PartRange range = take_kept(part);
  Network<T> from = grid_.start(part);
  if (range.kept > 0) {
    std::ranges::copy(grid_.parts.find(fold_ * grid_.parts_per_fold() + part)->parameters, from.parameters().begin());
  }
  const auto left = std::span<const TrainOptions>(options_).first(at(range.count - range.kept));
  Network<T> before = from;
  double least = std::numeric_limits<double>::infinity();
  train_warm<T>(from, data_, left, context_, [&](Index k, const TrainResult<T>& result) {
    outcomes_[at(range.first + k)] = outcome_of(result);
    if (grid_.walks_once()) remember_start(k, before, least);
    before = from;
    ++n_finished_;
    keep(part, range.first + k, range.first + range.count, from.parameters());
    finished_(1);
  });
}

}  // namespace

template <class T>
Index NetworkGrid<T>::parts_per_fold() const {
  return spec.warms() ? spec.seeds : (n_networks() + kSideBySide - 1) / kSideBySide;
}

template <class T>
void train_warm(Network<T>& from, const TrainData<T>& data, std::span<const TrainOptions> options, const Context& context,
                const std::function<void(Index, const TrainResult<T>&)>& each) {
  for (std::size_t k = options.size(); k-- > 0;) {
    const TrainResult<T> result = train(from, data, options[k], context);
    if (result.status == Status::interrupted) return;
    if (result.status == Status::converged) from = result.network;
    each(static_cast<Index>(k), result);
  }
}

template <class T>
Index kept_networks(const NetworkGrid<T>& grid, Index fold) {
  Index out = 0;
  for (Index part = 0; part < grid.parts_per_fold(); ++part) out += part_range(grid, fold, part).kept;
  return out;
}

template <class T>
std::vector<NetworkOutcome> train_fold(const NetworkGrid<T>& grid, const FoldRows& rows, Index fold,
                                       const std::function<void(Index)>& finished, const Context& context) {
  return FoldTraining<T>(grid, rows, fold, finished, context).run();
}

#define RIATA_TRAIN_FOLD(T)                                                                                 \
  template struct NetworkGrid<T>;                                                                           \
  template void train_warm(Network<T>&, const TrainData<T>&, std::span<const TrainOptions>, const Context&, \
                           const std::function<void(Index, const TrainResult<T>&)>&);                       \
  template Index kept_networks(const NetworkGrid<T>&, Index);                                               \
  template std::vector<NetworkOutcome> train_fold(const NetworkGrid<T>&, const FoldRows&, Index,            \
                                                  const std::function<void(Index)>&, const Context&);
RIATA_TRAIN_FOLD(float)
RIATA_TRAIN_FOLD(double)
#undef RIATA_TRAIN_FOLD

}  // namespace riata
