#include "riata/core/time_left.hpp"

#include <cmath>

namespace riata {
namespace {

constexpr double kMinute = 60, kHour = 3600, kDay = 86400;

std::string counted(double units, double step, const char* name) {
  return std::to_string(static_cast<Index>(std::ceil(units / step) * step)) + name;
}

/// To a step of at most a fifth.
std::string rounded(double seconds) {
  if (seconds <= 10) return counted(seconds, 1, " s");
  if (seconds <= kMinute) return counted(seconds, 5, " s");
  if (seconds <= 10 * kMinute) return counted(seconds / kMinute, 1, " min");
  if (seconds <= kHour) return counted(seconds / kMinute, 5, " min");
  if (seconds <= 2 * kDay) return counted(seconds / kHour, 1, " h");
  return counted(seconds / kDay, 1, " days");
}

}  // namespace

std::string time_left(double seconds, Index done, Index total) {
  if (seconds < 1 || done <= 0 || total <= done) return "";
  const double left = seconds * static_cast<double>(total - done) / static_cast<double>(done);
  if (!(left < 1000 * kDay)) return "more than 1000 days left";
  return "about " + rounded(left) + " left";
}

}  // namespace riata
