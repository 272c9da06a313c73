#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "riata/app/kept_parts.hpp"
#include "riata/app/train.hpp"

namespace riata {

/// What a face is told to tell its user.
using Note = std::function<void(const std::string&)>;

/// A folder of checkpoints, `checkpoint-000000120.safetensors`, each written whole or not at all; the last two are kept. Of
/// a grid or a contest its finished parts, `grid-000000007.safetensors`.
class CheckpointFolder {
 public:
  /// Makes the folder where there is none. Throws Error(run).
  explicit CheckpointFolder(std::string path);

  /// Throws Error(argument) where it holds checkpoints already: a new run would not know them from its own.
  void require_empty() const;

  /// Those of later epochs go: after divergence an earlier state is the last good one.
  void write(const std::string& bytes, Index epoch);

  /// The latest that is whole; nothing where there is none. `note` hears of those that are skipped, by name, and why.
  std::optional<Safetensors> last(const Note& note);
  const std::string& name_of_last() const { return last_; }

  void write_part(const std::string& bytes, Index number);
  /// Those that are whole, by number; `note` as above.
  std::map<Index, KeptPart> parts(const Note& note);

 private:
  std::string name_of(std::string_view start, Index number) const;
  std::vector<std::string> listed(std::string_view start) const;  ///< the newest first

  std::string path_, last_;
};

/// --checkpoint and --resume of a training: what an earlier run has left there goes into `inputs`, what this one finishes
/// into the folder. Nothing where no folder was named.
void keep_in_folder(const TrainSpec& spec, const Note& note, TrainInputs& inputs, TrainWatch& watch);

/// The same of a contest on a network: its finished trainings.
KeptParts keep_in_folder(const CompareSpec& spec, const Note& note);

}  // namespace riata
