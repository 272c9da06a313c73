#include "riata/app/train_data.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "riata/app/apply_model.hpp"
#include "riata/app/fit_problem.hpp"
#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/random.hpp"
#include "riata/core/text.hpp"
#include "riata/network/packed.hpp"

namespace riata {
namespace {

constexpr Index kMostClasses = 1000;
constexpr double kLargeSquare = 1e120;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

constexpr double kNormalDistance = 1.4826;  // a normal distribution's standard deviation over its median distance

/// The least value with at least half of the weight at or below it.
double weighted_median(const std::vector<double>& values, const std::vector<double>& weights) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  const auto weight = [&](std::size_t i) { return weights.empty() ? 1.0 : weights[i]; };
  double total = 0, below = 0;
  for (const std::size_t i : order) total += weight(i);
  for (const std::size_t i : order) {
    below += weight(i);
    if (2 * below >= total) return values[i];
  }
  return 0;
}

bool has_unit(NetworkLoss loss) { return loss == NetworkLoss::squared || loss == NetworkLoss::mse; }

Roles roles_of(const TrainSpec& spec) {
  return {.target = spec.target,
          .features = spec.features,
          .exclude = spec.exclude,
          .categorical = spec.categorical,
          .weights = spec.weights,
          .offset = spec.offset,
          .fold_column = spec.fold_column,
          .group_column = spec.group_column,
          .missing = spec.missing,
          .reference_level = false};
}

void refuse_one_class(const Response& response, const std::string& source) {
  if (response.classes.size() != 1) return;
  throw Error(ErrorKind::input,
              "the target '" + printable(response.name) + "' has one class only, '" + printable(response.classes[0]) +
                  "': there is nothing to tell apart; give rows of several classes",
              source);
}

/// The loss that was asked for, or the one that the target calls for; classes become codes.
NetworkLoss settle_loss(const TrainSpec& spec, Response& response, const std::string& source) {
  const auto classes_of = [&](Index most) { response = as_classes(response, most); };
  const std::string target = "the target '" + printable(response.name) + "'";
  if (!spec.network_loss) {
    if (!response.looks_like_classes) return spec.torch_compat ? NetworkLoss::mse : NetworkLoss::squared;
    classes_of(kMostClasses);
    refuse_one_class(response, source);
    return response.classes.size() == 2 ? NetworkLoss::logistic : NetworkLoss::multinomial;
  }
  const NetworkLoss loss = *spec.network_loss;
  if (loss == NetworkLoss::logistic || loss == NetworkLoss::multinomial) {
    classes_of(kMostClasses);
    refuse_one_class(response, source);
    if (loss == NetworkLoss::logistic && response.classes.size() != 2) {
      throw Error(ErrorKind::input,
                  target + " has " + std::to_string(response.classes.size()) +
                      " classes, and --loss logistic takes two; say --loss multinomial",
                  source);
    }
  } else if (!response.classes.empty()) {
    throw Error(ErrorKind::input, target + " holds no numbers, which --loss " + std::string(to_string(loss)) + " needs",
                source);
  }
  if (loss == NetworkLoss::poisson && std::ranges::any_of(response.values, [](double y) { return y < 0; })) {
    throw Error(ErrorKind::input, target + " holds a value below 0, which --loss poisson does not take", source);
  }
  return loss;
}

/// Dense features are held scaled; of sparse ones the entries, as read and scaled.
double bytes_in_training(const Design& design, double number) {
  const auto stored = static_cast<double>(design.stored());
  const bool sparse = design.stored() < design.rows() * design.cols();
  return sparse ? stored * (sizeof(double) + number + 3 * sizeof(std::int32_t)) : stored * number;
}

/// Positions of the rows that count, split: validation rows, training rows, each in the order of the table.
struct Split {
  std::vector<Index> training, validation;
};

/// The last of the rows that count, for rows in order of time.
Split split_in_time(const Dataset& data, double share) {
  std::vector<Index> rows;
  for (Index i = 0; i < data.design->rows(); ++i) {
    if (data.weights.empty() || data.weights[at(i)] > 0) rows.push_back(i);
  }
  const auto past = rows.end() - std::lround(share * static_cast<double>(rows.size()));
  return {{rows.begin(), past}, {past, rows.end()}};
}

/// A seeded share of the rows; of each class the same share; rows of a group stay together.
Split split_rows(const Dataset& data, double share, std::uint64_t seed) {
  const Index n = data.design->rows();
  std::map<std::string, std::vector<Index>> strata;
  for (Index i = 0; i < n; ++i) {
    if (!data.weights.empty() && !(data.weights[at(i)] > 0)) continue;
    const bool classes = !data.response.classes.empty() && data.group_labels.empty();
    strata[classes ? to_text(data.response.values[at(i)]) : std::string()].push_back(i);
  }
  std::vector<bool> held(at(n), false);
  Random random(seed, kValidationStream);
  for (const auto& [label, rows] : strata) {
    const auto wanted = std::lround(share * static_cast<double>(rows.size()));
    if (data.group_labels.empty()) {
      const std::vector<Index> order = random.permutation(std::ssize(rows));
      for (Index k = 0; k < wanted; ++k) held[at(rows[at(order[at(k)])])] = true;
      continue;
    }
    std::map<std::string, std::vector<Index>> groups;
    for (const Index i : rows) groups[data.group_labels[at(i)]].push_back(i);
    std::vector<const std::vector<Index>*> listed;
    for (const auto& [name, members] : groups) listed.push_back(&members);
    Index taken = 0;
    for (const Index k : random.permutation(std::ssize(listed))) {
      if (taken >= wanted) break;
      for (const Index i : *listed[at(k)]) held[at(i)] = true;
      taken += std::ssize(*listed[at(k)]);
    }
  }
  Split out;
  for (const auto& [label, rows] : strata) {
    for (const Index i : rows) (held[at(i)] ? out.validation : out.training).push_back(i);
  }
  std::ranges::sort(out.training);
  std::ranges::sort(out.validation);
  return out;
}

/// A table of its own for validation or test, coded as the training rows are.
RawRows read_rows(const TrainSpec& spec, const TrainProblem& problem, const Table& table, const Context& context) {
  const Dataset data = apply_coding(table, problem.coding, problem.target, UnseenPolicy::error, context);
  std::vector<Index> rows = data.row_numbers;
  if (rows.empty()) {
    rows.resize(at(data.design->rows()));
    std::iota(rows.begin(), rows.end(), Index{0});
  }
  std::vector<double> weights, offset;
  if (!spec.weights.empty()) weights = number_column(table, spec.weights, rows);
  if (!spec.offset.empty()) offset = number_column(table, spec.offset, rows);
  std::vector<Index> take;
  for (Index i = 0; i < std::ssize(rows); ++i) {
    if (!weights.empty() && !(weights[at(i)] >= 0)) {
      throw Error(ErrorKind::input, "weights must be finite and not negative", table.source);
    }
    if (weights.empty() || weights[at(i)] > 0) take.push_back(i);
  }
  if (take.empty()) throw Error(ErrorKind::input, "no row has a positive weight", table.source);
  return raw_rows(data.design, response_like(data.response, problem.classes, table.source), weights, offset, take);
}

std::vector<std::string> kept_labels(const std::vector<std::string>& labels, const std::vector<Index>& take) {
  std::vector<std::string> out;
  for (const Index i : take) {
    if (!labels.empty()) out.push_back(labels[at(i)]);
  }
  return out;
}

}  // namespace

