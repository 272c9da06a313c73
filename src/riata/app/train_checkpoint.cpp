#include "riata/app/train_checkpoint.hpp"

#include <xxhash.h>

#include <array>
#include <bit>
#include <type_traits>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr const char* kKind = "riata checkpoint";
constexpr const char* kPartKind = "riata grid part";
constexpr const char* kFormat = "2";  // 2: what a grid or a contest keeps of a network has another meaning than in 1

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

/// A double as its bits: infinities and NaN come back as they were.
Index bits(double value) { return std::bit_cast<Index>(value); }
double from_bits(Index value) { return std::bit_cast<double>(value); }

template <class T>
constexpr Tensor::Type kType = std::is_same_v<T, float> ? Tensor::Type::float32 : Tensor::Type::float64;

template <class T>
Tensor tensor_of(const char* name, const std::vector<T>& values) {
  return {.name = name,
          .type = kType<T>,
          .shape = {std::ssize(values)},
          .bytes = std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
}

const Tensor& needed(const Safetensors& file, const char* name, const std::string& source) {
  const Tensor* found = file.find(name);
  if (found == nullptr) throw Error(ErrorKind::input, "the tensor '" + std::string(name) + "' is missing", source);
  return *found;
}

template <class T>
std::vector<T> values_of(const Safetensors& file, const char* name, const std::string& source) {
  const Tensor& tensor = needed(file, name, source);
  if (tensor.type != kType<T>) {
    throw Error(ErrorKind::input, "the checkpoint was made with the other --precision", source);
  }
  std::vector<T> out(tensor.bytes.size() / sizeof(T));
  std::copy_n(tensor.bytes.data(), tensor.bytes.size(), reinterpret_cast<char*>(out.data()));
  return out;
}

constexpr Index kHistoryColumns = 9;

std::array<double, kHistoryColumns - 1> numbers_of(const EpochRecord& row) {
  return {row.training_loss,       row.validation_loss, row.test_loss,   row.training_accuracy,
          row.validation_accuracy, row.test_accuracy,   row.weight_norm, row.learning_rate};
}

EpochRecord record_of(const std::vector<Index>& cells, std::size_t first) {
  EpochRecord row;
  row.epoch = cells[first];
  std::size_t k = first;
  for (double* into : {&row.training_loss, &row.validation_loss, &row.test_loss, &row.training_accuracy,
                       &row.validation_accuracy, &row.test_accuracy, &row.weight_norm, &row.learning_rate}) {
    *into = from_bits(cells[++k]);
  }
  return row;
}

void check_origin(const Safetensors& file, const char* expected, const std::string& fingerprint, const char* may_change,
                  const std::string& source) {
  const std::string *kind = file.text("kind"), *format = file.text("format_version"), *made = file.text("fingerprint");
  if (kind == nullptr || *kind != expected || !file.checked || format == nullptr || made == nullptr) {
    throw Error(ErrorKind::input, "is not a checkpoint of riata train", source);
  }
  if (*format != kFormat) {
    throw Error(ErrorKind::input,
                "is a checkpoint of format " + printable(*format) + ", and this riata reads format " + kFormat +
                    ": end that run with the riata that began it, or begin anew with another --checkpoint folder",
                source);
  }
  if (*made != fingerprint) {
    throw Error(ErrorKind::argument,
                "--resume: the checkpoint was made with other data or other options (" + std::string(may_change) +
                    "); give those again, or another --checkpoint folder",
                source);
  }
}

}  // namespace

template <class T>
std::string write_checkpoint(const TrainState<T>& state, const std::string& fingerprint) {
  Safetensors file;
  file.metadata = {{"kind", kKind}, {"format_version", kFormat}, {"fingerprint", fingerprint}};
  const std::vector<Index> scalars = {state.epoch,
                                      state.batch,
                                      state.step,
                                      bits(state.loss_sum),
                                      bits(state.hits),
                                      bits(state.weight_sum),
                                      bits(state.rate_factor),
                                      bits(state.plateau_best),
                                      state.plateau_bad_epochs,
                                      bits(state.momentum_product),
                                      bits(state.best_loss),
                                      state.best_epoch};
  std::vector<Index> history;
  for (const EpochRecord& row : state.history) {
    history.push_back(row.epoch);
    for (const double one : numbers_of(row)) history.push_back(bits(one));
  }
  file.tensors = {make_integer_tensor("scalars", {std::ssize(scalars)}, scalars),
                  make_integer_tensor("history", {std::ssize(state.history), kHistoryColumns}, history),
                  tensor_of("parameters", state.parameters), tensor_of("optimizer", state.optimizer),
                  tensor_of("best_parameters", state.best_parameters)};
  return write_safetensors(file);
}

