// Kernels over the stored entries of one sparse column (sparse_dot, sparse_dots, sparse_add) or of many rows
// (sparse_normal, sparse_normal_sides).
#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "riata/kernels/sparse.cpp"
#include "riata/kernels/targets.hpp"
//
#include "riata/kernels/kernels.hpp"
#include "riata/kernels/vector-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace riata::kernels {
namespace HWY_NAMESPACE {

/// The stored entries times `Lanes(d)` neighbouring right-hand sides: row i of them starts at v + i · stride. Entry k goes
/// to sum k mod 4, whatever the number of lanes.
template <class D, class T, class I>
HWY_INLINE hn::Vec<D> tile_of(D d, const T* HWY_RESTRICT values, const I* HWY_RESTRICT rows, Index stored,
                              const hn::TFromD<D>* HWY_RESTRICT v, Index stride, hn::TFromD<D> shift) {
  const auto step = [&](Index k, hn::Vec<D> sum) HWY_ATTR {
    const auto x = hn::Set(d, static_cast<hn::TFromD<D>>(values[k]) - shift);
    return hn::MulAdd(x, hn::LoadU(d, v + static_cast<Index>(rows[k]) * stride), sum);
  };
  auto a = hn::Zero(d), b = hn::Zero(d), c = hn::Zero(d), e = hn::Zero(d);
  Index k = 0;
  for (; k + 4 <= stored; k += 4) {
    a = step(k, a);
    b = step(k + 1, b);
    c = step(k + 2, c);
    e = step(k + 3, e);
  }
  for (; k < stored; ++k) a = step(k, a);
  return hn::Add(hn::Add(a, b), hn::Add(c, e));
}

template <class T, class I>
HWY_INLINE void dots_of(const T* values, const I* rows, Index stored, const double* v, Index sides, double shift,
                        double* out) {
  if (stored == 0) {  // v may then point nowhere
    std::fill_n(out, sides, 0.0);
    return;
  }
  const auto tile = [&](auto d, Index c)
                        HWY_ATTR { hn::StoreU(tile_of(d, values, rows, stored, v + c, sides, shift), d, out + c); };
  Index c = 0;
  const auto tiles = [&](auto d) HWY_ATTR {
    for (const auto lanes = static_cast<Index>(hn::Lanes(d)); c + lanes <= sides; c += lanes) tile(d, c);
  };
  tiles(Wide());
  tiles(hn::CappedTag<double, 4>());
  tiles(hn::CappedTag<double, 2>());
  tiles(One());
}

template <class T, class I>
HWY_INLINE void add_to(double a, const T* HWY_RESTRICT values, const I* HWY_RESTRICT rows, Index stored,
                       double* HWY_RESTRICT v, double shift) {
  for (Index k = 0; k < stored; ++k) v[rows[k]] += a * (static_cast<double>(values[k]) - shift);
}

void normal_rows(const Index* HWY_RESTRICT starts, const Index* HWY_RESTRICT ends,
                 const std::int32_t* HWY_RESTRICT positions, const double* HWY_RESTRICT values, Index first, Index last,
                 const double* HWY_RESTRICT h, const double* HWY_RESTRICT v, double* HWY_RESTRICT z,
                 double* HWY_RESTRICT out) {
  for (Index i = first; i < last; ++i) {
    const Index begin = starts[i], end = ends[i];
    double a = 0, b = 0, c = 0, d = 0;
    Index k = begin;
    for (; k + 4 <= end; k += 4) {
      a += values[k] * v[positions[k]];
      b += values[k + 1] * v[positions[k + 1]];
      c += values[k + 2] * v[positions[k + 2]];
      d += values[k + 3] * v[positions[k + 3]];
    }
    for (; k < end; ++k) a += values[k] * v[positions[k]];
    z[i] = (a + b) + (c + d);
    const double pull = h[i] * z[i];
    for (k = begin; k < end; ++k) out[positions[k]] += pull * values[k];
  }
}

/// d: as many lanes as there are sides, or a divisor of that.
template <class D>
HWY_INLINE void normal_of(D d, const Index* HWY_RESTRICT starts, const Index* HWY_RESTRICT ends,
                          const std::int32_t* HWY_RESTRICT positions, const float* HWY_RESTRICT values, Index first,
                          Index last, const float* HWY_RESTRICT h, Index weights, const float* HWY_RESTRICT v, Index sides,
                          float* HWY_RESTRICT totals, float* HWY_RESTRICT out) {
  for (Index c = 0; c < sides; c += static_cast<Index>(hn::Lanes(d))) {
    auto total = hn::LoadU(d, totals + c);
    for (Index i = first; i < last; ++i) {
      const Index begin = starts[i], end = ends[i];
      const auto row = tile_of(d, values + begin, positions + begin, end - begin, v + c, sides, 0.0F);
      const auto weight = weights == 1 ? hn::Set(d, h[i]) : hn::LoadU(d, h + i * sides + c);
      const auto pull = hn::Mul(weight, row);
      total = hn::Add(total, pull);
      for (Index k = begin; k < end; ++k) {
        float* const place = out + static_cast<Index>(positions[k]) * sides + c;
        hn::StoreU(hn::MulAdd(hn::Set(d, values[k]), pull, hn::LoadU(d, place)), d, place);
      }
    }
    hn::StoreU(total, d, totals + c);
  }
}

void normal_rows_sides(const Index* starts, const Index* ends, const std::int32_t* positions, const float* values,
                       Index first, Index last, const float* h, Index weights, const float* v, Index sides, float* totals,
                       float* out) {
  const auto all = [&](auto d) HWY_ATTR {
    normal_of(d, starts, ends, positions, values, first, last, h, weights, v, sides, totals, out);
  };
  if (sides % 16 == 0) return all(hn::CappedTag<float, 16>());
  if (sides % 8 == 0) return all(hn::CappedTag<float, 8>());
  if (sides % 4 == 0) return all(hn::CappedTag<float, 4>());
  all(hn::CappedTag<float, 1>());
}

/// d: as many lanes as there are sides, or a divisor of that.
template <class D>
HWY_INLINE void spread_of(D d, const Index* HWY_RESTRICT starts, const Index* HWY_RESTRICT ends,
                          const std::int32_t* HWY_RESTRICT positions, const float* HWY_RESTRICT values, Index first,
                          Index last, const float* HWY_RESTRICT h, Index sides, float* HWY_RESTRICT out) {
  for (Index c = 0; c < sides; c += static_cast<Index>(hn::Lanes(d))) {
    for (Index i = first; i < last; ++i) {
      const auto row = hn::LoadU(d, h + i * sides + c);
      for (Index k = starts[i]; k < ends[i]; ++k) {
        float* const place = out + static_cast<Index>(positions[k]) * sides + c;
        hn::StoreU(hn::MulAdd(hn::Set(d, values[k]), row, hn::LoadU(d, place)), d, place);
      }
    }
  }
}

void transposed_rows_sides(const Index* starts, const Index* ends, const std::int32_t* positions, const float* values,
                           Index first, Index last, const float* h, Index sides, float* out) {
  const auto all = [&](auto d) HWY_ATTR { spread_of(d, starts, ends, positions, values, first, last, h, sides, out); };
  if (sides % 8 == 0) return all(hn::CappedTag<float, 8>());
  if (sides % 4 == 0) return all(hn::CappedTag<float, 4>());
  all(hn::CappedTag<float, 1>());
}

#define RIATA_SPARSE(T, I, suffix)                                                                             \
  void dots_##suffix(const T* values, const I* rows, Index stored, const double* v, Index sides, double shift, \
                     double* out) {                                                                            \
    dots_of(values, rows, stored, v, sides, shift, out);                                                       \
  }                                                                                                            \
  void add_##suffix(double a, const T* values, const I* rows, Index stored, double* v, double shift) {         \
    add_to(a, values, rows, stored, v, shift);                                                                 \
  }
