#include "riata/app/option_text.hpp"
#include "riata/app/train.hpp"
#include "riata/core/error.hpp"

namespace riata {
namespace {

void refuse_if(bool wrong, const std::string& message) {
  if (wrong) throw Error(ErrorKind::argument, message);
}

void check_penalty(const TrainSpec& spec) {
  const bool penalised = spec.penalty.value_or(PenaltyChoice::none) != PenaltyChoice::none;
  const bool grid = spec.n_lambdas || spec.lambda_min_ratio;
  refuse_if(penalised && spec.lambdas.empty() && !spec.n_lambdas,
            "--penalty needs a strength here: give --lambda L, or --lambdas N for a grid");
  refuse_if(
      !penalised && (!spec.lambdas.empty() || grid),
      "--lambda and --lambdas need a penalty: add --penalty l1, l2 or elastic-net (for weight decay say --weight-decay)");
  refuse_if(spec.lambda_scale != LambdaScale::mean && spec.lambdas.empty(),
            "--lambda-scale says what a given λ multiplies, and none is given: add --penalty and --lambda, or leave it out");
  refuse_if(!spec.lambdas.empty() && grid,
            "--lambda gives the values, --lambdas and --lambda-min-ratio ask for an automatic grid; give one or the other");
  refuse_if(spec.l1_ratio && spec.penalty != PenaltyChoice::elastic_net,
            "--l1-ratio belongs to --penalty elastic-net; leave it out or choose that penalty");
  refuse_if(spec.groups != WeightGroups::none && spec.penalty != PenaltyChoice::l1,
            "--groups makes the l1 penalty one on groups of weights: add --penalty l1");
  const bool lassonet = spec.is_lassonet();
  refuse_if(spec.hierarchy && !lassonet, "--hierarchy is M of LassoNet: add --penalty lassonet, or leave it out");
  refuse_if(lassonet && spec.hidden.empty(),
            "--penalty lassonet goes past hidden layers, and there are none; give --hidden, or say --penalty l1");
  refuse_if(lassonet && !spec.layer_factors.empty(), "--layer-factors: --penalty lassonet has one λ; leave them out");
  refuse_if(spec.subgradient && spec.penalty != PenaltyChoice::l1 && spec.penalty != PenaltyChoice::elastic_net,
            "--l1-step needs a penalty with an l1 part: --penalty l1 or elastic-net");
  refuse_if(!spec.penalty_factor.empty() && !penalised, "--penalty-factor multiplies a penalty's λ: add --penalty");
  refuse_if(!spec.layer_factors.empty() && !penalised, "--layer-factors multiply a penalty's λ: add --penalty");
  refuse_if(!spec.layer_factors.empty() && spec.layer_factors.size() != spec.hidden.size() + 1,
            "--layer-factors: give one for each layer, " + std::to_string(spec.hidden.size() + 1) + " of them");
}

void check_optimizer(const TrainSpec& spec) {
  const OptimizerKind kind = spec.optimizer;
  const bool sgd = kind == OptimizerKind::sgd || kind == OptimizerKind::sgdw;
  const bool decoupled = kind == OptimizerKind::sgdw || kind == OptimizerKind::adamw;
  refuse_if(spec.momentum && !sgd && kind != OptimizerKind::rmsprop,
            "--momentum belongs to --optimizer sgd, sgdw and rmsprop; leave it out or choose one of them");
  refuse_if((spec.nesterov || spec.dampening > 0) && !sgd, "--nesterov and --dampening belong to --optimizer sgd and sgdw");
  refuse_if(spec.amsgrad && kind != OptimizerKind::adam && kind != OptimizerKind::adamw,
            "--amsgrad belongs to --optimizer adam and adamw");
  refuse_if(spec.decay_scale == DecayScale::absolute && !decoupled,
            "--decay-scale absolute belongs to decoupled decay: --optimizer sgdw or adamw");
}

void check_rows(const TrainSpec& spec) {
  const auto share = spec.validation_share();
  const bool validation = !share || *share > 0;
  const bool folds = spec.has_folds();
  const bool several = spec.lambdas.size() > 1 || spec.n_lambdas.value_or(1) > 1;
  const int ways = (spec.fold_column.empty() ? 0 : 1) + (spec.group_column.empty() ? 0 : 1) + (spec.folds_in_time ? 1 : 0);
  refuse_if(ways > 1, "--fold-column, --group-column and --folds-in-time are three ways to make folds; give one");
  refuse_if(spec.measure && !several && !folds,
            "--measure is what values of λ are judged by; give several, or --folds, or leave it out");
  refuse_if(spec.select && !several,
            "--select is how one of several λ is chosen; give --penalty with --lambdas N or --lambda L,L, or leave it out");
  refuse_if(spec.patience > 0 && !validation,
            "--patience stops by the validation loss; give --validation a share or a table");
  refuse_if(spec.folds == 1, "--folds: one fold leaves no rows to train on; give 0 for none, or at least 2");
  refuse_if(spec.folds && !spec.fold_column.empty(), "--fold-column says how many folds there are; leave out --folds");
  refuse_if(spec.max_features && !several,
            "--max-features is a limit on the choice among several λ; give --lambdas N or --lambda L,L");
  refuse_if(spec.warm_start && !several, "--warm-start goes along several λ; give --lambdas N or --lambda L,L");
  refuse_if(spec.seeds > 1 && !several && !folds,
            "--seeds is how many starts each λ is judged by; give several λ, or --folds, or leave it out");
  refuse_if(spec.seeds > 1 && !spec.initial_weights.empty(),
            "--seeds draws several starts, and --initial-weights gives one; leave one of them out");
  refuse_if(several && !folds && !validation,
            "several values of λ need something to choose by: add --folds K, or --validation a share or a table");
  refuse_if(several && !folds && spec.select == SelectionRule::one_standard_error,
            "--select 1se needs --folds: without folds there is no standard error");
}

}  // namespace

void check(const TrainSpec& spec) {
  check_penalty(spec);
  check_optimizer(spec);
  check_rows(spec);
  refuse_if(
      spec.dropout > 0 && spec.hidden.empty(),
      "--dropout leaves out hidden units, and there are none; give --hidden, or --input-dropout to leave out features");
  refuse_if(spec.activation != Activation::relu && spec.activation != Activation::identity && spec.hidden.empty(),
            "--activation is that of hidden units, and there are none; give --hidden, or leave it out");
  refuse_if(spec.resume && spec.checkpoint.empty(), "--resume goes on from --checkpoint DIR; name it");
  refuse_if(spec.every && spec.checkpoint.empty(), "--every says how often --checkpoint DIR is written; name it");
}

}  // namespace riata
