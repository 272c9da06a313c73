#include <benchmark/benchmark.h>

#include <vector>

#include "riata/kernels/blas.hpp"
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

/// dgemm of a square block that fits the cache, one thread (flops per second).
void gemm(benchmark::State& state) {
  const Index n = state.range(0);
  std::vector<double> a(static_cast<std::size_t>(n * n), 1.0), b = a, c = a;
  for (auto _ : state) {
    blas::gemm(blas::Op::transpose, blas::Op::none, 1.0, {a.data(), n, n}, {b.data(), n, n}, 0.0, {c.data(), n, n});
    benchmark::DoNotOptimize(c.data());
  }
  const double flops = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  state.counters["flops"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(gemm)->Arg(1024)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace riata
