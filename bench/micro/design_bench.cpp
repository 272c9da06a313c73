#include <benchmark/benchmark.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "riata/design/make_design.hpp"

// The passes that solvers make over a design, by layout and storage, with centring as solvers ask for it. Bytes are those of
// the matrix as stored; flops count one triangle of a symmetric result.
namespace riata {
namespace {

enum Layout { by_column, by_row };

/// Numbers that cost nothing to make: what is timed does not depend on their values.
template <class T>
std::vector<T> numbers(Index n) {
  std::vector<T> values(static_cast<std::size_t>(n));
  std::uint32_t state = 1;
  for (T& value : values) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<T>(state >> 8) / static_cast<T>(1 << 24) - static_cast<T>(0.5);
  }
  return values;
}

template <class T>
struct Dense {
  Dense(Layout layout, Index rows, Index cols) : values(numbers<T>(rows * cols)) {
    design = layout == by_column ? strided(values.data(), rows, cols, 1, rows, nullptr)
                                 : strided(values.data(), rows, cols, cols, 1, nullptr);
  }
  std::int64_t bytes() const { return static_cast<std::int64_t>(values.size() * sizeof(T)); }
  std::vector<T> values;
  DesignPtr design;
};

struct Sparse {
  Sparse(Index rows, Index cols, double density) {
    const Index per_column = static_cast<Index>(static_cast<double>(rows) * density), step = rows / per_column;
    values = numbers<double>(per_column * cols);
    starts.push_back(0);
    for (Index j = 0; j < cols; ++j) {
      for (Index k = 0; k < per_column; ++k)
        indices.push_back(static_cast<std::int32_t>(k * step + (j * 7 + k * 13) % step));
      starts.push_back(static_cast<std::int32_t>(indices.size()));
    }
    design = sparse_columns(rows, cols, starts.data(), indices.data(), values.data(), nullptr);
  }
  std::int64_t bytes() const { return static_cast<std::int64_t>(values.size() * 12); }
  std::vector<double> values;
  std::vector<std::int32_t> starts, indices;
  DesignPtr design;
};

std::vector<Index> first_columns(Index count) {
  std::vector<Index> columns(static_cast<std::size_t>(count));
  std::iota(columns.begin(), columns.end(), Index{0});
  return columns;
}

void rates(benchmark::State& state, std::int64_t bytes, double flops) {
  state.SetBytesProcessed(state.iterations() * bytes);
  state.counters["flops"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

void time_transposed(benchmark::State& state, const Design& design, std::int64_t bytes) {
  const Index n = design.rows(), p = design.cols(), m = state.range(0);
  const std::vector<double> v = numbers<double>(n * m), shift = numbers<double>(p);
  std::vector<double> out(static_cast<std::size_t>(p * m));
  const Context context(1);
  for (auto _ : state) {
    design.transpose_multiply(0, {v.data(), n, m}, {out.data(), p, m}, shift, context);
    benchmark::DoNotOptimize(out.data());
  }
  rates(state, bytes, 2.0 * static_cast<double>(design.stored() * m));
}

/// Xᵀ V, n = 1000, p = 20000: the pass that certifies a wide path; range(0) right-hand sides.
template <class T, Layout kLayout>
void transposed_wide(benchmark::State& state) {
  const Dense<T> x(kLayout, 1000, 20000);
  time_transposed(state, *x.design, x.bytes());
}
/// The same for n = 200000, p = 100.
template <class T, Layout kLayout>
void transposed_tall(benchmark::State& state) {
  const Dense<T> x(kLayout, 200000, 100);
  time_transposed(state, *x.design, x.bytes());
}
void transposed_sparse(benchmark::State& state) {
  const Sparse x(10000, 50000, 0.005);
  time_transposed(state, *x.design, x.bytes());
}
void sides(benchmark::internal::Benchmark* b) { b->Arg(1)->Arg(3)->Arg(11)->Arg(110)->Unit(benchmark::kMillisecond); }
BENCHMARK(transposed_wide<double, by_column>)->Apply(sides);
BENCHMARK(transposed_wide<float, by_column>)->Apply(sides);
BENCHMARK(transposed_wide<double, by_row>)->Apply(sides);
BENCHMARK(transposed_wide<float, by_row>)->Apply(sides);
BENCHMARK(transposed_tall<double, by_column>)->Apply(sides);
BENCHMARK(transposed_tall<double, by_row>)->Apply(sides);
BENCHMARK(transposed_sparse)->Apply(sides);

/// η += X_A B with 500 columns of n = 10000.
template <Layout kLayout>
void multiply(benchmark::State& state) {
  const Dense<double> x(kLayout, 10000, 500);
  const Index n = 10000, p = 500, m = state.range(0);
  const std::vector<double> b = numbers<double>(p * m), shift = numbers<double>(p);
  const std::vector<Index> columns = first_columns(p);
  std::vector<double> out(static_cast<std::size_t>(n * m));
  const Context context(1);
  for (auto _ : state) {
    x.design->multiply(columns, {b.data(), p, m}, {out.data(), n, m}, shift, context);
    benchmark::DoNotOptimize(out.data());
  }
  rates(state, x.bytes(), 2.0 * static_cast<double>(n * p * m));
}
BENCHMARK(multiply<by_column>)->Apply(sides);
BENCHMARK(multiply<by_row>)->Apply(sides);

void time_gram(benchmark::State& state, const Design& design, Index columns_asked, std::int64_t bytes) {
  const Index n = design.rows();
  const std::vector<Index> columns = first_columns(columns_asked);
  std::vector<double> out(static_cast<std::size_t>(columns_asked * columns_asked));
  const std::vector<double> weights(static_cast<std::size_t>(n), 0.5), shift = numbers<double>(design.cols());
  const Context context(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    design.gram(columns, columns, weights, {out.data(), columns_asked, columns_asked}, shift, context);
    benchmark::DoNotOptimize(out.data());
  }
  rates(state, bytes, static_cast<double>(n) * static_cast<double>(columns_asked) * static_cast<double>(columns_asked));
}

/// XᵀWX, the pass of tall data; range(0) threads.
template <class T, Layout kLayout, Index kRows, Index kCols>
void gram(benchmark::State& state) {
  const Dense<T> x(kLayout, kRows, kCols);
  time_gram(state, *x.design, kCols, x.bytes());
}
void gram_sparse(benchmark::State& state) {
  const Sparse x(10000, 50000, 0.005);
  time_gram(state, *x.design, 2000, x.bytes() / 25);
}
void threads(benchmark::internal::Benchmark* b) { b->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime(); }
BENCHMARK(gram<double, by_column, 20000, 500>)->Apply(threads);
BENCHMARK(gram<float, by_column, 20000, 500>)->Apply(threads);
BENCHMARK(gram<double, by_row, 20000, 500>)->Apply(threads);
BENCHMARK(gram<double, by_column, 10000, 2000>)->Apply(threads);
BENCHMARK(gram<double, by_column, 1000000, 100>)->Apply(threads);
BENCHMARK(gram<double, by_row, 1000000, 100>)->Apply(threads);
BENCHMARK(gram_sparse)->Apply(threads);

/// Mean and variance of 100 columns of 200000 rows; range(0) threads.
template <class T, Layout kLayout>
void moments(benchmark::State& state) {
  const Dense<T> x(kLayout, 200000, 100);
  const std::vector<double> weights(200000, 0.5);
  const Context context(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(x.design->moments(weights, context).mean.data());
  rates(state, x.bytes(), 5.0 * 200000 * 100);
}
BENCHMARK(moments<double, by_column>)->Apply(threads);
BENCHMARK(moments<float, by_column>)->Apply(threads);
BENCHMARK(moments<double, by_row>)->Apply(threads);

/// One column: dot and add, the two halves of a coordinate step.
template <class T>
void coordinate_step(benchmark::State& state) {
  const Index n = state.range(0);
  const Dense<T> x(by_column, n, 10);
  std::vector<double> v = numbers<double>(n);
  Index j = 0;
  for (auto _ : state) {
    const double g = x.design->dot(j, v, 0.25);
    x.design->add(j, 1e-12 * g, v, 0.25);
    j = (j + 1) % 10;
  }
  rates(state, x.bytes() / 5, 4.0 * static_cast<double>(n));
}
BENCHMARK(coordinate_step<double>)->Arg(1000)->Arg(100000);
BENCHMARK(coordinate_step<float>)->Arg(1000)->Arg(100000);

}  // namespace
}  // namespace riata
