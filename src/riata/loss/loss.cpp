#include "riata/loss/loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "riata/core/error.hpp"
#include "riata/loss/squared.hpp"

namespace riata {

std::shared_ptr<const Loss> loss_by_name(std::string_view name) {
  if (name == "squared") return std::make_shared<SquaredLoss>();
  constexpr std::array<std::string_view, 5> kPlanned = {"logistic", "multinomial", "poisson", "huber", "mse"};
  if (std::ranges::find(kPlanned, name) != kPlanned.end()) {
    throw Error(ErrorKind::not_supported, fmt::format("the loss \"{}\" is not in this version: use squared", name));
  }
  throw Error(ErrorKind::argument, fmt::format("there is no loss \"{}\": use squared", name));
}

}  // namespace riata
