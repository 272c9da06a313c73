// One cell of the comparison for riata itself: reads an order and the prepared arrays, times the fit alone, writes the
// answer in the form that adapters/common.py describes.
//
//   riata_cell ORDER            runs the cell; exit status 3: riata does not solve this problem
//   riata_cell machine THREADS  measures the machine: read bandwidth and the rate of matrix products

#include <ctime>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "riata/core/error.hpp"
#include "riata/core/version.hpp"
#include "riata/design/make_design.hpp"
#include "riata/kernels/blas.hpp"
#include "riata/selection/fold_moments.hpp"
#include "riata/selection/selection.hpp"

namespace {

using riata::Index;
namespace fs = std::filesystem;

constexpr int kUnavailable = 3;
constexpr double kLeast = 0.05;  // seconds that are timed: short fits are repeated, and their mean is told
using Order = std::map<std::string, std::string>;

Order read_order(const fs::path& path) {
  std::ifstream file(path);
  Order order;
  for (std::string line; std::getline(file, line);) {
    const auto split = line.find('=');
    if (split != std::string::npos) order[line.substr(0, split)] = line.substr(split + 1);
  }
  if (order.empty()) throw std::runtime_error("no order in " + path.string());
  return order;
}

/// The values of an NPY file of version 1 and its shape; T must be what the file holds. Column-major or one-dimensional.
template <class T>
struct Array {
  std::vector<T> values;
  std::vector<Index> shape;
};

template <class T>
Array<T> read_npy(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  char magic[10];
  if (!file.read(magic, sizeof magic) || std::memcmp(magic, "\x93NUMPY\x01", 7) != 0) {
    throw std::runtime_error("no NPY file of version 1: " + path.string());
  }
  const auto byte = [&](int k) { return static_cast<std::size_t>(static_cast<unsigned char>(magic[k])); };
  std::string header(byte(8) + 256 * byte(9), ' ');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  const std::string type = std::is_same_v<T, double> ? "'<f8'" : "'<i4'";
  const auto open = header.find('('), close = header.find(')');
  if (header.find(type) == std::string::npos || close == std::string::npos) {
    throw std::runtime_error("not an array of " + type + ": " + path.string());
  }
  Array<T> array;
  std::stringstream shape(header.substr(open + 1, close - open - 1));
  for (std::string part; std::getline(shape, part, ',');) {
    if (part.find_first_of("0123456789") != std::string::npos) array.shape.push_back(std::stoll(part));
  }
  if (array.shape.size() > 1 && header.find("'fortran_order': True") == std::string::npos) {
    throw std::runtime_error("not column-major: " + path.string());
  }
  const Index count = std::accumulate(array.shape.begin(), array.shape.end(), Index{1}, std::multiplies<>());
  array.values.resize(static_cast<std::size_t>(count));
  const auto bytes = static_cast<std::streamsize>(array.values.size() * sizeof(T));
  if (!file.read(reinterpret_cast<char*>(array.values.data()), bytes)) {
    throw std::runtime_error("cut short: " + path.string());
  }
  return array;
}

template <class T>
void write_array(const fs::path& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

riata::DesignPtr read_design(const fs::path& data, Index rows) {
  if (fs::exists(data / "X.npy")) {
    const auto x = std::make_shared<Array<double>>(read_npy<double>(data / "X.npy"));
    return riata::strided(x->values.data(), x->shape.at(0), x->shape.at(1), 1, x->shape.at(0), x);
  }
  struct Sparse {
    Array<std::int32_t> starts, rows;
    Array<double> values;
  };
  const auto x =
      std::make_shared<Sparse>(Sparse{read_npy<std::int32_t>(data / "X_starts.npy"),
                                      read_npy<std::int32_t>(data / "X_rows.npy"), read_npy<double>(data / "X_values.npy")});
  return riata::sparse_columns(rows, x->starts.shape.at(0) - 1, x->starts.values.data(), x->rows.values.data(),
                               x->values.values.data(), x);
}

std::string status_kib(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name, 0) == 0) return std::to_string(std::stoll(line.substr(name.size() + 1)));
  }
  return "0";
}

double wall_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Answer {
  riata::Path path;
  std::vector<double> cv_mean;
};

void write_answer(const fs::path& out, const Answer& answer) {
  std::vector<double> lambdas, intercepts, values;
  std::vector<std::int32_t> starts{0}, indices;
  double worst = 0;
  for (const riata::PathPoint& point : answer.path.points) {
    lambdas.push_back(point.lambda);
    intercepts.push_back(point.intercept);
    for (const Index j : point.coefficients.indices) indices.push_back(static_cast<std::int32_t>(j));
    values.insert(values.end(), point.coefficients.values.begin(), point.coefficients.values.end());
    starts.push_back(static_cast<std::int32_t>(values.size()));
    worst = std::max(worst, point.certificate.relative_gap);
  }
  write_array(out / "lambda.f64", lambdas);
  write_array(out / "intercept.f64", intercepts);
  write_array(out / "coef_start.i32", starts);
  write_array(out / "coef_index.i32", indices);
  write_array(out / "coef_value.f64", values);
  if (!answer.cv_mean.empty()) write_array(out / "cv_mean.f64", answer.cv_mean);
  std::ofstream(out / "facts.txt", std::ios::app) << "own_gap=" << worst << "\nsolver=" << answer.path.solver << "\n";
}

