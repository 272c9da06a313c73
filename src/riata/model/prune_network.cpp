#include "riata/model/prune_network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

using Kept = std::vector<Index>;  // positions in a layer, ascending

Kept all_of(Index n) {
  Kept out(at(n));
  std::iota(out.begin(), out.end(), Index{0});
  return out;
}

/// The rows and columns of a matrix, or the rows of a vector, that are listed.
NetworkParameter taken(const NetworkParameter& from, const Kept& rows, const Kept& cols) {
  NetworkParameter out{.name = from.name, .shape = {std::ssize(rows)}, .values = {}};
  const bool matrix = from.shape.size() == 2;
  if (matrix) out.shape.push_back(std::ssize(cols));
  for (const Index i : rows) {
    if (!matrix) out.values.push_back(from.values[at(i)]);
    for (std::size_t k = 0; matrix && k < cols.size(); ++k)
      out.values.push_back(from.values[at(i * from.shape[1] + cols[k])]);
  }
  return out;
}

/// a(b) = 0: what a unit without incoming weights then gives.
bool silent(Activation activation, double bias) {
  return activation == Activation::relu ? bias <= 0 : activation != Activation::sigmoid && bias == 0;
}

/// The hidden units of layer k that count.
Kept units_that_count(const NetworkModel& model, std::size_t k) {
  const NetworkParameter &in = model.parameters[2 * k], &bias = model.parameters[2 * k + 1],
                         &out = model.parameters[2 * k + 2];
  Kept kept;
  for (Index u = 0; u < in.shape[0]; ++u) {
    bool listens = false, heard = false;
    for (Index j = 0; j < in.shape[1]; ++j) listens = listens || in.values[at(u * in.shape[1] + j)] != 0;
    for (Index o = 0; o < out.shape[0]; ++o) heard = heard || out.values[at(o * out.shape[1] + u)] != 0;
    if (heard && (listens || !silent(model.network.activation, bias.values[at(u)]))) kept.push_back(u);
  }
  if (kept.empty()) kept.push_back(0);
  return kept;
}

/// One pass over all hidden layers; whether a unit left.
bool drop_units(NetworkModel& model) {
  bool changed = false;
  for (std::size_t k = 0; k < model.network.hidden.size(); ++k) {
    const Kept kept = units_that_count(model, k);
    if (std::ssize(kept) == model.network.hidden[k]) continue;
    NetworkParameter &in = model.parameters[2 * k], &bias = model.parameters[2 * k + 1], &out = model.parameters[2 * k + 2];
    in = taken(in, kept, all_of(in.shape[1]));
    bias = taken(bias, kept, {});
    out = taken(out, all_of(out.shape[0]), kept);
    model.network.hidden[k] = std::ssize(kept);
    changed = true;
  }
  return changed;
}

void drop_features(NetworkModel& model) {
  std::vector<NetworkParameter*> readers = {&model.parameters[0]};  // of the features
  if (model.network.skip) readers.push_back(&model.parameters.back());
  const std::vector<Index> owners = model.coding.column_features();
  std::vector<bool> used(model.coding.features.size(), false);
  for (const NetworkParameter* reader : readers) {
    for (std::size_t k = 0; k < reader->values.size(); ++k) {
      if (reader->values[k] != 0) used[at(owners[k % owners.size()])] = true;
    }
  }
  if (std::ranges::find(used, true) == used.end() && !used.empty()) used[0] = true;
  Kept kept;
  for (std::size_t j = 0; j < owners.size(); ++j) {
    if (used[at(owners[j])]) {
      kept.push_back(static_cast<Index>(j));
    } else {
      model.dropped_features.push_back(model.feature_names[j]);
    }
  }
  Coding coding{.features = {}, .missing = model.coding.missing};
  for (std::size_t f = 0; f < used.size(); ++f) {
    if (used[f]) coding.features.push_back(model.coding.features[f]);
  }
  for (NetworkParameter* reader : readers) *reader = taken(*reader, all_of(reader->shape[0]), kept);
  const auto keep = [&](auto& values) {
    auto all = std::move(values);
    values.clear();
    for (const Index j : kept) values.push_back(std::move(all[at(j)]));
  };
  keep(model.feature_names);
  keep(model.centre);
  keep(model.scale);
  model.coding = std::move(coding);
  model.network.inputs = std::ssize(kept);
}

}  // namespace

NetworkModel pruned(const NetworkModel& model) {
  NetworkModel out = model;
  while (drop_units(out)) {
  }
  drop_features(out);
  return out;
}

}  // namespace riata
