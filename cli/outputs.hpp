#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/atomic_file.hpp"

namespace riata::cli {

/// The files of one command. They are made ready first, then the result is printed, and only then they take their names: a
/// failure before leaves no trace.
class Outputs {
 public:
  /// `what`: "model" or "report".
  void add(const char* what, const std::string& path, std::string_view bytes);
  /// Lines that tell what was written where.
  const std::string& written() const { return written_; }
  void commit();

 private:
  std::vector<std::unique_ptr<AtomicFile>> files_;
  std::string written_;
};

/// A page needs a file of its own. Throws Error(argument) for the standard output and for a file that is read.
void check_report(const std::string& path, const std::string& input);

}  // namespace riata::cli
