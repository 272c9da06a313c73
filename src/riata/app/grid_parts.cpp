#include "riata/app/grid_parts.hpp"

#include <utility>

namespace riata {

namespace {

/// A part belongs to one place of the grid: under another name it is not taken.
std::string placed(const std::string& fingerprint, Index number) { return fingerprint + "-" + std::to_string(number); }

}  // namespace

template <class T>
GridParts<T>::GridParts(std::string fingerprint, const TrainInputs& inputs, const TrainWatch& watch)
    : fingerprint_(std::move(fingerprint)), watch_(watch) {
  for (const auto& [number, part] : inputs.parts) {
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
  if (!watch_.on_part) return;
  const std::string bytes = write_grid_part(part, placed(fingerprint_, number));
  const std::lock_guard lock(mutex_);
  watch_.on_part(bytes, number);
}

template class GridParts<float>;
template class GridParts<double>;

}  // namespace riata
