#include "riata/design/dense.hpp"

#include <cassert>
#include <utility>

#include "riata/design/dense_gram.hpp"

namespace riata {
namespace {

template <class T>
struct Columns {
  using Element = T;
  static constexpr bool kCopies = false;
  const std::vector<const T*>& pointers;
  Index n;

  Index rows() const { return n; }
  void block(Index row, Index, std::span<const Index> columns, T*, const T** out) const {
    for (Index j : columns) *out++ = pointers[static_cast<std::size_t>(j)] + row;
  }
};

}  // namespace

template <class T>
DenseDesign<T>::DenseDesign(std::vector<const T*> columns, Index rows, std::shared_ptr<const void> owner)
    : columns_(std::move(columns)), rows_(rows), owner_(std::move(owner)) {
  assert(rows >= 0);
}

template <class T>
double DenseDesign<T>::dot(Index j, std::span<const double> v, double shift) const {
  assert(static_cast<Index>(v.size()) == rows_);
  return kernels::dot(column(j), v.data(), rows_, shift);
}

template <class T>
void DenseDesign<T>::add(Index j, double a, std::span<double> v, double shift) const {
  assert(static_cast<Index>(v.size()) == rows_);
  kernels::add(a, column(j), shift, v.data(), rows_);
}

template <class T>
void DenseDesign<T>::transpose_multiply(Index first, ConstMatrix v, Matrix out, std::span<const double> shift,
                                        const Context& context) const {
  dense::transpose_multiply(Columns<T>{columns_, rows_}, first, v, out, shift, context);
}

template <class T>
void DenseDesign<T>::dots(std::span<const Index> columns, ConstMatrix v, Matrix out, std::span<const double> shift,
                          const Context& context) const {
  dense::dots(Columns<T>{columns_, rows_}, columns, v, out, shift, context);
}

template <class T>
void DenseDesign<T>::multiply(std::span<const Index> columns, ConstMatrix b, Matrix out, std::span<const double> shift,
                              const Context& context) const {
  dense::multiply(Columns<T>{columns_, rows_}, columns, b, out, shift, context);
}

template <class T>
void DenseDesign<T>::multiply_back(std::span<const Index> columns, ConstMatrix b, const RowMap& f, Matrix out,
                                   std::span<const double> shift, const Context& context) const {
  dense::multiply_back(Columns<T>{columns_, rows_}, columns, b, f, out, shift, context);
}

template <class T>
void DenseDesign<T>::gram(std::span<const Index> left, std::span<const Index> right, std::span<const double> w, Matrix out,
                          std::span<const double> shift, const Context& context) const {
  dense::gram(Columns<T>{columns_, rows_}, left, right, w, out, shift, context);
}

template <class T>
void DenseDesign<T>::part_sums(std::span<const Index> columns, std::span<const Index> part_of, std::span<const double> w,
                               ConstMatrix v, std::span<const PartSums> outs, std::span<const double> shift,
                               const Context& context) const {
  dense::part_sums(Columns<T>{columns_, rows_}, columns, part_of, w, v, outs, shift, context);
}

template <class T>
void DenseDesign<T>::gather(std::span<const Index> columns, Matrix out) const {
  for (std::size_t k = 0; k < columns.size(); ++k) {
    kernels::load(column(columns[k]), 0.0, nullptr, out.column(static_cast<Index>(k)).data(), rows_);
  }
}

template <class T>
ColumnMoments DenseDesign<T>::moments(std::span<const double> w, const Context& context) const {
  return dense::moments(Columns<T>{columns_, rows_}, cols(), w, context);
}

template <class T>
std::vector<double> DenseDesign<T>::rough_means(const Context& context) const {
  return dense::rough_means(Columns<T>{columns_, rows_}, cols(), context);
}

template class DenseDesign<float>;
template class DenseDesign<double>;

}  // namespace riata
