#pragma once

#include <string>
#include <string_view>

#include "riata/core/context.hpp"
#include "riata/core/types.hpp"

namespace riata {

/// Bytes that a run may use: what the context says, else min(80 % of the machine's memory, the limit of the control group).
Index memory_budget(const Context& context);

/// Bytes that may be taken beyond data of `data_bytes`, for Gram matrices, factors and copies: a fifth of the data where the
/// context is lean, but at least 64 MiB; else the stated budget, or 2 GiB. What needs more goes another, slower way.
Index working_memory(const Context& context, Index data_bytes);

/// "1.6 GB": decimal units, one decimal.
std::string bytes_text(double bytes);

/// Throws Error(input, where) when `bytes` is more than the budget. `what` needs them ("a matrix of 10 rows and 10
/// columns"). bytes is a double so that a hostile header cannot overflow the product.
void require_memory(double bytes, std::string_view what, const std::string& where, const Context& context);

/// The same of what grows while it is read: nobody knows what it will need.
void require_room(double bytes, std::string_view what, const std::string& where, const Context& context);

}  // namespace riata
