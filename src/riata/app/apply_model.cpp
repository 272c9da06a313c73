#include "riata/app/apply_model.hpp"

#include <numeric>

#include "riata/core/error.hpp"
#include "riata/data/column_values.hpp"

namespace riata {

std::vector<double> number_column(const Table& table, const std::string& name, const std::vector<Index>& rows) {
  const Index position = table.find(name);
  const Numbers numbers = read_numbers(table, position);
  if (!numbers.missing.empty()) {
    throw Error(ErrorKind::input, "is empty, and a number is needed in every row",
                table.place(numbers.missing[0], position));
  }
  std::vector<double> out;
  out.reserve(rows.size());
  for (Index row : rows) out.push_back(numbers.at(row));
  return out;
}

Applied apply_model(const Model& model, Index point, const Table& table, const std::string& target, UnseenPolicy unseen,
                    const Context& context) {
  const ModelPoint& chosen = model.path[static_cast<std::size_t>(point)];
  if (!chosen.coefficients) {
    throw Error(ErrorKind::argument,
                "--lambda: the model keeps no coefficients for this λ, because its path is very large; take min or 1se");
  }
  Applied out{apply_coding(table, model.coding, target, unseen, context), {}, {}};
  const Index n = out.dataset.design->rows();
  out.rows = out.dataset.row_numbers;
  if (out.rows.empty()) {
    out.rows.resize(static_cast<std::size_t>(n));
    std::iota(out.rows.begin(), out.rows.end(), Index{0});
  }
  if (model.offset_column.empty()) {
    out.eta.assign(static_cast<std::size_t>(n), 0.0);
  } else {
    out.eta = number_column(table, model.offset_column, out.rows);
  }
  for (double& eta : out.eta) eta += chosen.intercept;
  const SparseCoefficients& beta = *chosen.coefficients;
  const ConstMatrix b(beta.values.data(), std::ssize(beta.values), 1, std::ssize(beta.values));
  if (!beta.values.empty()) out.dataset.design->multiply(beta.indices, b, Matrix(out.eta.data(), n, 1), {}, context);
  return out;
}

}  // namespace riata
