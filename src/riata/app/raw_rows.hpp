#pragma once

#include <optional>
#include <span>
#include <vector>

#include "riata/design/design.hpp"

namespace riata {

/// Rows of coded columns as read: not yet scaled. Features stay where they are, in the type that they have.
struct RawRows {
  Index n = 0;
  DesignPtr design;                               ///< of the whole table, whose memory must outlive this
  std::vector<Index> rows;                        ///< of the design, n of them
  std::optional<RowEntries> entries;              ///< a copy of sparse features, of these rows
  std::vector<double> response, weights, offset;  ///< weights, offset: empty for none
};

/// The rows that `take` lists, in its order, of a design; response, weights and offset have an entry for each of its rows.
RawRows raw_rows(const DesignPtr& design, const std::vector<double>& response, const std::vector<double>& weights,
                 const std::vector<double>& offset, const std::vector<Index>& take);
RawRows select_rows(const RawRows& rows, const std::vector<Index>& take);

/// Column after column of raw rows, which must outlive this.
class RawColumns {
 public:
  explicit RawColumns(const RawRows& rows) : rows_(rows) {}

  /// All n values; valid until the next call.
  std::span<const double> of(Index j);

 private:
  const RawRows& rows_;
  Index first_ = 0, width_ = 0;         ///< columns that are gathered: tables by rows are read many at a time
  std::vector<double> table_, column_;  ///< every row of the design, and those that are asked for
};

}  // namespace riata
