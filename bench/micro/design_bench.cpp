#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "riata/design/make_design.hpp"

namespace riata {
namespace {

/// A dense design whose entries need no generator: what is timed does not depend on their values.
template <class T>
struct Dense {
  Dense(Index rows, Index cols) : values(static_cast<std::size_t>(rows * cols)) {
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = static_cast<T>(std::sin(static_cast<double>(k)));
    design = strided(values.data(), rows, cols, 1, rows, nullptr);
  }
  std::vector<T> values;
  DesignPtr design;
};

template <class T>
void bytes(benchmark::State& state, const Dense<T>& dense) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(dense.values.size() * sizeof(T)));
}

/// Xᵀ V for n = 1000 and range(0) right-hand sides: the pass that certifies a wide path.
template <class T>
void transpose_multiply(benchmark::State& state) {
  const Dense<T> dense(1000, 10000);
  const Index sides = state.range(0);
  std::vector<double> v(static_cast<std::size_t>(1000 * sides), 1.0), out(static_cast<std::size_t>(10000 * sides));
  const Context context(1);
  for (auto _ : state) {
    dense.design->transpose_multiply(0, {v.data(), 1000, sides}, {out.data(), 10000, sides}, {}, context);
    benchmark::DoNotOptimize(out.data());
  }
  bytes(state, dense);
}
BENCHMARK(transpose_multiply<double>)->Arg(1)->Arg(4)->Arg(11)->Unit(benchmark::kMillisecond);
BENCHMARK(transpose_multiply<float>)->Arg(1)->Arg(4)->Arg(11)->Unit(benchmark::kMillisecond);

/// XᵀWX for n = 20000, p = 500: the pass of tall data. Reports arithmetic, counting one triangle.
template <class T>
void gram(benchmark::State& state) {
  const Dense<T> dense(20000, 500);
  std::vector<Index> all(500);
  for (std::size_t j = 0; j < all.size(); ++j) all[j] = static_cast<Index>(j);
  std::vector<double> out(500 * 500), weights(20000, 1.0);
  const Context context(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    dense.design->gram(all, all, weights, {out.data(), 500, 500}, {}, context);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["flops"] = benchmark::Counter(20000.0 * 500 * 500, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(gram<double>)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(gram<float>)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

/// One column: dot and add, the two halves of a coordinate step.
template <class T>
void coordinate_step(benchmark::State& state) {
  const Dense<T> dense(100000, 10);
  std::vector<double> v(100000, 1.0);
  Index j = 0;
  for (auto _ : state) {
    const double g = dense.design->dot(j, v);
    dense.design->add(j, 1e-12 * g, v);
    j = (j + 1) % 10;
  }
}
BENCHMARK(coordinate_step<double>);
BENCHMARK(coordinate_step<float>);

}  // namespace
}  // namespace riata
