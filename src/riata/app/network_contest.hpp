#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "riata/app/grid_parts.hpp"
#include "riata/app/network_rows.hpp"
#include "riata/app/network_ways.hpp"
#include "riata/data/folds.hpp"

namespace riata {

/// One training of the contest: on all rows but those of folds j and k, both or one (j = k), and watched on them; in time
/// order on what is before fold j. −1: on all rows.
struct ContestTask {
  Index number = 0;  ///< of its part
  Index j = -1, k = -1;
  std::size_t way = 0;
  double strength = 0;
  Index epochs = 0;
  bool chosen = false;  ///< the network is to be judged; else its losses alone are of use
};

/// What is kept of a training.
template <class T>
struct ContestTraining {
  bool finite = false;
  std::vector<EpochRecord> history;  ///< losses alone; of a training to choose a strength by the last epoch
  Network<T> network;                ///< where it was chosen
  Scaling scaling;
  double seconds = 0;

  double factor() const { return scaling.unit * scaling.unit; }  ///< losses are in units of the response times it
};

/// The contest on one network. For every fold a way's strength, or its number of epochs, is chosen by the losses on other
/// folds: fold j is predicted by a network trained without j and without the fold that is judged (one training serves both);
/// in time order fold k is judged by a choice over the folds before it, and the first by none. Then the network is trained
/// with that choice on all rows but the fold's, or before it. Trainings run side by side, each on one thread: the result
/// does not depend on their number.
template <class T>
class NetworkContest {
 public:
  NetworkContest(const CompareSpec& spec, const TrainProblem& problem, const KeptParts& parts, const Context& context);

  /// What an earlier run finished is not trained again. Throws Error(run) when interrupted, saying what is kept.
  void run();

  const std::vector<NetworkWay>& ways() const { return ways_; }
  const std::vector<Index>& judged_folds() const { return judged_; }
  const std::vector<double>& judged_weights() const { return judged_weights_; }
  Index n_folds() const { return std::ssize(rows_); }
  const std::vector<Index>& rows(Index fold) const { return rows_[static_cast<std::size_t>(fold)]; }
  std::vector<Index> training_rows(Index j, Index k) const;  ///< as of ContestTask

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
  void keep_losses(const ContestTask& task, std::size_t strength, const ContestTraining<T>& training);
  void judge();
  std::size_t best_choice(std::size_t way, Index without) const;
  std::vector<double>& losses_of(std::size_t way, Index judged, Index without) {
    return losses_[way][static_cast<std::size_t>(judged * n_folds() + without)];
  }
  ContestTraining<T> train_on(const ContestTask& task);
  TrainResult<T> result_of(const ContestTask& task, const RawRows& training, const Scaling& scaling) const;
  /// Nothing where no earlier run finished it.
  bool take_kept(const ContestTask& task, ContestTraining<T>& out) const;
  void in_parallel(Index n, const std::function<void(Index)>& task);

  const CompareSpec& spec_;
  const TrainProblem& problem_;
  const Context& context_;
  Context single_;
  std::vector<NetworkWay> ways_;
  GridParts<T> parts_;
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
  Index n_finished_ = 0, n_trainings_ = 0;
  Index n_choices_ = 0;  ///< trainings to choose by
};

}  // namespace riata
