#include "riata/path/fit_outputs.hpp"

#include <algorithm>
#include <optional>

#include "riata/solver/kernel_matrix.hpp"

namespace riata {
namespace {

double weight_of(const Problem& problem, std::size_t i) { return problem.weights.empty() ? 1.0 : problem.weights[i]; }

/// Response less offset, about its weighted mean.
struct Centred {
  double mean = 0;
  std::vector<double> z;
};

Centred centred(const Problem& problem) {
  Centred out;
  const std::size_t n = problem.response.size();
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    out.z.push_back(problem.response[i] - (problem.offset.empty() ? 0.0 : problem.offset[i]));
    out.mean += weight_of(problem, i) * out.z.back();
    total += weight_of(problem, i);
  }
  out.mean /= total;
  for (double& z : out.z) z -= out.mean;
  return out;
}

/// Moments of the first problem become those of each in turn: only what the response has a share in differs.
class MomentsOfOutputs {
 public:
  MomentsOfOutputs(std::span<const Problem> problems, const Context& context)
      : moments_(cross_moments(problems[0], moments_shift(problems[0], context), context)) {
    const Index n = problems[0].design->rows(), p = problems[0].design->cols(), k = std::ssize(problems);
    std::vector<double> weighted;
    for (const Problem& problem : problems) {
      responses_.push_back(centred(problem));
      for (std::size_t i = 0; i < responses_.back().z.size(); ++i) {
        weighted.push_back(weight_of(problem, i) * responses_.back().z[i]);
      }
    }
    products_.resize(static_cast<std::size_t>(p * k));
    problems[0].design->transpose_multiply(0, {weighted.data(), n, k}, {products_.data(), p, k}, moments_.shift->columns,
                                           context);
  }

  const CrossMoments& of(const Problem& problem, std::size_t k) {
    const Centred& own = responses_[k];
    auto shift = std::make_shared<CrossMoments::Shift>(*moments_.shift);
    shift->response = own.mean;
    moments_.shift = std::move(shift);
    moments_.z_sum = moments_.zz = 0;
    for (std::size_t i = 0; i < own.z.size(); ++i) {
      moments_.z_sum += weight_of(problem, i) * own.z[i];
      moments_.zz += weight_of(problem, i) * own.z[i] * own.z[i];
    }
    const auto p = static_cast<std::ptrdiff_t>(moments_.xz.size()), first = static_cast<std::ptrdiff_t>(k) * p;
    moments_.xz.assign(products_.begin() + first, products_.begin() + first + p);
    return moments_;
  }

 private:
  CrossMoments moments_;
  std::vector<Centred> responses_;
  std::vector<double> products_;  ///< Σ wᵢ (xᵢ − shift) zᵢ, a column a problem
};

}  // namespace

std::vector<Path> fit_outputs(std::span<const Problem> problems, const PenaltySpec& penalty,
                              std::span<const std::span<const double>> lambdas, const PathOptions& options,
                              const Context& context) {
  PathOptions own = options;
  std::optional<MomentsOfOutputs> moments;
  std::optional<RowKernel> kernel;
  if (problems.size() > 1 && !context.lean) {
    for (const Problem& problem : problems) problem.check();
    const bool ridge = penalty.effective_l1_ratio() == 0.0;
    if (path_takes_moments(problems[0], std::ssize(lambdas[0]), context)) {
      moments.emplace(problems, context);
      if (ridge) kernel.emplace();
    } else if (ridge) {
      const auto made = own.kernel == nullptr ? row_kernel_if_it_pays(problems[0], context) : nullptr;
      if (own.kernel != nullptr || made) kernel.emplace(own.kernel != nullptr ? *own.kernel : *made);
    }
    const auto same = [&](std::span<const double> grid) { return std::ranges::equal(grid, lambdas[0]); };
    if (kernel && std::ranges::all_of(lambdas, same)) kernel->n_responses = std::ssize(problems);
    own.kernel = kernel ? &*kernel : nullptr;
  }
  std::vector<Path> out;
  for (std::size_t k = 0; k < problems.size(); ++k) {
    if (moments) own.moments = &moments->of(problems[k], k);
    out.push_back(fit_path(problems[k], penalty, lambdas[k], own, context));
  }
  return out;
}

}  // namespace riata
