#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <map>
#include <span>
#include <string_view>

#include "riata/app/diagnose.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/column_values.hpp"

namespace riata {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargestShare = 1.5;  // a larger accuracy is a percentage

using namespace std::string_view_literals;

constexpr std::array kEpoch = {"epoch"sv, "epochs"sv, "step"sv, "iteration"sv, "iter"sv, "round"sv};
constexpr std::array kTrainingLoss = {
    "training_loss"sv,   "train_loss"sv,    "train_loss_epoch"sv, "loss_train"sv, "tr_loss"sv,
    "epoch_loss"sv,      "loss"sv,          "loss_curve"sv,       "train_mse"sv,  "training_mse"sv,
    "train_loss_step"sv, "train_logloss"sv, "train_rmse"sv,       "objective"sv};
constexpr std::array kValidationLoss = {"validation_loss"sv, "val_loss"sv,   "valid_loss"sv,    "eval_loss"sv,
                                        "dev_loss"sv,        "loss_val"sv,   "loss_valid"sv,    "val_loss_epoch"sv,
                                        "validation_mse"sv,  "val_mse"sv,    "valid_logloss"sv, "test_loss"sv,
                                        "loss_test"sv,       "valid_rmse"sv, "test_mse"sv};
constexpr std::array kTrainingAccuracy = {"training_accuracy"sv,
                                          "train_accuracy"sv,
                                          "train_acc"sv,
                                          "training_acc"sv,
                                          "accuracy"sv,
                                          "acc"sv,
                                          "train_acc_epoch"sv,
                                          "acc_train"sv,
                                          "binary_accuracy"sv,
                                          "categorical_accuracy"sv,
                                          "sparse_categorical_accuracy"sv};
constexpr std::array kValidationAccuracy = {"validation_accuracy"sv,
                                            "val_accuracy"sv,
                                            "val_acc"sv,
                                            "valid_accuracy"sv,
                                            "valid_acc"sv,
                                            "eval_accuracy"sv,
                                            "dev_accuracy"sv,
                                            "test_accuracy"sv,
                                            "test_acc"sv,
                                            "acc_val"sv,
                                            "val_binary_accuracy"sv,
                                            "val_categorical_accuracy"sv,
                                            "val_sparse_categorical_accuracy"sv,
                                            "validation_scores"sv};

/// "Val/Loss" → "val_loss".
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      out += static_cast<char>(std::tolower(byte));
    } else if (!out.empty() && out.back() != '_') {
      out += '_';
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

bool holds_numbers(const Table& table, Index position) {
  const bool in_matrix = position >= static_cast<Index>(table.columns.size());
  return in_matrix || kind_of(table.columns[static_cast<std::size_t>(position)]) == ColumnKind::number;
}

/// How many cells of the column are not missing.
Index filled_cells(const Table& table, Index position) {
  if (holds_numbers(table, position)) {
    const Numbers numbers = read_numbers(table, position, Infinite::kept);
    return numbers.rows - std::ssize(numbers.missing);
  }
  return std::ranges::count_if(read_labels(table, position).codes, [](std::int32_t code) { return code >= 0; });
}

/// The first of the names that is a curve. Some trainers log the loss of the whole run under such a name, in one row.
Index find_column(const Table& table, const std::string& given, std::span<const std::string_view> names) {
  if (!given.empty()) return table.find(given);
  Index found = -1;
  for (const std::string_view name : names) {
    for (Index position = 0; position < table.n_columns(); ++position) {
      if (plain(table.column_name(position)) != name) continue;
      if (filled_cells(table, position) > 1) return position;
      if (found < 0) found = position;
    }
  }
  return found;
}

/// Every cell as a number; empty cells and "nan" are NaN, "inf" is infinite.
std::vector<double> numbers_of(const Table& table, Index position) {
  std::vector<double> out(static_cast<std::size_t>(table.rows), kNone);
  if (position < 0) return out;
  if (holds_numbers(table, position)) {
    const Numbers numbers = read_numbers(table, position, Infinite::kept);
    for (Index i = 0; i < numbers.rows; ++i) out[static_cast<std::size_t>(i)] = numbers.at(i);
    for (const Index i : numbers.missing) out[static_cast<std::size_t>(i)] = kNone;
    return out;
  }
  const Labels labels = read_labels(table, position);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (labels.codes[i] < 0) continue;
    const std::string& cell = labels.levels[static_cast<std::size_t>(labels.codes[i])];
    const auto number = parse_double(cell);
    if (!number) {
      throw Error(ErrorKind::input, "'" + printable(cell) + "' is not a number",
                  table.place(static_cast<Index>(i), position));
    }
    out[i] = *number;
  }
  return out;
}

