#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "riata/core/types.hpp"
#include "riata/model/safetensors.hpp"

namespace riata::cli {

/// A folder of checkpoints, `checkpoint-000000120.safetensors`, each written whole or not at all; the last two are kept.
class CheckpointFolder {
 public:
  /// Makes the folder where there is none. Throws Error(run).
  explicit CheckpointFolder(std::string path);

  /// Throws Error(argument) where it holds checkpoints already: a new run would not know them from its own.
  void require_empty() const;

  /// Those of later epochs go: after divergence an earlier state is the last good one.
  void write(const std::string& bytes, Index epoch);

  /// The latest that is whole; nothing where there is none. `note` hears of those that are skipped, by name, and why.
  std::optional<Safetensors> last(const std::function<void(const std::string&)>& note);
  const std::string& name_of_last() const { return last_; }

 private:
  std::vector<std::string> listed() const;  ///< the newest first

  std::string path_, last_;
};

}  // namespace riata::cli
