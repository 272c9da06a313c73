#pragma once

#include "riata/io/byte_source.hpp"
#include "riata/io/read_table.hpp"

namespace riata::io {

/// A table from CSV text; see read_table.
Table read_csv(const InputFile& file, const ReadOptions& options, const Context& context);

}  // namespace riata::io
