#include "riata/network/scaled_entries.hpp"

#include <cstddef>

namespace riata {

template <class T>
ScaledEntries<T>::ScaledEntries(const RowEntries& rows, std::span<const double> centre, std::span<const double> scale)
    : starts_(rows.starts), columns_(rows.positions) {
  const auto scaled = [&](double x, std::size_t j) { return static_cast<T>((x - centre[j]) / scale[j]); };
  values_.reserve(rows.values.size());
  for (std::size_t k = 0; k < rows.values.size(); ++k) {
    values_.push_back(scaled(rows.values[k], static_cast<std::size_t>(columns_[k])));
  }
  absent_.reserve(centre.size());
  for (std::size_t j = 0; j < centre.size(); ++j) absent_.push_back(scaled(0, j));
}

template <class T>
SparseRows<T> ScaledEntries<T>::rows() const {
  return {starts_.data(), columns_.data(), values_.data(), absent_.data()};
}

template class ScaledEntries<float>;
template class ScaledEntries<double>;

}  // namespace riata
