#include "riata/app/train_null_model.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace riata {
namespace {

constexpr int kRounds = 200;
constexpr int kHalvings = 60;
constexpr double kPrecision = 1e-13;  // of a gradient

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

bool of_numbers(NetworkLoss loss) {
  return loss == NetworkLoss::squared || loss == NetworkLoss::mse || loss == NetworkLoss::huber;
}

/// Newton's method on the columns that are not penalised, one output after the other.
class NullFit {
 public:
  NullFit(const TrainSpec& spec, const TrainProblem& problem);

  void run();
  double largest_gradient();

 private:
  double factor(Index j) const { return problem_.input_factors.empty() ? 1 : problem_.input_factors[at(j)]; }
  Eigen::VectorXd column(Index j);
  void look(Index k);
  void step(Index k, bool first);

  const TrainProblem& problem_;
  const RawRows& rows_;
  RawColumns columns_;
  Eigen::ArrayXd weights_;  ///< their sum is 1
  Eigen::MatrixXd free_;    ///< intercept and features that are not penalised
  Eigen::ArrayXXd eta_;     ///< rows × outputs
  Eigen::ArrayXd pull_, curved_;  ///< of the output last looked at: −∂ℓ/∂η and ∂²ℓ/∂η², or a bound of it, times the weights
  Eigen::MatrixXd scale_;  ///< what the gradients at the start are sums of, without their signs
  bool done_ = false;      ///< no output has moved in this round
};

NullFit::NullFit(const TrainSpec& spec, const TrainProblem& problem)
    : problem_(problem), rows_(problem.training), columns_(problem.training) {
  const Index n = rows_.n, outputs = problem.outputs();
  weights_ = Eigen::ArrayXd::Ones(n);
  if (!rows_.weights.empty()) weights_ = Eigen::Map<const Eigen::ArrayXd>(rows_.weights.data(), n);
  weights_ /= weights_.sum();
  eta_ = Eigen::ArrayXXd::Zero(n, outputs);
  if (!rows_.offset.empty()) eta_.colwise() += Eigen::Map<const Eigen::ArrayXd>(rows_.offset.data(), n);
  if (problem.loss == NetworkLoss::poisson && spec.intercept) eta_ += log_rate(rows_);
  if (of_numbers(problem.loss) && spec.intercept) eta_ += problem.scaling.shift;
  std::vector<Index> features;
  for (Index j = 0; j < problem.inputs(); ++j) {
    if (factor(j) == 0) features.push_back(j);
  }
  free_.resize(n, std::ssize(features) + (spec.intercept ? 1 : 0));
  for (Index k = 0; k < std::ssize(features); ++k) free_.col(k) = column(features[at(k)]);
  if (spec.intercept) free_.rightCols(1).setOnes();
}

/// As the network sees it.
Eigen::VectorXd NullFit::column(Index j) {
  const Eigen::Map<const Eigen::ArrayXd> raw(columns_.of(j).data(), rows_.n);
  return (raw - problem_.scaling.centre[at(j)]) / problem_.scaling.scale[at(j)];
}

void NullFit::look(Index k) {
  const Eigen::Map<const Eigen::ArrayXd> y(rows_.response.data(), rows_.n);
  const auto eta = eta_.col(k);
  curved_ = Eigen::ArrayXd::Ones(rows_.n);
  switch (problem_.loss) {
    case NetworkLoss::squared: pull_ = y - eta; break;
    case NetworkLoss::mse:
      pull_ = 2 * (y - eta);
      curved_ *= 2;
      break;
    case NetworkLoss::huber: pull_ = (y - eta).max(-problem_.scaling.unit).min(problem_.scaling.unit); break;
    case NetworkLoss::poisson:
      curved_ = eta.exp();
      pull_ = y - curved_;
      break;
    case NetworkLoss::logistic: {
      const Eigen::ArrayXd mean = 1 / (1 + (-eta).exp());
      pull_ = y - mean;
      curved_ = mean * (1 - mean);
      break;
    }
    case NetworkLoss::multinomial: {
      const Eigen::ArrayXd most = eta_.rowwise().maxCoeff();
      const Eigen::ArrayXd sum = (eta_.colwise() - most).exp().rowwise().sum();
      const Eigen::ArrayXd share = (eta - most).exp() / sum;
      pull_ = (y == static_cast<double>(k)).cast<double>() - share;
      curved_ = share * (1 - share);
      break;
    }
  }
  pull_ *= weights_;
  curved_ *= weights_;
}

/// Along a line the slope of a convex loss only grows: a step is halved until less than half of the slope is left on the far
/// side of the minimum.
void NullFit::step(Index k, bool first) {
  look(k);
  const Eigen::VectorXd gradient = free_.transpose() * pull_.matrix();
  if (first) scale_.col(k) = free_.cwiseAbs().transpose() * pull_.abs().matrix();
  if ((gradient.cwiseAbs().array() <= kPrecision * scale_.col(k).array()).all()) return;
  const Eigen::MatrixXd curvature = free_.transpose() * (free_.array().colwise() * curved_).matrix();
  const Eigen::VectorXd direction = curvature.completeOrthogonalDecomposition().solve(gradient);
  const Eigen::ArrayXd move = (free_ * direction).array(), before = eta_.col(k);
  const double slope = direction.dot(gradient);
  if (!(slope > 0) || !move.allFinite()) return;
  double share = 1;
  for (int halving = 0; halving < kHalvings; ++halving, share /= 2) {
    eta_.col(k) = before + share * move;
    look(k);
    if ((pull_ * move).sum() >= -slope / 2) break;
  }
  done_ = false;
}

void NullFit::run() {
  if (free_.cols() == 0) return;
  scale_.resize(free_.cols(), eta_.cols());
  for (int round = 0; round < kRounds && !done_; ++round) {
    done_ = true;
    for (Index k = 0; k < eta_.cols(); ++k) step(k, round == 0);
  }
}

double NullFit::largest_gradient() {
  double largest = 0;
  for (Index k = 0; k < eta_.cols(); ++k) {
    look(k);
    for (Index j = 0; j < problem_.inputs(); ++j) {
      if (factor(j) == 0 || !std::isfinite(factor(j))) continue;  // not penalised, or left out
      largest = std::max(largest, std::abs(column(j).dot(pull_.matrix())) / factor(j));
    }
  }
  return largest;
}

/// About its mean, without the offset.
double deviation(const RawRows& rows, bool about_mean) {
  double total = 0, sum = 0, squares = 0;
  const auto each = [&](const auto& body) {
    for (Index i = 0; i < rows.n; ++i) {
      body(rows.weights.empty() ? 1.0 : rows.weights[at(i)],
           rows.response[at(i)] - (rows.offset.empty() ? 0.0 : rows.offset[at(i)]));
    }
  };
  each([&](double w, double y) {
    total += w;
    sum += w * y;
  });
  const double mean = about_mean ? sum / total : 0;
  each([&](double w, double y) { squares += w * (y - mean) * (y - mean); });
  return std::sqrt(squares / total);
}

}  // namespace

