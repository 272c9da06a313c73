#include "riata/io/npy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/core/memory.hpp"
#include "riata/core/text.hpp"
#include "riata/data/exact_integer.hpp"
#include "riata/data/make_column.hpp"

namespace riata::io {
namespace {

static_assert(std::endian::native == std::endian::little);

[[noreturn]] void refuse(const std::string& source, const std::string& message) {
  throw Error(ErrorKind::input, message, printable(source));
}

/// The header's Python dictionary, as far as NumPy writes it: string, True/False and tuple-of-integers values.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& source) : text_(text), source_(source) {}

  struct Fields {
    std::string descr;
    bool fortran_order = false;
    std::vector<Index> shape;
  };

  Fields read() {
    Fields fields;
    bool has_descr = false, has_order = false, has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        skip_blanks();
        if (at_ < text_.size() && text_[at_] == '[')
          refuse(source_, "holds records (a structured array); save the numbers as a plain matrix");
        fields.descr = string();
        has_descr = true;
      } else if (key == "fortran_order") {
        fields.fortran_order = boolean();
        has_order = true;
      } else if (key == "shape") {
        fields.shape = tuple();
        has_shape = true;
      } else {
        damaged("an unknown key '" + shortened(printable(key), 40) + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!has_descr || !has_order || !has_shape) damaged("descr, fortran_order or shape is missing");
    return fields;
  }

