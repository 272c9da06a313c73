#include "riata/app/run.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

void refuse_if(bool wrong, const char* message) {
  if (wrong) throw Error(ErrorKind::argument, message);
}

void check_penalty(const FitSpec& spec) {
  const bool none = spec.penalty == PenaltyChoice::none;
  refuse_if(spec.l1_ratio && spec.penalty != PenaltyChoice::elastic_net,
            "--l1-ratio belongs to --penalty elastic-net; leave it out or choose that penalty");
  refuse_if(none && !spec.lambdas.empty(), "--lambda has no meaning with --penalty none; leave out one of them");
  refuse_if(none && (spec.n_lambdas || spec.lambda_min_ratio),
            "--lambdas and --lambda-min-ratio have no meaning with --penalty none; leave them out");
  refuse_if(!spec.lambdas.empty() && (spec.n_lambdas || spec.lambda_min_ratio),
            "--lambda gives the values, --lambdas and --lambda-min-ratio ask for an automatic grid; give one or the other");
}

void check_folds(const FitSpec& spec) {
  const int ways = (spec.fold_column.empty() ? 0 : 1) + (spec.group_column.empty() ? 0 : 1) + (spec.folds_in_time ? 1 : 0);
  refuse_if(ways > 1, "--fold-column, --group-column and --folds-in-time are three ways to make folds; give one");
  refuse_if(spec.folds && !spec.fold_column.empty(), "--fold-column says how many folds there are; leave out --folds");
  refuse_if(spec.folds == 0 && ways > 0, "--folds 0 asks for no cross-validation; leave out the other options on folds");
  refuse_if(spec.folds == 1, "--folds: one fold leaves no rows to train on; give 0 for none, or at least 2");
  const bool none = spec.folds == 0;
  refuse_if(none && spec.measure.has_value(), "--measure is what cross-validation looks at, and --folds 0 asks for none");
  const bool several = spec.penalty != PenaltyChoice::none && spec.lambdas.size() != 1 && spec.n_lambdas != 1;
  const bool criterion =
      spec.select == SelectionRule::aic || spec.select == SelectionRule::bic || spec.select == SelectionRule::ebic;
  refuse_if(
      none && several && !criterion,
      "--folds 0 leaves several values of λ without a way to choose; add --select aic, bic or ebic, or give one --lambda");
}

void check_solver(const FitSpec& spec) {
  const bool descent = spec.solver == SolverKind::gradient_descent;
  refuse_if(!descent && (spec.l1_step || spec.learning_rate || spec.iterations),
            "--l1-step, --learning-rate and --iterations belong to --solver gradient-descent; leave them out or choose it");
  refuse_if(descent && spec.max_iterations > 0,
            "gradient descent counts its steps by --iterations; leave out --max-iterations");
  refuse_if(descent && spec.penalty != PenaltyChoice::none && spec.lambdas.size() != 1,
            "--solver gradient-descent takes one λ; give --lambda L, or --penalty none");
  const bool has_l1 = spec.penalty == PenaltyChoice::l1 || spec.penalty == PenaltyChoice::elastic_net;
  refuse_if(descent && spec.l1_step && !has_l1, "--l1-step needs a penalty with an l1 part: --penalty l1 or elastic-net");
}

}  // namespace

void check(const FitSpec& spec) {
  check_penalty(spec);
  check_folds(spec);
  check_solver(spec);
}

}  // namespace riata
