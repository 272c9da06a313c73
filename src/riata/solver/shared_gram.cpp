#include "riata/solver/shared_gram.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "riata/kernels/blas.hpp"
#include "riata/solver/column_products.hpp"

namespace riata {
namespace {

constexpr double kLeastShare = 1e-6;  // of a column's square that must be left for ten digits to be right

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

class SharedGram::View final : public GramSource {
 public:
  View(const SharedGram& shared, const FittedProblem& fitted, const Context& context)
      : shared_(shared), fitted_(fitted), context_(context) {
    std::vector<Index> in, out;
    for (Index i = 0; i < fitted.rows(); ++i) {
      const double v = shared.weights_[at(i)];
      if (!(v > 0)) continue;
      const bool counts = fitted.weights[at(i)] > 0;
      if (counts) weight_ += v;
      (counts ? in : out).push_back(i);
    }
    subtracts_ = out.size() <= in.size();
    rows_ = std::move(subtracts_ ? out : in);
  }

  /// Takes the rows it needs of prepared columns: the last ones of `prepared_`, gathered and shifted.
  void extend(ConstMatrix fresh) {
    const Index known = columns();
    const Index count = static_cast<Index>(rows_.size());
    const std::size_t needed = rows_.size() * at(known + fresh.cols);
    if (needed > kept_.capacity()) kept_.reserve(needed + needed / 4);
    kept_.resize(needed);
    lossy_.resize(at(known + fresh.cols));
    for (Index b = 0; b < fresh.cols; ++b) {
      double* to = kept_.data() + (known + b) * count;
      for (Index i = 0; i < count; ++i) to[i] = fresh(rows_[at(i)], b) * std::sqrt(shared_.weights_[at(rows_[at(i)])]);
      const Index j = shared_.prepared_[at(known + b)];
      const double s = fitted_.design->scale(j), norm = fitted_.norm[at(j)];
      lossy_[at(known + b)] = !(norm * norm * s * s * weight_ > kLeastShare * shared_.entry(known + b, known + b));
    }
  }

  void gram(std::span<const Index> left, std::span<const Index> right, Matrix out) override {
    std::vector<Index> here, direct;
    for (Index b = 0; b < out.cols; ++b) (usable(right[at(b)]) ? here : direct).push_back(b);
    for (const Index b : direct) {
      const Index self[] = {right[at(b)]};
      gram_columns(*fitted_.design, left, self, fitted_.weights, {&out(0, b), out.rows, 1}, context_);
    }
    if (here.empty()) return;
    from_shared(left, right, here, out);
    std::vector<Index> rows, columns;
    for (Index a = 0; a < out.rows; ++a) {
      if (!usable(left[at(a)])) rows.push_back(a);
    }
    if (rows.empty()) return;
    std::vector<Index> missing;
    for (const Index a : rows) missing.push_back(left[at(a)]);
    std::vector<double> block(rows.size());
    for (const Index b : here) {
      const Index self[] = {right[at(b)]};
      gram_columns(*fitted_.design, missing, self, fitted_.weights, {block.data(), std::ssize(block), 1}, context_);
      for (std::size_t a = 0; a < rows.size(); ++a) out(rows[a], b) = block[a];
    }
  }

 private:
  Index columns() const { return static_cast<Index>(lossy_.size()); }
  bool usable(Index j) const { return shared_.slot_[at(j)] >= 0 && !lossy_[at(shared_.slot_[at(j)])]; }

  /// The entries of usable columns, `here` of the right ones; other rows are left alone.
  void from_shared(std::span<const Index> left, std::span<const Index> right, const std::vector<Index>& here, Matrix out) {
    const Index count = static_cast<Index>(rows_.size()), n_left = columns(), n_right = static_cast<Index>(here.size());
    std::vector<double> picked(rows_.size() * here.size()), products(at(n_left * n_right), 0.0);
    for (std::size_t b = 0; b < here.size(); ++b) {
      const Index slot = shared_.slot_[at(right[at(here[b])])];
      std::copy_n(kept_.begin() + slot * count, count, picked.begin() + static_cast<Index>(b) * count);
    }
    if (count > 0) {
      blas::gemm(blas::Op::transpose, blas::Op::none, 1.0, {kept_.data(), count, n_left}, {picked.data(), count, n_right},
                 0.0, {products.data(), n_left, n_right});
    }
    for (std::size_t b = 0; b < here.size(); ++b) {
      const Index j = right[at(here[b])], slot_j = shared_.slot_[at(j)];
      const double s_j = fitted_.design->scale(j), off_j = off_centre(j);
      for (Index a = 0; a < out.rows; ++a) {
        const Index i = left[at(a)];
        if (!usable(i)) continue;
        const Index slot_i = shared_.slot_[at(i)];
        const double own = products[b * at(n_left) + at(slot_i)];
        const double sum = subtracts_ ? shared_.entry(slot_i, slot_j) - own : own;
        out(a, here[b]) = (sum / weight_ - off_centre(i) * off_j) / (fitted_.design->scale(i) * s_j);
      }
    }
  }

  double off_centre(Index j) const {
    return fitted_.design->centre(j) - (shared_.shift_.empty() ? 0.0 : shared_.shift_[at(j)]);
  }

  const SharedGram& shared_;
  const FittedProblem& fitted_;
  const Context& context_;
  bool subtracts_ = true;
  double weight_ = 0;
  std::vector<Index> rows_;   ///< those left out, or, where they are fewer, those that count
  std::vector<double> kept_;  ///< rows_ × prepared columns: √v (x − m)
  std::vector<char> lossy_;   ///< a prepared column each
};

SharedGram::SharedGram(const Design& design, std::vector<double> weights, std::vector<double> shift, const Context& context)
    : design_(design),
      context_(context),
      weights_(std::move(weights)),
      shift_(std::move(shift)),
      slot_(at(design.cols()), -1) {}

SharedGram::~SharedGram() = default;

GramSource& SharedGram::add(const FittedProblem& fitted, const Context& context) {
  views_.push_back(std::make_unique<View>(*this, fitted, context));
  return *views_.back();
}

void SharedGram::prepare(std::span<const Index> columns) {
  const std::size_t known = prepared_.size();
  for (const Index j : columns) {
    if (slot_[at(j)] >= 0) continue;
    slot_[at(j)] = static_cast<Index>(prepared_.size());
    prepared_.push_back(j);
  }
  const auto fresh = std::span<const Index>(prepared_).subspan(known);
  if (fresh.empty()) return;
  std::vector<double> block(prepared_.size() * fresh.size());
  const Matrix gram(block.data(), std::ssize(prepared_), std::ssize(fresh));
  design_.gram(prepared_, fresh, weights_, gram, shift_, context_);
  for (std::size_t b = 0; b < fresh.size(); ++b) {
    const auto column = gram.column(static_cast<Index>(b)).first(known + b + 1);
    total_.emplace_back(column.begin(), column.end());
  }
  std::vector<double> gathered(at(design_.rows()) * fresh.size());
  const Matrix values(gathered.data(), design_.rows(), std::ssize(fresh));
  design_.gather(fresh, values);
  for (Index b = 0; b < values.cols && !shift_.empty(); ++b) {
    for (double& x : values.column(b)) x -= shift_[at(fresh[at(b)])];
  }
  context_.for_blocks(std::ssize(views_), [&](Index k) { views_[at(k)]->extend(values); });
}

}  // namespace riata
