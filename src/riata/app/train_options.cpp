#include "riata/app/train_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "riata/app/option_text.hpp"
#include "riata/app/train_null_model.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr double kDefaultHierarchy = 10;
constexpr double kLeastRatio = 0.001;  // ρ below this would put λ_max of ridge at infinity

std::string_view groups_name(WeightGroups groups) {
  switch (groups) {
    case WeightGroups::inputs: return "inputs";
    case WeightGroups::units: return "units";
    case WeightGroups::both: return "inputs and units";
    case WeightGroups::none: break;
  }
  return "none";
}

std::string_view loss_formula(NetworkLoss loss) {
  switch (loss) {
    case NetworkLoss::squared: return "1/(2Σw) Σ wᵢ(yᵢ-ŷᵢ)²";
    case NetworkLoss::mse: return "1/Σw Σ wᵢ(yᵢ-ŷᵢ)²";
    case NetworkLoss::logistic: return "1/Σw Σ wᵢ[log(1+exp ηᵢ) - yᵢηᵢ]";
    case NetworkLoss::multinomial: return "1/Σw Σ wᵢ[log Σₖ exp ηᵢₖ - ηᵢ(yᵢ)]";
    case NetworkLoss::poisson: return "1/Σw Σ wᵢ[exp ηᵢ - yᵢηᵢ]";
    case NetworkLoss::huber: break;
  }
  return "1/Σw Σ wᵢ huber(yᵢ-ŷᵢ)";
}

double schedule_number(const std::string& text, std::string_view whole) {
  const auto number = parse_double(text);
  if (number && *number >= 0 && std::isfinite(*number)) return *number;
  throw Error(ErrorKind::argument, "--schedule: '" + printable(text) + "' in '" + printable(whole) +
                                       "' is not a number of at least 0; give constant, step:EPOCHS:FACTOR, "
                                       "cosine[:EPOCHS], plateau[:FACTOR[:EPOCHS]], perhaps after warmup:EPOCHS+");
}

std::vector<std::string> split_at(std::string_view text, char mark) {
  std::vector<std::string> out(1);
  for (const char c : text) c == mark ? void(out.emplace_back()) : void(out.back() += c);
  return out;
}

}  // namespace

std::optional<double> TrainSpec::validation_share() const {
  if (validation.empty()) return torch_compat ? 0.0 : 0.2;
  const auto number = parse_double(validation);
  return number && *number >= 0 && *number < 1 ? number : std::nullopt;
}

NetworkSpec network_spec(const TrainSpec& spec, const TrainProblem& problem) {
  return {.inputs = problem.inputs(),
          .hidden = spec.hidden,
          .outputs = problem.outputs(),
          .activation = spec.activation,
          .loss = problem.loss,
          .skip = spec.is_lassonet()};
}

double l1_ratio_of(const TrainSpec& spec) {
  switch (spec.penalty.value_or(PenaltyChoice::none)) {
    case PenaltyChoice::l1:
    case PenaltyChoice::lassonet: return 1;
    case PenaltyChoice::elastic_net: return spec.l1_ratio.value_or(0.5);
    default: return 0;
  }
}

TrainOptions train_options(const TrainSpec& spec, const TrainProblem& problem, double lambda) {
  TrainOptions out;
  out.optimizer.kind = spec.optimizer;
  out.optimizer.learning_rate = spec.learning_rate.value_or(kDefaultRate);
  out.optimizer.momentum = spec.momentum.value_or(0);
  out.optimizer.dampening = spec.dampening;
  out.optimizer.nesterov = spec.nesterov;
  out.optimizer.amsgrad = spec.amsgrad;
  out.optimizer.weight_decay = spec.weight_decay;
  out.optimizer.decay_scale = spec.decay_scale;
  out.schedule = spec.schedule;
  const double ratio = l1_ratio_of(spec);
  const double l1 = lambda * ratio / problem.scaling.unit, l2 = lambda * (1 - ratio);
  out.lambda = l1 + l2;
  if (out.lambda > 0) {
    const std::string name = ratio == 1 ? "l1" : ratio == 0 ? "l2" : "elastic-net";
    out.penalty = penalty_by_name(name, l1 / out.lambda);
    out.groups = spec.groups;
    out.layer_factors = spec.layer_factors;
  }
  if (spec.is_lassonet()) out.hierarchy = spec.hierarchy.value_or(kDefaultHierarchy);
  out.biases = spec.intercept;
  out.input_factors = problem.input_factors;
  out.penalize_biases = spec.torch_compat;
  out.epochs = spec.epochs;
  out.batch_size = spec.batch_size;
  out.clip_norm = spec.clip_norm;
  out.dropout = spec.dropout;
  out.input_dropout = spec.input_dropout;
  out.patience = spec.patience;
  out.seed = static_cast<std::uint64_t>(spec.seed);
  out.l1_step = spec.subgradient ? L1Step::subgradient : L1Step::proximal;
  return out;
}

