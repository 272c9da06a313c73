#pragma once

#include <stdexcept>
#include <string>

namespace riata {

/// What kind of thing the caller gave that cannot be used. The command line turns it into an exit code (contracts).
enum class ErrorKind {
  argument,       ///< a wrong option or option value (exit 2)
  column,         ///< a column the table lacks (exit 2)
  not_supported,  ///< a contracted option that this version does not have (exit 2)
  input,          ///< a table or model that cannot be read or used (exit 3)
  run             ///< the run failed: writing a file, divergence (exit 1)
};

/// Every exception that riata throws for what the caller gave. `what()` is "where: message", or the message alone.
/// A message says what is wrong, with the value, and what to do next.
class Error : public std::runtime_error {
 public:
  /// where: "file", "file:row", "file:row:column" or empty.
  Error(ErrorKind kind, std::string message, std::string where = "");

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }
  const std::string& where() const { return where_; }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string where_;
};

}  // namespace riata
