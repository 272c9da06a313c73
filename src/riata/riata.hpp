#pragma once

// The library in one include. What this header reaches is public: it is installed, holds the standard library's types and
// views alone, and follows semantic versioning. Every other header is the engine's own.

#include "riata/core/context.hpp"
#include "riata/core/error.hpp"
#include "riata/core/status.hpp"
#include "riata/core/types.hpp"
#include "riata/core/version.hpp"
#include "riata/data/dataset.hpp"
#include "riata/data/table.hpp"
#include "riata/design/design.hpp"
#include "riata/design/make_design.hpp"
#include "riata/loss/loss.hpp"
#include "riata/network/train.hpp"
#include "riata/path/custom_penalty.hpp"
#include "riata/path/path.hpp"
#include "riata/penalty/penalty.hpp"
#include "riata/selection/selection.hpp"
#include "riata/solver/certificate.hpp"
#include "riata/solver/problem.hpp"
