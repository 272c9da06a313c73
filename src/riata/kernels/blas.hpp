#pragma once

#include <functional>
#include <span>
#include <vector>

#include "riata/core/types.hpp"

/// Dense linear algebra on column-major float64 blocks: thin wrappers over a private OpenBLAS that is held at one thread
/// (docs/decisions/0002-blas.md). Safe to call from several threads at once; parallelism is the caller's, over fixed blocks.
/// A dimension or stride beyond 32 bits throws Error(input); callers work in blocks far below that.
namespace riata::blas {

enum class Op { none, transpose };
enum class Triangle { lower, upper };
enum class Side { left, right };

/// Asked between the steps of what takes long: true ends it early with false, and what is in place is of no use then.
using Stop = std::function<bool()>;

/// C = alpha op(A) op(B) + beta C.
void gemm(Op op_a, Op op_b, double alpha, ConstMatrix a, ConstMatrix b, double beta, Matrix c);

/// y = alpha op(A) x + beta y.
void gemv(Op op, double alpha, ConstMatrix a, std::span<const double> x, double beta, std::span<double> y);

/// One triangle of C = alpha A Aᵀ + beta C (Op::none) or alpha AᵀA + beta C (Op::transpose). The other is left alone.
void syrk(Triangle triangle, Op op, double alpha, ConstMatrix a, double beta, Matrix c);

/// B = op(T)⁻¹ B (left) or B op(T)⁻¹ (right), T triangular with a non-unit diagonal.
void trsm(Side side, Triangle triangle, Op op, ConstMatrix t, Matrix b);

/// x = op(T)⁻¹ x, T triangular with a non-unit diagonal.
void trsv(Triangle triangle, Op op, ConstMatrix t, std::span<double> x);

/// A rotation of the plane: x = c x + s y and y = c y − s x.
void rot(std::span<double> x, std::span<double> y, double cosine, double sine);

/// Copies the lower triangle of the square C to the upper one (or the other way round): C becomes symmetric.
void mirror(Triangle from, Matrix c);

/// Cholesky in place in one triangle: A = L Lᵀ or Uᵀ U. Returns 0, or k ≥ 1 when the leading k × k block is not positive
/// definite (the columns before k are then factored).
[[nodiscard]] Index potrf(Triangle triangle, Matrix a);

/// An estimate of 1/(‖A‖₁ ‖A⁻¹‖₁) from A's Cholesky factor and norm = ‖A‖₁; 1 for an empty A.
[[nodiscard]] double pocon(Triangle triangle, ConstMatrix factor, double norm);

/// Cholesky with pivoting in place in one triangle of a positive semidefinite A: rows and columns order[0], order[1], … of A
/// are L Lᵀ (Uᵀ U). Returns the rank, up to rounding; the factor's first columns (rows) count. order: one entry a row.
[[nodiscard]] Index pstrf(Triangle triangle, Matrix a, std::span<Index> order);

/// Eigenvalues (increasing) of the symmetric A; its columns become the orthonormal eigenvectors. Reads the lower triangle.
/// False when the iteration did not converge, or was stopped.
[[nodiscard]] bool syevd(Matrix a, std::span<double> eigenvalues, const Stop& stop = {});

/// QR with column pivoting, A P = Q R in place: R above the diagonal, reflectors below with their factors in tau
/// (min(rows, cols) entries). pivots[k] is the column that came to place k. False when it was stopped.
bool geqp3(Matrix a, std::span<Index> pivots, std::span<double> tau, const Stop& stop = {});

/// C = op(Q) C with Q from geqp3 or geqrf (the first tau.size() columns of `qr`).
void ormqr(Op op, ConstMatrix qr, std::span<const double> tau, Matrix c);

/// Thin singular value decomposition A = U diag(s) Vᵀ, destroying A. With k = min(rows, cols): u is rows × k, s has k
/// entries (decreasing), vt is k × cols. False when the iteration did not converge.
[[nodiscard]] bool gesdd(Matrix a, std::span<double> s, Matrix u, Matrix vt);

}  // namespace riata::blas