std::vector<double> response_like(const Response& response, const std::vector<std::string>& classes,
                                  const std::string& source) {
  if (classes.empty()) {
    if (response.classes.empty()) return response.values;
    throw Error(ErrorKind::input, "the target '" + printable(response.name) + "' holds no numbers", source);
  }
  const Response named = as_classes(response, kMostClasses);
  std::vector<double> codes;
  for (const std::string& name : named.classes) {
    const auto found = std::ranges::find(classes, name);
    if (found == classes.end()) {
      throw Error(ErrorKind::input,
                  "the target '" + printable(response.name) + "' has the class '" + printable(name) +
                      "', which the training rows do not have",
                  source);
    }
    codes.push_back(static_cast<double>(found - classes.begin()));
  }
  std::vector<double> out;
  for (const double code : named.values) out.push_back(codes[static_cast<std::size_t>(code)]);
  return out;
}

double TrainProblem::total_weight() const {
  if (training.weights.empty()) return static_cast<double>(training.n);
  return std::accumulate(training.weights.begin(), training.weights.end(), 0.0);
}

double log_rate(const RawRows& rows) {
  double count = 0, exposure = 0;
  for (std::size_t i = 0; i < rows.response.size(); ++i) {
    const double w = rows.weights.empty() ? 1 : rows.weights[i];
    count += w * rows.response[i];
    exposure += w * (rows.offset.empty() ? 1 : std::exp(rows.offset[i]));
  }
  return std::log(std::max(count, std::numeric_limits<double>::min()) / exposure);
}

