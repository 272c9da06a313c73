#include "riata/app/checkpoint_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "riata/core/atomic_file.hpp"
#include "riata/core/error.hpp"
#include "riata/core/read_bytes.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKept = 2;
constexpr std::size_t kDigits = 9;
constexpr Index kLargest = Index{1} << 33;
constexpr std::string_view kStart = "checkpoint-", kPart = "grid-", kEnd = ".safetensors";

/// Nothing where it is not.
std::optional<Safetensors> whole(const std::string& name, const Note& note) {
  try {
    Safetensors file = read_safetensors(read_bytes(name, kLargest), name);
    if (!file.checked) throw Error(ErrorKind::input, "has no checksum", name);
    return file;
  } catch (const Error& error) {
    note(std::string(error.what()) + "; it is skipped");
    return std::nullopt;
  }
}

}  // namespace

CheckpointFolder::CheckpointFolder(std::string path) : path_(std::move(path)) {
  std::error_code problem;
  fs::create_directories(path_, problem);
  if (!fs::is_directory(path_)) {
    throw Error(ErrorKind::run, "--checkpoint: the folder cannot be made: " + problem.message(), path_);
  }
}

std::string CheckpointFolder::name_of(std::string_view start, Index number) const {
  std::string digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return (fs::path(path_) / (std::string(start) + digits + std::string(kEnd))).string();
}

std::vector<std::string> CheckpointFolder::listed(std::string_view start) const {
  std::vector<std::string> out;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(path_, problem)) {
    const std::string name = entry.path().filename().string();
    const bool ours = name.size() == start.size() + kDigits + kEnd.size() && name.starts_with(start) &&
                      name.ends_with(kEnd) && parse_index(name.substr(start.size(), kDigits)).has_value();
    if (ours) out.push_back(entry.path().string());
  }
  std::ranges::sort(out, std::ranges::greater{});
  return out;
}

void CheckpointFolder::write(const std::string& bytes, Index epoch) {
  const std::string written = name_of(kStart, epoch);
  write_whole(written, bytes);
  std::size_t kept = 0;
  for (const std::string& name : listed(kStart)) {
    if (name <= written && kept++ < kKept) continue;
    std::error_code ignored;  // an old one that stays does no harm
    fs::remove(name, ignored);
  }
}

void CheckpointFolder::require_empty() const {
  if (listed(kStart).empty() && listed(kPart).empty()) return;
  throw Error(ErrorKind::argument,
              "--checkpoint: the folder holds checkpoints of a run; add --resume to go on from them, or name another folder",
              path_);
}

void CheckpointFolder::write_part(const std::string& bytes, Index number) { write_whole(name_of(kPart, number), bytes); }

std::optional<Safetensors> CheckpointFolder::last(const Note& note) {
  for (const std::string& name : listed(kStart)) {
    if (auto file = whole(name, note)) {
      last_ = name;
      return file;
    }
  }
  if (listed(kPart).empty()) {
    note("--resume: there is no checkpoint in " + printable(path_) + " yet; training starts at the beginning");
  }
  return std::nullopt;
}

std::map<Index, KeptPart> CheckpointFolder::parts(const Note& note) {
  std::map<Index, KeptPart> out;
  for (const std::string& name : listed(kPart)) {
    const auto number = parse_index(name.substr(name.size() - kEnd.size() - kDigits, kDigits));
    if (auto file = whole(name, note)) out[*number] = {name, std::move(*file)};
  }
  return out;
}

void keep_in_folder(const TrainSpec& spec, const Note& note, TrainInputs& inputs, TrainWatch& watch) {
  if (spec.checkpoint.empty()) return;
  const auto folder = std::make_shared<CheckpointFolder>(spec.checkpoint);
  watch.on_checkpoint = [folder](const std::string& bytes, Index epoch) { folder->write(bytes, epoch); };
  inputs.parts.keep = [folder](const std::string& bytes, Index number) { folder->write_part(bytes, number); };
  if (!spec.resume) {
    folder->require_empty();
    return;
  }
  inputs.checkpoint = folder->last(note);
  inputs.checkpoint_name = folder->name_of_last();
  inputs.parts.found = folder->parts(note);
}

KeptParts keep_in_folder(const CompareSpec& spec, const Note& note) {
  if (spec.checkpoint.empty()) return {};
  const auto folder = std::make_shared<CheckpointFolder>(spec.checkpoint);
  KeptParts out{.found = {},
                .keep = [folder](const std::string& bytes, Index number) { folder->write_part(bytes, number); }};
  if (!spec.resume) {
    folder->require_empty();
    return out;
  }
  out.found = folder->parts(note);
  if (out.found.empty()) {
    note("--resume: there is no finished training in " + printable(spec.checkpoint) + " yet; all are trained");
  }
  return out;
}

}  // namespace riata
