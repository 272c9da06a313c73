#pragma once

#include <string_view>

#include "riata/network/train.hpp"

namespace riata {

/// Throws Error(input) for samples that the network cannot take: shapes, values that are not finite, responses that the
/// loss cannot take, weights. `which` rows: "training", "validation", "test".
template <class T>
void check_samples(const NetworkSpec& network, const Samples<T>& samples, std::string_view which);

}  // namespace riata
