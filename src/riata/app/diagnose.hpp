#pragma once

#include <optional>
#include <string>

#include "riata/app/spec.hpp"
#include "riata/core/context.hpp"
#include "riata/data/table.hpp"
#include "riata/report/diagnosis_words.hpp"

namespace riata {

/// `riata diagnose`: which columns of a log are what (empty: found by their names), and what is known besides.
struct DiagnoseSpec : RunSpec {
  std::string epoch, training_loss, validation_loss, training_accuracy, validation_accuracy;
  std::optional<double> null_loss;  ///< validation loss of the null model
  Index validation_rows = 0;        ///< 0: unknown
  std::string report;               ///< a page; empty: none
};

/// Reads learning curves out of any trainer's log and judges them. Rows of one epoch are averaged, so that logs with a row a
/// step, or with training and validation on rows of their own, are fine. Throws Error(column) where no column is a loss.
DiagnoseFacts run_diagnose(const DiagnoseSpec& spec, const Table& table);

}  // namespace riata
