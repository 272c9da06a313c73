#include <benchmark/benchmark.h>

#include <vector>

#include "riata/kernels/gemm.hpp"
#include "riata/kernels/kernels.hpp"

// What this machine can do at best: every other number is to be read against these two.
namespace riata {
namespace {

/// Reading from memory, one thread: one pass over 400 MB (bytes per second).
void memory_read(benchmark::State& state) {
  const Index n = 50'000'000;
  const std::vector<double> x(static_cast<std::size_t>(n), 1.0);
  for (auto _ : state) benchmark::DoNotOptimize(kernels::sums(x.data(), nullptr, n, 0.5).first);
  state.SetBytesProcessed(state.iterations() * n * 8);
}
BENCHMARK(memory_read)->Unit(benchmark::kMillisecond);

/// gemm of a square block that fits the cache, one thread (flops per second).
template <class T>
void gemm(benchmark::State& state) {
  const Index n = state.range(0);
  std::vector<T> a(static_cast<std::size_t>(n * n), T{1}), b = a, c = a;
  for (auto _ : state) {
    blas::gemm(blas::Op::transpose, blas::Op::none, T{1}, {a.data(), n, n}, {b.data(), n, n}, T{0}, {c.data(), n, n});
    benchmark::DoNotOptimize(c.data());
  }
  const double flops = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  state.counters["flops"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(gemm<double>)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(gemm<float>)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace riata
