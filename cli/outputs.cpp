#include "outputs.hpp"

#include "riata/app/option_text.hpp"
#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata::cli {

void Outputs::add(const char* what, const std::string& path, std::string_view bytes) {
  auto file = std::make_unique<AtomicFile>(path);
  file->write(bytes);
  file->finish();
  files_.push_back(std::move(file));
  written_ += std::string("  ") + what + " written to " + printable(path) + "\n";
}

void Outputs::commit() {
  for (const auto& file : files_) file->commit();
}

void check_report(const std::string& path, const std::string& input) {
  const auto refuse = [&](const char* why) {
    throw Error(ErrorKind::argument, "--report: " + in_quotes(path) + why + "; give another name");
  };
  if (path == "-") refuse(" is the standard output, where the result goes");
  if (!path.empty() && same_file(path, input)) refuse(" is the table itself");
}

}  // namespace riata::cli
