#include "problem.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <functional>

#include "riata/core/error.hpp"
#include "riata/path/fit_outputs.hpp"
#include "riata/selection/fold_loss.hpp"
#include "riata/selection/fold_moments.hpp"
#include "riata/solver/column_error.hpp"
#include "riata/solver/kernel_matrix.hpp"

namespace riata::python {
namespace {

/// Work that reads the data so many times. What is wrong with a column is said of it as users know it.
void run_on(const ProblemHandle& problem, int threads, double passes, const std::function<void(const Context&)>& work) {
  try {
    run(threads, passes * static_cast<double>(problem.design.design->stored()), work);
  } catch (const ColumnError& error) {
    const auto j = static_cast<std::size_t>(error.column());
    throw error.named(j < problem.names.size() ? problem.names[j] : "X[:, " + std::to_string(j) + "]");
  }
}

std::span<const double> span_or_none(const std::optional<Vector>& vector) {
  return vector ? span_of(*vector) : std::span<const double>{};
}

ProblemHandle make_problem(const DesignHandle& design, Columns response, const std::string& loss,
                           std::optional<Vector> weights, std::optional<Vector> offset, std::optional<Vector> penalty_factor,
                           std::optional<Vector> lower, std::optional<Vector> upper, bool intercept, bool standardize) {
  ProblemHandle out{design,
                    std::move(response),
                    std::move(weights),
                    std::move(offset),
                    std::move(penalty_factor),
                    std::move(lower),
                    std::move(upper),
                    {},
                    {}};
  Problem& problem = out.common;
  problem.design = design.design;
  problem.loss = loss_by_name(loss);
  problem.weights = span_or_none(out.weights);
  problem.offset = span_or_none(out.offset);
  problem.penalty_factor = span_or_none(out.penalty_factor);
  problem.lower = span_or_none(out.lower);
  problem.upper = span_or_none(out.upper);
  problem.intercept = intercept;
  problem.standardize = standardize;
  for (Index k = 0; k < out.outputs(); ++k) out.of(k).check();
  return out;
}

/// What paths and their folds share: the moments of one output on tall data, the kernel of ridge on wide data.
struct SharedHandle {
  std::shared_ptr<const FoldMoments> moments;
  std::shared_ptr<const RowKernel> kernel;
};

/// Without what costs more than looking at the rows.
SharedHandle shared_by(const ProblemHandle& problem, const Folds& folds, Index n_lambdas, const SolveOptions& options) {
  SharedHandle out;
  run_on(problem, options.threads, 1, [&](const Context& context) {
    const Problem own = problem.of(0);
    if (problem.outputs() == 1 && path_takes_moments(own, n_lambdas, context)) {
      out.moments = fold_moments_if_they_pay(own, n_lambdas, folds, context);
    }
    if (options.penalty.effective_l1_ratio() == 0) out.kernel = row_kernel_if_it_pays(own, context);
  });
  return out;
}

/// One path an output, all on the same λ, or on λ of its own (a row each).
std::vector<Path> fit_paths(const ProblemHandle& problem,
                            const nb::ndarray<const double, nb::ndim<2>, nb::c_contig>& lambdas, const SolveOptions& options,
                            const SharedHandle* shared) {
  const auto outputs = static_cast<std::size_t>(problem.outputs());
  if (lambdas.shape(0) != 1 && lambdas.shape(0) != outputs) {
    throw Error(ErrorKind::argument, "lambdas: one row for all outputs, or a row for each");
  }
  PathOptions path = options.path;
  if (shared != nullptr) path.kernel = shared->kernel.get();
  if (shared != nullptr && shared->moments) path.moments = &shared->moments->total();
  std::vector<Problem> problems;
  std::vector<std::span<const double>> grids;
  for (std::size_t k = 0; k < outputs; ++k) {
    const std::size_t row = lambdas.shape(0) == 1 ? 0 : k;
    problems.push_back(problem.of(static_cast<Index>(k)));
    grids.emplace_back(lambdas.data() + row * lambdas.shape(1), lambdas.shape(1));
  }
  std::vector<Path> out;
  const double passes = static_cast<double>(outputs * lambdas.shape(1));
  run_on(problem, options.threads, passes,
         [&](const Context& context) { out = fit_outputs(problems, options.penalty, grids, path, context); });
  return out;
}

nb::object grid(const ProblemHandle& problem, const SolveOptions& options, Index n_lambdas,
                std::optional<double> min_ratio) {
  std::vector<double> lambdas;
  run_on(problem, options.threads, 1, [&](const Context& context) {
    const GridSpec spec{.lambdas = {}, .n_lambdas = n_lambdas, .min_ratio = min_ratio};
    lambdas = lambda_grid(problem.of(0), options.penalty, spec, context);
  });
  return to_array(std::move(lambdas));
}

Measure measure_by_name(const std::string& name) {
  for (const Measure one : {Measure::mse, Measure::mae, Measure::deviance, Measure::error, Measure::auc}) {
    if (name == to_string(one)) return one;
  }
  throw Error(ErrorKind::argument, "measure: give mse, mae, deviance, error or auc");
}

CrossValidation validate(const ProblemHandle& problem, const Vector& lambdas, const Folds& folds,
                         const SolveOptions& options, const std::string& measure, bool sum_scale, Index output,
                         std::vector<Index> frequency_at, bool keep_paths, const SharedHandle* shared) {
  CrossValidation out;
  CrossValidationOptions how;
  how.lambda_on_sum_scale = sum_scale;
  how.frequency_at = std::move(frequency_at);
  how.measure = measure_by_name(measure);
  how.keep_paths = keep_paths;
  if (shared != nullptr) how.moments = shared->moments.get();
  PathOptions path = options.path;
  if (shared != nullptr) path.kernel = shared->kernel.get();
  const double passes = static_cast<double>(lambdas.shape(0)) * static_cast<double>(folds.n_folds);
  run_on(problem, options.threads, passes, [&](const Context& context) {
    out = cross_validate(problem.of(output), options.penalty, span_of(lambdas), folds, path, how, context);
  });
  return out;
}

SelectionRule rule_by_name(const std::string& name) {
  if (name == "min") return SelectionRule::min;
  if (name == "1se") return SelectionRule::one_standard_error;
  if (name == "aic") return SelectionRule::aic;
  if (name == "bic") return SelectionRule::bic;
  if (name == "ebic") return SelectionRule::ebic;
  throw Error(ErrorKind::argument, "selection rule: give min, 1se, aic, bic or ebic");
}

Index choose(const ProblemHandle& problem, const Path& path, const CrossValidation* cv, const std::string& rule) {
  return select(path, cv, rule_by_name(rule), problem.of(0));
}

/// 1 − error / variance of the fold's response, for every fold and λ. Where the response is constant scikit-learn's R² is 1
/// without an error and 0 with one: such a fold has no say, but it does not silence the others. That of one row is NaN.
nb::object r2(const ProblemHandle& problem, const CrossValidation& cv, const Folds& folds, Index output) {
  const std::vector<double> variances = validation_variances(problem.of(output), folds);
  std::vector<double> out;
  for (std::size_t k = 0; k < variances.size(); ++k) {
    const bool constant = variances[k] == 0;
    for (const double error : cv.fold_mean[k]) {
      out.push_back(constant ? static_cast<double>(error == 0) : 1 - error / variances[k]);
    }
  }
  return to_matrix(std::move(out), variances.size(), cv.mean.size());
}

SolverKind solver_by_name(const std::string& name) {
  if (name == "auto") return SolverKind::automatic;
  if (name == "coordinate-descent") return SolverKind::coordinate_descent;
  if (name == "newton") return SolverKind::newton;
  throw Error(ErrorKind::argument, "solver: give auto, coordinate-descent or newton");
}

LeaveOneOut leave_one_out_by_name(const std::string& name) {
  if (name == "none") return LeaveOneOut::none;
  if (name == "errors") return LeaveOneOut::errors;
  if (name == "predictions") return LeaveOneOut::predictions;
  throw Error(ErrorKind::argument, "leave_one_out: give none, errors or predictions");
}

SolveOptions make_options(const std::string& penalty, double l1_ratio, double tolerance, Index max_iterations,
                          const std::string& solver, int threads, const std::string& leave_one_out, bool diagnostics) {
  SolveOptions out;
  out.penalty = {penalty, l1_ratio};
  out.path.tolerance = tolerance;
  out.path.max_iterations = max_iterations;
  out.path.solver = solver_by_name(solver);
  out.path.leave_one_out = leave_one_out_by_name(leave_one_out);
  out.path.diagnostics = diagnostics;
  out.threads = threads;
  return out;
}

}  // namespace

void bind_problem(nb::module_& module) {
  nb::class_<SolveOptions>(module, "SolveOptions", "Penalty, tolerance and threads of a solve.")
      .def(
          "__init__",
          [](SolveOptions* self, const std::string& penalty, double l1_ratio, double tolerance, Index max_iterations,
             const std::string& solver, int threads, const std::string& leave_one_out, bool diagnostics) {
            new (self) SolveOptions(
                make_options(penalty, l1_ratio, tolerance, max_iterations, solver, threads, leave_one_out, diagnostics));
          },
          nb::arg("penalty"), nb::arg("l1_ratio") = 0.5, nb::arg("tolerance") = 1e-6, nb::arg("max_iterations") = 0,
          nb::arg("solver") = "auto", nb::arg("threads") = 1, nb::arg("leave_one_out") = "none",
          nb::arg("diagnostics") = true);
  // NOLINTNEXTLINE(bugprone-unused-raii): what it registers stays
  nb::class_<SharedHandle>(module, "Shared", "What paths and their folds share.");
  nb::class_<ProblemHandle>(module, "Problem", "What is to be minimised, without the penalty's strength.")
      .def(
          "__init__",
          [](ProblemHandle* self, const DesignHandle& design, Columns response, const std::string& loss,
             std::optional<Vector> weights, std::optional<Vector> offset, std::optional<Vector> penalty_factor,
             std::optional<Vector> lower, std::optional<Vector> upper, bool intercept, bool standardize) {
            new (self) ProblemHandle(make_problem(design, std::move(response), loss, std::move(weights), std::move(offset),
                                                  std::move(penalty_factor), std::move(lower), std::move(upper), intercept,
                                                  standardize));
          },
          nb::arg("design"), nb::arg("response"), nb::arg("loss") = "squared", nb::arg("weights").none() = nb::none(),
          nb::arg("offset").none() = nb::none(), nb::arg("penalty_factor").none() = nb::none(),
          nb::arg("lower").none() = nb::none(), nb::arg("upper").none() = nb::none(), nb::arg("intercept") = true,
          nb::arg("standardize") = false)
      .def("lambda_grid", &grid, nb::arg("options"), nb::arg("n_lambdas") = 100, nb::arg("min_ratio").none() = nb::none(),
           "Decreasing λ from the least that leaves every penalised coefficient zero.")
      .def("shared", &shared_by, nb::arg("folds"), nb::arg("n_lambdas"), nb::arg("options"),
           "What paths and their folds share, as far as that pays.")
      .def("fit_paths", &fit_paths, nb::arg("lambdas"), nb::arg("options"), nb::arg("shared").none() = nb::none(),
           "One Path an output.")
      .def("cross_validate", &validate, nb::arg("lambdas"), nb::arg("folds"), nb::arg("options"), nb::arg("measure") = "mse",
           nb::arg("sum_scale") = false, nb::arg("output") = 0, nb::arg("frequency_at") = std::vector<Index>(),
           nb::arg("keep_paths") = false, nb::arg("shared").none() = nb::none())
      .def("select", &choose, nb::arg("path"), nb::arg("cross_validation").none(), nb::arg("rule"),
           "Position of the chosen λ.")
      .def("r2", &r2, nb::arg("cross_validation"), nb::arg("folds"), nb::arg("output") = 0,
           "R² of every fold and λ, shape (folds, lambdas).")
      .def_rw("names", &ProblemHandle::names, "Of the columns, for messages; empty where they have none.")
      .def_prop_ro("n_samples", [](const ProblemHandle& problem) { return problem.design.design->rows(); });
}

}  // namespace riata::python
