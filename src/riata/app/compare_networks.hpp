#pragma once

#include "riata/app/run.hpp"

namespace riata {

/// The contest on one network: trained to the end, stopped early, l2, AdamW's decoupled weight decay, l1. All start from the
/// same weights, on the same folds; λ, the decay and the number of epochs are chosen without the rows a network is judged
/// on.
CompareFacts compare_networks(const CompareSpec& spec, const Table& table, const Context& context, const KeptParts& parts);

}  // namespace riata
