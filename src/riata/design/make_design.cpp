#include "riata/design/make_design.hpp"

#include <string>
#include <utility>

#include "riata/core/error.hpp"
#include "riata/design/dense.hpp"
#include "riata/design/hstack.hpp"
#include "riata/design/sparse.hpp"
#include "riata/design/strided.hpp"

namespace riata {

template <class T>
DesignPtr dense_columns(std::vector<const T*> columns, Index rows, std::shared_ptr<const void> owner) {
  return std::make_shared<DenseDesign<T>>(std::move(columns), rows, std::move(owner));
}

template <class T>
DesignPtr strided(const T* data, Index rows, Index cols, Index row_stride, Index col_stride,
                  std::shared_ptr<const void> owner) {
  if (row_stride != 1) {
    return std::make_shared<StridedDesign<T>>(data, rows, cols, row_stride, col_stride, std::move(owner));
  }
  std::vector<const T*> columns(static_cast<std::size_t>(cols));
  for (Index j = 0; j < cols; ++j) columns[static_cast<std::size_t>(j)] = data + j * col_stride;
  return dense_columns(std::move(columns), rows, std::move(owner));
}

template <class T, class I>
DesignPtr sparse_columns(Index rows, Index cols, const I* starts, const I* row_indices, const T* values,
                         std::shared_ptr<const void> owner) {
  return std::make_shared<SparseDesign<T, I>>(rows, std::vector<Index>(starts, starts + cols + 1), row_indices, values,
                                              std::move(owner));
}

DesignPtr hstack(std::vector<DesignPtr> parts) {
  if (parts.empty()) throw Error(ErrorKind::argument, "no designs to put side by side; give at least one");
  for (std::size_t k = 1; k < parts.size(); ++k) {
    if (parts[k]->rows() != parts[0]->rows()) {
      throw Error(ErrorKind::argument, "designs side by side must have the same rows: part 0 has " +
                                           std::to_string(parts[0]->rows()) + ", part " + std::to_string(k) + " has " +
                                           std::to_string(parts[k]->rows()));
    }
  }
  if (parts.size() == 1) return parts.front();
  return std::make_shared<HstackDesign>(std::move(parts));
}

template DesignPtr dense_columns(std::vector<const float*>, Index, std::shared_ptr<const void>);
template DesignPtr dense_columns(std::vector<const double*>, Index, std::shared_ptr<const void>);
template DesignPtr strided(const float*, Index, Index, Index, Index, std::shared_ptr<const void>);
template DesignPtr strided(const double*, Index, Index, Index, Index, std::shared_ptr<const void>);
template DesignPtr sparse_columns(Index, Index, const std::int32_t*, const std::int32_t*, const float*,
                                  std::shared_ptr<const void>);
template DesignPtr sparse_columns(Index, Index, const std::int64_t*, const std::int64_t*, const float*,
                                  std::shared_ptr<const void>);
template DesignPtr sparse_columns(Index, Index, const std::int32_t*, const std::int32_t*, const double*,
                                  std::shared_ptr<const void>);
template DesignPtr sparse_columns(Index, Index, const std::int64_t*, const std::int64_t*, const double*,
                                  std::shared_ptr<const void>);

}  // namespace riata
