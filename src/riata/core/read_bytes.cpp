#include "riata/core/read_bytes.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "riata/core/error.hpp"

namespace riata {
namespace {

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

std::string read_bytes(const std::string& path, Index most) {
  const bool standard = path == "-";
  const std::string name = standard ? "standard input" : path;
  struct stat about {};
  if (!standard && ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) {
    throw Error(ErrorKind::input, "is a folder, not a file", name);
  }
  std::FILE* file = standard ? stdin : std::fopen(path.c_str(), "rb");
  if (file == nullptr) throw Error(ErrorKind::input, "cannot be opened: " + reason(), name);
  std::string out;
  std::string buffer(1 << 20, '\0');
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file)) {
    out.append(buffer, 0, n);
    if (std::ssize(out) > most) break;
  }
  const bool failed = std::ferror(file) != 0;
  const std::string why = reason();
  if (!standard) std::fclose(file);
  if (failed) throw Error(ErrorKind::input, "cannot be read: " + why, name);
  if (std::ssize(out) > most) {
    throw Error(ErrorKind::input, "is larger than " + std::to_string(most) + " bytes, too large for a model", name);
  }
  return out;
}

}  // namespace riata
