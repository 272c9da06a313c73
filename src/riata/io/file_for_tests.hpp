#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

#include "riata/core/error.hpp"
#include "riata/data/column_values.hpp"
#include "riata/io/read_table.hpp"

namespace riata::io {

/// A folder that goes with its object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "riata-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  /// what() of the error that `call` throws, the folder's name cut out.
  std::string refusal(const std::function<void()>& call) const {
    try {
      call();
    } catch (const Error& error) {
      std::string text = error.what();
      for (std::size_t at; (at = text.find(path_.string() + "/")) != std::string::npos;) {
        text.erase(at, path_.string().size() + 1);
      }
      return text;
    }
    return "no error";
  }

 private:
  std::filesystem::path path_;
};

inline std::vector<double> numbers_of(const Table& table, Index position) {
  const Numbers numbers = read_numbers(table, position);
  std::vector<double> out;
  for (Index i = 0; i < numbers.rows; ++i) out.push_back(numbers.at(i));
  for (Index i : numbers.missing) out[static_cast<std::size_t>(i)] = -999;  // stands for missing
  return out;
}

inline std::vector<std::string> texts_of(const Table& table, Index position) {
  const Labels labels = read_labels(table, position);
  std::vector<std::string> out;
  for (std::int32_t code : labels.codes)
    out.push_back(code < 0 ? "<missing>" : labels.levels[static_cast<std::size_t>(code)]);
  return out;
}

}  // namespace riata::io