NullModel null_model(const TrainSpec& spec, const TrainProblem& problem) {
  NullFit fit(spec, problem);
  fit.run();
  return {.largest_gradient = fit.largest_gradient(),
          .unit = of_numbers(problem.loss) ? deviation(problem.training, spec.intercept) : 1.0};
}

template <class T>
double null_loss(const TrainProblem& problem, const Samples<T>& training, const Samples<T>& judged, const Context& context) {
  NetworkSpec spec{.inputs = problem.inputs(), .hidden = {}, .outputs = problem.outputs(), .loss = problem.loss};
  Network<T> null(spec);
  const auto n = static_cast<std::size_t>(training.features.rows);
  std::vector<double> share(at(std::max<Index>(2, problem.outputs())), 0.0);
  double total = 0, mean = 0, exposure = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double w = training.weights.empty() ? 1 : training.weights[i];
    const double offset = training.offset.empty() || problem.loss == NetworkLoss::poisson ? 0 : training.offset[i];
    total += w;
    if (problem.loss == NetworkLoss::poisson) exposure += w * (training.offset.empty() ? 1 : std::exp(training.offset[i]));
    mean += w * (training.response[i] - (problem.classes.empty() ? offset : 0));
    if (!problem.classes.empty()) share[static_cast<std::size_t>(training.response[i])] += w;
  }
  mean /= total;
  const std::span<T> bias = null.of(null.blocks()[1]);
  switch (problem.loss) {
    case NetworkLoss::logistic: bias[0] = static_cast<T>(std::log(share[1] / share[0])); break;
    case NetworkLoss::multinomial:
      for (std::size_t k = 0; k < bias.size(); ++k) bias[k] = static_cast<T>(std::log(share[k] / total));
      break;
    case NetworkLoss::poisson: bias[0] = static_cast<T>(std::log(std::max(mean * total, 1e-300) / exposure)); break;
    default: bias[0] = static_cast<T>(mean);
  }
  return score(null, judged, context).loss;
}

template double null_loss(const TrainProblem&, const Samples<float>&, const Samples<float>&, const Context&);
template double null_loss(const TrainProblem&, const Samples<double>&, const Samples<double>&, const Context&);

}  // namespace riata
