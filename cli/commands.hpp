#pragma once

#include <string>
#include <vector>

namespace riata::cli {

// One small file a subcommand: arguments → Spec, result → text. Each returns the exit code.

int fit(const std::vector<std::string>& words);
int predict(const std::vector<std::string>& words);
int evaluate(const std::vector<std::string>& words);
int inspect(const std::vector<std::string>& words);
int train(const std::vector<std::string>& words);
int diagnose(const std::vector<std::string>& words);
int compare(const std::vector<std::string>& words);
int report(const std::vector<std::string>& words);
int export_model(const std::vector<std::string>& words);

/// Throws Error(argument) unless there are as many as `names`; the message says which is missing.
void expect_positional(const std::vector<std::string>& given, const std::vector<std::string>& names, const char* command);

}  // namespace riata::cli