 private:
  [[noreturn]] void damaged(const std::string& what) const { refuse(source_, "the NPY header is damaged: " + what); }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged(std::string("expected '") + c + "' at byte " + std::to_string(at_) + " of it");
  }
  std::string string() {
    skip_blanks();
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) damaged("expected a quoted word");
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) damaged("a quote is not closed");
    std::string out(text_.substr(at_, end - at_));
    at_ = end + 1;
    return out;
  }
  bool boolean() {
    skip_blanks();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return value;
    }
    damaged("fortran_order is neither True nor False");
  }
  std::vector<Index> tuple() {
    std::vector<Index> out;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      std::size_t end = at_;
      while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
      const auto value = parse_index(text_.substr(at_, end - at_));
      if (!value || out.size() == 32) damaged("the shape is not a tuple of sizes that fit 64 bits");
      at_ = end;
      out.push_back(*value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  const std::string& source_;
};

void read_descr(const std::string& descr, NpyHeader& header, const std::string& source) {
  const auto unsupported = [&]() {
    refuse(source, "holds elements of type '" + shortened(printable(descr), 40) +
                       "'; save them as numbers (float32, float64, an integer type or bool)");
  };
  if (descr.size() < 3) unsupported();
  const Index width = parse_index(std::string_view(descr).substr(2)).value_or(0);
  if (std::string_view("<>|=").find(descr[0]) == std::string_view::npos) unsupported();
  header.big_endian = descr[0] == '>';
  header.kind = descr[1];
  header.width = static_cast<int>(std::clamp<Index>(width, 0, 1000));
  const bool integer = header.kind == 'i' || header.kind == 'u';
  const bool fits = (header.kind == 'f' && (width == 2 || width == 4 || width == 8)) ||
                    (integer && (width == 1 || width == 2 || width == 4 || width == 8)) ||
                    (header.kind == 'b' && width == 1);
  if (!fits) unsupported();
}

double half_to_double(std::uint16_t half) {
  const int exponent = (half >> 10) & 31, fraction = half & 1023;
  const double sign = (half >> 15) != 0 ? -1.0 : 1.0;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  }
  return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// Element i of type From, in whatever byte order, at whatever address.
template <class From>
From element(const char* data, Index i, bool swap) {
  unsigned char raw[sizeof(From)];
  std::memcpy(raw, data + i * static_cast<Index>(sizeof(From)), sizeof(From));
  if (swap) std::reverse(raw, raw + sizeof(From));
  From value;
  std::memcpy(&value, raw, sizeof(From));
  return value;
}

template <class From, class To>
void convert(const char* data, Index count, bool swap, To* out) {
  for (Index i = 0; i < count; ++i) out[i] = static_cast<To>(element<From>(data, i, swap));
}

/// The integers, a column each, if float64 would round one of them: only their use tells whether that matters.
template <class I>
std::vector<Column> exact_columns(const NpyHeader& header, const char* data) {
  std::vector<Column> columns;
  const auto at = [&](Index i) { return element<I>(data, i, header.big_endian); };
  Index exact = 0;
  while (exact < header.rows * header.cols && is_exact_as_double(at(exact))) ++exact;
  if (exact == header.rows * header.cols) return columns;
  for (Index j = 0; j < header.cols; ++j) {
    std::vector<I> values(static_cast<std::size_t>(header.rows));
    for (Index i = 0; i < header.rows; ++i) {
      values[static_cast<std::size_t>(i)] = at(header.fortran_order ? j * header.rows + i : i * header.cols + j);
    }
    columns.push_back(make_column("x" + std::to_string(j + 1), std::move(values)));
  }
  return columns;
}

template <class To>
std::shared_ptr<const void> converted(const NpyHeader& header, const char* data, Index count) {
  auto out = std::make_shared<std::vector<To>>(static_cast<std::size_t>(count));
  To* to = out->data();
  const bool swap = header.big_endian;
  const int key = header.kind * 16 + header.width;
  switch (key) {
    case 'f' * 16 + 2:
      for (Index i = 0; i < count; ++i) to[i] = static_cast<To>(half_to_double(element<std::uint16_t>(data, i, swap)));
      break;
    case 'f' * 16 + 4: convert<float>(data, count, swap, to); break;
    case 'f' * 16 + 8: convert<double>(data, count, swap, to); break;
    case 'i' * 16 + 1: convert<std::int8_t>(data, count, swap, to); break;
    case 'i' * 16 + 2: convert<std::int16_t>(data, count, swap, to); break;
    case 'i' * 16 + 4: convert<std::int32_t>(data, count, swap, to); break;
    case 'i' * 16 + 8: convert<std::int64_t>(data, count, swap, to); break;
    case 'u' * 16 + 2: convert<std::uint16_t>(data, count, swap, to); break;
    case 'u' * 16 + 4: convert<std::uint32_t>(data, count, swap, to); break;
    case 'u' * 16 + 8: convert<std::uint64_t>(data, count, swap, to); break;
    default: convert<std::uint8_t>(data, count, swap, to);
  }
  return {out, out->data()};
}

/// A file's bytes, mapped.
class Mapping {
 public:
  Mapping(const std::string& path, const std::string& source) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0) {
      const int code = errno;
      if (descriptor >= 0) ::close(descriptor);
      refuse(source, "cannot open: " + std::generic_category().message(code));
    }
    size_ = static_cast<std::size_t>(status.st_size);
    data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int code = errno;
    ::close(descriptor);
    if (data_ == MAP_FAILED) refuse(source, "cannot map the file: " + std::generic_category().message(code));
  }
  ~Mapping() { ::munmap(data_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::string_view bytes() const { return {static_cast<const char*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes, Index file_size, const std::string& source) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  if (bytes.size() < 10 || bytes.substr(0, 6) != kMagic) refuse(source, "is not an NPY file");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  const std::size_t major = byte(6);
  if (major < 1 || major > 3)
    refuse(source, "NPY version " + std::to_string(major) + " is not known; save it as version 1, 2 or 3");
  const std::size_t prefix = major == 1 ? 10 : 12;
  if (bytes.size() < prefix) refuse(source, "the NPY header is cut short");
  const std::size_t length = byte(8) | byte(9) << 8 | (major == 1 ? 0 : byte(10) << 16 | byte(11) << 24);
  if (length > bytes.size() - prefix) refuse(source, "the NPY header is cut short");
  const auto fields = HeaderReader(bytes.substr(prefix, length), source).read();
  NpyHeader header;
  read_descr(fields.descr, header, source);
  header.fortran_order = fields.fortran_order;
  header.data_offset = static_cast<Index>(prefix + length);
  const std::vector<Index>& shape = fields.shape;
  if (shape.empty() || shape.size() > 2) {
    refuse(source, "holds an array of " + std::to_string(shape.size()) + " dimensions; a table needs one or two");
  }
  header.rows = shape[0];
  header.cols = shape.size() == 2 ? shape[1] : 1;
  const double needed = static_cast<double>(header.rows) * static_cast<double>(header.cols) * header.width;
  const Index there = file_size - header.data_offset;
  // the comparison in doubles guards the exact one against overflow
  if (needed > 2 * static_cast<double>(there) + 64 || header.rows * header.cols * header.width > there) {
    refuse(source, "the header claims " + std::to_string(header.rows) + " rows and " + std::to_string(header.cols) +
                       " columns, which need " + bytes_text(needed) + ", but only " +
                       bytes_text(static_cast<double>(there)) + " follow; the file is cut short or damaged");
  }
  if (const Index more = there - header.rows * header.cols * header.width; more > 0) {
    refuse(source, std::to_string(more) + " bytes follow the array; a table is one array, save each in a file of its own");
  }
  if (header.rows == 0 || header.cols == 0) {
    refuse(source,
           "holds " + std::to_string(header.rows) + " rows and " + std::to_string(header.cols) + " columns: nothing to fit");
  }
  return header;
}

Table parse_npy(std::string_view bytes, std::shared_ptr<const void> owner, const std::string& source,
                const Context& context) {
  const NpyHeader header = parse_npy_header(bytes, static_cast<Index>(bytes.size()), source);
  const char* data = bytes.data() + header.data_offset;
  const Index count = header.rows * header.cols;
  Table table;
  table.source = source;
  table.rows = header.rows;
  table.has_header = false;
  if (header.kind != 'f' && header.width == 8) {
    require_memory(static_cast<double>(count) * 8, "the matrix as numbers", source, context);
    table.columns =
        header.kind == 'i' ? exact_columns<std::int64_t>(header, data) : exact_columns<std::uint64_t>(header, data);
    if (!table.columns.empty()) return table;
  }
  MatrixBlock matrix;
  matrix.rows = header.rows;
  matrix.cols = header.cols;
  matrix.row_stride = header.fortran_order ? 1 : header.cols;
  matrix.column_stride = header.fortran_order ? header.rows : 1;
  const bool narrow = header.width <= (header.kind == 'f' ? 4 : 2);
  matrix.scalar = narrow ? MatrixBlock::Scalar::float32 : MatrixBlock::Scalar::float64;
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(header.width) == 0;
  if (header.kind == 'f' && header.width >= 4 && !header.big_endian && aligned) {
    matrix.values = data;
    matrix.owner = std::move(owner);
  } else {
    require_memory(static_cast<double>(count) * (narrow ? 4 : 8), "the matrix as floating-point numbers", source, context);
    matrix.owner = narrow ? converted<float>(header, data, count) : converted<double>(header, data, count);
    matrix.values = matrix.owner.get();
  }
  table.matrix = std::move(matrix);
  return table;
}

Table read_npy(const InputFile& file, const Context& context) {
  if (file.in_memory() || file.compressed()) {
    const auto bytes = file.all();
    return parse_npy(*bytes, bytes, file.source(), context);
  }
  const auto mapping = std::make_shared<const Mapping>(file.path(), file.source());
  return parse_npy(mapping->bytes(), mapping, file.source(), context);
}

}  // namespace riata::io
