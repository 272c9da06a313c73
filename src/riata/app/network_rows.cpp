#include "riata/app/network_rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "riata/core/error.hpp"
#include "riata/selection/auc.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// log Σ e^η of a row.
double log_total(const NetworkRows& rows, Index i) {
  const Index n = rows.size();
  double most = -std::numeric_limits<double>::infinity(), sum = 0;
  for (Index c = 0; c < rows.outputs; ++c) most = std::max(most, rows.eta[at(i + c * n)]);
  for (Index c = 0; c < rows.outputs; ++c) sum += std::exp(rows.eta[at(i + c * n)] - most);
  return most + std::log(sum);
}

double deviance_of(const NetworkRows& rows, Index i, double y) {
  const double eta = rows.eta[at(i)], away = std::abs(y - eta);
  switch (rows.loss) {
    case NetworkLoss::logistic: {
      const double wrong = y > 0.5 ? -eta : eta;
      return 2 * (std::max(wrong, 0.0) + std::log1p(std::exp(-std::abs(wrong))));
    }
    case NetworkLoss::multinomial: return 2 * (log_total(rows, i) - rows.eta[at(i + static_cast<Index>(y) * rows.size())]);
    case NetworkLoss::poisson: return 2 * ((y > 0 ? y * (std::log(y) - eta) : 0) - (y - std::exp(eta)));
    case NetworkLoss::huber: return away <= rows.unit ? away * away : rows.unit * (2 * away - rows.unit);
    default: return away * away;
  }
}

double weighted_mean(const std::vector<double>& values, std::span<const double> weights) {
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double w = weights.empty() ? 1 : weights[i];
    sum += w * values[i];
    total += w;
  }
  return sum / total;
}

}  // namespace

std::vector<double> means_of(const NetworkRows& rows) {
  std::vector<double> out = rows.eta;
  const Index n = rows.size();
  switch (rows.loss) {
    case NetworkLoss::logistic:
      for (double& one : out) one = 1 / (1 + std::exp(-one));
      break;
    case NetworkLoss::multinomial:
      for (Index i = 0; i < n; ++i) {
        const double total = log_total(rows, i);
        for (Index c = 0; c < rows.outputs; ++c) out[at(i + c * n)] = std::exp(out[at(i + c * n)] - total);
      }
      break;
    case NetworkLoss::poisson:
      for (double& one : out) one = std::exp(one);
      break;
    default: break;
  }
  return out;
}

std::vector<Index> likeliest(const NetworkRows& rows) {
  const Index n = rows.size();
  std::vector<Index> out(at(n), 0);
  for (Index i = 0; i < n; ++i) {
    if (rows.outputs == 1) {
      out[at(i)] = rows.eta[at(i)] > 0 ? 1 : 0;
      continue;
    }
    for (Index c = 1; c < rows.outputs; ++c) {
      if (rows.eta[at(i + c * n)] > rows.eta[at(i + out[at(i)] * n)]) out[at(i)] = c;
    }
  }
  return out;
}

std::vector<double> deviances(const NetworkRows& rows, std::span<const double> y) {
  std::vector<double> out(y.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = deviance_of(rows, static_cast<Index>(i), y[i]);
  return out;
}

double measure_of(const NetworkRows& rows, std::span<const double> y, std::span<const double> weights,
                  MeasureChoice measure) {
  std::vector<double> values(y.size());
  switch (measure) {
    case MeasureChoice::deviance: return weighted_mean(deviances(rows, y), weights);
    case MeasureChoice::auc: {
      const std::vector<double> ones(weights.empty() ? y.size() : 0, 1.0);
      return area_under_curve(y, rows.eta, weights.empty() ? std::span<const double>(ones) : weights);
    }
    case MeasureChoice::error: {
      const std::vector<Index> codes = likeliest(rows);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(codes[i]) == y[i] ? 0 : 1;
      break;
    }
    case MeasureChoice::mse:
    case MeasureChoice::mae: {
      const std::vector<double> mean = means_of(rows);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double away = std::abs(y[i] - mean[i]);
        values[i] = measure == MeasureChoice::mse ? away * away : away;
      }
    }
  }
  return weighted_mean(values, weights);
}

std::string_view measure_name(NetworkLoss loss, MeasureChoice measure) {
  const bool classes = loss == NetworkLoss::logistic || loss == NetworkLoss::multinomial;
  const auto refuse = [&](const char* asked, const char* offered) -> std::string_view {
    throw Error(ErrorKind::argument, "--measure " + std::string(asked) + " has no meaning for the loss " +
                                         std::string(to_string(loss)) + "; give " + offered);
  };
  switch (measure) {
    case MeasureChoice::mse: return classes ? refuse("mse", "deviance or error") : "mse";
    case MeasureChoice::mae: return classes ? refuse("mae", "deviance or error") : "mae";
    case MeasureChoice::error: return classes ? "error" : refuse("error", "mse, mae or deviance");
    case MeasureChoice::auc:
      if (loss == NetworkLoss::logistic) return "auc";
      return refuse("auc", classes ? "deviance or error" : "mse, mae or deviance");
    case MeasureChoice::deviance: break;
  }
  return loss == NetworkLoss::squared || loss == NetworkLoss::mse ? "mse" : "deviance";
}

}  // namespace riata
