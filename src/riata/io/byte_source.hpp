#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "riata/core/context.hpp"
#include "riata/core/types.hpp"

namespace arrow {
class Buffer;
namespace io {
class InputStream;
}
}  // namespace arrow

namespace riata::io {

/// Bytes in sequence.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// At most `size` bytes (which is 16 or more) into out; 0 at the end.
  virtual Index read(char* out, Index size) = 0;
};

/// Bytes in memory that somebody else owns.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  Index read(char* out, Index size) override;

 private:
  std::string_view bytes_;
};

/// `base` recoded from `encoding` to UTF-8 by iconv. Throws Error(argument) for an encoding that iconv does not know;
/// Error(input) with the byte offset for bytes that are not valid in it.
std::unique_ptr<ByteSource> recoded(std::unique_ptr<ByteSource> base, const std::string& encoding, std::string source);

/// A file that can be opened again and again, or standard input and pipes (read once, into memory). Compression (gzip, zstd)
/// is seen by the first bytes and undone.
class InputFile {
 public:
  enum class Compression { none, gzip, zstd };

  /// Throws Error(input) for a missing file, a directory, an empty file.
  InputFile(const std::string& path_or_dash, const Context& context);

  const std::string& path() const { return path_; }      ///< as given
  const std::string& source() const { return source_; }  ///< for messages: the path, or "standard input"
  bool in_memory() const { return bytes_ != nullptr; }
  bool compressed() const { return compression_ != Compression::none; }

  std::unique_ptr<ByteSource> open() const;        ///< from the start, decompressed
  std::string head(Index size) const;              ///< the first bytes, decompressed
  std::shared_ptr<const std::string> all() const;  ///< everything, decompressed, within the budget

 private:
  std::shared_ptr<arrow::io::InputStream> open_raw() const;
  std::unique_ptr<ByteSource> unpacked(const std::shared_ptr<arrow::io::InputStream>& raw) const;

  std::string path_, source_;
  std::shared_ptr<const std::string> bytes_;
  Compression compression_ = Compression::none;
  Index size_ = 0;  ///< of a file, in bytes
  Context context_;
};

/// Text as UTF-8 without a byte order mark.
class TextSource : public ByteSource {
 public:
  virtual Index skipped() const = 0;  ///< bytes of the byte order mark
};

/// The text of a file written in `encoding`. Throws Error(input) for UTF-16 where that was not said.
std::unique_ptr<TextSource> open_text(const InputFile& file, const std::string& encoding);

/// Arrow's view of bytes, which live as long as any part of it.
std::shared_ptr<arrow::Buffer> kept_buffer(std::shared_ptr<const std::string> bytes);

/// Reads all of a source into memory, at most the context's budget.
std::string read_all(ByteSource& bytes, const std::string& source, const Context& context);

}  // namespace riata::io
