#pragma once

#include <optional>
#include <span>
#include <vector>

#include "riata/design/design.hpp"

namespace riata {

/// Rows of coded columns as read: not yet scaled.
struct RawRows {
  Index n = 0;
  std::vector<double> features;                   ///< column-major; without any where they are sparse
  std::optional<RowEntries> entries;              ///< sparse features
  std::vector<double> response, weights, offset;  ///< weights, offset: empty for none
};

/// The rows that `take` lists, in its order, of a design; response, weights and offset have an entry for each of its rows.
RawRows raw_rows(const Design& design, const std::vector<double>& response, const std::vector<double>& weights,
                 const std::vector<double>& offset, const std::vector<Index>& take);
RawRows select_rows(const RawRows& rows, Index n_features, const std::vector<Index>& take);

/// Bytes of a copy of a design's features as raw rows.
double raw_bytes(const Design& design);

/// Column after column of raw rows, which must outlive this.
class RawColumns {
 public:
  RawColumns(const RawRows& rows, Index n_features);

  /// All n values; valid until the next call.
  std::span<const double> of(Index j);
  /// A view of this.
  DesignPtr design() const;

 private:
  const RawRows& rows_;
  Index n_features_;
  std::vector<Index> starts_, row_indices_;  ///< sparse features, by columns
  std::vector<double> values_, column_;
};

}  // namespace riata
