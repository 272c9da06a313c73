#include "riata/network/optimizer.hpp"

#include <cmath>
#include <numbers>
#include <type_traits>

#include "riata/core/error.hpp"

namespace riata {
namespace {

constexpr double kClipEpsilon = 1e-6;  // PyTorch's clip_grad_norm_
constexpr double kNadamBase = 0.96;    // and NAdam

/// λ as what is thresholded and what enters the gradient.
struct Strengths {
  double l1 = 0, l2 = 0;
};

Strengths parts_of(const AnyPenalty& penalty, double lambda) {
  return visit_penalty(penalty, [&](const auto& p) -> Strengths {
    using P = std::decay_t<decltype(p)>;
    if constexpr (std::is_same_v<P, NoPenalty>)
      return {};
    else if constexpr (std::is_same_v<P, L1>)
      return {lambda, 0};
    else if constexpr (std::is_same_v<P, L2>)
      return {0, lambda};
    else if constexpr (std::is_same_v<P, ElasticNet>)
      return {lambda * p.l1_ratio, lambda * (1 - p.l1_ratio)};
    else {
      throw Error(ErrorKind::not_supported, "the penalty \"" + std::string(P::kName) +
                                                "\" is not in this version for networks: use none, l1, l2 or elastic-net");
    }
  });
}

Index slots_of(const OptimizerOptions& options) {
  switch (options.kind) {
    case OptimizerKind::sgd:
    case OptimizerKind::sgdw: return options.momentum > 0 ? 1 : 0;
    case OptimizerKind::adam:
    case OptimizerKind::adamw: return options.amsgrad ? 3 : 2;
    case OptimizerKind::nadam: return 2;
    case OptimizerKind::adagrad: return 1;
    case OptimizerKind::rmsprop: return 1 + (options.centered ? 1 : 0) + (options.momentum > 0 ? 1 : 0);
  }
  return 0;
}

bool grouped(WeightGroups groups, Index layer) {
  if (groups == WeightGroups::both) return true;
  return groups == (layer == 0 ? WeightGroups::inputs : WeightGroups::units);
}

}  // namespace

double scheduled_rate(const TrainOptions& options, Index finished_epochs, double plateau_factor) {
  const ScheduleOptions& schedule = options.schedule;
  const double rate = options.optimizer.learning_rate, epoch = static_cast<double>(finished_epochs);
  double scheduled = rate;
  switch (schedule.kind) {
    case ScheduleOptions::Kind::constant: break;
    case ScheduleOptions::Kind::plateau:
    case ScheduleOptions::Kind::adaptive: scheduled = rate * plateau_factor; break;
    case ScheduleOptions::Kind::inverse:
      scheduled = rate / std::pow(1 + schedule.seen + schedule.rows * epoch, schedule.power);
      break;
    case ScheduleOptions::Kind::step:
      scheduled = rate * std::pow(schedule.factor, std::floor(epoch / static_cast<double>(schedule.every)));
      break;
    case ScheduleOptions::Kind::cosine: {
      const double length = static_cast<double>(schedule.length > 0 ? schedule.length : std::max<Index>(options.epochs, 1));
      scheduled = schedule.floor + (rate - schedule.floor) * (1 + std::cos(std::numbers::pi * epoch / length)) / 2;
    }
  }
  if (finished_epochs < schedule.warm_up) scheduled *= (epoch + 1) / static_cast<double>(schedule.warm_up + 1);
  return scheduled;
}

template <class T>
Optimizer<T>::Optimizer(const Network<T>& shape, const TrainOptions& options)
    : options_(options), n_slots_(slots_of(options.optimizer)), den_(shape.parameters().size()) {
  for (const ParameterBlock& block : shape.blocks()) {
    if (block.is_bias && !options.biases) continue;
    Part part{block};
    if (!block.is_bias || options.penalize_biases) {
      const auto layer = static_cast<std::size_t>(block.layer);
      const double factor = options.layer_factors.empty() ? 1 : options.layer_factors[layer];
      const Strengths strengths = parts_of(options.penalty, options.lambda * factor);
      part.l1 = strengths.l1;
      part.l2 = strengths.l2;
      part.weight_decay = options.optimizer.weight_decay;
      if (options.hierarchy > 0) part.l1 = part.l2 = 0;
      if (!block.is_bias && grouped(options.groups, block.layer)) {
        part.l1 = part.l2 = 0;
        part.group = options.lambda * factor * std::sqrt(static_cast<double>(block.rows));
      }
    }
    part.by_input = !block.is_bias && block.layer == 0 && !options.input_factors.empty() && options.hierarchy == 0;
    if (part.by_input) columns_.resize(2 * static_cast<std::size_t>(block.rows));
    parts_.push_back(part);
  }
  if (options.hierarchy > 0) strengths_.assign(static_cast<std::size_t>(shape.spec().inputs), options.lambda);
  for (std::size_t j = 0; j < strengths_.size() && !options.input_factors.empty(); ++j) {
    const double factor = options.input_factors[j];
    strengths_[j] = std::isfinite(factor) ? strengths_[j] * factor : factor;
  }
}

template <class T>
kernels::StepRule Optimizer<T>::rule(TrainState<T>& state, double learning_rate) const {
  const OptimizerOptions& options = options_.optimizer;
  const double t = static_cast<double>(state.step);
  kernels::StepRule rule;
  rule.rate = learning_rate;
  rule.momentum = options.momentum;
  rule.dampening = options.dampening;
  rule.nesterov = options.nesterov;
  rule.first = state.step == 1;
  rule.beta1 = options.beta1;
  rule.beta2 = options.beta2;
  rule.epsilon = options.epsilon.value_or(options.kind == OptimizerKind::adagrad ? 1e-10 : 1e-8);
  switch (options.kind) {
    case OptimizerKind::sgd:
    case OptimizerKind::sgdw: break;
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      rule.kind = kernels::StepRule::Kind::adam;
      rule.rate = learning_rate / (1 - std::pow(options.beta1, t));
      rule.root = std::sqrt(1 - std::pow(options.beta2, t));
      break;
    case OptimizerKind::nadam: {
      rule.kind = kernels::StepRule::Kind::nadam;
      const auto mu = [&](double step) {
        return options.beta1 * (1 - 0.5 * std::pow(kNadamBase, step * options.momentum_decay));
      };
      const double now = mu(t), next = mu(t + 1);
      state.momentum_product *= now;
      rule.rate = learning_rate * (1 - now) / (1 - state.momentum_product);
      rule.second_rate = learning_rate * next / (1 - state.momentum_product * next);
      rule.root = std::sqrt(1 - std::pow(options.beta2, t));
      break;
    }
    case OptimizerKind::rmsprop:
      rule.kind = kernels::StepRule::Kind::rmsprop;
      rule.beta2 = options.smoothing;
      break;
    case OptimizerKind::adagrad:
      rule.kind = kernels::StepRule::Kind::adagrad;
      rule.rate = learning_rate / (1 + (t - 1) * options.rate_decay);
  }
  return rule;
}

template <class T>
double Optimizer<T>::unit_step(const kernels::StepRule& rule, double learning_rate) const {
  const OptimizerOptions& options = options_.optimizer;
  switch (options.kind) {
    case OptimizerKind::sgd:
    case OptimizerKind::sgdw: return learning_rate * (1 - options.dampening) / (1 - options.momentum);
    case OptimizerKind::rmsprop: return learning_rate / (1 - options.momentum);
    case OptimizerKind::adagrad: return rule.rate;
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
    case OptimizerKind::nadam: return learning_rate;
  }
  return learning_rate;
}

template <class T>
void Optimizer<T>::clip(T* gradient, Index n) const {
  const double norm = std::sqrt(kernels::sum_of_squares<T>(gradient, n));
  const double factor = options_.clip_norm / (norm + kClipEpsilon);
  if (!(factor < 1)) return;
  for (Index i = 0; i < n; ++i) gradient[i] *= static_cast<T>(factor);
}

template <class T>
double Optimizer<T>::factor(Index column) const {
  return options_.input_factors[static_cast<std::size_t>(column)];
}

template <class T>
void Optimizer<T>::add_by_input(const Part& part, const T* w, T* gradient) const {
  const Index cols = part.block.cols;
  const double l1 = options_.l1_step == L1Step::subgradient ? part.l1 : 0;
  for (Index j = 0; j < cols; ++j) {
    const double factor = this->factor(j);
    if (!std::isfinite(factor)) continue;
    for (Index i = j; i < part.block.size(); i += cols) {
      const double sign = w[i] > 0 ? 1 : w[i] < 0 ? -1 : 0;
      gradient[i] += static_cast<T>(factor * (part.l2 * static_cast<double>(w[i]) + l1 * sign));
    }
  }
}

template <class T>
void Optimizer<T>::proximal(const Part& part, T* w, const T* den, double unit) {
  if (part.by_input) return proximal_by_input(part, w, den, unit);
  if (part.l1 > 0) kernels::soft_threshold<T>(w, unit * part.l1, den, part.block.size());
  if (part.group > 0) kernels::group_threshold<T>(w, den, unit, part.block.rows, part.block.cols, part.group);
}

template <class T>
void Optimizer<T>::proximal_by_input(const Part& part, T* w, const T* den, double unit) {
  const Index rows = part.block.rows, cols = part.block.cols;
  const double l1 = options_.l1_step == L1Step::proximal ? part.l1 : 0;
  T *column = columns_.data(), *column_den = den == nullptr ? nullptr : column + rows;
  for (Index j = 0; j < cols; ++j) {
    const double factor = this->factor(j);
    for (Index i = 0; i < rows; ++i) {
      column[i] = std::isfinite(factor) ? w[j + i * cols] : T{0};
      if (den != nullptr) column_den[i] = den[j + i * cols];
    }
    if (l1 > 0 && std::isfinite(factor)) kernels::soft_threshold<T>(column, unit * l1 * factor, column_den, rows);
    if (part.group > 0 && std::isfinite(factor)) {
      kernels::group_threshold<T>(column, column_den, unit, rows, 1, part.group * factor);
    }
    for (Index i = 0; i < rows; ++i) w[j + i * cols] = column[i];
  }
}

/// LassoNet: the first layer under the skip, the last part.
template <class T>
void Optimizer<T>::hierarchy(T* parameters, const T* den, double unit) const {
  const ParameterBlock &first = parts_.front().block, &skip = parts_.back().block;
  kernels::hierarchical_threshold<T>({.theta = parameters + skip.offset,
                                      .w = parameters + first.offset,
                                      .theta_den = den == nullptr ? nullptr : den + skip.offset,
                                      .w_den = den == nullptr ? nullptr : den + first.offset,
                                      .outputs = skip.rows,
                                      .rows = first.rows,
                                      .cols = first.cols,
                                      .unit = unit,
                                      .bound = options_.hierarchy,
                                      .strength = strengths_.data()});
}

template <class T>
void Optimizer<T>::step(TrainState<T>& state, T* gradient, double learning_rate) {
  const OptimizerOptions& options = options_.optimizer;
  const Index n = static_cast<Index>(state.parameters.size());
  ++state.step;
  if (options_.clip_norm > 0) clip(gradient, n);
  kernels::StepRule rule = this->rule(state, learning_rate);
  const double unit = unit_step(rule, learning_rate);
  const bool decoupled = options.kind == OptimizerKind::sgdw || options.kind == OptimizerKind::adamw;
  const double decay_unit = options.decay_scale == DecayScale::rate ? learning_rate : 1;
  for (const Part& part : parts_) {
    const Index first = part.block.offset, size = part.block.size();
    T* w = state.parameters.data() + first;
    T* g = gradient + first;
    const bool proximal_l1 = options_.l1_step == L1Step::proximal;
    if (part.by_input) add_by_input(part, w, g);
    if (part.l1 > 0 && !proximal_l1 && !part.by_input) kernels::add_sign<T>(g, w, part.l1, size);
    rule.decay = (part.by_input ? 0 : part.l2) + (decoupled ? 0 : part.weight_decay);
    rule.shrink = decoupled ? 1 - decay_unit * part.weight_decay : 1;
    const auto slot = [&](Index k) { return k < n_slots_ ? state.optimizer.data() + k * n + first : nullptr; };
    T *s1 = slot(0), *s2 = slot(1), *s3 = slot(2);
    if (rule.kind == kernels::StepRule::Kind::rmsprop && !options.centered && s2 != nullptr) {
      s3 = s2;  // momentum without centring
      s2 = nullptr;
    }
    const bool thresholds = (part.l1 > 0 && proximal_l1) || part.group > 0;
    const bool hangs = !strengths_.empty() && !part.block.is_bias && part.block.layer == 0;
    T* den = (thresholds || hangs) && rule.kind != kernels::StepRule::Kind::sgd ? den_.data() + first : nullptr;
    kernels::optimizer_step<T>(rule, w, g, s1, s2, s3, den, size);
    if (thresholds || part.by_input) proximal(part, w, den, unit);
  }
  const bool metric = rule.kind != kernels::StepRule::Kind::sgd;
  if (!strengths_.empty() && unit > 0) hierarchy(state.parameters.data(), metric ? den_.data() : nullptr, unit);
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace riata
