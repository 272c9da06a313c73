#pragma once

#include <string>
#include <vector>

#include "riata/app/train_data.hpp"

namespace riata {

constexpr double kDefaultRate = 0.01;

/// A TrainSpec in the engine's words, and in people's.
NetworkSpec network_spec(const TrainSpec& spec, const TrainProblem& problem);

/// λ is on the mean scale and in units of the response; where the response is scaled by its standard deviation s, the
/// engine's l1 part is λρ/s and its l2 part λ(1−ρ): without hidden layers that is the linear model's objective to the
/// letter.
TrainOptions train_options(const TrainSpec& spec, const TrainProblem& problem, double lambda);

/// The same without penalty, decay, dropout and early stopping.
TrainOptions unregularised(TrainOptions options);

/// λ to train, decreasing, on the mean scale; {0} without a penalty. An automatic grid starts at the λ_max of the linear
/// model (train_null_model.hpp), divided by max(ρ, 0.001), and for ρ < 0.001 by the standard deviation of a response of
/// numbers; for LassoNet at 1 + MH times that, with H the first units.
std::vector<double> train_lambdas(const TrainSpec& spec, const TrainProblem& problem, const Context& context);

double l1_ratio_of(const TrainSpec& spec);
std::string penalty_words(const TrainSpec& spec);    ///< "none", "l1", "group lasso on inputs", …
std::string optimizer_words(const TrainSpec& spec);  ///< "adam, learning rate 0.01"
std::string objective_words(const TrainSpec& spec, const TrainProblem& problem);
/// A decay that turns weights around in every step, and what to give; empty: it does not.
std::string decay_words(const TrainSpec& spec);

/// "warmup:5+step:30:0.1", "cosine:100", "plateau:0.1:10", "constant", one way and back. Errors are Error(argument).
ScheduleOptions parse_schedule(std::string_view text);
std::string schedule_text(const ScheduleOptions& schedule);

}  // namespace riata
