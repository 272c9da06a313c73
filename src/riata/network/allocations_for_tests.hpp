#pragma once

namespace riata {

/// How often the test program has called operator new.
long allocations_so_far();

}  // namespace riata
