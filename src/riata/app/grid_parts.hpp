#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "riata/app/kept_parts.hpp"
#include "riata/app/train_checkpoint.hpp"

namespace riata {

/// The parts of a grid of networks, or of a contest, that are finished: those of an earlier run, by number, and where those
/// of this one go.
template <class T>
class GridParts {
 public:
  /// Reads what the earlier run left. Throws Error(argument) where that was made with other data or options (fingerprint).
  GridParts(std::string fingerprint, const KeptParts& parts);

  /// Of the earlier run; null: there is none.
  const GridPart<T>* find(Index number) const;
  /// Nothing where no one keeps them. One at a time, from any thread.
  void keep(Index number, const GridPart<T>& part);
  /// In memory alone, to be found by this run; not while others look.
  void hold(Index number, GridPart<T> part) { found_[number] = std::move(part); }
  bool keeps() const { return static_cast<bool>(keep_); }
  Index n_found() const { return std::ssize(found_); }

 private:
  std::string fingerprint_;
  std::function<void(const std::string&, Index)> keep_;
  std::map<Index, GridPart<T>> found_;
  std::mutex mutex_;
};

}  // namespace riata
