#pragma once

#include <map>
#include <mutex>
#include <string>

#include "riata/app/train.hpp"
#include "riata/app/train_checkpoint.hpp"

namespace riata {

/// The parts of a grid of networks that are finished: those of an earlier run, by number, and where those of this one go.
template <class T>
class GridParts {
 public:
  /// Reads what the earlier run left. Throws Error(argument) where that was made with other data or options (fingerprint).
  GridParts(std::string fingerprint, const TrainInputs& inputs, const TrainWatch& watch);

  /// Of the earlier run; null: there is none.
  const GridPart<T>* find(Index number) const;
  /// Nothing where no one watches. One at a time, from any thread.
  void keep(Index number, const GridPart<T>& part);
  bool keeps() const { return static_cast<bool>(watch_.on_part); }

 private:
  std::string fingerprint_;
  const TrainWatch& watch_;
  std::map<Index, GridPart<T>> found_;
  std::mutex mutex_;
};

}  // namespace riata
