// A small network whose l1 penalty takes features away, stopped when the validation loss has turned.
// usage: train_network diabetes.csv

#include <cmath>
#include <cstdio>

#include "read_numbers.hpp"

/// Every fifth row, or the others, all columns standardised.
struct Part {
  std::vector<double> features, response;

  Part(const Numbers& table, bool held_out) {
    for (std::size_t j = 0; j < table.columns.size(); ++j) {
      const std::vector<double>& column = table.columns[j];
      double mean = 0, variance = 0;
      for (const double x : column) mean += x / static_cast<double>(column.size());
      for (const double x : column) variance += (x - mean) * (x - mean) / static_cast<double>(column.size());
      const bool last = j + 1 == table.columns.size();
      for (std::size_t i = 0; i < column.size(); ++i) {
        if ((i % 5 == 0) == held_out) (last ? response : features).push_back((column[i] - mean) / std::sqrt(variance));
      }
    }
  }
  riata::Samples<double> samples() const {
    const auto n = static_cast<riata::Index>(response.size());
    return {{features.data(), n, static_cast<riata::Index>(features.size()) / n}, response, {}, {}};
  }
};

int main(int, char** arguments) try {
  const Numbers table = read_numbers(arguments[1]);
  const Part training(table, false), validation(table, true);

  const riata::NetworkSpec shape{.inputs = static_cast<riata::Index>(table.names.size()) - 1, .hidden = {8}};
  riata::TrainOptions options;
  options.penalty = riata::L1{};
  options.lambda = 0.02;
  options.groups = riata::WeightGroups::inputs;  // all weights of a feature leave together
  options.optimizer.learning_rate = 0.01;
  options.epochs = 2000;
  options.patience = 50;

  const auto result = riata::train(riata::initial_network<double>(shape, 0), {training.samples(), validation.samples(), {}},
                                   options, riata::Context());
  const riata::EpochRecord& best = result.history[static_cast<std::size_t>(result.best_epoch - 1)];
  std::printf("best of %ld epochs: %ld, training loss %.4f, validation loss %.4f\n", static_cast<long>(result.stopped_epoch),
              static_cast<long>(result.best_epoch), best.training_loss, best.validation_loss);

  const riata::ParameterBlock& first = result.network.blocks()[0];
  for (riata::Index j = 0; j < first.cols; ++j) {
    double norm = 0;
    for (riata::Index i = 0; i < first.rows; ++i) {
      norm = std::hypot(norm, result.network.of(first)[static_cast<std::size_t>(i * first.cols + j)]);
    }
    std::printf("%-4s %s\n", table.names[static_cast<std::size_t>(j)].c_str(), norm > 0 ? "kept" : "left out");
  }
  return 0;
} catch (const riata::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
