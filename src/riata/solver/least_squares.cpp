#include "riata/solver/least_squares.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/penalty/none.hpp"
#include "riata/solver/dense_least_squares.hpp"
#include "riata/solver/kernel_matrix.hpp"
#include "riata/solver/scope.hpp"

namespace riata {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr double kLongDoubleWork = 5e6;      // n·k·min(n, k) up to which long double costs less than a tenth of a second
constexpr Index kDirect = 3000;              // min(n, k) above which O(k³) factorisations give way to iterations
constexpr double kCholeskyCondition = 1e10;  // of the Gram: three refinements then reach the rounding of the residual
constexpr double kCopyLimit = 4e9;           // bytes that a float64 copy of the columns may take
constexpr Index kPanel = 32;                 // columns gathered at a time

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// What all routes share: which columns and rows count, and products with the weighted residual.
class Work {
 public:
  Work(const FittedProblem& fitted, const Context& context) : fitted_(fitted), context_(context), scope_(fitted) {}

  const FittedProblem& fitted() const { return fitted_; }
  const Context& context() const { return context_; }
  const std::vector<Index>& columns() const { return scope_.columns; }
  const std::vector<Index>& rows() const { return scope_.rows; }
  Index n() const { return scope_.n(); }
  Index k() const { return scope_.k(); }

  /// w ∘ (y − Z b) over all rows; b has k entries.
  std::vector<double> weighted_residual(const std::vector<double>& b) const {
    std::vector<double> r(at(fitted_.rows()), 0.0);
    fitted_.design->multiply(columns(), {b.data(), k(), 1}, {r.data(), fitted_.rows(), 1}, {}, context_);
    for (std::size_t i = 0; i < r.size(); ++i) r[i] = fitted_.weights[i] * (fitted_.response[i] - r[i]);
    return r;
  }

  /// Zᵀ v, the k columns only.
  std::vector<double> transpose(const std::vector<double>& v) const {
    std::vector<double> all(at(fitted_.cols()));
    fitted_.design->transpose_multiply(0, {v.data(), fitted_.rows(), 1}, {all.data(), fitted_.cols(), 1}, {}, context_);
    std::vector<double> out(at(k()));
    for (Index a = 0; a < k(); ++a) out[at(a)] = all[at(columns()[at(a)])];
    return out;
  }

  /// Calls use(first, panel): panel (n rows of positive weight × columns) holds Z's columns first …, scaled by √w.
  template <class Use>
  void weighted_panels(const Use& use) const {
    const Index n_panels = (k() + kPanel - 1) / kPanel;
    context_.for_blocks(n_panels, [&](Index block) {
      const Index first = block * kPanel;
      const Index width = std::min(kPanel, k() - first);
      std::vector<double> full(at(fitted_.rows() * width));
      fitted_.design->gather({columns().data() + first, at(width)}, {full.data(), fitted_.rows(), width});
      std::vector<double> kept(at(n() * width));
      for (Index a = 0; a < width; ++a) {
        for (Index i = 0; i < n(); ++i) {
          const Index row = rows()[at(i)];
          kept[at(i + a * n())] = std::sqrt(fitted_.weights[at(row)]) * full[at(row + a * fitted_.rows())];
        }
      }
      use(first, Matrix(kept.data(), n(), width));
    });
  }

  std::vector<double> weighted_response() const {
    std::vector<double> y(at(n()));
    for (Index i = 0; i < n(); ++i) {
      y[at(i)] = std::sqrt(fitted_.weights[at(rows()[at(i)])]) * fitted_.response[at(rows()[at(i)])];
    }
    return y;
  }

  LeastSquares finish(const std::vector<double>& b, std::string method, Index rank, double condition) const {
    LeastSquares out;
    out.coefficients.assign(at(fitted_.cols()), 0.0);
    for (Index a = 0; a < k(); ++a) out.coefficients[at(columns()[at(a)])] = b[at(a)];
    out.intercept = fitted_.response_mean;
    out.rank = rank;
    out.columns = k();
    out.condition = condition;
    out.method = std::move(method);
    return out;
  }

