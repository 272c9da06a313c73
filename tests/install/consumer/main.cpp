#include <atomic>
#include <cstdio>
#include <riata/riata.hpp>

int main() {
  std::atomic<long> sum = 0;
  riata::Context(2).for_blocks(10, [&](riata::Index block) { sum += block; });
  try {
    throw riata::Error(riata::ErrorKind::input, "caught across the library's border");
  } catch (const riata::Error& error) {
    std::printf("%s\n", error.what());
  }
  return sum == 45 ? 0 : 1;
}
