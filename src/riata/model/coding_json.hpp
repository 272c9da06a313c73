#pragma once

#include "riata/core/json_writer.hpp"
#include "riata/core/status.hpp"
#include "riata/data/dataset.hpp"
#include "riata/model/json_reader.hpp"

namespace riata {

/// How the columns of a table become features, in every kind of model file. Reading checks every value: Error(input).
void write_coding(JsonWriter& out, const Coding& coding);
Coding read_coding(const JsonReader& in);

Status read_status(const JsonReader& in);

}  // namespace riata
