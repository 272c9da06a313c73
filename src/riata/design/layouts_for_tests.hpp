#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "riata/design/make_design.hpp"

/// One matrix in every layout that a design can have, each beside what it stands for in long double.
namespace riata::testing {

using Real = long double;
using Exact = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using Exacts = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
/// A design and what it stands for, to the last bit.
struct Sample {
  DesignPtr design;
  Exact exact;
};

using Layout = std::function<Sample(const Eigen::MatrixXd&)>;

template <class T>
Exact rounded(const Eigen::MatrixXd& x) {
  return x.cast<T>().template cast<Real>();
}

template <class T>
Sample by_pointers(const Eigen::MatrixXd& x) {
  auto memory = std::make_shared<std::vector<std::vector<T>>>();
  std::vector<const T*> columns;
  for (Index j = 0; j < x.cols(); ++j) {
    memory->emplace_back();
    for (Index i = 0; i < x.rows(); ++i) memory->back().push_back(static_cast<T>(x(i, j)));
  }
  for (const auto& column : *memory) columns.push_back(column.data());
  return {dense_columns(columns, x.rows(), memory), rounded<T>(x)};
}

/// Every `row_step`-th and `col_step`-th element of a larger array; backward: rows stored last to first.
template <class T, bool kRowMajor, bool kBackward, Index kRowStep, Index kColStep>
Sample by_strides(const Eigen::MatrixXd& x) {
  const Index row_stride = kRowMajor ? kRowStep * kColStep * std::max<Index>(1, x.cols()) : kRowStep;
  const Index col_stride = kRowMajor ? kColStep : kColStep * kRowStep * std::max<Index>(1, x.rows());
  const Index size = x.rows() * row_stride + x.cols() * col_stride + 1;
  auto memory = std::make_shared<std::vector<T>>(static_cast<std::size_t>(size), static_cast<T>(-77));
  const Index first = kBackward ? std::max<Index>(0, x.rows() - 1) * row_stride : 0,
              step = kBackward ? -row_stride : row_stride;
  for (Index j = 0; j < x.cols(); ++j) {
    for (Index i = 0; i < x.rows(); ++i) {
      (*memory)[static_cast<std::size_t>(first + i * step + j * col_stride)] = static_cast<T>(x(i, j));
    }
  }
  return {strided<T>(memory->data() + first, x.rows(), x.cols(), step, col_stride, memory), rounded<T>(x)};
}

template <class T, class I, bool kSorted>
Sample by_nonzeros(const Eigen::MatrixXd& x) {
  struct Memory {
    std::vector<I> starts{0}, rows;
    std::vector<T> values;
  };
  auto memory = std::make_shared<Memory>();
  for (Index j = 0; j < x.cols(); ++j) {
    for (Index k = 0; k < x.rows(); ++k) {
      const Index i = kSorted ? k : x.rows() - 1 - k;
      if (x(i, j) == 0) continue;
      memory->rows.push_back(static_cast<I>(i));
      memory->values.push_back(static_cast<T>(x(i, j)));
    }
    memory->starts.push_back(static_cast<I>(memory->rows.size()));
  }
  return {sparse_columns(x.rows(), x.cols(), memory->starts.data(), memory->rows.data(), memory->values.data(), memory),
          rounded<T>(x)};
}

inline Sample side_by_side(const std::vector<Layout>& layouts, const Eigen::MatrixXd& x) {
  std::vector<DesignPtr> parts;
  Exact exact(x.rows(), x.cols());
  const Index share = x.cols() / static_cast<Index>(layouts.size());
  Index first = 0;
  for (std::size_t k = 0; k < layouts.size(); ++k) {
    const Index count = k + 1 == layouts.size() ? x.cols() - first : share;
    const Sample part = layouts[k](x.middleCols(first, count));
    parts.push_back(part.design);
    exact.middleCols(first, count) = part.exact;
    first += count;
  }
  return {hstack(parts), exact};
}

struct NamedLayout {
  std::string name;
  Layout make;
};

inline std::vector<NamedLayout> layouts() {
  const Layout mixed = [](const Eigen::MatrixXd& x) {
    return side_by_side({by_pointers<double>, by_nonzeros<float, std::int32_t, true>, by_strides<float, true, false, 1, 1>},
                        x);
  };
  return {{"dense_f64", by_pointers<double>},
          {"dense_f32", by_pointers<float>},
          {"column_major_f64", by_strides<double, false, false, 1, 1>},
          {"row_major_f64", by_strides<double, true, false, 1, 1>},
          {"row_major_f32", by_strides<float, true, false, 1, 1>},
          {"slice_f64", by_strides<double, false, true, 2, 3>},
          {"slice_f32", by_strides<float, true, true, 3, 2>},
          {"sparse_f64_i32", by_nonzeros<double, std::int32_t, true>},
          {"sparse_f64_i64_unsorted", by_nonzeros<double, std::int64_t, false>},
          {"sparse_f32_i32_unsorted", by_nonzeros<float, std::int32_t, false>},
          {"sparse_f32_i64", by_nonzeros<float, std::int64_t, true>},
          {"hstack", mixed},
          {"hstack_nested", [mixed](const Eigen::MatrixXd& x) {
             return side_by_side({by_nonzeros<double, std::int64_t, true>, mixed, by_pointers<float>}, x);
           }}};
}

/// Sparse normal numbers; among them, where there are columns enough: one empty, one constant, one of great mean, one huge
/// and one tiny.
inline Eigen::MatrixXd numbers(Index n, Index p, unsigned seed, double mean = 1e8) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  std::bernoulli_distribution present(0.6);
  Eigen::MatrixXd x(n, p);
  for (Index j = 0; j < p; ++j) {
    for (Index i = 0; i < n; ++i) {
      const double value = normal(generator);
      switch (p >= 6 ? j % 7 : 0) {
        case 1: x(i, j) = 0; break;
        case 2: x(i, j) = mean + value; break;
        case 3: x(i, j) = 3.25; break;
        case 4: x(i, j) = value * (j == 4 ? 1e15 : 1e-15); break;
        default: x(i, j) = present(generator) ? value : 0; break;
      }
    }
  }
  return x;
}

inline std::vector<double> random_vector(Index n, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0.5, 1);
  std::vector<double> values(static_cast<std::size_t>(n));
  for (double& value : values) value = normal(generator);
  return values;
}

inline std::vector<double> weights_with_zeros(Index n) {
  std::vector<double> w = random_vector(n, 77);
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = i % 3 == 1 ? 0.0 : std::abs(w[i]) + 0.01;
  return w;
}

}  // namespace riata::testing
