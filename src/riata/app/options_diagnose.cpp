#include "riata/app/diagnose.hpp"
#include "riata/app/option_groups.hpp"

namespace riata {
namespace {

std::vector<Option<DiagnoseSpec>> diagnose_rows() {
  const std::string columns = "Columns (a name, or a position counted from 1)", more = "What else is known";
  const auto column = [&](const char* name, const char* help, std::string DiagnoseSpec::*member) {
    return rows::text<DiagnoseSpec>({name, "COL", columns, help, "found by its name"}, member);
  };
  std::vector<Option<DiagnoseSpec>> table;
  add(table, column("--epoch", "the epoch, or the step", &DiagnoseSpec::epoch));
  add(table, column("--training-loss", "loss on the rows trained on", &DiagnoseSpec::training_loss));
  add(table, column("--validation-loss", "loss on rows not trained on", &DiagnoseSpec::validation_loss));
  add(table, column("--training-accuracy", "accuracy on the rows trained on", &DiagnoseSpec::training_accuracy));
  add(table, column("--validation-accuracy", "accuracy on rows not trained on", &DiagnoseSpec::validation_accuracy));
  add(table,
      rows::number<double, DiagnoseSpec>({"--null-loss", "V", more,
                                          "validation loss of the null model, which predicts the mean or the shares of the "
                                          "classes: what tells no signal from overfitting",
                                          "unknown"},
                                         &DiagnoseSpec::null_loss, {.low = -kLargest, .high = kLargest}));
  add(table,
      rows::number<Index, DiagnoseSpec>({"--validation-rows", "N", more, "how many rows were validated on", "unknown"},
                                        &DiagnoseSpec::validation_rows, {.low = 1, .high = 1e15}));
  add_report(table, "Results", &DiagnoseSpec::report);
  add_format(table, "Results");
  add_reading(table);
  add_running(table);
  return table;
}

}  // namespace

template <>
const std::vector<Option<DiagnoseSpec>>& options<DiagnoseSpec>() {
  static const std::vector<Option<DiagnoseSpec>> kTable = diagnose_rows();
  return kTable;
}

}  // namespace riata
