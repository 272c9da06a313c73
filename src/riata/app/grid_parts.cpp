#include "riata/app/grid_parts.hpp"

#include <utility>

namespace riata {

namespace {

/// A part belongs to one place of the grid: under another name it is not taken.
std::string placed(const std::string& fingerprint, Index number) { return fingerprint + "-" + std::to_string(number); }

}  // namespace

template <class T>
GridParts<T>::GridParts(std::string fingerprint, const KeptParts& parts)
    : fingerprint_(std::move(fingerprint)), keep_(parts.keep) {
  for (const auto& [number, part] : parts.found) {
    found_[number] = read_grid_part<T>(part.file, placed(fingerprint_, number), part.name);
  }
}

template <class T>
const GridPart<T>* GridParts<T>::find(Index number) const {
  const auto part = found_.find(number);
  return part == found_.end() ? nullptr : &part->second;
}

template <class T>
void GridParts<T>::keep(Index number, const GridPart<T>& part) {
  if (!keeps()) return;
  const std::string bytes = write_grid_part(part, placed(fingerprint_, number));
  const std::lock_guard lock(mutex_);
  keep_(bytes, number);
}

template class GridParts<float>;
template class GridParts<double>;

}  // namespace riata
