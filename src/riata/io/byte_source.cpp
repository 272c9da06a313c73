#include "riata/io/byte_source.hpp"

#include <arrow/buffer.h>
#include <arrow/io/compressed.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/util/compression.h>
#include <fcntl.h>
#include <iconv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"

namespace riata::io {
namespace {

constexpr Index kBuffer = 1 << 20;

[[noreturn]] void refuse(const std::string& source, const std::string& message) {
  throw Error(ErrorKind::input, message, printable(source));
}

using Compression = InputFile::Compression;

Compression compression_of(std::string_view head) {
  if (head.substr(0, 2) == "\x1f\x8b") return Compression::gzip;
  if (head.substr(0, 4) == "\x28\xb5\x2f\xfd") return Compression::zstd;
  return Compression::none;
}

/// Tells how much of the input is read: in megabytes, for sizes in bytes are hard to read.
void tell(Index bytes, Index total, const Context& context) {
  constexpr Index kMegabyte = 1'000'000;
  if (context.on_progress)
    context.on_progress({"reading megabytes", bytes / kMegabyte, (total + kMegabyte - 1) / kMegabyte});
}

class ArrowSource final : public ByteSource {
 public:
  ArrowSource(std::shared_ptr<arrow::io::InputStream> stream, std::string source)
      : stream_(std::move(stream)), source_(std::move(source)) {}
  Index read(char* out, Index size) override {
    const auto count = stream_->Read(size, out);
    if (!count.ok())
      refuse(source_, "cannot read on: " + printable(count.status().message()) + "; the file is cut short or damaged");
    return *count;
  }

 private:
  std::shared_ptr<arrow::io::InputStream> stream_;
  std::string source_;
};

/// Tells after every piece how far the file itself is read, which for packed bytes is not how many came out.
class ToldSource final : public ByteSource {
 public:
  ToldSource(std::unique_ptr<ByteSource> base, std::shared_ptr<arrow::io::InputStream> file, Index total,
             const Context& context)
      : base_(std::move(base)), file_(std::move(file)), total_(total), context_(context) {}
  Index read(char* out, Index size) override {
    const Index count = base_->read(out, size);
    if (const auto at = file_->Tell(); at.ok()) tell(*at, total_, context_);
    return count;
  }

 private:
  std::unique_ptr<ByteSource> base_;
  std::shared_ptr<arrow::io::InputStream> file_;
  Index total_;
  Context context_;
};

class RecodedSource final : public ByteSource {
 public:
  RecodedSource(std::unique_ptr<ByteSource> base, std::string encoding, std::string source)
      : base_(std::move(base)), encoding_(std::move(encoding)), source_(std::move(source)), input_(kBuffer) {
    converter_ = ::iconv_open("UTF-8", encoding_.c_str());
    if (converter_ == invalid()) {
      throw Error(ErrorKind::argument,
                  "--encoding " + printable(encoding_) + ": unknown encoding; `iconv -l` lists those there are");
    }
  }
  ~RecodedSource() override {
    if (converter_ != invalid()) ::iconv_close(converter_);
  }
  RecodedSource(const RecodedSource&) = delete;
  RecodedSource& operator=(const RecodedSource&) = delete;

  Index read(char* out, Index size) override {
    char* to = out;
    auto room = static_cast<std::size_t>(size);
    while (to == out) {
      if (pending_ == 0 || starved_) {
        if (!refill() && pending_ == 0) break;
      }
      char* from = input_.data() + start_;
      std::size_t left = pending_;
      const std::size_t result = ::iconv(converter_, &from, &left, &to, &room);
      const int code = errno;
      offset_ += static_cast<Index>(pending_ - left);
      start_ = static_cast<std::size_t>(from - input_.data());
      pending_ = left;
      starved_ = false;
      if (result != static_cast<std::size_t>(-1) || code == E2BIG) continue;
      if (code != EINVAL || ended_) fail();
      starved_ = true;  // a character cut at the end of the buffer
    }
    return to - out;
  }

 private:
  static iconv_t invalid() { return reinterpret_cast<iconv_t>(-1); }  // NOLINT(performance-no-int-to-ptr)