Scaling scaling_of(const RawRows& rows, Index n_features, NetworkLoss loss, const TrainSpec& spec) {
  Scaling out{.centre = std::vector<double>(at(n_features), 0.0), .scale = std::vector<double>(at(n_features), 1.0)};
  if (!spec.standardises()) return out;
  const auto weight = [&](Index i) { return rows.weights.empty() ? 1.0 : rows.weights[at(i)]; };
  double total = 0;
  for (Index i = 0; i < rows.n; ++i) total += weight(i);
  const auto moments = [&](auto given, double& mean, double& deviation) {
    double largest = 0;
    for (Index i = 0; i < rows.n; ++i) largest = std::max(largest, std::abs(given(i)));
    const double part = largest > kLargeSquare ? largest : 1.0;  // squares of large numbers overflow
    const auto value = [&](Index i) { return given(i) / part; };
    double sum = 0, square = 0;
    for (Index i = 0; i < rows.n; ++i) sum += weight(i) * value(i);
    mean = sum / total;
    for (Index i = 0; i < rows.n; ++i) square += weight(i) * (value(i) - mean) * (value(i) - mean);
    const double variance = square / total, n = static_cast<double>(rows.n);
    constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
    const double noise = n * mean * kEpsilon;
    deviation = part * (variance > n * kEpsilon * variance + noise * noise ? std::sqrt(variance) : 1.0);
    mean *= part;
  };
  RawColumns columns(rows);
  for (Index j = 0; j < n_features; ++j) {
    const std::span<const double> column = columns.of(j);
    moments([&](Index i) { return column[at(i)]; }, out.centre[at(j)], out.scale[at(j)]);
  }
  if (!spec.intercept) std::ranges::fill(out.centre, 0.0);
  std::vector<double> response = rows.response;
  for (std::size_t i = 0; i < rows.offset.size(); ++i) response[i] -= rows.offset[i];
  if (has_unit(loss)) moments([&](Index i) { return response[at(i)]; }, out.shift, out.unit);
  if (has_unit(loss) && !spec.intercept) {
    out.unit = std::hypot(out.shift, out.unit);
    out.shift = 0;
  }
  if (loss == NetworkLoss::huber) {
    if (spec.intercept) out.shift = weighted_median(response, rows.weights);
    for (double& y : response) y = std::abs(y - out.shift);
    const double distance = kNormalDistance * weighted_median(response, rows.weights);
    if (distance > 0) out.unit = distance;
  }
  out.shifts_eta = loss == NetworkLoss::poisson && spec.intercept;
  if (out.shifts_eta) out.shift = log_rate(rows);
  return out;
}

template <class T>
ScaledRows<T>::ScaledRows(const RawRows& rows, Index n_features, const Scaling& scaling, Index batch_size)
    : n_(rows.n),
      p_(n_features),
      by_rows_(batch_size > 0 && batch_size < rows.n),
      features_(rows.entries ? 0 : at((by_rows_ ? n_ : whole_groups(n_)) * n_features)),
      response_(rows.response),
      weights_(rows.weights),
      offset_(rows.offset) {
  if (rows.entries) entries_.emplace(*rows.entries, scaling.centre, scaling.scale);
  RawColumns columns(rows);
  for (Index j = 0; j < p_ && !rows.entries; ++j) {
    const double centre = scaling.centre[at(j)], scale = scaling.scale[at(j)];
    const std::span<const double> column = columns.of(j);
    for (Index i = 0; i < n_; ++i) {
      features_[at(by_rows_ ? i * p_ + j : place_in_blocks(i, j, n_, p_))] =
          static_cast<T>((column[at(i)] - centre) / scale);
    }
  }
  if (scaling.shifts_eta) {
    if (offset_.empty()) offset_.assign(at(n_), 0.0);
    for (double& o : offset_) o += scaling.shift;
    return;
  }
  for (double& y : response_) y = (y - scaling.shift) / scaling.unit;
  for (double& o : offset_) o /= scaling.unit;
}