TrainOptions unregularised(TrainOptions options) {
  options.penalty = NoPenalty{};
  options.lambda = 0;
  options.groups = WeightGroups::none;
  options.hierarchy = 0;
  options.layer_factors.clear();
  options.optimizer.weight_decay = 0;
  options.dropout = options.input_dropout = 0;
  options.patience = 0;
  return options;
}

std::vector<double> train_lambdas(const TrainSpec& spec, const TrainProblem& problem, const Context&) {
  if (spec.penalty.value_or(PenaltyChoice::none) == PenaltyChoice::none) return {0.0};
  std::vector<double> out = spec.lambdas;
  if (!out.empty()) {
    const double rows = static_cast<double>(problem.training.n), batch = static_cast<double>(spec.batch_size);
    const double divisor = spec.lambda_scale == LambdaScale::sum     ? problem.total_weight()
                           : spec.lambda_scale == LambdaScale::batch ? (batch > 0 ? std::min(batch, rows) : rows)
                                                                     : 1.0;
    for (double& lambda : out) lambda /= divisor;
    std::ranges::sort(out, std::ranges::greater{});
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  const NullModel null = null_model(spec, problem);
  const double mixing = l1_ratio_of(spec);
  const double unit = mixing < kLeastRatio && null.unit > 0 ? null.unit : 1.0;  // ridge's λ has no unit (decision 0200)
  // Of LassoNet a feature's weights in the layers count as well: up to M for one in the linear part, to each unit.
  const double reach =
      spec.is_lassonet() ? 1 + spec.hierarchy.value_or(kDefaultHierarchy) * static_cast<double>(spec.hidden[0]) : 1;
  const double largest = reach * null.largest_gradient / (std::max(mixing, kLeastRatio) * unit);
  const Index n = spec.n_lambdas.value_or(100);
  const double ratio = spec.lambda_min_ratio.value_or(problem.training.n < problem.inputs() ? 1e-2 : 1e-4);
  for (Index k = 0; k < n; ++k) {
    const double share = n == 1 ? 0 : static_cast<double>(k) / static_cast<double>(n - 1);
    out.push_back(largest * std::pow(ratio, share));
  }
  return out;
}

std::string penalty_words(const TrainSpec& spec) {
  if (spec.groups != WeightGroups::none) return "group lasso on " + std::string(groups_name(spec.groups));
  switch (spec.penalty.value_or(PenaltyChoice::none)) {
    case PenaltyChoice::l1: return "l1";
    case PenaltyChoice::lassonet: return "lassonet";
    case PenaltyChoice::l2: return "l2";
    case PenaltyChoice::elastic_net: return "elastic-net";
    default: return "none";
  }
}

std::string optimizer_words(const TrainSpec& spec) {
  std::string out(to_string(spec.optimizer));
  out += ", learning rate " + to_text(spec.learning_rate.value_or(kDefaultRate));
  if (spec.momentum) out += ", momentum " + to_text(*spec.momentum);
  if (spec.weight_decay > 0) {
    const bool decoupled = spec.optimizer == OptimizerKind::sgdw || spec.optimizer == OptimizerKind::adamw;
    out += (decoupled ? ", decoupled weight decay " : ", weight decay ") + to_text(spec.weight_decay);
  }
  if (schedule_text(spec.schedule) != "constant") out += ", schedule " + schedule_text(spec.schedule);
  return out + (spec.batch_size > 0 ? ", batches of " + std::to_string(spec.batch_size) : ", full batch");
}

std::string decay_words(const TrainSpec& spec) {
  const bool apart = spec.optimizer == OptimizerKind::sgdw || spec.optimizer == OptimizerKind::adamw;
  if (!apart && spec.optimizer != OptimizerKind::sgd) return "";
  const double rate = spec.decay_scale == DecayScale::absolute ? 1 : spec.learning_rate.value_or(kDefaultRate);
  const double decay = rate * spec.weight_decay;
  if (!(decay >= 1)) return "";
  return fmt::format("--weight-decay multiplies weights by 1 - {0:.4g} = {1:.4g} in every step: give less than {2:.4g}",
                     decay, 1 - decay, 1 / rate);
}

std::string objective_words(const TrainSpec& spec, const TrainProblem& problem) {
  std::string out(loss_formula(problem.loss));
  if (problem.loss == NetworkLoss::huber) out += " (quadratic up to " + fmt::format("{:.4g}", problem.scaling.unit) + ")";
  if (spec.groups != WeightGroups::none) {
    out += " + λ Σ √size ‖w_group‖";
  } else {
    const std::string ratio = to_text(l1_ratio_of(spec));
    switch (spec.penalty.value_or(PenaltyChoice::none)) {
      case PenaltyChoice::l1: out += " + λ Σ|w|"; break;
      case PenaltyChoice::l2: out += " + λ/2 Σw²"; break;
      case PenaltyChoice::lassonet:
        out += " + λ Σⱼ‖θⱼ‖ with |w| ≤ " + to_text(spec.hierarchy.value_or(kDefaultHierarchy)) +
               "‖θⱼ‖ for all first weights w of feature j";
        break;
      case PenaltyChoice::elastic_net: out += " + λ Σ(" + ratio + " |w| + (1-" + ratio + ")/2 w²)"; break;
      default: break;
    }
  }
  if (!spec.intercept) out += ", without biases";
  if (!problem.input_factors.empty()) out += ", λ times the penalty factor for the weights of such features";
  const bool coupled = spec.optimizer != OptimizerKind::sgdw && spec.optimizer != OptimizerKind::adamw;
  if (spec.weight_decay > 0 && coupled) out += " + " + to_text(spec.weight_decay) + "/2 Σw²";
  if (!spec.layer_factors.empty()) {
    std::string factors;
    for (const double one : spec.layer_factors) factors += (factors.empty() ? "" : ", ") + to_text(one);
    out += ", λ times " + factors + " layer by layer";
  }
  if (problem.scaling.unit != 1) out += ", weights in units of standardised features and target";
  if (spec.weight_decay > 0 && !coupled) out += "; decoupled weight decay minimises no stated objective";
  return out;
}

ScheduleOptions parse_schedule(std::string_view text) {
  ScheduleOptions out;
  bool named = false;
  for (const std::string& part : split_at(text, '+')) {
    const std::vector<std::string> words = split_at(part, ':');
    const auto number = [&](std::size_t k) { return schedule_number(k < words.size() ? words[k] : "", text); };
    const auto whole = [&](std::size_t k) {
      const double value = number(k);
      if (value != std::floor(value) || value > 1e9) {
        throw Error(ErrorKind::argument, "--schedule: '" + printable(words[k]) + "' is not a whole number of epochs");
      }
      return static_cast<Index>(value);
    };
    if (words[0] != "warmup" && std::exchange(named, true)) {
      throw Error(ErrorKind::argument, "--schedule: '" + printable(std::string(text)) + "' names two schedules; give one");
    }
    if (words[0] == "warmup" && words.size() == 2) {
      out.warm_up = whole(1);
    } else if (words[0] == "constant" && words.size() == 1) {
      out.kind = ScheduleOptions::Kind::constant;
    } else if (words[0] == "step" && words.size() == 3) {
      out.kind = ScheduleOptions::Kind::step;
      out.every = whole(1);
      if (out.every == 0) throw Error(ErrorKind::argument, "--schedule: a step takes at least 1 epoch");
      out.factor = number(2);
    } else if (words[0] == "cosine" && words.size() <= 2) {
      out.kind = ScheduleOptions::Kind::cosine;
      if (words.size() == 2) out.length = whole(1);
    } else if (words[0] == "plateau" && words.size() <= 3) {
      out.kind = ScheduleOptions::Kind::plateau;
      if (words.size() >= 2) out.factor = number(1);
      if (words.size() == 3) out.patience = whole(2);
    } else {
      schedule_number(part, text);
      throw Error(ErrorKind::argument, "--schedule: '" + printable(part) + "' is not a schedule");
    }
  }
  return out;
}

std::string schedule_text(const ScheduleOptions& schedule) {
  std::string out = schedule.warm_up > 0 ? "warmup:" + std::to_string(schedule.warm_up) + "+" : "";
  switch (schedule.kind) {
    case ScheduleOptions::Kind::step: return out + "step:" + std::to_string(schedule.every) + ":" + to_text(schedule.factor);
    case ScheduleOptions::Kind::cosine:
      return out + "cosine" + (schedule.length > 0 ? ":" + std::to_string(schedule.length) : "");
    case ScheduleOptions::Kind::plateau:
      return out + "plateau:" + to_text(schedule.factor) + ":" + std::to_string(schedule.patience);
    default: break;  // inverse and adaptive are Python's
  }
  return out + "constant";
}

}  // namespace riata