  /// Moves what is left to the front and reads behind it; false at the end.
  bool refill() {
    std::memmove(input_.data(), input_.data() + start_, pending_);
    start_ = 0;
    const Index count = base_->read(input_.data() + pending_, static_cast<Index>(input_.size() - pending_));
    pending_ += static_cast<std::size_t>(count);
    ended_ = count == 0;
    return !ended_;
  }

  [[noreturn]] void fail() const {
    refuse(source_, "the bytes from offset " + std::to_string(offset_) + " on are not valid " + printable(encoding_) +
                        "; name the encoding the file is written in with --encoding");
  }

  std::unique_ptr<ByteSource> base_;
  std::string encoding_, source_;
  std::vector<char> input_;
  iconv_t converter_ = invalid();
  std::size_t start_ = 0, pending_ = 0;
  Index offset_ = 0;
  bool ended_ = false, starved_ = false;
};

class FileText final : public TextSource {
 public:
  FileText(const InputFile& file, const std::string& encoding) : bytes_(file.open()) {
    std::string name = encoding;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (name != "utf-8" && name != "utf8") bytes_ = recoded(std::move(bytes_), encoding, file.source());
    begin_.resize(64);
    Index filled = 0;
    for (Index count = 1; filled < 32 && count > 0; filled += count) count = bytes_->read(begin_.data() + filled, 32);
    begin_.resize(static_cast<std::size_t>(filled));
    if (begin_.compare(0, 3, "\xEF\xBB\xBF") == 0) {
      begin_.erase(0, 3);
      skipped_ = 3;
    }
    constexpr std::string_view kWideMark("\xFF\xFE\0\0", 4);
    if (begin_.compare(0, 4, kWideMark) == 0) {
      refuse(file.source(), "the file is written in UTF-32; read it with --encoding utf-32");
    }
    if (begin_.compare(0, 2, "\xFF\xFE") == 0 || begin_.compare(0, 2, "\xFE\xFF") == 0) {
      refuse(file.source(), "the file is written in UTF-16; read it with --encoding utf-16");
    }
  }

  Index read(char* out, Index size) override {
    if (begin_.empty()) return bytes_->read(out, size);
    const Index count = std::min(size, static_cast<Index>(begin_.size()));
    std::copy_n(begin_.data(), count, out);
    begin_.erase(0, static_cast<std::size_t>(count));
    return count;
  }

  Index skipped() const override { return skipped_; }

 private:
  std::unique_ptr<ByteSource> bytes_;
  std::string begin_;
  Index skipped_ = 0;
};

/// Standard input or a pipe, to its end.
std::string slurp(int descriptor, const std::string& source, const Context& context) {
  std::string bytes;
  std::vector<char> buffer(kBuffer);
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse(source, "cannot read: " + std::generic_category().message(errno));
    if (count == 0) return bytes;
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
    tell(std::ssize(bytes), 0, context);
    require_room(static_cast<double>(bytes.size()), "the input", source, context);
  }
}

std::string slurp(const std::string& path, const std::string& source, const Context& context) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) refuse(source, "cannot open: " + std::generic_category().message(errno));
  try {
    std::string bytes = slurp(descriptor, source, context);
    ::close(descriptor);
    return bytes;
  } catch (...) {
    ::close(descriptor);
    throw;
  }
}

