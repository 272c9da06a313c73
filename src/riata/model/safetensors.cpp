#include "riata/model/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <set>

#include "riata/core/error.hpp"
#include "riata/core/json_writer.hpp"
#include "riata/core/text.hpp"
#include "riata/model/json_reader.hpp"
#include "riata/model/model.hpp"

namespace riata {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they lie in memory");

using Json = nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kLongestHeader = 100'000'000;  // the format's own bound
constexpr int kDeepest = 3;
constexpr std::string_view kChecksumStart = "{\"__metadata__\":{\"checksum\":\"xxh3:";
constexpr std::size_t kChecksumDigits = 16;
constexpr Index kMost = std::numeric_limits<Index>::max();

[[noreturn]] void refuse(const std::string& source, const std::string& message) {
  throw Error(ErrorKind::input, message, source);
}

std::string_view name_of(Tensor::Type type) {
  switch (type) {
    case Tensor::Type::float32: return "F32";
    case Tensor::Type::float64: return "F64";
    case Tensor::Type::int64: break;
  }
  return "I64";
}

Index width_of(Tensor::Type type) { return type == Tensor::Type::float32 ? 4 : 8; }

template <class T>
std::vector<T> copied(const std::string& bytes) {
  std::vector<T> out(bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size() * sizeof(T));
  return out;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::uint64_t header_length(std::string_view bytes) {
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  return length;
}

Json parse(std::string_view header, const std::string& source) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kDeepest) refuse(source, "its header is nested too deeply for a safetensors file");
    if (event == Json::parse_event_t::object_start) keys.resize(static_cast<std::size_t>(depth) + 1);
    if (event == Json::parse_event_t::object_start) keys.back().clear();
    if (event == Json::parse_event_t::key) {
      const auto level = static_cast<std::size_t>(depth) - 1;
      if (!keys[level].insert(value.get<std::string>()).second) {
        refuse(source, "its header holds the name '" + printable(value.get<std::string>()) + "' twice");
      }
    }
    return true;
  };
  try {
    return Json::parse(header.begin(), header.end(), watch);
  } catch (const Json::exception&) {
    refuse(source, "its header is not well-formed JSON: the file is damaged, or is no safetensors file");
  }
}

/// Elements of a shape, checked against overflow.
Index elements(const JsonReader& shape, Index width) {
  Index count = 1;
  bool empty = false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Index extent = shape.element(i).index(0, kMost);
    empty = empty || extent == 0;
    if (extent > 0 && count > kMost / width / extent) shape.fail("it is too large");
    count *= std::max<Index>(extent, 1);
  }
  return empty ? 0 : count;
}

struct Place {
  Index begin = 0, end = 0;
  std::size_t tensor = 0;
};

Tensor read_tensor(const JsonReader& in, const std::string& name, Index body, Place& place) {
  Tensor tensor;
  tensor.name = name;
  const std::string type = in.member("dtype").text();
  bool known = false;
  for (const Tensor::Type one : {Tensor::Type::float32, Tensor::Type::float64, Tensor::Type::int64}) {
    if (type != name_of(one)) continue;
    tensor.type = one;
    known = true;
  }
  if (!known) in.member("dtype").fail("'" + printable(type) + "' is not read here; F32, F64 and I64 are");
  const JsonReader shape = in.member("shape");
  const Index size = elements(shape, width_of(tensor.type)) * width_of(tensor.type);
  for (std::size_t i = 0; i < shape.size(); ++i) tensor.shape.push_back(shape.element(i).index(0, kMost));
  const JsonReader offsets = in.member("data_offsets");
  if (offsets.size() != 2) offsets.fail("it is not a beginning and an end");
  place.begin = offsets.element(0).index(0, body);
  place.end = offsets.element(1).index(place.begin, body);
  if (place.end - place.begin != size) offsets.fail("it does not have the size of the shape");
  return tensor;
}

