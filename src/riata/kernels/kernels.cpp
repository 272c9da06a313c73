#include "riata/kernels/kernels.hpp"

namespace riata::kernels {

template <class T>
double dot(const T* x, const double* v, Index n, double shift) {
  return reference::dot(x, v, n, shift);
}
template <class T>
void add(double a, const T* x, double shift, double* v, Index n) {
  reference::add(a, x, shift, v, n);
}
template <class T>
void load(const T* x, double shift, const double* scale, double* out, Index n) {
  reference::load(x, shift, scale, out, n);
}
template <class T>
Sums sums(const T* x, const double* w, Index n, double shift) {
  return reference::sums(x, w, n, shift);
}
template <class T>
void transposed_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix v, Matrix out) {
  reference::transposed_block(columns, n_columns, shift, v, out);
}
template <class T>
void multiply_block(const T* const* columns, Index n_columns, const double* shift, ConstMatrix b, Matrix out) {
  reference::multiply_block(columns, n_columns, shift, b, out);
}
template <class T, class I>
double sparse_dot(const T* values, const I* rows, Index stored, const double* v, double shift) {
  return reference::sparse_dot(values, rows, stored, v, shift);
}
template <class T, class I>
void sparse_add(double a, const T* values, const I* rows, Index stored, double* v, double shift) {
  reference::sparse_add(a, values, rows, stored, v, shift);
}

#define RIATA_DENSE(T)                                                                        \
  template double dot(const T*, const double*, Index, double);                                \
  template void add(double, const T*, double, double*, Index);                                \
  template void load(const T*, double, const double*, double*, Index);                        \
  template Sums sums(const T*, const double*, Index, double);                                 \
  template void transposed_block(const T* const*, Index, const double*, ConstMatrix, Matrix); \
  template void multiply_block(const T* const*, Index, const double*, ConstMatrix, Matrix);
#define RIATA_SPARSE(T, I)                                                      \
  template double sparse_dot(const T*, const I*, Index, const double*, double); \
  template void sparse_add(double, const T*, const I*, Index, double*, double);
RIATA_DENSE(float)
RIATA_DENSE(double)
RIATA_SPARSE(float, std::int32_t)
RIATA_SPARSE(float, std::int64_t)
RIATA_SPARSE(double, std::int32_t)
RIATA_SPARSE(double, std::int64_t)

}  // namespace riata::kernels