template <class T>
Samples<T> ScaledRows<T>::samples() const {
  const T* dense = entries_ ? nullptr : features_.data();
  return {.features = MatrixView<const T>(nullptr, n_, p_),
          .response = response_,
          .weights = weights_,
          .offset = offset_,
          .sparse = entries_ ? entries_->rows() : SparseRows<T>{},
          .by_rows = by_rows_ ? dense : nullptr,
          .in_blocks = by_rows_ ? nullptr : dense};
}

template class ScaledRows<float>;
template class ScaledRows<double>;

TrainProblem make_train_problem(const TrainSpec& spec, const Table& table, const TrainInputs& inputs,
                                const Context& context) {
  Dataset data = make_dataset(table, roles_of(spec), context);
  TrainProblem out;
  out.loss = settle_loss(spec, data.response, table.source);
  out.coding = data.coding;
  out.feature_names = data.feature_names;
  out.input_factors = per_column(spec.penalty_factor, out.coding, 1, "--penalty-factor");
  out.classes = data.response.classes;
  out.warnings = data.warnings;
  out.target = data.response.name;
  if (out.feature_names.empty()) throw Error(ErrorKind::input, "there is no feature to train on", table.source);
  const double number = spec.precision == Precision::float64 ? sizeof(double) : sizeof(float);
  require_memory(bytes_in_training(*data.design, number), "the features as a network reads them", table.source, context);

  const double share = spec.validation_share().value_or(0);
  const Split split =
      spec.folds_in_time ? split_in_time(data, share) : split_rows(data, share, static_cast<std::uint64_t>(spec.seed));
  if (split.training.empty() || (share > 0 && split.validation.empty())) {
    const std::string few = data.response.classes.empty() ? "there are too few rows" : "the classes have too few rows each";
    throw Error(ErrorKind::input, few + " to hold some out; give --validation 0, or a table", table.source);
  }
  std::vector<double> training_weights(at(data.design->rows()), 0.0);
  for (const Index i : split.training) training_weights[at(i)] = data.weights.empty() ? 1.0 : data.weights[at(i)];
  const DesignPtr design = data.imputed_design ? data.imputed_design(training_weights) : data.design;
  if (design !=
      data.design) {  // what stands in for missing cells is the mean of the training rows: it leaves their mean alone
    const ColumnMoments moments = design->moments(training_weights, context);
    const std::vector<Index> owners = out.coding.column_features();
    for (std::size_t j = 0; j < owners.size(); ++j) {
      FeatureCoding& feature = out.coding.features[at(owners[j])];
      if (feature.fill && feature.name == out.feature_names[j]) feature.fill = moments.mean[j];
    }
  }
  out.training = raw_rows(design, data.response.values, data.weights, data.offset, split.training);
  if (!split.validation.empty()) {
    out.validation = raw_rows(design, data.response.values, data.weights, data.offset, split.validation);
  }
  out.fold_labels = kept_labels(data.fold_labels, split.training);
  out.group_labels = kept_labels(data.group_labels, split.training);
  if (inputs.validation) out.validation = read_rows(spec, out, *inputs.validation, context);
  if (inputs.test) out.test = read_rows(spec, out, *inputs.test, context);
  out.scaling = scaling_of(out.training, out.inputs(), out.loss, spec);
  if (!std::isfinite(out.scaling.unit * out.scaling.unit)) {
    throw Error(ErrorKind::input,
                "the target '" + printable(out.target) + "' is so large that squares of it are not numbers; divide it",
                table.source);
  }
  return out;
}

}  // namespace riata