/// For each epoch, in order, the mean of the cells that are there.
std::vector<double> by_epoch(const std::map<double, std::vector<std::size_t>>& epochs, const std::vector<double>& cells) {
  std::vector<double> out;
  for (const auto& [epoch, rows] : epochs) {
    double sum = 0, count = 0;
    for (const std::size_t row : rows) {
      if (std::isnan(cells[row])) continue;
      sum += cells[row];
      count += 1;
    }
    out.push_back(count > 0 ? sum / count : kNone);
  }
  return out;
}

/// An infinite accuracy says nothing.
void as_shares(std::vector<double>& accuracy) {
  std::ranges::replace_if(
      accuracy, [](double one) { return std::isinf(one); }, kNone);
  const bool percentages = std::ranges::any_of(accuracy, [](double one) { return one > kLargestShare; });
  for (double& one : accuracy) one /= percentages ? 100 : 1;
}

}  // namespace

DiagnoseFacts run_diagnose(const DiagnoseSpec& spec, const Table& table) {
  DiagnoseFacts facts;
  facts.log = table.source.substr(table.source.find_last_of('/') + 1);
  const auto take = [&](const std::string& given, std::span<const std::string_view> names, std::string& found) {
    const Index position = find_column(table, given, names);
    if (position >= 0) found = table.column_name(position);
    return numbers_of(table, position);
  };
  const std::vector<double> epoch = take(spec.epoch, kEpoch, facts.epoch);
  const std::vector<double> training = take(spec.training_loss, kTrainingLoss, facts.training_loss);
  const std::vector<double> validation = take(spec.validation_loss, kValidationLoss, facts.validation_loss);
  const std::vector<double> training_accuracy = take(spec.training_accuracy, kTrainingAccuracy, facts.training_accuracy);
  const std::vector<double> validation_accuracy =
      take(spec.validation_accuracy, kValidationAccuracy, facts.validation_accuracy);
  if (facts.training_loss.empty() && facts.validation_loss.empty()) {
    throw Error(ErrorKind::column,
                "no column is a loss by its name (loss, train_loss, val_loss, …); say --training-loss COL and "
                "--validation-loss COL",
                table.source);
  }
  std::map<double, std::vector<std::size_t>> epochs;
  for (std::size_t row = 0; row < epoch.size(); ++row) {
    const double key = facts.epoch.empty() ? static_cast<double>(row + 1) : epoch[row];
    if (std::isfinite(key)) epochs[key].push_back(row);
  }
  LearningCurves curves;
  for (const auto& [key, rows] : epochs) curves.epoch.push_back(key);
  curves.training_loss = by_epoch(epochs, training);
  curves.validation_loss = by_epoch(epochs, validation);
  curves.training_accuracy = by_epoch(epochs, training_accuracy);
  curves.validation_accuracy = by_epoch(epochs, validation_accuracy);
  as_shares(curves.training_accuracy);
  as_shares(curves.validation_accuracy);
  if (!curves.epoch.empty() && std::isnan(curves.training_loss.back()) && std::isnan(curves.validation_loss.back())) {
    curves.training_loss.back() = std::numeric_limits<double>::infinity();  // the run ended without a number: it diverged
  }
  curves.null_loss = spec.null_loss;
  curves.n_validation = spec.validation_rows;
  facts.n_epochs = std::ssize(curves.epoch);
  facts.diagnosis = diagnose(curves);
  facts.curves = std::move(curves);
  return facts;
}

}  // namespace riata
