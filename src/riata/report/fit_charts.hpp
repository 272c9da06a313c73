#pragma once

#include <vector>

#include "riata/report/fit_facts.hpp"
#include "riata/report/fit_path_data.hpp"
#include "riata/report/page.hpp"

namespace riata {

// The figures of a fit. Each has its own caption, which says what was left out.

Chart path_chart(const Model& model, const DrawnPath& drawn, Index shown);
Chart validation_chart(const Model& model, const DrawnPath& drawn, Index shown);
Chart coefficient_chart(const Model& model, Index index);
Chart trajectory_chart(const Model& model, const DrawnPath& drawn, const Trajectory& trajectory, const std::string& id,
                       const std::string& penalty);

}  // namespace riata