 private:
  const FittedProblem& fitted_;
  const Context& context_;
  Scope scope_;
};

double norm(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

/// Weighted mean in long double.
long double mean_of(const std::vector<long double>& v, const std::vector<long double>& w) {
  long double sum = 0, total = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    sum += w[i] * v[i];
    total += w[i];
  }
  return sum / total;
}

/// The small route: everything from the data as stored, in long double. The centre of a column is found again, as the one
/// in the view is rounded to double.
LeastSquares in_long_double(const Work& work) {
  const FittedProblem& fitted = work.fitted();
  const Index n = work.n(), k = work.k();
  std::vector<long double> weight(at(n)), response(at(n)), design(at(n * k)), column(at(n)), mean(at(k), 0.0L);
  for (Index i = 0; i < n; ++i) {
    const std::size_t row = at(work.rows()[at(i)]);
    weight[at(i)] = fitted.weights[row];
    response[at(i)] = static_cast<long double>(fitted.original_response[row]) -
                      (fitted.offset.empty() ? 0.0L : static_cast<long double>(fitted.offset[row]));
  }
  const long double response_mean = fitted.intercept ? mean_of(response, weight) : 0.0L;
  for (Index i = 0; i < n; ++i) response[at(i)] = (response[at(i)] - response_mean) * std::sqrt(weight[at(i)]);

  std::vector<double> raw(at(fitted.rows()));
  for (Index a = 0; a < k; ++a) {
    const Index j = work.columns()[at(a)];
    fitted.design->base().gather({&j, 1}, {raw.data(), fitted.rows(), 1});
    const long double centre = fitted.design->centre(j), scale = fitted.design->scale(j);
    for (Index i = 0; i < n; ++i) column[at(i)] = (raw[at(work.rows()[at(i)])] - centre) / scale;
    if (fitted.intercept) mean[at(a)] = mean_of(column, weight);
    for (Index i = 0; i < n; ++i) design[at(i + a * n)] = (column[at(i)] - mean[at(a)]) * std::sqrt(weight[at(i)]);
  }

  const double threshold = static_cast<double>(std::max(n, k)) * kEpsilon;
  const DenseLeastSquares solution = minimum_norm_long_double(design, n, k, response, threshold);
  std::vector<double> b(at(k));
  long double intercept = response_mean;
  for (Index a = 0; a < k; ++a) {
    b[at(a)] = static_cast<double>(solution.x[at(a)]);
    intercept -= solution.x[at(a)] * mean[at(a)];
  }
  LeastSquares out = work.finish(b, "QR in long double", solution.rank, solution.condition);
  out.intercept = static_cast<double>(intercept);
  return out;
}

LeastSquares unfinished() {
  LeastSquares out;
  out.status = Status::interrupted;
  return out;
}

LeastSquares by_pivoted_qr(const Work& work) {
  std::vector<double> copy(at(work.n() * work.k()));
  work.weighted_panels([&](Index first, ConstMatrix panel) {
    std::copy(panel.data, panel.data + panel.rows * panel.cols, copy.data() + first * work.n());
  });
  std::vector<double> y = work.weighted_response();
  const double threshold = static_cast<double>(std::max(work.n(), work.k())) * kEpsilon;
  const auto solution =
      minimum_norm_qr({copy.data(), work.n(), work.k()}, y, threshold, [&work] { return work.context().interrupted(); });
  if (!solution) return unfinished();
  const std::vector<double> b(solution->x.begin(), solution->x.end());
  return work.finish(b, "pivoted QR", solution->rank, solution->condition);
}

/// b += solve(Zᵀ W (y − Z b)) until it no longer moves: solve is an approximate inverse of the Gram.
template <class Solve>
void refine(const Work& work, std::vector<double>& b, const Solve& solve) {
  double last = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 5; ++round) {
    const std::vector<double> step = solve(work.weighted_residual(b));
    const double size = norm(step);
    if (!(size < 0.5 * last)) return;
    for (std::size_t a = 0; a < b.size(); ++a) b[a] += step[a];
    if (size <= kEpsilon * norm(b)) return;
    last = size;
  }
}

/// Condition number of L Lᵀ: power iterations with the matrix and with its inverse, from a fixed start.
double condition_of_factor(ConstMatrix factor) {
  const auto largest = [&](bool inverse) {
    std::vector<double> v(at(factor.rows));
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = 1.0 + 0.5 * std::cos(static_cast<double>(i) * 2.399963);
    double size = norm(v);
    for (int round = 0; round < 12; ++round) {
      for (double& x : v) x /= size;
      if (inverse) {
        blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, factor, {v.data(), factor.rows, 1});
        blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::transpose, factor, {v.data(), factor.rows, 1});
      } else {
        std::vector<double> u(v.size(), 0.0);
        for (Index j = 0; j < factor.cols; ++j) {
          for (Index i = j; i < factor.rows; ++i) u[at(j)] += factor(i, j) * v[at(i)];
        }
        std::fill(v.begin(), v.end(), 0.0);
        for (Index j = 0; j < factor.cols; ++j) {
          for (Index i = j; i < factor.rows; ++i) v[at(i)] += factor(i, j) * u[at(j)];
        }
      }
      size = norm(v);
    }
    return size;
  };
  return largest(false) * largest(true);
}

