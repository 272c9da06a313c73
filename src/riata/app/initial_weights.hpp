#pragma once

#include <string>

#include "riata/model/safetensors.hpp"
#include "riata/network/network.hpp"

namespace riata {

/// The network whose parameters a file holds by name, whatever their precision; every one must be there, in its shape, and
/// no other. Throws Error(input).
template <class T>
Network<T> given_network(const NetworkSpec& spec, const Safetensors& file, const std::string& source);

}  // namespace riata