/// Tensors lie one after another from the first byte to the last.
void check_places(std::vector<Place> places, Index body, const std::string& source) {
  std::ranges::sort(places,
                    [](const Place& a, const Place& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  Index reached = 0;
  for (const Place& place : places) {
    if (place.begin != reached) refuse(source, "its tensors overlap, or leave gaps: the file is damaged");
    reached = place.end;
  }
  if (reached != body) refuse(source, "holds more bytes than its header describes: the file is damaged");
}

}  // namespace

Index Tensor::size() const {
  Index count = 1;
  for (const Index extent : shape) count *= extent;
  return count;
}

std::vector<double> Tensor::numbers(const std::string& source) const {
  if (type == Type::int64)
    refuse(source, "the tensor '" + printable(name) + "' holds whole numbers where others are needed");
  std::vector<double> out;
  if (type == Type::float64) {
    out = copied<double>(bytes);
  } else {
    const std::vector<float> narrow = copied<float>(bytes);
    out.assign(narrow.begin(), narrow.end());
  }
  const bool finite = std::ranges::all_of(out, [](double one) { return std::isfinite(one); });
  if (!finite) refuse(source, "the tensor '" + printable(name) + "' holds a value that is not finite");
  return out;
}

std::vector<Index> Tensor::integers(const std::string& source) const {
  if (type != Type::int64) refuse(source, "the tensor '" + printable(name) + "' does not hold whole numbers (I64)");
  return copied<Index>(bytes);
}

Tensor make_tensor(std::string name, std::vector<Index> shape, const std::vector<double>& values, Tensor::Type type) {
  Tensor out{.name = std::move(name), .type = type, .shape = std::move(shape), .bytes = {}};
  out.bytes = type == Tensor::Type::float64 ? bytes_of(values) : bytes_of(std::vector<float>(values.begin(), values.end()));
  return out;
}

Tensor make_integer_tensor(std::string name, std::vector<Index> shape, const std::vector<Index>& values) {
  return {.name = std::move(name), .type = Tensor::Type::int64, .shape = std::move(shape), .bytes = bytes_of(values)};
}

const Tensor* Safetensors::find(std::string_view name) const {
  const auto found = std::ranges::find(tensors, name, &Tensor::name);
  return found == tensors.end() ? nullptr : &*found;
}

const std::string* Safetensors::text(std::string_view key) const {
  const auto found = std::ranges::find(metadata, key, [](const auto& pair) { return std::string_view(pair.first); });
  return found == metadata.end() ? nullptr : &found->second;
}

std::string write_safetensors(const Safetensors& file) {
  JsonWriter out;
  out.begin_object();
  out.key("__metadata__");
  out.begin_object();
  out.member("checksum", "xxh3:" + std::string(kChecksumDigits, '0'));
  for (const auto& [key, value] : file.metadata) out.member(key, value);
  out.end_object();
  Index place = 0;
  for (const Tensor& tensor : file.tensors) {
    out.key(tensor.name);
    out.begin_object();
    out.member("dtype", name_of(tensor.type));
    out.member("shape", tensor.shape);
    const Index end = place + std::ssize(tensor.bytes);
    out.member("data_offsets", std::vector<Index>{place, end});
    out.end_object();
    place = end;
  }
  out.end_object();
  std::string header = std::move(out.text());
  header.resize((header.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  const std::uint64_t length = header.size();
  std::string bytes(kLengthBytes, '\0');
  std::memcpy(bytes.data(), &length, kLengthBytes);
  bytes += header;
  for (const Tensor& tensor : file.tensors) bytes += tensor.bytes;
  const std::size_t digits_at = kLengthBytes + kChecksumStart.size();
  bytes.replace(digits_at, kChecksumDigits, model_checksum(bytes, digits_at));
  return bytes;
}

bool looks_like_safetensors(std::string_view bytes) { return bytes.size() > kLengthBytes && bytes[kLengthBytes] == '{'; }

Safetensors read_safetensors(std::string_view bytes, const std::string& source) {
  if (bytes.size() < kLengthBytes + 2) refuse(source, "is too short for a safetensors file");
  const std::uint64_t length = header_length(bytes);
  if (length > kLongestHeader || length > bytes.size() - kLengthBytes || bytes[kLengthBytes] != '{') {
    refuse(source, "is not a safetensors file, or is truncated: its first eight bytes are not the length of a header");
  }
  const std::string_view header = bytes.substr(kLengthBytes, length);
  Safetensors out;
  if (header.starts_with(kChecksumStart) && header.size() > kChecksumStart.size() + kChecksumDigits) {
    if (header.substr(kChecksumStart.size(), kChecksumDigits) !=
        model_checksum(std::string(bytes), kLengthBytes + kChecksumStart.size())) {
      refuse(source, "does not match its checksum: the file is truncated or altered");
    }
    out.checked = true;
  }
  const Json document = parse(header, source);
  if (!document.is_object()) refuse(source, "its header is not an object");
  const JsonReader in(document, source);
  const auto body = static_cast<Index>(bytes.size() - kLengthBytes - length);
  std::vector<Place> places;
  for (const auto& [name, value] : document.items()) {
    const JsonReader entry = in.member(name);
    if (name == "__metadata__") {
      if (!value.is_object()) entry.fail("it is not an object");
      for (const auto& [key, text] : value.items()) {
        const std::string content = entry.member(key).text();
        if (key != "checksum" || !out.checked) out.metadata.emplace_back(key, content);
      }
      continue;
    }
    places.push_back({.tensor = out.tensors.size()});
    out.tensors.push_back(read_tensor(entry, name, body, places.back()));
  }
  check_places(places, body, source);
  for (const Place& place : places) {
    out.tensors[place.tensor].bytes = bytes.substr(kLengthBytes + length + static_cast<std::size_t>(place.begin),
                                                   static_cast<std::size_t>(place.end - place.begin));
  }
  return out;
}

}  // namespace riata
