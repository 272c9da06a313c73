#include "riata/solver/newton.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "riata/solver/active_set.hpp"
#include "riata/solver/look_ahead.hpp"
#include "riata/solver/point_judge.hpp"
#include "riata/solver/separation.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// The active set's view of a quadratic on moments: a look costs what the columns asked for cost.
class OnMoments final : public ActiveQuadratic {
 public:
  OnMoments(const Quadratic& base, Index cols)
      : base_(base), linear_(base.gradient().begin(), base.gradient().end()), b_(at(cols)) {}

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) override { base_.gram(left, right, out); }
  void move(std::span<const Index> columns, std::span<const double> values, std::span<const double>) override {
    for (std::size_t k = 0; k < columns.size(); ++k) b_[at(columns[k])] = values[k];
  }
  void gradient(std::span<const Index> columns, std::span<double> out) override {
    base_.image_at(columns, b_, out);
    for (std::size_t k = 0; k < columns.size(); ++k) out[k] = linear_[at(columns[k])] - out[k];
  }

 private:
  const Quadratic& base_;
  std::vector<double> linear_, b_;
};

}  // namespace

NewtonSolver::NewtonSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, ElasticNet penalty,
                           NewtonOptions options, const Context& context)
    : PathSolver(fitted, context), quadratic_(std::move(quadratic)), penalty_(penalty), options_(options) {}

Solution NewtonSolver::solve(double lambda, State& state) {
  Solution solution;
  solution.status = Status::interrupted;
  const double lambdas[] = {lambda};
  (void)solve_path(lambdas, [&](Index, const State& found, const Solution& at_lambda, const LinearPredictor&) {
    state = found;
    solution = at_lambda;
    return true;
  });
  return solution;
}

Status NewtonSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  const std::vector<double> zeros(options_.penalised ? 0 : lambdas.size(), 0.0);
  if (!options_.penalised) lambdas = zeros;
  return quadratic_->residual().empty() ? solve_by_moments(lambdas, sink) : solve_by_residual(lambdas, sink);
}

Solution NewtonSolver::judge_moments(Certifier& certifier, double lambda, std::span<const double> b, Status status) const {
  Solution solution;
  solution.certificate = certifier.certify(penalty_, lambda, b);
  solution.status = graded(solution.certificate, status, options_.tolerance);
  const bool unsure = doubtful(fitted_, *quadratic_, b, options_.tolerance);
  if (unsure && solution.status == Status::converged) solution.status = Status::iteration_limit;
  solution.loss = 0.5 * quadratic_->residual_square();
  return solution;
}

Status NewtonSolver::solve_by_residual(std::span<const double> lambdas, const SolutionSink& sink) {
  PointJudge judge(fitted_, *quadratic_, penalty_, options_.tolerance, context_);
  std::vector<Index> all(static_cast<std::size_t>(fitted_.cols()));
  std::iota(all.begin(), all.end(), Index{0});
  if (!lambdas.empty() && lambdas.back() == 0) refuse_separating_columns(fitted_, all);
  Status worst = Status::converged;
  bool unasked = true;  // whether what has no penalty separates the classes, in which case there is no minimum to reach
  const LookAheadOptions ahead{options_.tolerance, options_.max_rounds, options_.degrees_of_freedom,
                               options_.predictions_only};
  const Status ended = look_ahead_path(fitted_, penalty_.l1_ratio, lambdas, ahead, context_, [&](const SolvedPoint& solved) {
    const double lambda = lambdas[static_cast<std::size_t>(solved.k)];
    const Solution solution = judge(solved, lambda);
    if (lambda == 0) refuse_separation(fitted_, all, judge.state().b, judge.state().b0);
    const bool short_of_it = solution.status == Status::iteration_limit;
    if (short_of_it && std::exchange(unasked, false)) {
      refuse_separating_span(fitted_, lambda == 0 ? all : fitted_.unpenalised, context_);
    }
    worst = worse(worst, solution.status);
    return sink(solved.k, judge.state(), solution, [&] { return solved.eta; });
  });
  return worse(worst, ended);
}

