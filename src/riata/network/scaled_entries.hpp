#pragma once

#include <span>
#include <vector>

#include "riata/design/design.hpp"
#include "riata/network/train.hpp"

namespace riata {

/// Sparse rows as the network sees them: entries and what is left out, standardised. Owns what rows() shows.
template <class T>
class ScaledEntries {
 public:
  ScaledEntries() = default;
  ScaledEntries(const RowEntries& rows, std::span<const double> centre, std::span<const double> scale);

  SparseRows<T> rows() const;

 private:
  std::vector<Index> starts_;
  std::vector<std::int32_t> columns_;
  std::vector<T> values_, absent_;
};

}  // namespace riata
