#include "riata/model/network_model.hpp"

#include <algorithm>
#include <cmath>

#include "riata/network/network.hpp"
#include "riata/network/scaled_entries.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

constexpr Index kGathered = Index{1} << 18;  // numbers that are gathered at a time: 2 MiB

/// The standardised features, by columns.
template <class T>
std::vector<T> standardised_rows(const NetworkModel& model, const Design& design, const std::vector<Index>& columns) {
  const Index n = design.rows(), p = design.cols();
  const Index width = std::clamp<Index>(kGathered / std::max<Index>(1, n), 1, std::max<Index>(1, p));
  std::vector<T> out(at(n * p));
  std::vector<double> gathered(at(n * width));
  for (Index first = 0; first < p; first += width) {
    const Index count = std::min(width, p - first);
    const Matrix some(gathered.data(), n, count);
    design.gather(std::span(columns).subspan(at(first), at(count)), some);
    for (Index j = first; j < first + count; ++j) {
      const double centre = model.centre[at(j)], scale = model.scale[at(j)];
      for (Index i = 0; i < n; ++i) out[at(i + j * n)] = static_cast<T>((some(i, j - first) - centre) / scale);
    }
  }
  return out;
}

template <class T>
Network<T> network_of(const NetworkModel& model) {
  Network<T> network(model.network);
  for (const ParameterBlock& block : network.blocks()) {
    const auto found = std::ranges::find(model.parameters, block.name, &NetworkParameter::name);
    const std::span<T> into = network.of(block);
    std::ranges::transform(found->values, into.begin(), [](double one) { return static_cast<T>(one); });
  }
  return network;
}

template <class T>
void eta_in(const NetworkModel& model, const Design& design, Matrix eta, const Context& context) {
  const Network<T> network = network_of<T>(model);
  std::vector<Index> columns(at(design.cols()));
  for (std::size_t j = 0; j < columns.size(); ++j) columns[j] = static_cast<Index>(j);
  if (const std::optional<RowEntries> entries = design.row_entries(columns, {}, {})) {
    const ScaledEntries<T> scaled(*entries, model.centre, model.scale);
    Samples<T> samples;
    samples.features = MatrixView<const T>(nullptr, design.rows(), design.cols());
    samples.sparse = scaled.rows();
    return forward<T>(network, samples, eta, context);
  }
  const std::vector<T> features = standardised_rows<T>(model, design, columns);
  forward<T>(network, MatrixView<const T>(features.data(), design.rows(), design.cols()), eta, context);
}

}  // namespace

void network_eta(const NetworkModel& model, const Design& design, Matrix eta, const Context& context) {
  model.precision == Precision::float64 ? eta_in<double>(model, design, eta, context)
                                        : eta_in<float>(model, design, eta, context);
}

std::vector<ParameterFacts> parameter_facts(const NetworkModel& model) {
  std::vector<ParameterFacts> out;
  for (const NetworkParameter& one : model.parameters) {
    double squares = 0;
    Index zeros = 0;
    for (const double value : one.values) {
      squares += value * value;
      zeros += value == 0 ? 1 : 0;
    }
    out.push_back({one.name, std::sqrt(squares), zeros, std::ssize(one.values)});
  }
  return out;
}

Index trained_features(const NetworkModel& model) {
  return std::ssize(model.feature_names) + std::ssize(model.dropped_features);
}

std::vector<InputNorm> input_norms(const NetworkModel& model) {
  constexpr std::size_t kMost = 300;
  const std::size_t p = model.feature_names.size();
  std::vector<InputNorm> out(p);
  const auto add = [&](const NetworkParameter& weight) {
    for (std::size_t i = 0; i < weight.values.size(); ++i) out[i % p].norm += weight.values[i] * weight.values[i];
  };
  if (p > 0) add(model.parameters.front());
  if (p > 0 && model.network.skip) add(model.parameters.back());
  for (std::size_t j = 0; j < p; ++j) out[j] = {static_cast<Index>(j), std::sqrt(out[j].norm)};
  std::erase_if(out, [](const InputNorm& one) { return one.norm == 0; });
  std::ranges::stable_sort(out, std::ranges::greater{}, &InputNorm::norm);
  if (out.size() > kMost) out.resize(kMost);
  return out;
}

std::vector<std::string> unused_features(const NetworkModel& model) {
  std::vector<bool> matters;  // of the units of a layer, from the last layer down to the inputs
  for (Index k = 2 * std::ssize(model.network.hidden); k >= 0; k -= 2) {
    const NetworkParameter& weight = model.parameters[at(k)];
    const Index rows = weight.shape[0], cols = weight.shape[1];
    if (matters.empty()) matters.assign(at(rows), true);
    std::vector<bool> below(at(cols), false);
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < cols && matters[at(i)]; ++j) {
        if (weight.values[at(i * cols + j)] != 0) below[at(j)] = true;
      }
    }
    matters = std::move(below);
  }
  if (model.network.skip) {
    const std::vector<double>& skip = model.parameters.back().values;
    for (std::size_t k = 0; k < skip.size(); ++k) {
      if (skip[k] != 0) matters[k % matters.size()] = true;
    }
  }
  std::vector<std::string> out = model.dropped_features;
  for (std::size_t j = 0; j < matters.size(); ++j) {
    if (!matters[j]) out.push_back(model.feature_names[j]);
  }
  return out;
}

}  // namespace riata
