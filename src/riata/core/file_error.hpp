#pragma once

#include <string>
#include <utility>

#include "riata/core/error.hpp"

namespace riata {

/// A file that cannot be written, with the system's error number.
class FileError : public Error {
 public:
  FileError(int code, std::string message, std::string where)
      : Error(ErrorKind::run, std::move(message), std::move(where)), code_(code) {}

  int code() const { return code_; }

 private:
  int code_;
};

}  // namespace riata
