#include "riata/core/memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <limits>

#include "riata/core/error.hpp"
#include "riata/core/text.hpp"

namespace riata {
namespace {

constexpr Index kUnlimited = std::numeric_limits<Index>::max();

Index limit_in(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return parse_index(word).value_or(kUnlimited);  // "max", or no such file
}

/// The tightest limit on the way from this process's control group up to the root (version 2), or the one of version 1.
Index control_group_limit() {
  Index limit = std::min(limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes"), limit_in("/sys/fs/cgroup/memory.max"));
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (line.rfind("0::", 0) != 0) continue;
    for (std::string group = line.substr(3); group.size() > 1; group.erase(group.find_last_of('/'))) {
      limit = std::min(limit, limit_in("/sys/fs/cgroup" + group + "/memory.max"));
    }
  }
  return limit;
}

Index machine_share() {
  const Index pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGE_SIZE);
  return pages > 0 && page > 0 ? pages / 10 * 8 * page : kUnlimited;
}

}  // namespace

Index memory_budget(const Context& context) {
  if (context.memory_budget > 0) return context.memory_budget;
  return std::min(machine_share(), control_group_limit());
}

Index working_memory(const Context& context, Index data_bytes) {
  constexpr Index kLeast = Index{64} << 20, kUsual = Index{2} << 30;
  if (context.lean) return std::max(kLeast, data_bytes / 5);
  return context.memory_budget > 0 ? context.memory_budget : kUsual;
}

std::string bytes_text(double bytes) {
  constexpr std::array<const char*, 7> kUnits = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  std::size_t unit = 0;
  while (bytes >= 1000 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  if (bytes == 1 && unit == 0) return "1 byte";
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text.data();
}

void require_memory(double bytes, std::string_view what, const std::string& where, const Context& context) {
  const auto budget = static_cast<double>(memory_budget(context));
  if (bytes <= budget) return;
  throw Error(ErrorKind::input,
              std::string(what) + " needs " + bytes_text(bytes) + ", more than the " + bytes_text(budget) +
                  " this run may use; raise it with --memory BYTES if the machine has them",
              where);
}

void require_room(double bytes, std::string_view what, const std::string& where, const Context& context) {
  const auto budget = static_cast<double>(memory_budget(context));
  if (bytes <= budget) return;
  throw Error(ErrorKind::input,
              std::string(what) + " does not fit in the " + bytes_text(budget) +
                  " this run may use; raise it with --memory BYTES if the machine has them",
              where);
}

}  // namespace riata
