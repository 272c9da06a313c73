#include "riata/data/column_values.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"
#include "riata/data/arrow_cells.hpp"
#include "riata/data/exact_integer.hpp"

namespace riata {
namespace {

using Scalar = MatrixBlock::Scalar;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double half_to_double(std::uint16_t half) {
  const int exponent = (half >> 10) & 31, fraction = half & 1023;
  const double sign = (half >> 15) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : kNaN;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

/// A decimal of 32, 64 or 128 bits: its digits as text, read back, so that it is rounded once.
class Decimals {
 public:
  explicit Decimals(std::string_view format) {  // d:precision,scale[,bits]
    const std::size_t comma = format.find(',');
    const std::size_t second = format.find(',', comma + 1);
    scale_ = static_cast<int>(parse_index(format.substr(comma + 1, second - comma - 1)).value_or(0));
    if (second != std::string_view::npos) bits_ = static_cast<int>(parse_index(format.substr(second + 1)).value_or(128));
  }
  int bits() const { return bits_; }

  double at(const ArrowArray& chunk, Index i) const {
    if (bits_ == 32) return scaled(data_of<std::int32_t>(chunk)[i]);
    if (bits_ == 64) return scaled(data_of<std::int64_t>(chunk)[i]);
    __extension__ typedef __int128 Wide;
    Wide value = 0;
    std::memcpy(&value, static_cast<const char*>(chunk.buffers[1]) + (chunk.offset + i) * 16, 16);
    return scaled(value);
  }

 private:
  template <class I>
  double scaled(I value) const {
    std::string digits;
    const bool negative = value < 0;
    for (; value != 0; value /= 10) {
      const auto digit = static_cast<int>(value % 10);
      digits += static_cast<char>('0' + (digit < 0 ? -digit : digit));
    }
    if (digits.empty()) return 0;
    if (negative) digits += '-';
    std::reverse(digits.begin(), digits.end());
    return parse_double(digits + "e" + std::to_string(-scale_)).value_or(kNaN);
  }

  int scale_ = 0;
  int bits_ = 128;
};

/// out[i] of type T for every cell of a chunk; NaN for nulls.
template <class T, class Read>
void fill(const ArrowArray& chunk, T* out, const Read& read) {
  for (Index i = 0; i < chunk.length; ++i) {
    out[i] = is_null(chunk, i) ? std::numeric_limits<T>::quiet_NaN() : static_cast<T>(read(i));
  }
}

template <class T>
void convert(std::string_view format, const ArrowArray& chunk, T* out) {
  const auto plain = [&](auto zero) {
    const auto* values = data_of<decltype(zero)>(chunk);
    fill(chunk, out, [&](Index i) { return values[i]; });
  };
  if (format[0] == 'd') return fill(chunk, out, [&, d = Decimals(format)](Index i) { return d.at(chunk, i); });
  switch (format[0]) {
    case 'n': std::fill_n(out, chunk.length, std::numeric_limits<T>::quiet_NaN()); return;
    case 'b': return fill(chunk, out, [&](Index i) { return bit(chunk.buffers[1], chunk.offset + i) ? 1 : 0; });
    case 'e': return fill(chunk, out, [&](Index i) { return half_to_double(data_of<std::uint16_t>(chunk)[i]); });
    case 'c': return plain(std::int8_t{});
    case 'C': return plain(std::uint8_t{});
    case 's': return plain(std::int16_t{});
    case 'S': return plain(std::uint16_t{});
    case 'i': return plain(std::int32_t{});
    case 'I': return plain(std::uint32_t{});
    case 'l': return plain(std::int64_t{});
    case 'L': return plain(std::uint64_t{});
    case 'f': return plain(float{});
    default: return plain(double{});
  }
}

/// Throws for the first integer of a chunk that a float64 would round: an identifier, most likely. `first` is its first row.
template <class I>
void refuse_rounding(const Table& table, Index position, const ArrowArray& chunk, Index first) {
  const I* values = data_of<I>(chunk);
  for (Index i = 0; i < chunk.length; ++i) {
    if (is_exact_as_double(values[i]) || is_null(chunk, i)) continue;
    const std::string name = printable(table.column_name(position));
    std::string message = rounding_message(values[i]);
    message += "leave the column out with --exclude ";
    message += name;
    message += ", read it as labels with --categorical ";
    message += name;
    message += ", or store it as float64 if rounding does no harm";
    throw Error(ErrorKind::input, message, table.place(first + i, position));
  }
}

/// Position of every cell whose bits have the largest exponent: NaN and infinities.
template <class T>
std::vector<Index> not_finite(const T* values, Index rows) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits kExponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  constexpr Index kBlock = 1024;
  std::vector<Index> found;
  for (Index start = 0; start < rows; start += kBlock) {
    const Index end = std::min(rows, start + kBlock);
    Bits any = 0;
    for (Index i = start; i < end; ++i) any |= static_cast<Bits>((std::bit_cast<Bits>(values[i]) & kExponent) == kExponent);
    if (any == 0) continue;
    for (Index i = start; i < end; ++i) {
      if (!std::isfinite(values[i])) found.push_back(i);
    }
  }
  return found;
}

template <class T>
void find_missing(const Table& table, Index position, Numbers& numbers, const Column* nulls_of, Infinite infinite) {
  const T* values = static_cast<const T*>(numbers.values);
  const ArrowArray* chunk = nulls_of != nullptr && !nulls_of->chunks().empty() ? &nulls_of->chunks().front() : nullptr;
  for (Index i : not_finite(values, numbers.rows)) {
    if (chunk != nullptr && is_null(*chunk, i)) continue;
    if (std::isinf(values[i])) {
      if (infinite == Infinite::kept) continue;
      throw Error(ErrorKind::input,
                  std::string(values[i] < 0 ? "-inf" : "inf") +
                      " is not a usable number; correct the cell, or leave it empty if it may be missing",
                  table.place(i, position));
    }
    numbers.missing.push_back(i);
  }
  if (chunk == nullptr || chunk->null_count == 0 || chunk->buffers[0] == nullptr) return;
  for (Index i = 0; i < numbers.rows; ++i) {
    if (is_null(*chunk, i)) numbers.missing.push_back(i);
  }
  std::sort(numbers.missing.begin(), numbers.missing.end());
}

template <class T>
Numbers owned(std::shared_ptr<std::vector<T>> values) {
  Numbers numbers;
  numbers.scalar = sizeof(T) == 4 ? Scalar::float32 : Scalar::float64;
  numbers.values = values->data();
  numbers.rows = static_cast<Index>(values->size());
  numbers.owner = std::move(values);
  return numbers;
}

template <class T>
Numbers read_column(const Table& table, Index position, const Column& column, Infinite infinite) {
  const std::string_view format = format_of(column.schema());
  const bool same_width = format == (sizeof(T) == 4 ? "f" : "g");
  Numbers numbers;
  if (same_width && column.chunks().size() == 1 && column.rows() > 0) {
    numbers = {sizeof(T) == 4 ? Scalar::float32 : Scalar::float64,
               data_of<T>(column.chunks().front()),
               column.rows(),
               {},
               column.owner()};
    find_missing<T>(table, position, numbers, &column, infinite);
    return numbers;
  }
  auto values = std::make_shared<std::vector<T>>(static_cast<std::size_t>(column.rows()));
  T* out = values->data();
  for (const ArrowArray& chunk : column.chunks()) {
    const Index first = out - values->data();
    if (format == "l") refuse_rounding<std::int64_t>(table, position, chunk, first);
    if (format == "L") refuse_rounding<std::uint64_t>(table, position, chunk, first);
    convert(format, chunk, out);
    out += chunk.length;
  }
  numbers = owned(std::move(values));
  find_missing<T>(table, position, numbers, nullptr, infinite);
  return numbers;
}

template <class T>
Numbers read_matrix_column(const Table& table, Index position, Infinite infinite) {
  const MatrixBlock& matrix = *table.matrix;
  const Index j = position - static_cast<Index>(table.columns.size());
  Numbers numbers;
  if (matrix.layout == MatrixBlock::Layout::dense && matrix.row_stride == 1) {
    numbers = {
        matrix.scalar, static_cast<const T*>(matrix.values) + j * matrix.column_stride, matrix.rows, {}, matrix.owner};
  } else {
    auto values = std::make_shared<std::vector<T>>(static_cast<std::size_t>(matrix.rows));
    if (matrix.layout == MatrixBlock::Layout::dense) {
      const T* from = static_cast<const T*>(matrix.values) + j * matrix.column_stride;
      for (Index i = 0; i < matrix.rows; ++i) (*values)[static_cast<std::size_t>(i)] = from[i * matrix.row_stride];
    } else {
      for (Index k = matrix.column_starts[j]; k < matrix.column_starts[j + 1]; ++k) {
        const Index i = matrix.wide_indices ? static_cast<const std::int64_t*>(matrix.row_indices)[k]
                                            : static_cast<const std::int32_t*>(matrix.row_indices)[k];
        (*values)[static_cast<std::size_t>(i)] = static_cast<const T*>(matrix.values)[k];
      }
    }
    numbers = owned(std::move(values));
  }
  find_missing<T>(table, position, numbers, nullptr, infinite);
  return numbers;
}

}  // namespace

ColumnKind kind_of(const Column& column) {
  const std::string_view format = format_of(column.schema());
  if (column.schema().dictionary != nullptr) {
    return is_text(column.schema().dictionary->format) ? ColumnKind::text : ColumnKind::unsupported;
  }
  if (is_text(format)) return ColumnKind::text;
  if (format == "b") return ColumnKind::boolean;
  if (format.substr(0, 2) == "d:") return Decimals(format).bits() <= 128 ? ColumnKind::number : ColumnKind::unsupported;
  constexpr std::string_view kNumbers = "ncCsSiIlLefg";
  return format.size() == 1 && kNumbers.find(format[0]) != std::string_view::npos ? ColumnKind::number
                                                                                  : ColumnKind::unsupported;
}

void require_supported(const Table& table, Index position) {
  if (position >= static_cast<Index>(table.columns.size())) return;
  const Column& column = table.columns[static_cast<std::size_t>(position)];
  if (kind_of(column) != ColumnKind::unsupported) return;
  const ArrowSchema* words = column.schema().dictionary;
  const std::string_view format = words != nullptr ? words->format : format_of(column.schema());
  const bool nested = format.substr(0, 1) == "+", time = format.substr(0, 1) == "t";
  throw Error(ErrorKind::input,
              std::string(words != nullptr ? "a dictionary of other values than text"
                          : nested         ? "a nested column (list, struct or map)"
                          : time           ? "a date or time"
                                           : "a column of this type") +
                  " (Arrow format '" + printable(format) + "') cannot be used; " +
                  (nested ? "flatten it" : "turn it into a number or text") + ", or leave it out with --exclude " +
                  printable(column.name()),
              table.place(-1, position));
}

Numbers read_numbers(const Table& table, Index position, Infinite infinite) {
  require_supported(table, position);
  if (position >= static_cast<Index>(table.columns.size())) {
    return table.matrix->scalar == Scalar::float32 ? read_matrix_column<float>(table, position, infinite)
                                                   : read_matrix_column<double>(table, position, infinite);
  }
  const Column& column = table.columns[static_cast<std::size_t>(position)];
  if (kind_of(column) == ColumnKind::text) {
    const Labels labels = read_labels(table, position);
    const auto first = std::find_if(labels.codes.begin(), labels.codes.end(), [](std::int32_t code) { return code >= 0; });
    if (first == labels.codes.end()) {
      return owned(std::make_shared<std::vector<double>>(labels.codes.size(), kNaN));
    }
    throw Error(ErrorKind::input,
                "'" + printable(labels.levels[static_cast<std::size_t>(*first)]) + "' is text, where numbers are needed",
                table.place(first - labels.codes.begin(), position));
  }
  const std::string_view format = format_of(column.schema());
  return format == "f" || format == "e" ? read_column<float>(table, position, column, infinite)
                                        : read_column<double>(table, position, column, infinite);
}

std::vector<Index> kept_positions(const std::vector<Index>& rows, const std::vector<Index>& kept) {
  std::vector<Index> out;
  auto at = kept.begin();
  for (const Index row : rows) {
    at = std::lower_bound(at, kept.end(), row);
    if (at != kept.end() && *at == row) out.push_back(at - kept.begin());
  }
  return out;
}

Numbers keep_rows(const Numbers& numbers, const std::vector<Index>& kept) {
  const auto copy = [&](const auto* values) {
    using T = std::remove_cvref_t<decltype(*values)>;
    auto out = std::make_shared<std::vector<T>>();
    out->reserve(kept.size());
    for (Index i : kept) out->push_back(values[i]);
    Numbers result = owned(std::move(out));
    result.missing = kept_positions(numbers.missing, kept);
    return result;
  };
  return numbers.scalar == Scalar::float32 ? copy(static_cast<const float*>(numbers.values))
                                           : copy(static_cast<const double*>(numbers.values));
}

}  // namespace riata
