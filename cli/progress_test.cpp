#include "progress.hpp"

#include <gtest/gtest.h>

#include <string>

namespace riata::cli {
namespace {

using namespace std::chrono_literals;

/// What is written from `started` on, as a clock of the test's own goes by.
class Written {
 public:
  explicit Written(ProgressLine::Kind kind) : file_(std::tmpfile()), line_(kind, file_, started_) {}
  Written(const Written&) = delete;
  ~Written() { std::fclose(file_); }

  void at(std::chrono::milliseconds time, const Progress& progress) { line_.show(progress, started_ + time); }
  void clear() { line_.clear(); }
  /// Since it was last asked for.
  std::string text() {
    std::string out;
    std::fseek(file_, read_, SEEK_SET);
    for (int c = std::fgetc(file_); c != EOF; c = std::fgetc(file_)) out += static_cast<char>(c);
    read_ = std::ftell(file_);
    return out;
  }

 private:
  ProgressLine::Time started_ = ProgressLine::Time() + 1h;
  std::FILE* file_;
  ProgressLine line_;
  long read_ = 0;
};

TEST(ProgressLine, OffATerminalIsALineEveryTenSeconds) {
  Written written(ProgressLine::Kind::lines);
  written.at(0ms, {"path", 0, 100});
  written.at(9999ms, {"path", 10, 100});
  EXPECT_EQ(written.text(), "");
  written.at(10s, {"path", 20, 100});
  EXPECT_EQ(written.text(), "riata: path 20 of 100, about 40 s left\n");
  written.at(19s, {"path", 40, 100});
  written.at(19s, {"cross-validation", 0, 10});
  EXPECT_EQ(written.text(), "");
  written.at(21s, {"cross-validation", 1, 10});
  EXPECT_EQ(written.text(), "riata: cross-validation 1 of 10, about 20 s left\n") << "at the pace of its own stage";
  written.at(31s, {"reading megabytes", 7, 0});
  EXPECT_EQ(written.text(), "riata: reading megabytes 7\n") << "of nobody knows how many";
}

TEST(ProgressLine, OnATerminalIsABarThatIsTakenAway) {
  Written written(ProgressLine::Kind::bar);
  written.at(0ms, {"path", 0, 100});
  written.at(299ms, {"path", 1, 100});
  EXPECT_EQ(written.text(), "") << "short runs show nothing";
  written.at(4s, {"path", 50, 100});
  const std::string bar = written.text();
  EXPECT_TRUE(bar.starts_with("\r\x1b[K  path  █")) << bar;
  EXPECT_TRUE(bar.ends_with("░ 50/100  about 4 s left")) << bar;
  written.at(4050ms, {"path", 51, 100});
  EXPECT_EQ(written.text(), "") << "it does not flicker";
  written.clear();
  EXPECT_EQ(written.text(), "\r\x1b[K");
}

TEST(ProgressLine, QuietIsNothing) {
  Written written(ProgressLine::Kind::nothing);
  written.at(60s, {"path", 50, 100});
  EXPECT_EQ(written.text(), "");
}

}  // namespace
}  // namespace riata::cli
