#include "riata/solver/row_span.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "riata/design/make_design.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/solver/kernel_matrix.hpp"
#include "riata/solver/scope.hpp"

namespace riata {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

RowSpanSolver::RowSpanSolver(const FittedProblem& fitted, std::shared_ptr<Quadratic> quadratic, const NewtonOptions& options,
                             bool predictions_only, const Context& context)
    : PathSolver(fitted, context),
      quadratic_(std::move(quadratic)),
      tolerance_(options.tolerance),
      predictions_only_(predictions_only) {
  make_small();
  solver_ = std::make_unique<NewtonSolver>(small_, residual_quadratic(small_, context), ElasticNet{0.0}, options, context);
}

/// The unpenalised columns, then those of L: L Lᵀ = Z F⁻¹ Zᵀ from the rows that count, taken in order of what they add.
std::shared_ptr<const std::vector<double>> RowSpanSolver::small_columns() {
  const Scope scope(fitted_);
  const Index n = fitted_.rows(), counted = scope.n();
  std::vector<double> inverse;
  for (const Index j : scope.columns) {
    if (fitted_.factor[at(j)] == 0) continue;
    penalised_.push_back(j);
    inverse.push_back(1 / fitted_.factor[at(j)]);
  }
  std::vector<double> kernel(at(n * n)), chosen(at(counted * counted));
  const Matrix k(kernel.data(), n, n), own(chosen.data(), counted, counted);
  kernel_matrix(*fitted_.design, penalised_, inverse, k, context_);
  for (Index b = 0; b < counted; ++b) {
    for (Index a = 0; a < counted; ++a) own(a, b) = k(scope.rows[at(a)], scope.rows[at(b)]);
  }
  std::vector<Index> order(at(counted));
  const Index rank = blas::pstrf(blas::Triangle::lower, own, order);
  factor_.resize(at(rank * rank));
  for (Index b = 0; b < rank; ++b) {
    pivots_.push_back(scope.rows[at(order[at(b)])]);
    for (Index a = b; a < rank; ++a) factor_[at(a + b * rank)] = own(a, b);
  }
  const Index q = std::ssize(fitted_.unpenalised);
  auto columns = std::make_shared<std::vector<double>>(at(n * (q + rank)));
  fitted_.design->gather(fitted_.unpenalised, {columns->data(), n, q});
  const Matrix l(columns->data() + n * q, n, rank);
  for (Index b = 0; b < rank; ++b) std::ranges::copy(k.column(pivots_[at(b)]), l.column(b).begin());
  blas::trsm(blas::Side::right, blas::Triangle::lower, blas::Op::transpose, {factor_.data(), rank, rank}, l);
  return columns;
}

void RowSpanSolver::make_small() {
  const std::shared_ptr<const std::vector<double>> columns = small_columns();
  const Index n = fitted_.rows(), q = std::ssize(fitted_.unpenalised), p = q + std::ssize(pivots_);
  small_ = fitted_;
  small_.design = std::make_shared<StandardizedDesign>(strided(columns->data(), n, p, 1, n, columns), std::vector<double>(),
                                                       std::vector<double>());
  small_.factor.assign(at(p), 1.0);
  small_.norm.assign(at(p), 0.0);
  small_.unpenalised.clear();
  small_.excluded.clear();
  for (Index j = 0; j < p; ++j) {
    const double* const z = columns->data() + j * n;
    double square = 0;
    for (Index i = 0; i < n; ++i) square += fitted_.weights[at(i)] * z[i] * z[i];
    small_.norm[at(j)] = std::sqrt(square);
    if (j >= q) continue;
    small_.factor[at(j)] = 0;
    small_.unpenalised.push_back(j);
  }
}

/// b = F⁻¹ Z_pivotsᵀ L⁻ᵀ c.
State RowSpanSolver::whole(const State& small) const {
  const Index q = std::ssize(fitted_.unpenalised), rank = std::ssize(pivots_), n = fitted_.rows();
  State state{std::vector<double>(at(fitted_.cols())), small.b0};
  for (Index k = 0; k < q; ++k) state.b[at(fitted_.unpenalised[at(k)])] = small.b[at(k)];
  std::vector<double> a(small.b.begin() + q, small.b.end()), rows(at(n)), products(penalised_.size());
  blas::trsm(blas::Side::left, blas::Triangle::lower, blas::Op::transpose, {factor_.data(), rank, rank},
             {a.data(), rank, 1});
  for (Index k = 0; k < rank; ++k) rows[at(pivots_[at(k)])] = a[at(k)];
  fitted_.design->dots(penalised_, {rows.data(), n, 1}, {products.data(), std::ssize(products), 1}, {}, context_);
  for (std::size_t k = 0; k < penalised_.size(); ++k) {
    state.b[at(penalised_[k])] = products[k] / fitted_.factor[at(penalised_[k])];
  }
  return state;
}

Solution RowSpanSolver::solve(double lambda, State& state) {
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

Status RowSpanSolver::solve_path(std::span<const double> lambdas, const SolutionSink& sink) {
  SmoothPoint point(fitted_, *quadratic_, ElasticNet{0.0}, tolerance_, context_);
  Status worst = Status::converged;
  const Status ended =
      solver_->solve_path(lambdas, [&](Index k, const State& small, const Solution& solved, const LinearPredictor& eta) {
        if (predictions_only_) {
          worst = worse(worst, solved.status);
          return sink(k, {{}, small.b0}, solved, eta);
        }
        const State state = whole(small);
        point.evaluate(state);
        Solution solution = point.judge(lambdas[at(k)]);
        solution.degrees_of_freedom = solved.degrees_of_freedom;
        worst = worse(worst, solution.status);
        return sink(k, state, solution, [&]() -> std::span<const double> { return point.rows().eta; });
      });
  return ended == Status::interrupted ? ended : worst;
}

}  // namespace riata
