#include "riata/loss/loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "riata/core/error.hpp"
#include "riata/loss/logistic.hpp"
#include "riata/loss/squared.hpp"

namespace riata {

std::shared_ptr<const Loss> loss_by_name(std::string_view name) {
  if (name == "squared") return std::make_shared<SquaredLoss>();
  if (name == "logistic") return std::make_shared<LogisticLoss>();
  constexpr std::array<std::string_view, 4> kPlanned = {"multinomial", "poisson", "huber", "mse"};
  if (std::ranges::find(kPlanned, name) != kPlanned.end()) {
    throw Error(ErrorKind::not_supported,
                fmt::format("the loss \"{}\" is not in this version: use squared or logistic", name));
  }
  throw Error(ErrorKind::argument, fmt::format("there is no loss \"{}\": use squared or logistic", name));
}

}  // namespace riata
