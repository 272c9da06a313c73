#pragma once

#include <string_view>
#include <utility>
#include <variant>

#include "riata/penalty/elastic_net.hpp"
#include "riata/penalty/l1.hpp"
#include "riata/penalty/l2.hpp"
#include "riata/penalty/none.hpp"

namespace riata {

/// Every penalty that the program offers by name. A new one takes a line here.
using AnyPenalty = std::variant<NoPenalty, L1, L2, ElasticNet>;

/// The penalty of that contracted name. Throws Error(argument) listing the names, or for an l1_ratio outside [0, 1].
AnyPenalty penalty_by_name(std::string_view name, double l1_ratio);

/// Calls visitor(penalty) with the penalty's own type: once a path, so that the inner loops know it at compile time.
template <class Visitor>
decltype(auto) visit_penalty(const AnyPenalty& penalty, Visitor&& visitor) {
  return std::visit(std::forward<Visitor>(visitor), penalty);
}

}  // namespace riata