/// The tall route; empty when the Gram is too ill-conditioned for it.
std::optional<LeastSquares> by_cholesky(const Work& work) {
  const Index k = work.k();
  std::vector<double> gram(at(k * k));
  work.fitted().design->gram(work.columns(), work.columns(), work.fitted().weights, {gram.data(), k, k}, {}, work.context());
  if (work.context().interrupted()) return unfinished();
  std::vector<double> scale(at(k));
  for (Index a = 0; a < k; ++a) {
    if (!(gram[at(a + a * k)] > 0)) return std::nullopt;
    scale[at(a)] = 1 / std::sqrt(gram[at(a + a * k)]);
  }
  for (Index a = 0; a < k; ++a) {
    for (Index c = 0; c < k; ++c) gram[at(c + a * k)] *= scale[at(a)] * scale[at(c)];
  }
  const Matrix factor(gram.data(), k, k);
  if (blas::potrf(blas::Triangle::lower, factor) != 0) return std::nullopt;
  const double condition = condition_of_factor(factor);
  if (!(condition <= kCholeskyCondition)) return std::nullopt;

  std::vector<double> b(at(k), 0.0);
  refine(work, b, [&](const std::vector<double>& residual) {
    std::vector<double> step = work.transpose(residual);
    for (Index a = 0; a < k; ++a) step[at(a)] *= scale[at(a)];
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::none, factor, {step.data(), k, 1});
    blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::transpose, factor, {step.data(), k, 1});
    for (Index a = 0; a < k; ++a) step[at(a)] *= scale[at(a)];
    return step;
  });
  return work.finish(b, "Cholesky of the Gram, refined", k, std::sqrt(condition));
}

/// The wide route: b = Zᵀ W^½ K⁺ W^½ r, K = W^½ Z Zᵀ W^½.
LeastSquares by_kernel(const Work& work) {
  const Index n = work.n();
  const Index all = work.fitted().rows();
  std::vector<double> kernel(at(n * n)), values(at(n));
  {
    std::vector<double> full(at(all * all));
    kernel_matrix(*work.fitted().design, work.columns(), {}, {full.data(), all, all}, work.context());
    if (work.context().interrupted()) return unfinished();
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < n; ++i) {
        const Index row = work.rows()[at(i)], column = work.rows()[at(j)];
        kernel[at(i + j * n)] =
            std::sqrt(work.fitted().weights[at(row)] * work.fitted().weights[at(column)]) * full[at(row + column * all)];
      }
    }
  }
  const Matrix k(kernel.data(), n, n);
  if (!blas::syevd(k, values, [&work] { return work.context().interrupted(); })) {
    if (work.context().interrupted()) return unfinished();
    throw Error(ErrorKind::run, "the eigenvalues of the kernel did not converge");
  }
  const double largest = std::max(values.back(), 0.0);
  const double threshold = static_cast<double>(std::max(n, work.k())) * kEpsilon * largest;
  const Index zero =
      static_cast<Index>(std::count_if(values.begin(), values.end(), [&](double d) { return d <= threshold; }));

  std::vector<double> b(at(work.k()), 0.0);
  refine(work, b, [&](const std::vector<double>& residual) {
    std::vector<double> inside(at(n)), projected(at(n)), dual(at(work.fitted().rows()), 0.0);
    for (Index i = 0; i < n; ++i) {
      const std::size_t row = at(work.rows()[at(i)]);
      inside[at(i)] = residual[row] / std::sqrt(work.fitted().weights[row]);
    }
    blas::gemv(blas::Op::transpose, 1.0, k, inside, 0.0, projected);
    for (Index i = 0; i < n; ++i) projected[at(i)] = i < zero ? 0.0 : projected[at(i)] / values[at(i)];
    blas::gemv(blas::Op::none, 1.0, k, projected, 0.0, inside);
    for (Index i = 0; i < n; ++i) {
      const std::size_t row = at(work.rows()[at(i)]);
      dual[row] = inside[at(i)] * std::sqrt(work.fitted().weights[row]);
    }
    return work.transpose(dual);
  });
  const double smallest = std::max(values.front(), 0.0);
  const double condition = smallest > 0 ? std::sqrt(largest / smallest) : std::numeric_limits<double>::infinity();
  return work.finish(b, "eigenvalues of the kernel, refined", n - zero, condition);
}

