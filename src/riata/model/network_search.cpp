#include "riata/model/network_search.hpp"

#include <limits>

namespace riata {
namespace {

constexpr Index kMost = std::numeric_limits<Index>::max();

void expect_length(const JsonReader& list, std::size_t length) {
  if (list.size() != length) list.fail("its length is not that of the others");
}

}  // namespace

void write_lambda_search(JsonWriter& out, const LambdaSearch& search) {
  std::vector<double> lambdas, means, errors;
  std::vector<Index> zeros, nonzero, used;
  for (const LambdaScore& one : search.grid) {
    lambdas.push_back(one.lambda);
    means.push_back(one.mean);
    errors.push_back(one.standard_error);
    zeros.push_back(one.exact_zeros);
    nonzero.push_back(one.n_nonzero);
    used.push_back(one.n_used);
  }
  out.begin_object();
  out.member("lambda", lambdas);
  out.member("mean", means);
  out.member("standard_error", errors);
  out.member("exact_zeros", zeros);
  out.member("n_nonzero", nonzero);
  out.member("n_used", used);
  out.member("measure", search.measure);
  out.member("folds", search.n_folds);
  out.member("seeds", search.n_seeds);
  out.member("index_min", search.index_min);
  out.member("index_1se", search.index_1se);
  out.member("rule", search.rule);
  out.end_object();
}

LambdaSearch read_lambda_search(const JsonReader& in) {
  const std::vector<double> lambdas = in.member("lambda").finite_numbers();
  const std::vector<double> means = in.member("mean").numbers_or_nan(),
                            errors = in.member("standard_error").numbers_or_nan();
  const JsonReader zeros = in.member("exact_zeros"), nonzero = in.member("n_nonzero"), used = in.member("n_used");
  if (lambdas.empty()) in.member("lambda").fail("there is none");
  for (const char* name : {"mean", "standard_error", "exact_zeros", "n_nonzero", "n_used"}) {
    expect_length(in.member(name), lambdas.size());
  }
  LambdaSearch out;
  for (std::size_t k = 0; k < lambdas.size(); ++k) {
    if (lambdas[k] < 0 || (k > 0 && lambdas[k] > lambdas[k - 1])) in.member("lambda").fail("they do not decrease to 0");
    out.grid.push_back({lambdas[k], means[k], errors[k], zeros.element(k).index(0, kMost),
                        nonzero.element(k).index(0, kMost), used.element(k).index(0, kMost)});
  }
  out.measure = in.member("measure").text();
  out.n_folds = in.member("folds").index(0, kMost);
  if (in.has("seeds")) out.n_seeds = in.member("seeds").index(1, kMost);
  out.index_min = in.member("index_min").index(0, std::ssize(lambdas) - 1);
  out.index_1se = in.member("index_1se").index(0, std::ssize(lambdas) - 1);
  out.rule = in.member("rule").text();
  if (out.rule != "min" && out.rule != "1se") in.member("rule").fail("it is neither min nor 1se");
  return out;
}

void write_twin_facts(JsonWriter& out, const TwinFacts& twin) {
  std::vector<std::string> names;
  std::vector<double> norms, twin_norms;
  for (const TwinFacts::Layer& layer : twin.layers) {
    names.push_back(layer.name);
    norms.push_back(layer.weight_norm);
    twin_norms.push_back(layer.twin_norm);
  }
  out.begin_object();
  out.member("weight_norm", twin.weight_norm);
  out.member("twin_norm", twin.twin_norm);
  out.member("layers", names);
  out.member("layer_norms", norms);
  out.member("twin_layer_norms", twin_norms);
  out.member("training_loss", twin.training_loss);
  out.member("twin_training_loss", twin.twin_training_loss);
  out.member("validation_loss", twin.validation_loss);
  out.member("twin_validation_loss", twin.twin_validation_loss);
  out.member("epochs", twin.epochs);
  out.member("twin_epochs", twin.twin_epochs);
  out.member("best_epoch", twin.best_epoch);
  out.member("twin_best_epoch", twin.twin_best_epoch);
  out.member("least_loss", twin.least_loss);
  out.member("twin_least_loss", twin.twin_least_loss);
  out.member("text", twin.text);
  out.end_object();
}

TwinFacts read_twin_facts(const JsonReader& in) {
  TwinFacts out;
  out.weight_norm = in.member("weight_norm").finite();
  out.twin_norm = in.member("twin_norm").finite();
  const std::vector<std::string> names = in.member("layers").texts();
  const std::vector<double> norms = in.member("layer_norms").finite_numbers(),
                            twin_norms = in.member("twin_layer_norms").finite_numbers();
  expect_length(in.member("layer_norms"), names.size());
  expect_length(in.member("twin_layer_norms"), names.size());
  for (std::size_t k = 0; k < names.size(); ++k) out.layers.push_back({names[k], norms[k], twin_norms[k]});
  out.training_loss = in.member("training_loss").finite_or_nan();
  out.twin_training_loss = in.member("twin_training_loss").finite_or_nan();
  out.validation_loss = in.member("validation_loss").finite_or_nan();
  out.twin_validation_loss = in.member("twin_validation_loss").finite_or_nan();
  if (in.has("twin_epochs")) {
    out.epochs = in.member("epochs").index(0, kMost);
    out.twin_epochs = in.member("twin_epochs").index(0, kMost);
    out.best_epoch = in.member("best_epoch").index(0, out.epochs);
    out.twin_best_epoch = in.member("twin_best_epoch").index(0, out.twin_epochs);
    out.least_loss = in.member("least_loss").finite_or_nan();
    out.twin_least_loss = in.member("twin_least_loss").finite_or_nan();
  }
  out.text = in.member("text").text();
  return out;
}

}  // namespace riata
