#include "riata/solver/scope.hpp"

namespace riata {

Scope::Scope(const FittedProblem& fitted) {
  std::vector<bool> excluded(static_cast<std::size_t>(fitted.cols()), false);
  for (const Index j : fitted.excluded) excluded[static_cast<std::size_t>(j)] = true;
  for (Index j = 0; j < fitted.cols(); ++j) {
    if (!excluded[static_cast<std::size_t>(j)]) columns.push_back(j);
  }
  for (Index i = 0; i < fitted.rows(); ++i) {
    if (fitted.weights[static_cast<std::size_t>(i)] > 0) rows.push_back(i);
  }
}

}  // namespace riata
