#pragma once

#include <optional>
#include <string>
#include <vector>

#include "riata/app/raw_rows.hpp"
#include "riata/app/train.hpp"
#include "riata/data/dataset.hpp"
#include "riata/kernels/aligned.hpp"
#include "riata/network/scaled_entries.hpp"
#include "riata/network/train.hpp"

namespace riata {

/// How coded columns and a numeric response become what the network sees (NetworkModel).
struct Scaling {
  std::vector<double> centre, scale;
  double shift = 0, unit = 1;
  bool shifts_eta = false;  ///< the shift is added to η rather than taken from the response (poisson)
};

/// What a TrainSpec and its tables hold: training rows, validation rows (a share or a table of their own), test rows.
struct TrainProblem {
  Coding coding;
  std::vector<std::string> feature_names, classes, warnings;
  std::string target;
  NetworkLoss loss = NetworkLoss::squared;
  RawRows training;
  std::optional<RawRows> validation, test;
  std::vector<std::string> fold_labels, group_labels;  ///< of the training rows
  std::vector<double> input_factors;                   ///< penalty factors of the coded columns; empty: ones
  Scaling scaling;

  Index inputs() const { return static_cast<Index>(feature_names.size()); }
  Index outputs() const { return loss == NetworkLoss::multinomial ? static_cast<Index>(classes.size()) : 1; }
  double total_weight() const;
};

TrainProblem make_train_problem(const TrainSpec& spec, const Table& table, const TrainInputs& inputs,
                                const Context& context);

/// By the training rows: weighted mean and standard deviation of each column (a column that is constant keeps scale 1), and
/// of a squared loss's response less its offset; of a huber loss's the median and the normal distribution's standard
/// deviation by the median distance from it, where the loss turns linear; without an intercept nothing is centred; of counts
/// the logarithm of their rate, where η is to start. Zeros and ones where nothing is to be scaled.
Scaling scaling_of(const RawRows& rows, Index n_features, NetworkLoss loss, const TrainSpec& spec);

/// log(Σwy/Σw e^offset): η of the null model of counts.
double log_rate(const RawRows& rows);

/// Rows as the engine takes them: one by one where batches of `batch_size` are drawn, else in blocks. Owns the memory that
/// samples() shows, of which the engine makes no copy.
template <class T>
class ScaledRows {
 public:
  ScaledRows(const RawRows& rows, Index n_features, const Scaling& scaling, Index batch_size = 0);
  Samples<T> samples() const;

 private:
  Index n_, p_;
  bool by_rows_;
  kernels::AlignedVector<T> features_;
  std::optional<ScaledEntries<T>> entries_;
  std::vector<double> response_, weights_, offset_;
};

/// The class codes or numbers of a response of another table, in the classes of the training table. Throws Error(input) for
/// a class that training has not seen.
std::vector<double> response_like(const Response& response, const std::vector<std::string>& classes,
                                  const std::string& source);

}  // namespace riata