RIATA_SPARSE(float, std::int32_t, f32_i32)
RIATA_SPARSE(float, std::int64_t, f32_i64)
RIATA_SPARSE(double, std::int32_t, f64_i32)
RIATA_SPARSE(double, std::int64_t, f64_i64)
#undef RIATA_SPARSE

}  // namespace HWY_NAMESPACE
}  // namespace riata::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace riata::kernels {

#define RIATA_SPARSE(T, I, suffix)                                                                                          \
  HWY_EXPORT(dots_##suffix);                                                                                                \
  HWY_EXPORT(add_##suffix);                                                                                                 \
  template <>                                                                                                               \
  double sparse_dot(const T* values, const I* rows, Index stored, const double* v, double shift) {                          \
    double product = 0;                                                                                                     \
    HWY_DYNAMIC_DISPATCH(dots_##suffix)(values, rows, stored, v, 1, shift, &product);                                       \
    return product;                                                                                                         \
  }                                                                                                                         \
  template <>                                                                                                               \
  void sparse_dots(const T* values, const I* rows, Index stored, const double* v, Index sides, double shift, double* out) { \
    HWY_DYNAMIC_DISPATCH(dots_##suffix)(values, rows, stored, v, sides, shift, out);                                        \
  }                                                                                                                         \
  template <>                                                                                                               \
  void sparse_add(double a, const T* values, const I* rows, Index stored, double* v, double shift) {                        \
    HWY_DYNAMIC_DISPATCH(add_##suffix)(a, values, rows, stored, v, shift);                                                  \
  }
RIATA_SPARSE(float, std::int32_t, f32_i32)
RIATA_SPARSE(float, std::int64_t, f32_i64)
RIATA_SPARSE(double, std::int32_t, f64_i32)
RIATA_SPARSE(double, std::int64_t, f64_i64)
#undef RIATA_SPARSE

HWY_EXPORT(normal_rows);
void sparse_normal(const Index* starts, const Index* ends, const std::int32_t* positions, const double* values, Index first,
                   Index last, const double* h, const double* v, double* z, double* out) {
  HWY_DYNAMIC_DISPATCH(normal_rows)(starts, ends, positions, values, first, last, h, v, z, out);
}

HWY_EXPORT(normal_rows_sides);
void sparse_normal_sides(const Index* starts, const Index* ends, const std::int32_t* positions, const float* values,
                         Index first, Index last, const float* h, Index weights, const float* v, Index sides, float* totals,
                         float* out) {
  HWY_DYNAMIC_DISPATCH(normal_rows_sides)
  (starts, ends, positions, values, first, last, h, weights, v, sides, totals, out);
}

HWY_EXPORT(transposed_rows_sides);
void sparse_transposed_sides(const Index* starts, const Index* ends, const std::int32_t* positions, const float* values,
                             Index first, Index last, const float* h, Index sides, float* out) {
  HWY_DYNAMIC_DISPATCH(transposed_rows_sides)(starts, ends, positions, values, first, last, h, sides, out);
}

}  // namespace riata::kernels
#endif
