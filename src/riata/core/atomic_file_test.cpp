#include "riata/core/atomic_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "riata/core/error.hpp"

namespace riata {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "riata-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string read(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t n_files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(AtomicFileTest, ReplacesAFileWhole) {
  write_whole(path("a"), "old");
  write_whole(path("a"), std::string(100000, 'x'));
  EXPECT_EQ(read("a"), std::string(100000, 'x'));
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(AtomicFileTest, WithoutCommitNothingHasChanged) {
  write_whole(path("a"), "old");
  {
    AtomicFile file(path("a"));
    file.write("new");
    EXPECT_EQ(read("a"), "old");
  }
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(AtomicFileTest, KeepsTheModeAndFollowsALink) {
  write_whole(path("a"), "old");
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", path("link"));
  write_whole(path("link"), "new");
  EXPECT_EQ(read("a"), "new");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AtomicFileTest, RefusesFoldersAndMissingFolders) {
  EXPECT_THROW(write_whole(folder_.string(), "x"), Error);
  EXPECT_THROW(write_whole(path("no/such/folder"), "x"), Error);
  EXPECT_THROW(write_whole("", "x"), Error);
}

TEST_F(AtomicFileTest, AFullDiskLeavesTheOldFile) {
  write_whole(path("a"), "old");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_whole(path("a"), std::string(100000, 'x'));
    } catch (const Error& error) {
      ::_exit(error.kind() == ErrorKind::run ? 7 : 8);
    }
    ::_exit(9);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(AtomicFileTest, AKilledWriterLeavesTheOldFile) {
  write_whole(path("a"), "old");
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    AtomicFile file(path("a"));
    file.write("half");
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(read("a"), "old");
}

TEST_F(AtomicFileTest, OfTwoWritersOneWinsWhole) {
  std::thread other([&] {
    for (int i = 0; i < 20; ++i) write_whole(path("a"), std::string(50000, 'a'));
  });
  for (int i = 0; i < 20; ++i) write_whole(path("a"), std::string(50000, 'b'));
  other.join();
  const std::string seen = read("a");
  EXPECT_TRUE(seen == std::string(50000, 'a') || seen == std::string(50000, 'b'));
  EXPECT_EQ(n_files(), 1u);
}

TEST_F(AtomicFileTest, KnowsTheSameFileUnderTwoNames) {
  write_whole(path("a"), "x");
  fs::create_symlink("a", path("link"));
  EXPECT_TRUE(same_file(path("a"), path("link")));
  EXPECT_FALSE(same_file(path("a"), path("none")));
}

}  // namespace
}  // namespace riata
