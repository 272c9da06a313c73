#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "riata/app/network_rows.hpp"
#include "riata/app/network_ways.hpp"
#include "riata/data/folds.hpp"

namespace riata {

/// One training of the contest: on some rows, watched on one or two folds.
template <class T>
struct ContestTraining {
  TrainResult<T> result;
  Scaling scaling;
  double seconds = 0;

  double factor() const { return scaling.unit * scaling.unit; }  ///< losses are in units of the response times it
  bool finite() const { return result.status == Status::converged || result.status == Status::iteration_limit; }
};

/// The contest on one network. For every fold a way's strength, or its number of epochs, is chosen by the losses on other
/// folds: fold j is predicted by a network trained without j and without the fold that is judged (one training serves both);
/// in time order fold k is judged by a choice over the folds before it, and the first by none. Then the network is trained
/// with that choice on all rows but the fold's, or before it. Trainings run side by side, each on one thread: the result
/// does not depend on their number.
template <class T>
class NetworkContest {
 public:
  NetworkContest(const CompareSpec& spec, const TrainProblem& problem, const Context& context);

  /// Throws Error(run) when interrupted.
  void run();

  const std::vector<NetworkWay>& ways() const { return ways_; }
  const std::vector<Index>& judged_folds() const { return judged_; }
  const std::vector<double>& judged_weights() const { return judged_weights_; }
  Index n_folds() const { return std::ssize(rows_); }
  const std::vector<Index>& rows(Index fold) const { return rows_[static_cast<std::size_t>(fold)]; }
  /// What is trained on without folds j and k, both or one (j = k): in time order, what is before fold j. −1: all rows.
  std::vector<Index> training_rows(Index j, Index k) const;

  /// What was chosen with all rows: where in the way's strengths, or the number of epochs less one.
  std::size_t choice(std::size_t way) const { return best_choice(way, -1); }
  double seconds(std::size_t way) const { return seconds_[way]; }
  /// The chosen network of a fold; −1: of all rows.
  const ContestTraining<T>& trained(std::size_t way, Index fold) const {
    return trained_[static_cast<std::size_t>(fold < 0 ? n_folds() : fold) * ways_.size() + way];
  }
  /// What it says of all rows, in units of the response (of η for classes), without the offset.
  NetworkRows said_of_all(const ContestTraining<T>& one) const;

 private:
  void take_folds();
  void choose();
  void keep_losses(std::size_t way, std::size_t strength, Index j, Index k, const ContestTraining<T>& training);
  void judge();
  std::size_t best_choice(std::size_t way, Index without) const;
  std::vector<double>& losses_of(std::size_t way, Index judged, Index without) {
    return losses_[way][static_cast<std::size_t>(judged * n_folds() + without)];
  }
  ContestTraining<T> train_on(Index j, Index k, const NetworkWay& way, double strength, Index epochs) const;
  void in_parallel(Index n, const std::function<void(Index)>& task);

  const CompareSpec& spec_;
  const TrainProblem& problem_;
  const Context& context_;
  Context single_;
  std::vector<NetworkWay> ways_;
  bool in_time_ = false;
  std::vector<std::vector<Index>> rows_;  ///< of each fold
  std::vector<Index> first_rows_;         ///< that are only trained on
  std::vector<double> weights_;           ///< of each fold
  std::vector<Index> judged_;
  std::vector<double> judged_weights_;
  std::vector<std::vector<std::vector<double>>> losses_;  ///< [way][judged · folds + without][choice]
  std::vector<ContestTraining<T>> trained_;               ///< [fold, last: all rows][way]
  std::vector<double> seconds_;
  std::mutex mutex_;
  Index steps_ = 0, total_steps_ = 0;
};

}  // namespace riata
