#include "riata/app/network_options.hpp"
#include "riata/app/option_groups.hpp"
#include "riata/app/train.hpp"
#include "riata/app/train_options.hpp"

namespace riata {
namespace {

using Rows = std::vector<Option<TrainSpec>>;

template <class T>
std::string joined(const std::vector<T>& values) {
  std::vector<std::string> items;
  for (const T value : values) items.push_back(number_text(value));
  return join_list(items);
}

Option<TrainSpec> hidden_row() {
  Option<TrainSpec> row =
      rows::base<TrainSpec>({"--hidden", "64,32", "Network", "units of each hidden layer; none: the linear model", "none"},
                            Option<TrainSpec>::Kind::value, "sizes from 1");
  row.set = [](TrainSpec& spec, std::string_view value) { spec.hidden = parse_sizes(value, "--hidden"); };
  row.get = [](const TrainSpec& spec) { return sizes_text(spec.hidden); };
  return row;
}

Option<TrainSpec> schedule_row() {
  Option<TrainSpec> row = rows::base<TrainSpec>({"--schedule", "NAME", "Optimiser",
                                                 "how the learning rate moves: constant, step:EPOCHS:FACTOR, "
                                                 "cosine[:EPOCHS], plateau[:FACTOR[:EPOCHS]], perhaps after "
                                                 "warmup:EPOCHS+"},
                                                Option<TrainSpec>::Kind::value);
  row.set = [](TrainSpec& spec, std::string_view value) { spec.schedule = parse_schedule(value); };
  row.get = [](const TrainSpec& spec) { return schedule_text(spec.schedule); };
  return row;
}

Option<TrainSpec> layer_factors_row() {
  Option<TrainSpec> row = rows::base<TrainSpec>(
      {"--layer-factors", "F,F", "Penalty", "multiply λ layer by layer, the output layer too", "1 for each"},
      Option<TrainSpec>::Kind::value, "values of at least 0");
  row.set = [](TrainSpec& spec, std::string_view value) {
    for (const std::string& item : split_list(value, "--layer-factors")) {
      const double factor = parse_number<double>(item, "--layer-factors");
      if (!(factor >= 0) || factor > kLargest) {
        throw Error(ErrorKind::argument,
                    "--layer-factors: " + printable(item) + " is out of range; give values of at least 0");
      }
      spec.layer_factors.push_back(factor);
    }
  };
  row.get = [](const TrainSpec& spec) { return joined(spec.layer_factors); };
  return row;
}

Option<TrainSpec> validation_row() {
  Option<TrainSpec> row = rows::base<TrainSpec>(
      {"--validation", "SHARE|TABLE", "Rows held out", "a share of the rows, or a table, to watch for overfitting; 0: none",
       "0.2; 0 under --torch-compat"},
      Option<TrainSpec>::Kind::value);
  row.set = [](TrainSpec& spec, std::string_view value) {
    const auto number = parse_double(value);
    if (value.empty() || (number && !(*number >= 0 && *number < 1))) {
      throw Error(ErrorKind::argument,
                  "--validation: " + in_quotes(value) + " is neither a share from 0 to below 1 nor a table");
    }
    spec.validation = std::string(value);
  };
  row.get = [](const TrainSpec& spec) { return spec.validation; };
  return row;
}

void add_network(Rows& table) {
  const std::string group = "Network";
  add(table, hidden_row());
  add(table, activation_row<TrainSpec>(group, &TrainSpec::activation));
  Option<TrainSpec> loss = rows::choice<TrainSpec, TrainSpec, std::optional<NetworkLoss>, NetworkLoss>(
      {"--loss", "", group, "auto: squared for numbers; text, true/false or two values are classes", "auto"},
      &TrainSpec::network_loss,
      {{"squared", NetworkLoss::squared},
       {"mse", NetworkLoss::mse},
       {"logistic", NetworkLoss::logistic},
       {"multinomial", NetworkLoss::multinomial},
       {"poisson", NetworkLoss::poisson},
       {"huber", NetworkLoss::huber}});
  loss.value = "auto|" + loss.value;
  loss.set = [set = loss.set](TrainSpec& spec, std::string_view value) {
    value == "auto" ? spec.network_loss.reset() : set(spec, value);
  };
  add(table, loss);
  Option<TrainSpec> scaled = rows::base<TrainSpec>(
      {"--standardize,!--no-standardize", "", group,
       "scale features, and the target of a squared loss, to unit variance inside; off under --torch-compat"},
      Option<TrainSpec>::Kind::flag);
  scaled.set = [](TrainSpec& spec, std::string_view value) { spec.scaled = value == "true"; };
  scaled.get = [](const TrainSpec& spec) { return spec.scaled ? (*spec.scaled ? "true" : "false") : ""; };
  add(table, scaled);
  add(table, rows::flag<TrainSpec>({"--intercept,!--no-intercept", "", group,
                                    "biases in every layer; without: they are 0, and nothing is centred"},
                                   &ModelSpec::intercept));
  add(table,
      rows::number<double, TrainSpec>({"--dropout", "P", group, "share of hidden units that is left out of each step"},
                                      &TrainSpec::dropout, {.low = 0, .high = 1, .open_high = true}));
  add(table,
      rows::number<double, TrainSpec>({"--input-dropout", "P", group, "share of features that is left out of each step"},
                                      &TrainSpec::input_dropout, {.low = 0, .high = 1, .open_high = true}));
  add(table, precision_row<TrainSpec>(group, &TrainSpec::precision));
  add(table, rows::text<TrainSpec>({"--initial-weights", "FILE.safetensors", group,
                                    "start from layers.K.weight (out × in) and layers.K.bias", "random, by --seed"},
                                   &TrainSpec::initial_weights));
  add(table,
      rows::flag<TrainSpec>({"--torch-compat", "", group,
                             "as PyTorch does: decay and penalty reach biases too, squared loss without 1/2, features as "
                             "they are, no rows held out, its order of operations"},
                            &TrainSpec::torch_compat));
}

void add_penalty(Rows& table) {
  const std::string group = "Penalty";
  add(table, rows::choice<TrainSpec, ModelSpec, std::optional<PenaltyChoice>, PenaltyChoice>(
                 {"--penalty", "", group,
                  "on the weights, not the biases; l1: exact zeros; lassonet: features leave, linear parts last; it needs "
                  "--lambda or "
                  "--lambdas",
                  "none"},
                 &ModelSpec::penalty,
                 {{"none", PenaltyChoice::none},
                  {"l1", PenaltyChoice::l1},
                  {"l2", PenaltyChoice::l2},
                  {"elastic-net", PenaltyChoice::elastic_net},
                  {"lassonet", PenaltyChoice::lassonet},
                  {"lasso", {}, "is called l1 here: give --penalty l1"},
                  {"ridge", {}, "is called l2 here: give --penalty l2"}}));
  add(table, rows::number<double, TrainSpec>({"--l1-ratio", "R", group, "elastic-net: share of the l1 part", "0.5"},
                                             &ModelSpec::l1_ratio, {.low = 0, .high = 1}));
  add(table,
      rows::choice<TrainSpec, TrainSpec, WeightGroups, WeightGroups>(
          {"--groups", "", group,
           "l1: weights that leave together: all from an input (the feature leaves), all from a hidden unit, or both"},
          &TrainSpec::groups,
          {{"none", WeightGroups::none},
           {"inputs", WeightGroups::inputs},
           {"units", WeightGroups::units},
           {"both", WeightGroups::both}}));
  add(table, rows::number<double, TrainSpec>(
                 {"--hierarchy", "M", group,
                  "lassonet: the first layer's weights of a feature are at most M times its weight past the layers", "10"},
                 &TrainSpec::hierarchy, kPositive));
  add(table, layer_factors_row());
  add(table, rows::assignments<TrainSpec>(
                 {"--penalty-factor", "NAME=V", group,
                  "multiplies λ for the weights of a feature in the first layer; 0: not penalised, inf: left out", "1"},
                 &ModelSpec::penalty_factor, {.low = 0}));
  Option<TrainSpec> step =
      rows::base<TrainSpec>({"--l1-step", "proximal|subgradient", group,
                             "proximal: exact zeros; subgradient: the plain formula, hovers about zero", "proximal"},
                            Option<TrainSpec>::Kind::value);
  step.set = [](TrainSpec& spec, std::string_view value) {
    if (value != "proximal" && value != "subgradient") {
      throw Error(ErrorKind::argument,
                  unknown_choice("--l1-step", value, "proximal|subgradient", {"proximal", "subgradient"}));
    }
    spec.subgradient = value == "subgradient";
  };
  step.get = [](const TrainSpec& spec) { return spec.subgradient ? "subgradient" : "proximal"; };
  add(table, step);
}

void add_optimizer(Rows& table) {
  const std::string group = "Optimiser";
  add(table, rows::choice<TrainSpec, TrainSpec, OptimizerKind, OptimizerKind>(
                 {"--optimizer", "", group, "sgdw and adamw decay weights apart from the gradient"}, &TrainSpec::optimizer,
                 {{"sgd", OptimizerKind::sgd},
                  {"sgdw", OptimizerKind::sgdw},
                  {"adam", OptimizerKind::adam},
                  {"adamw", OptimizerKind::adamw},
                  {"rmsprop", OptimizerKind::rmsprop},
                  {"adagrad", OptimizerKind::adagrad},
                  {"nadam", OptimizerKind::nadam}}));
  add(table, rows::number<double, TrainSpec>({"--learning-rate", "A", group, "length of a step", "0.01"},
                                             &ModelSpec::learning_rate, kPositive));
  add(table, rows::number<double, TrainSpec>({"--momentum", "M", group, "sgd, sgdw, rmsprop", "0"}, &TrainSpec::momentum,
                                             {.low = 0, .high = 1, .open_high = true}));
  add(table, rows::number<double, TrainSpec>({"--dampening", "D", group, "sgd: of the momentum"}, &TrainSpec::dampening,
                                             {.low = 0, .high = 1}));
  add(table, rows::flag<TrainSpec>({"--nesterov", "", group, "sgd: Nesterov's momentum"}, &TrainSpec::nesterov));
  add(table,
      rows::flag<TrainSpec>({"--amsgrad", "", group, "adam, adamw: the largest second moment so far"}, &TrainSpec::amsgrad));
  add(table, rows::number<double, TrainSpec>(
                 {"--weight-decay", "L", group, "joins the gradient (sgd, adam, rmsprop) or shrinks weights apart from it"},
                 &TrainSpec::weight_decay, {.low = 0, .high = kLargest}));
  add(table, rows::choice<TrainSpec, TrainSpec, DecayScale, DecayScale>(
                 {"--decay-scale", "", group, "decoupled decay a step: 1 - learning rate × decay (PyTorch), or 1 - decay"},
                 &TrainSpec::decay_scale, {{"lr", DecayScale::rate}, {"absolute", DecayScale::absolute}}));
  add(table, rows::number<Index, TrainSpec>({"--epochs", "N", group, "passes over the training rows"}, &TrainSpec::epochs,
                                            {.low = 1, .high = 1e9}));
  add(table, rows::number<Index, TrainSpec>({"--batch-size", "N", group, "rows a step; 0: all"}, &TrainSpec::batch_size,
                                            {.low = 0, .high = 1e12}));
  add(table, schedule_row());
  add(table, rows::number<double, TrainSpec>({"--clip-norm", "G", group, "longest gradient; 0: any"}, &TrainSpec::clip_norm,
                                             {.low = 0, .high = kLargest}));
  add(table,
      rows::number<Index, TrainSpec>({"--seed", "N", group, "of the initial weights, batches, dropout and held-out rows"},
                                     &ModelSpec::seed, {.low = 0, .high = 9e15}));
}

void add_judging(Rows& table) {
  const std::string group = "Rows held out";
  add(table, validation_row());
  add(table, rows::text<TrainSpec>({"--test", "TABLE", group, "a table to measure on, which nothing is decided by"},
                                   &TrainSpec::test));
  add(table,
      rows::number<Index, TrainSpec>(
          {"--patience", "N", group,
           "stop when the validation loss has not improved for so many epochs, and take the best weights; 0: train on"},
          &TrainSpec::patience, {.low = 0, .high = 1e9}));
  add(table,
      rows::flag<TrainSpec>({"--twin", "", group, "train the same network without regularisation beside it, and compare"},
                            &TrainSpec::twin));
  add(table, rows::number<Index, TrainSpec>(
                 {"--folds,--nfolds", "K", group, "judge each λ by folds; 0: by the validation rows", "0"},
                 &ModelSpec::folds, {.low = 0, .high = 1e9}));
  add(table, rows::number<Index, TrainSpec>(
                 {"--max-features", "N", group, "choose among the λ whose networks use at most so many features", "any"},
                 &TrainSpec::max_features, {.low = 1, .high = 1e9}));
  add(table, rows::number<Index, TrainSpec>({"--seeds", "N", group,
                                             "judge each λ by the mean over so many random starts; the network kept is that "
                                             "of the first, --seed"},
                                            &TrainSpec::seeds, {.low = 1, .high = 1e6}));
  add(table, rows::flag<TrainSpec>(
                 {"--warm-start", "", group,
                  "several λ: each starts from the network of the next smaller one, dense to sparse; always under lassonet"},
                 &TrainSpec::warm_start));
  add(table, rows::text<TrainSpec>({"--fold-column", "COL", group, "the fold of each row"}, &ModelSpec::fold_column));
  add(table,
      rows::text<TrainSpec>({"--group-column", "COL", group, "rows of a group stay together"}, &ModelSpec::group_column));
  add(table, rows::flag<TrainSpec>({"--folds-in-time", "", group,
                                    "rows are in order of time: validate on the last, train each fold on its past"},
                                   &ModelSpec::folds_in_time));
  add(table, rows::choice<TrainSpec, ModelSpec, std::optional<SelectionRule>, SelectionRule>(
                 {"--select", "", group, "min: least loss; 1se: the strongest penalty within one standard error of it",
                  "1se; min without folds"},
                 &ModelSpec::select,
                 {{"min", SelectionRule::min},
                  {"1se", SelectionRule::one_standard_error},
                  {"aic", {}},
                  {"bic", {}},
                  {"ebic", {}}}));
  add(table,
      rows::choice<TrainSpec, ModelSpec, std::optional<MeasureChoice>, MeasureChoice>(
          {"--measure", "", group,
           "what λ is judged by: for a squared loss the deviance is the mse; error (share of rows classified wrongly) "
           "and, for two classes, auc (larger is better) are for classes",
           "deviance"},
          &ModelSpec::measure,
          {{"mse", MeasureChoice::mse},
           {"mae", MeasureChoice::mae},
           {"deviance", MeasureChoice::deviance},
           {"error", MeasureChoice::error},
           {"auc", MeasureChoice::auc}}));
}

void add_results(Rows& table) {
  const std::string group = "Results";
  add(table, rows::text<TrainSpec>({"--model", "OUT", group, "write the network, one safetensors file"}, &ModelSpec::model),
      false);
  add_report(table, group, &ModelSpec::report);
  add(table,
      rows::number<Index, TrainSpec>({"--log-every", "N", group, "epochs between rows of the text"}, &TrainSpec::log_every,
                                     {.low = 1, .high = 1e9}),
      false);
  add(table,
      rows::text<TrainSpec>(
          {"--checkpoint", "DIR", group, "a folder for checkpoints: the last two, and a grid's finished networks"},
          &TrainSpec::checkpoint),
      false);
  add(table,
      rows::number<Index, TrainSpec>({"--every", "N", group, "epochs between checkpoints", "10"}, &TrainSpec::every,
                                     {.low = 1, .high = 1e9}),
      false);
  add(table,
      rows::flag<TrainSpec>({"--resume", "", group, "go on from the last whole checkpoint, bit by bit"}, &TrainSpec::resume),
      false);
  add_format(table, group);
}

void add_later(Rows& table) {
  const char* bounds = "a network has no coefficients to bound; riata fit has";
  const char* stops = "training has no certificate to stop by; it stops by --epochs and --patience";
  add(table, rows::refused<TrainSpec>("--strict", "", "training has no certificate that could be missed; riata fit has"));
  add(table, rows::refused<TrainSpec>("--lower", "NAME=V", bounds));
  add(table, rows::refused<TrainSpec>("--upper", "NAME=V", bounds));
  add(table, rows::refused<TrainSpec>("--tolerance", "T", stops));
  add(table, rows::refused<TrainSpec>("--max-iterations", "N", stops));
}

Rows train_rows() {
  Rows table;
  add_columns(table);
  add_network(table);
  add_penalty(table);
  add_strength(table);
  add_optimizer(table);
  add_judging(table);
  add_results(table);
  add_later(table);
  add_reading(table);
  add_running(table);
  return table;
}

}  // namespace

std::vector<Index> parse_sizes(std::string_view text, const char* option) {
  std::vector<Index> out;
  if (text == "none" || text == "0") return out;
  for (const std::string& item : split_list(text, option)) {
    const Index size = parse_number<Index>(item, option);
    if (size < 1 || size > 1'000'000) {
      throw Error(ErrorKind::argument, std::string(option) + ": " + printable(item) + " is out of range; give sizes from 1");
    }
    out.push_back(size);
  }
  return out;
}

std::string sizes_text(const std::vector<Index>& sizes) { return joined(sizes); }

template <>
const std::vector<Option<TrainSpec>>& options<TrainSpec>() {
  static const std::vector<Option<TrainSpec>> kTable = train_rows();
  return kTable;
}

}  // namespace riata
