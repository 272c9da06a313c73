#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "riata/app/option_groups.hpp"

/// What train and compare have in common about networks.
namespace riata {

/// Whole numbers from 1, separated by commas; "none" for none.
std::vector<Index> parse_sizes(std::string_view text, const char* option);
std::string sizes_text(const std::vector<Index>& sizes);

template <class Spec>
Option<Spec> activation_row(const std::string& group, Activation Spec::*member) {
  return rows::choice<Spec, Spec, Activation, Activation>({"--activation", "", group, "after each hidden layer"}, member,
                                                          {{"relu", Activation::relu},
                                                           {"tanh", Activation::tanh},
                                                           {"sigmoid", Activation::sigmoid},
                                                           {"gelu", Activation::gelu},
                                                           {"identity", Activation::identity}});
}

template <class Spec>
Option<Spec> precision_row(const std::string& group, Precision Spec::*member) {
  return rows::choice<Spec, Spec, Precision, Precision>({"--precision", "", group, "of parameters and arithmetic"}, member,
                                                        {{"float32", Precision::float32}, {"float64", Precision::float64}});
}

}  // namespace riata
