#pragma once

#include <string>
#include <string_view>

namespace riata {

/// A file that appears whole or not at all: written under a temporary name in the same folder, every call checked, flushed
/// to the disk, renamed over the final name, the folder flushed too. Until `commit` the final name is untouched; a writer
/// that is destroyed, killed or fails before leaves at most a temporary file, never a half one under the final name.
/// Two writers do not disturb each other: the last to commit wins, whole.
///
/// Errors are Error(run) naming the file, the failed call and the reason ("No space left on device").
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Flushes and closes: what is left to commit is to rename.
  void finish();
  void commit();

 private:
  [[noreturn]] void fail(std::string_view action);
  void discard() noexcept;

  std::string name_;  ///< as given, for messages
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

/// Write and commit in one call.
void write_whole(const std::string& path, std::string_view bytes);

/// True if both names lead to the same existing file (links followed).
bool same_file(const std::string& a, const std::string& b);

}  // namespace riata