/// Arrow's view of bytes that stay alive with it.
class KeptBuffer final : public arrow::Buffer {
 public:
  explicit KeptBuffer(std::shared_ptr<const std::string> bytes)
      : Buffer(reinterpret_cast<const std::uint8_t*>(bytes->data()), static_cast<Index>(bytes->size())),
        bytes_(std::move(bytes)) {}

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace

std::shared_ptr<arrow::Buffer> kept_buffer(std::shared_ptr<const std::string> bytes) {
  return std::make_shared<KeptBuffer>(std::move(bytes));
}

Index MemorySource::read(char* out, Index size) {
  const std::size_t count = std::min(static_cast<std::size_t>(size), bytes_.size());
  std::copy_n(bytes_.data(), count, out);
  bytes_.remove_prefix(count);
  return static_cast<Index>(count);
}

std::unique_ptr<ByteSource> recoded(std::unique_ptr<ByteSource> base, const std::string& encoding, std::string source) {
  return std::make_unique<RecodedSource>(std::move(base), encoding, std::move(source));
}

InputFile::InputFile(const std::string& path_or_dash, const Context& context)
    : path_(path_or_dash), source_(path_or_dash == "-" ? "standard input" : path_or_dash), context_(context) {
  if (path_ == "-") {
    bytes_ = std::make_shared<const std::string>(slurp(STDIN_FILENO, source_, context_));
  } else {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) {
      refuse(source_, errno == ENOENT ? "there is no such file" : "cannot open: " + std::generic_category().message(errno));
    }
    if (S_ISDIR(status.st_mode)) refuse(source_, "is a folder, not a table; name a file in it");
    if (S_ISREG(status.st_mode) && status.st_size == 0) refuse(source_, "the file is empty (0 bytes)");
    size_ = status.st_size;
    if (!S_ISREG(status.st_mode)) bytes_ = std::make_shared<const std::string>(slurp(path_, source_, context_));
  }
  if (bytes_ != nullptr && bytes_->empty()) refuse(source_, "there is no input (0 bytes)");
  std::array<char, 16> raw{};
  const auto count = ArrowSource(open_raw(), source_).read(raw.data(), raw.size());
  compression_ = compression_of({raw.data(), static_cast<std::size_t>(count)});
}

std::shared_ptr<arrow::io::InputStream> InputFile::open_raw() const {
  if (bytes_ != nullptr) return std::make_shared<arrow::io::BufferReader>(kept_buffer(bytes_));
  const auto file = arrow::io::ReadableFile::Open(path_);
  if (!file.ok()) refuse(source_, "cannot open: " + printable(file.status().message()));
  return *file;
}

std::unique_ptr<ByteSource> InputFile::open() const {
  const auto raw = open_raw();
  auto bytes = compressed() ? unpacked(raw) : std::make_unique<ArrowSource>(raw, source_);
  if (in_memory() || !context_.on_progress) return bytes;
  return std::make_unique<ToldSource>(std::move(bytes), raw, size_, context_);
}

std::unique_ptr<ByteSource> InputFile::unpacked(const std::shared_ptr<arrow::io::InputStream>& raw) const {
  auto codec =
      arrow::util::Codec::Create(compression_ == Compression::gzip ? arrow::Compression::GZIP : arrow::Compression::ZSTD);
  if (!codec.ok()) refuse(source_, printable(codec.status().message()));
  struct Kept {  // the stream points to its codec
    std::shared_ptr<arrow::util::Codec> codec;
    std::shared_ptr<arrow::io::CompressedInputStream> stream;
  };
  auto kept = std::make_shared<Kept>();
  kept->codec = std::move(*codec);
  auto plain = arrow::io::CompressedInputStream::Make(kept->codec.get(), raw);
  if (!plain.ok()) refuse(source_, printable(plain.status().message()));
  kept->stream = *plain;
  return std::make_unique<ArrowSource>(std::shared_ptr<arrow::io::InputStream>(kept, kept->stream.get()), source_);
}

std::string InputFile::head(Index size) const {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  const auto source = open();
  Index filled = 0;
  while (filled < size) {
    const Index count = source->read(bytes.data() + filled, size - filled);
    if (count == 0) break;
    filled += count;
  }
  bytes.resize(static_cast<std::size_t>(filled));
  return bytes;
}

std::shared_ptr<const std::string> InputFile::all() const {
  if (bytes_ != nullptr && !compressed()) return bytes_;
  const auto source = open();
  return std::make_shared<const std::string>(read_all(*source, source_, context_));
}

std::unique_ptr<TextSource> open_text(const InputFile& file, const std::string& encoding) {
  return std::make_unique<FileText>(file, encoding);
}

std::string read_all(ByteSource& bytes, const std::string& source, const Context& context) {
  std::string out;
  std::vector<char> buffer(kBuffer);
  while (const Index count = bytes.read(buffer.data(), kBuffer)) {
    out.append(buffer.data(), static_cast<std::size_t>(count));
    require_room(static_cast<double>(out.size()), "the unpacked input", source, context);
  }
  return out;
}

}  // namespace riata::io
