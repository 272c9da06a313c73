#pragma once

#include <span>
#include <string>
#include <vector>

#include "riata/model/safetensors.hpp"
#include "riata/network/train.hpp"

namespace riata {

/// A checkpoint of training: the engine's state, bit by bit, as a safetensors file with a checksum. `fingerprint` says what
/// was trained on what (fingerprint_of): going on with anything else would not be the same run.
template <class T>
std::string write_checkpoint(const TrainState<T>& state, const std::string& fingerprint);

/// Throws Error(input) for a file that holds something else, Error(argument) where data or options are not those of the
/// checkpoint.
template <class T>
TrainState<T> read_checkpoint(const Safetensors& file, const std::string& fingerprint, const std::string& source);

/// Finished networks of a grid: what was found of each, and the parameters from which the next one starts, if it does. Of a
/// contest: one training.
template <class T>
struct GridPart {
  std::vector<double> numbers;
  std::vector<T> parameters;
};

/// The same kind of file and the same errors.
template <class T>
std::string write_grid_part(const GridPart<T>& part, const std::string& fingerprint);
template <class T>
GridPart<T> read_grid_part(const Safetensors& file, const std::string& fingerprint, const std::string& source);

/// XXH3-64 of texts and numbers, as hexadecimal digits.
std::string fingerprint_of(const std::vector<std::string>& texts, const std::vector<std::span<const double>>& numbers);

}  // namespace riata