/// Some λ are solved ahead, on gradients of the columns that matter; one matrix product then tells all gradients of all of
/// them, and they are certified.
Status NewtonSolver::solve_by_moments(std::span<const double> lambdas, const SolutionSink& sink) {
  constexpr std::size_t kTogether = 25;
  quadratic_->evaluate(state_ = null_state(fitted_));
  OnMoments moments(*quadratic_, fitted_.cols());
  ActiveSet active(moments, fitted_.cols());
  Certifier certifier(fitted_, *quadratic_, context_);
  std::vector<double> points, images;
  Status worst = Status::converged;
  for (std::size_t first = 0; first < lambdas.size();) {
    points.clear();
    const auto some = lambdas.subspan(first, std::min(kTogether, lambdas.size() - first));
    const std::vector<Ended> ended = solve_ahead(active, moments, some, points);
    if (ended.empty()) return Status::interrupted;
    images.resize(points.size());
    const Matrix b(points.data(), fitted_.cols(), std::ssize(ended)), image(images.data(), b.rows, b.cols);
    quadratic_->images(b, image);
    for (std::size_t i = 0; i < ended.size(); ++i, ++first) {
      std::ranges::copy(b.column(static_cast<Index>(i)), state_.b.begin());
      quadratic_->evaluate_at(state_, image.column(static_cast<Index>(i)));
      const Status status = hand_over(certifier, lambdas, first, ended[i], sink);
      if (status == Status::interrupted) return status;
      worst = worse(worst, status);
    }
  }
  return worst;
}

/// Appends the coefficients at each λ to `points`; stops early when interrupted.
std::vector<NewtonSolver::Ended> NewtonSolver::solve_ahead(ActiveSet& active, ActiveQuadratic& moments,
                                                           std::span<const double> lambdas,
                                                           std::vector<double>& points) const {
  constexpr double kMomentRounding = 1e-13;  // twin columns must not trade places for what subtracting moments leaves
  const std::vector<double> precision = gradient_precision(fitted_, kMomentRounding);
  std::vector<Index> working;
  for (Index j = 0; j < fitted_.cols(); ++j) {
    if (fitted_.norm[at(j)] > 0.0) working.push_back(j);
  }
  std::vector<Ended> ended;
  for (const double lambda : lambdas) {
    if (context_.interrupted()) break;
    const double l1 = lambda * penalty_.l1_ratio;
    const ElasticBox box{l1, lambda - l1, fitted_.factor, fitted_.lower, fitted_.upper};
    const Status status = active.solve(moments, box, working, precision, options_.max_rounds);
    const bool count = options_.degrees_of_freedom || penalty_.l1_ratio == 1;
    ended.push_back({status, count ? active.degrees_of_freedom() : std::nan("")});
    points.insert(points.end(), active.coefficients().begin(), active.coefficients().end());
  }
  return ended;
}

/// Certifies state_, at which the quadratic is, and hands it over.
Status NewtonSolver::hand_over(Certifier& certifier, std::span<const double> lambdas, std::size_t k, const Ended& ended,
                               const SolutionSink& sink) {
  Solution solution = judge_moments(certifier, lambdas[k], state_.b, ended.status);
  if (solution.status == Status::iteration_limit && options_.max_rounds == 0) {
    // Nearly dependent columns with huge coefficients: gradients from moments are not precise enough, residuals are.
    return solve_by_residual(lambdas.subspan(k, 1),
                             [&](Index, const State& better, const Solution& sharper, const LinearPredictor& eta_there) {
                               return sink(static_cast<Index>(k), better, sharper, eta_there);
                             });
  }
  solution.degrees_of_freedom = ended.degrees_of_freedom;
  std::vector<double> eta;
  const LinearPredictor predictor = [&]() -> std::span<const double> {
    if (eta.empty()) {
      eta.resize(at(fitted_.rows()));
      linear_predictor(state_, eta);
    }
    return eta;
  };
  return sink(static_cast<Index>(k), state_, solution, predictor) ? solution.status : Status::interrupted;
}

}  // namespace riata
