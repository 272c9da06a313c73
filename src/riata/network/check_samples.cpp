#include "riata/network/check_samples.hpp"

#include <fmt/format.h>

#include <cmath>

#include "riata/core/error.hpp"
#include "riata/network/packed.hpp"

namespace riata {
namespace {

bool takes(const NetworkSpec& network, double y) {
  switch (network.loss) {
    case NetworkLoss::logistic: return y == 0 || y == 1;
    case NetworkLoss::multinomial: return y >= 0 && y < static_cast<double>(network.outputs) && y == std::floor(y);
    case NetworkLoss::poisson: return y >= 0 && std::isfinite(y);
    default: return std::isfinite(y);
  }
}

std::string needs(const NetworkSpec& network) {
  switch (network.loss) {
    case NetworkLoss::logistic: return "0 or 1 (class codes)";
    case NetworkLoss::multinomial: return fmt::format("class codes from 0 to {}", network.outputs - 1);
    case NetworkLoss::poisson: return "counts: numbers that are not negative";
    default: return "finite numbers";
  }
}

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw Error(ErrorKind::input, fmt::format(text, std::forward<Args>(args)...));
}

template <class T>
void check_features(const Samples<T>& samples, std::string_view which) {
  const auto check = [&](Index i, Index j, T x) {
    if (!std::isfinite(x)) refuse("feature {} of {} row {} is {}: features are finite", j + 1, which, i + 1, x);
  };
  const SparseRows<T>& sparse = samples.sparse;
  const Index rows = samples.features.rows, cols = samples.features.cols;
  if (samples.by_rows != nullptr) {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < cols; ++j) check(i, j, feature(samples, i, j));
    }
    return;
  }
  if (sparse.starts == nullptr) {
    for (Index j = 0; j < cols; ++j) {
      for (Index i = 0; i < rows; ++i) check(i, j, feature(samples, i, j));
    }
    return;
  }
  for (Index i = 0; i < rows; ++i) {
    for (Index k = sparse.starts[i]; k < sparse.starts[i + 1]; ++k) {
      const Index j = sparse.columns[k];
      if (j < 0 || j >= cols) refuse("{} row {} has a feature {} of {}", which, i + 1, j + 1, cols);
      check(i, j, sparse.values[k]);
    }
  }
}

}  // namespace

template <class T>
void check_samples(const NetworkSpec& network, const Samples<T>& samples, std::string_view which) {
  const Index n = samples.features.rows;
  if (n < 1) refuse("there are no {} rows", which);
  if (samples.features.cols != network.inputs) {
    refuse("the {} rows have {} features, the network {} inputs", which, samples.features.cols, network.inputs);
  }
  const auto one_a_row = [&](std::span<const double> values) { return static_cast<Index>(values.size()) == n; };
  if (std::ssize(samples.response) != n * network.n_responses()) {
    refuse("{} responses for {} {} rows and {} outputs", samples.response.size(), n, which, network.outputs);
  }
  if (!samples.weights.empty() && !one_a_row(samples.weights)) {
    refuse("{} weights for {} {} rows", samples.weights.size(), n, which);
  }
  if (!samples.offset.empty() && (!one_a_row(samples.offset) || network.outputs != 1)) {
    refuse("{} offsets for {} {} rows and {} outputs: one a row, and one output", samples.offset.size(), n, which,
           network.outputs);
  }
  for (std::size_t k = 0; k < samples.response.size(); ++k) {
    if (!takes(network, samples.response[k])) {
      refuse("the response of {} row {} is {}: the loss {} needs {}", which, k % static_cast<std::size_t>(n) + 1,
             samples.response[k], to_string(network.loss), needs(network));
    }
  }
  double total = samples.weights.empty() ? 1 : 0;
  for (Index i = 0; i < n; ++i) {
    const auto row = static_cast<std::size_t>(i);
    if (!samples.offset.empty() && !std::isfinite(samples.offset[row])) {
      refuse("the offset of {} row {} is {}", which, i + 1, samples.offset[row]);
    }
    if (samples.weights.empty()) continue;
    if (!(samples.weights[row] >= 0) || !std::isfinite(samples.weights[row])) {
      refuse("the weight of {} row {} is {}: weights are finite and not negative", which, i + 1, samples.weights[row]);
    }
    total += samples.weights[row];
  }
  if (!(total > 0)) refuse("the weights of the {} rows are all zero", which);
  check_features(samples, which);
}

template void check_samples(const NetworkSpec&, const Samples<float>&, std::string_view);
template void check_samples(const NetworkSpec&, const Samples<double>&, std::string_view);

}  // namespace riata
