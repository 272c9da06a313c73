#pragma once

#include "riata/model/network_model.hpp"

namespace riata {

/// The network without what cannot change its answers, because zeros are exact:
///   - hidden units that give 0 whatever comes in (weights 0, activation of the bias 0) or that nothing above looks at;
///   - table columns none of whose coded columns reaches an output; `dropped_features` names those.
/// A layer keeps at least one unit, a network one column. Sums lose terms that are 0 and keep their order, but a layer may
/// become narrow enough for another kernel: predictions are the same up to rounding, and to the bit where none does.
NetworkModel pruned(const NetworkModel& model);

}  // namespace riata