int run_cell(const Order& order) {
  const fs::path data = order.at("data"), out = order.at("out");
  const std::string loss = order.at("loss");
  const Array<double> y = read_npy<double>(data / ("y_" + loss + ".npy"));
  const Array<double> lambdas = read_npy<double>(data / ("lambdas_" + loss + ".npy"));
  riata::Folds folds;
  for (const std::int32_t k : read_npy<std::int32_t>(data / "folds.npy").values) folds.validation.push_back(k);
  folds.n_folds = *std::max_element(folds.validation.begin(), folds.validation.end()) + 1;

  riata::Problem problem;
  problem.design = read_design(data, y.shape.at(0));
  problem.loss = riata::loss_by_name(loss);
  problem.response = y.values;
  problem.standardize = order.at("standardize") == "1";
  riata::PathOptions options;
  options.tolerance = std::stod(order.at("tolerance"));
  riata::CrossValidationOptions cv_options;
  cv_options.measure = loss == "squared" ? riata::Measure::mse : riata::Measure::deviance;
  const riata::PenaltySpec penalty{"l1", 1.0};
  const riata::Context context(std::stoi(order.at("threads")));
  context.for_blocks(context.threads(), [](Index) {});  // starts the threads

  std::ofstream("/proc/self/clear_refs") << "5";
  const std::string before = status_kib("VmRSS:");
  const double cpu_start = cpu_seconds(), start = wall_seconds();
  Answer answer;
  std::string peak;
  int fits = 0;
  for (; cpu_seconds() - cpu_start < kLeast; ++fits) {
    std::shared_ptr<const riata::FoldMoments> moments;
    if (order.at("task") == "cv") {
      moments = riata::fold_moments_if_they_pay(problem, std::ssize(lambdas.values), folds, context);
      cv_options.moments = moments.get();
      riata::PathOptions own = options;
      if (moments) own.moments = &moments->total();
      riata::ValidatedPath both =
          riata::fit_and_validate(problem, penalty, lambdas.values, folds, own, options, cv_options, context);
      answer = {std::move(both.path), std::move(both.cross_validation.mean)};
    } else {
      answer.path = riata::fit_path(problem, penalty, lambdas.values, options, context);
    }
    if (fits == 0) peak = status_kib("VmHWM:");
  }
  const double seconds = (wall_seconds() - start) / fits, cpu = (cpu_seconds() - cpu_start) / fits;

  fs::create_directories(out);
  std::ofstream facts(out / "facts.txt");
  facts.precision(9);
  facts << "seconds=" << seconds << "\ncpu_seconds=" << cpu << "\nrss_before_kib=" << before << "\npeak_kib=" << peak
        << "\nversion=" << riata::version() << "\n";
  facts.close();
  write_answer(out, answer);
  return 0;
}

/// The least time of a few tries of body(block) for block = 0 … threads − 1 at once.
template <class Body>
double best_time(const riata::Context& context, const Body& body) {
  double best = 1e300;
  for (int k = 0; k < 5; ++k) {
    const double start = wall_seconds();
    context.for_blocks(context.threads(), body);
    best = std::min(best, wall_seconds() - start);
  }
  return best;
}

/// Bytes a second of a plain read of far more memory than caches hold.
double bandwidth(const riata::Context& context) {
  constexpr std::size_t kEntries = std::size_t{1} << 26;  // 512 MiB a thread
  const auto threads = static_cast<std::size_t>(context.threads());
  const std::vector<double> memory(kEntries * threads, 1.0);
  std::vector<double> sums(threads);
  const double seconds = best_time(context, [&](Index block) {
    const double* const x = memory.data() + static_cast<std::size_t>(block) * kEntries;
    double lanes[64] = {};
    for (std::size_t i = 0; i < kEntries; i += 64) {
      for (std::size_t lane = 0; lane < 64; ++lane) lanes[lane] += x[i + lane];
    }
    sums[static_cast<std::size_t>(block)] = std::accumulate(lanes, lanes + 64, 0.0);
  });
  if (sums[0] != static_cast<double>(kEntries)) throw std::runtime_error("the sum of the memory is wrong");
  return static_cast<double>(memory.size() * sizeof(double)) / seconds;
}

/// Floating-point operations a second of products of 1500 × 1500 matrices.
double product_rate(const riata::Context& context) {
  constexpr Index kSize = 1500;
  const auto threads = static_cast<std::size_t>(context.threads());
  const std::vector<double> a(kSize * kSize, 0.5), b(kSize * kSize, 2.0);
  std::vector<double> c(kSize * kSize * threads);
  const double seconds = best_time(context, [&](Index block) {
    riata::blas::gemm(riata::blas::Op::transpose, riata::blas::Op::none, 1.0, riata::ConstMatrix(a.data(), kSize, kSize),
                      riata::ConstMatrix(b.data(), kSize, kSize), 0.0,
                      riata::Matrix(c.data() + block * kSize * kSize, kSize, kSize));
  });
  return 2.0 * kSize * kSize * kSize * static_cast<double>(threads) / seconds;
}

int measure_machine(int threads) {
  const riata::Context context(threads);
  std::cout << "bytes_per_second=" << bandwidth(context) << "\nflops_per_second=" << product_rate(context) << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3 && std::string(argv[1]) == "machine") return measure_machine(std::stoi(argv[2]));
    if (argc != 2) throw std::runtime_error("usage: riata_cell ORDER | riata_cell machine THREADS");
    return run_cell(read_order(argv[1]));
  } catch (const riata::Error& error) {
    std::cerr << error.what() << "\n";
    return error.kind() == riata::ErrorKind::not_supported ? kUnavailable : 1;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