/// Conjugate gradients on ZᵀWZ b = ZᵀWy from zero (CGLS, Björck 1996, 7.4): stays in the row space, so it ends at the
/// minimum-norm answer. Ends when the largest gradient is below tolerance² of the first: gaps are quadratic in it.
LeastSquares by_conjugate_gradients(const Work& work, double tolerance) {
  const Index n = work.fitted().rows();
  std::vector<double> b(at(work.k()), 0.0);
  std::vector<double> residual = work.fitted().response;
  const auto gradient = [&] {
    std::vector<double> v(residual.size());
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = work.fitted().weights[i] * residual[i];
    return work.transpose(v);
  };
  std::vector<double> g = gradient(), direction = g;
  const double first = norm(g);
  double now = first * first;
  Status status = Status::iteration_limit;
  const double goal = std::max(1e-13, 1e-3 * tolerance) * first;
  for (Index round = 0; round < 10000; ++round) {
    if (std::sqrt(now) <= goal) {
      status = Status::converged;
      break;
    }
    if (work.context().interrupted()) {
      status = Status::interrupted;
      break;
    }
    std::vector<double> q(at(n), 0.0);
    work.fitted().design->multiply(work.columns(), {direction.data(), work.k(), 1}, {q.data(), n, 1}, {}, work.context());
    double curvature = 0;
    for (std::size_t i = 0; i < q.size(); ++i) curvature += work.fitted().weights[i] * q[i] * q[i];
    if (!(curvature > 0)) break;
    const double step = now / curvature;
    for (std::size_t a = 0; a < b.size(); ++a) b[a] += step * direction[a];
    for (std::size_t i = 0; i < q.size(); ++i) residual[i] -= step * q[i];
    g = gradient();
    const double before = now;
    now = norm(g) * norm(g);
    for (std::size_t a = 0; a < g.size(); ++a) direction[a] = g[a] + now / before * direction[a];
  }
  LeastSquares out = work.finish(b, "conjugate gradients", std::min(work.n(), work.k()), std::nan(""));
  out.status = status;
  return out;
}

}  // namespace

LeastSquares least_squares(const FittedProblem& fitted, double tolerance, const Context& context) {
  const Work work(fitted, context);
  const auto n = static_cast<double>(work.n()), k = static_cast<double>(work.k());
  const double most = context.lean ? static_cast<double>(working_memory(context, fitted.design->bytes())) : kCopyLimit;
  const bool copy_fits = 8 * n * k <= most;
  const bool factors_fit = 24 * std::min(n, k) * std::min(n, k) <= most;
  if (n * k * std::min(n, k) <= kLongDoubleWork) return in_long_double(work);
  if (std::min(work.n(), work.k()) > kDirect || !factors_fit) return by_conjugate_gradients(work, tolerance);
  if (work.k() > work.n()) {
    return fitted.rows() <= 2 * kDirect ? by_kernel(work) : by_conjugate_gradients(work, tolerance);
  }
  if (std::optional<LeastSquares> solution = by_cholesky(work)) return *solution;
  return copy_fits ? by_pivoted_qr(work) : by_conjugate_gradients(work, tolerance);
}

std::string rank_warning(const LeastSquares& solution) {
  if (solution.rank >= solution.columns) return "";
  return fmt::format(
      "the columns are linearly dependent: rank {} of {} (condition number {:.2g}); of all least-squares answers the one of "
      "least norm in standardised coefficients is given. Drop columns, or penalise (--penalty l2) for a unique answer",
      solution.rank, solution.columns, solution.condition);
}

LeastSquaresPathSolver::LeastSquaresPathSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic,
                                               double tolerance, const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      tolerance_(tolerance),
      certifier_(fitted, *quadratic_, context) {}

Solution LeastSquaresPathSolver::solve(double, State& state) {
  if (!solution_) {
    solution_ = least_squares(fitted_, tolerance_, context_);
    name_ = "least-squares, " + solution_->method;
    if (std::string warning = rank_warning(*solution_); !warning.empty()) warnings_.push_back(std::move(warning));
  }
  Solution out;
  out.status = solution_->status;
  if (out.status == Status::interrupted) return out;
  state.b = solution_->coefficients;
  quadratic_->evaluate(state);
  state.b0 = solution_->intercept;  // holds more digits than the residuals' mean
  out.loss = 0.5 * quadratic_->residual_square();
  out.degrees_of_freedom = static_cast<double>(solution_->rank);
  out.certificate = certifier_.certify(NoPenalty{}, 0.0, state.b);
  if (out.certificate.relative_gap > tolerance_ && quadratic_->residual().empty()) {  // more than moments can tell
    const auto on_data = residual_quadratic(fitted_, context_);
    on_data->evaluate(state);
    state.b0 = solution_->intercept;
    out.certificate = Certifier(fitted_, *on_data, context_).certify(NoPenalty{}, 0.0, state.b);
  }
  if (out.status == Status::converged && out.certificate.relative_gap > tolerance_) out.status = Status::iteration_limit;
  return out;
}

}  // namespace riata