template <class T>
TrainState<T> read_checkpoint(const Safetensors& file, const std::string& fingerprint, const std::string& source) {
  check_origin(file, kKind, fingerprint,
               "--learning-rate and --clip-norm may change, and --epochs but under --schedule cosine", source);
  const std::vector<Index> s = needed(file, "scalars", source).integers(source);
  const std::vector<Index> history = needed(file, "history", source).integers(source);
  if (s.size() != 12 || history.size() % at(kHistoryColumns) != 0) {
    throw Error(ErrorKind::input, "the checkpoint's numbers are not those of this version", source);
  }
  TrainState<T> out;
  out.epoch = s[0];
  out.batch = s[1];
  out.step = s[2];
  out.loss_sum = from_bits(s[3]);
  out.hits = from_bits(s[4]);
  out.weight_sum = from_bits(s[5]);
  out.rate_factor = from_bits(s[6]);
  out.plateau_best = from_bits(s[7]);
  out.plateau_bad_epochs = s[8];
  out.momentum_product = from_bits(s[9]);
  out.best_loss = from_bits(s[10]);
  out.best_epoch = s[11];
  for (std::size_t first = 0; first < history.size(); first += at(kHistoryColumns)) {
    out.history.push_back(record_of(history, first));
  }
  out.parameters = values_of<T>(file, "parameters", source);
  out.optimizer = values_of<T>(file, "optimizer", source);
  out.best_parameters = values_of<T>(file, "best_parameters", source);
  if (out.epoch < 0 || out.batch < 0 || out.step < 0) {
    throw Error(ErrorKind::input, "the checkpoint counts below 0", source);
  }
  return out;
}

template <class T>
std::string write_grid_part(const GridPart<T>& part, const std::string& fingerprint) {
  Safetensors file;
  file.metadata = {{"kind", kPartKind}, {"format_version", kFormat}, {"fingerprint", fingerprint}};
  std::vector<Index> numbers;
  for (const double one : part.numbers) numbers.push_back(bits(one));
  file.tensors = {make_integer_tensor("numbers", {std::ssize(numbers)}, numbers), tensor_of("parameters", part.parameters)};
  return write_safetensors(file);
}

template <class T>
GridPart<T> read_grid_part(const Safetensors& file, const std::string& fingerprint, const std::string& source) {
  check_origin(file, kPartKind, fingerprint, "of a grid or a contest nothing may change", source);
  GridPart<T> out;
  for (const Index one : needed(file, "numbers", source).integers(source)) out.numbers.push_back(from_bits(one));
  out.parameters = values_of<T>(file, "parameters", source);
  return out;
}

std::string fingerprint_of(const std::vector<std::string>& texts, const std::vector<std::span<const double>>& numbers) {
  std::string hashes;
  const auto add = [&](const void* data, std::size_t size) {
    const XXH64_hash_t hash = XXH3_64bits(data, size);
    hashes.append(reinterpret_cast<const char*>(&hash), sizeof hash);
  };
  for (const std::string& text : texts) add(text.data(), text.size());
  for (const std::span<const double> one : numbers) add(one.data(), one.size_bytes());
  constexpr std::string_view kHex = "0123456789abcdef";
  XXH64_hash_t hash = XXH3_64bits(hashes.data(), hashes.size());
  std::string digits(16, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, hash >>= 4) *digit = kHex[hash & 15];
  return digits;
}

template std::string write_checkpoint(const TrainState<float>&, const std::string&);
template std::string write_checkpoint(const TrainState<double>&, const std::string&);
template TrainState<float> read_checkpoint(const Safetensors&, const std::string&, const std::string&);
template TrainState<double> read_checkpoint(const Safetensors&, const std::string&, const std::string&);

template std::string write_grid_part(const GridPart<float>&, const std::string&);
template std::string write_grid_part(const GridPart<double>&, const std::string&);
template GridPart<float> read_grid_part(const Safetensors&, const std::string&, const std::string&);
template GridPart<double> read_grid_part(const Safetensors&, const std::string&, const std::string&);

}  // namespace riata
