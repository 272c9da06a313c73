#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "riata/core/types.hpp"

namespace riata {

/// Losses and accuracies by epoch, from any trainer. The vectors of losses have one value an epoch; a vector may be empty,
/// and NaN stands where nothing was logged.
struct LearningCurves {
  std::vector<double> epoch;  ///< increasing
  std::vector<double> training_loss, validation_loss;
  std::vector<double> training_accuracy, validation_accuracy;  ///< shares, 0 … 1
  std::optional<double> null_loss;  ///< validation loss of the null model (the mean, the shares of the classes)
  Index n_validation = 0;           ///< rows validated on; 0: unknown
};

enum class Verdict { fits, underfits, overfits, no_signal, unclear };

/// What the verdict rests on, for the words.
enum class Reason {
  settled,         ///< fits: both curves have levelled off, validation at its best
  still_falling,   ///< underfits: both losses fall at the last epoch
  training_stuck,  ///< underfits: not even the training loss beats the null model
  turned,          ///< overfits: validation loss turned and rises, training loss falls
  memorises,       ///< overfits: training loss goes on falling where validation no longer follows
  never_beats,     ///< no signal: validation never beats the null model by more than chance
  never_improves,  ///< no signal: validation is never better than at the first epoch (null model unknown)
  too_short,       ///< unclear: too few epochs
  no_validation,   ///< unclear
  no_training,     ///< unclear
  diverged,        ///< unclear: a loss that is not finite
  unstable,        ///< unclear: training loss rises too
  too_noisy        ///< unclear: changes are not larger than the jumps from epoch to epoch
};

/// The contracted name: "fits", "underfits", "overfits", "no signal", "unclear".
std::string_view to_string(Verdict verdict);

/// A judgement with the (smoothed) numbers behind it. NaN where there is none.
struct Diagnosis {
  Verdict verdict = Verdict::unclear;
  Reason reason = Reason::too_short;
  std::optional<double> epoch;  ///< overfits: where it begins; else nothing
  double first_epoch = 0, best_epoch = 0, last_epoch = 0;
  double first_validation = 0, best_validation = 0, last_validation = 0;
  double first_training = 0, training_at_best = 0, last_training = 0;
  double accuracy_at_best = 0, last_accuracy = 0;  ///< of validation
  std::optional<double> null_loss;
  Index n_validation = 0;
  bool penalised = false;
  bool smoothed = false;  ///< the validation losses: they are not those of single epochs
};

/// Judges learning curves. Curves are smoothed by local lines, over a window that grows with their noise (the median second
/// difference); a change counts where it is larger than four of its standard errors. With v the validation loss, e* its
/// minimum, D = v(first) − v(e*) and t the training loss, in this order:
///
///   unclear     validation never beats the null model, and over the last half of the epochs training stays above its start
///               and the null model by 5 %: unstable
///   no signal   the null model is known, n rows are validated on, and null − v(e*) ≤ null · 8/(n + 8) (chance alone reaches
///               that along a path of models: n · gain / null is about χ² with as many degrees of freedom as the path
///               explores); the share is at least 0.5 %. Null unknown: v(e*) is no better than v(first)
///   underfits   still_falling: over the last fifth of the epochs both losses fall by 5 % of their fall so far, or more;
///               training_stuck: instead of no signal where the training loss does not beat the null model by 2 % although
///               it is held back by a `penalised` fit; also where the penalty lifts it there from a better start
///   overfits    turned: v(last) − v(e*) ≥ 5 % of v(e*) and 1 % of D, while t(last) < t(e*); e* is the epoch it begins
///               memorises: from the epoch where v has come within 2 % of D of its minimum, t falls by half or more, and by
///               a quarter of D
///   fits        neither, and the validation loss improved
///
/// Its false alarms and misses are measured on planted runs (learning_curves_test.cpp, docs/decisions/0130).
Diagnosis diagnose(const LearningCurves& curves, bool penalised = false);

}  // namespace riata
