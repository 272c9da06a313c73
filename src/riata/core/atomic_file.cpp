#include "riata/core/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "riata/core/file_error.hpp"

namespace riata {
namespace {

std::string reason(int code) { return std::generic_category().message(code); }

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Links are followed first: the file a link leads to is replaced, not the link.
std::string final_name(const std::string& path) {
  std::error_code ignored;
  const auto resolved = std::filesystem::canonical(path, ignored);
  return ignored ? path : resolved.string();
}

/// What the caller's umask allows, which mkstemp does not look at.
mode_t wanted_mode(const std::string& path) {
  struct stat existing {};
  if (::stat(path.c_str(), &existing) == 0) return existing.st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : name_(std::move(path)), path_(final_name(name_)) {
  struct stat existing {};
  if (name_.empty()) throw FileError(ENOENT, "cannot write to a file without a name", "");
  if (::stat(path_.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode)) {
    if (S_ISDIR(existing.st_mode)) throw FileError(EISDIR, "is a folder, not a file", name_);
    throw FileError(EINVAL, "is not an ordinary file", name_);
  }
  temporary_ = path_ + ".XXXXXX";
  descriptor_ = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    const int code = errno;
    temporary_.clear();
    errno = code;
    fail("cannot create a file in " + folder_of(name_));
  }
  if (::fchmod(descriptor_, wanted_mode(path_)) != 0) fail("cannot set the mode of the file");
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::finish() {
  if (descriptor_ < 0) return;
  if (::fsync(descriptor_) != 0) fail("cannot flush to the disk");
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot close");
}

void AtomicFile::commit() {
  finish();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot rename the finished file to its name");
  temporary_.clear();
  const int folder = ::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // the folder may be writable but not readable; the file itself is safe
  const bool flushed = ::fsync(folder) == 0 || errno == EINVAL || errno == EROFS;
  const int code = errno;
  ::close(folder);
  errno = code;
  if (!flushed) fail("cannot flush the folder to the disk");
}

void AtomicFile::fail(std::string_view action) {
  const int code = errno;
  discard();
  throw FileError(code, std::string(action) + ": " + reason(code), name_);
}

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

void write_whole(const std::string& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat first {
  }, second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

}  // namespace riata
