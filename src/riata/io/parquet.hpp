#pragma once

#include "riata/data/table.hpp"
#include "riata/io/byte_source.hpp"

namespace riata::io {

/// All columns of a Parquet file, each in one chunk; columns are read side by side on the context's threads.
Table read_parquet(const InputFile& file, const Context& context);

/// An Arrow IPC file, stream or Feather 2 file, checked as untrusted. One record batch without compression is mapped, not
/// copied.
Table read_arrow(const InputFile& file, const Context& context);

}  // namespace riata::io
