#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "client_fixture.hpp"
#include "temp_dir.hpp"

namespace wardex::transport {
namespace {

using testing::slurp;

class FileAppendTest : public testing::ClientTest {
 protected:
  FileAppend line(const std::string& text, std::uint64_t rotate = 0, unsigned keep = 5) {
    return {.path = path_.string(), .bytes = text + "\n", .fsync = false, .rotate_bytes = rotate, .keep = keep};
  }
  void write(const FileAppend& request) {
    const auto outcome = send(request);
    if (const auto* failed = std::get_if<Failure>(&outcome)) {
      ADD_FAILURE() << failed->reason;
      return;
    }
    EXPECT_EQ(std::get<Written>(std::get<Response>(outcome)).bytes, request.bytes.size());
  }
  testing::TempDir dir_;
  std::filesystem::path path_ = dir_ / "events.jsonl";
};

TEST_F(FileAppendTest, AppendsWholeLinesWithAPrivateMode) {
  umask(0);
  write(line("one"));
  auto synced = line("two");
  synced.fsync = true;
  write(synced);
  EXPECT_EQ(slurp(path_), "one\ntwo\n");
  struct stat file {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0640U);
}

TEST_F(FileAppendTest, KeepsTheOrderOfOneFile) {
  std::vector<Pending> pending;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    pending.push_back(begin(line(std::to_string(i))));
    expected += std::to_string(i) + "\n";
  }
  for (const auto& one : pending) EXPECT_TRUE(std::holds_alternative<Response>(finish(one)));
  EXPECT_EQ(slurp(path_), expected);
}

TEST_F(FileAppendTest, RotatesBySizeAndKeepsSoMany) {
  for (int i = 0; i < 6; ++i) write(line("line-" + std::to_string(i), 8, 2));  // 7 bytes each: one to a file
  EXPECT_EQ(slurp(path_), "line-5\n");
  EXPECT_EQ(slurp(dir_ / "events.jsonl.1"), "line-4\n");
  EXPECT_EQ(slurp(dir_ / "events.jsonl.2"), "line-3\n");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "events.jsonl.3"));
  write(line("line-6", 8, 0));
  EXPECT_EQ(slurp(path_), "line-6\n");
  EXPECT_EQ(slurp(dir_ / "events.jsonl.1"), "line-4\n");
}

TEST_F(FileAppendTest, ReopensForLogrotate) {
  write(line("old"));
  std::filesystem::rename(path_, dir_ / "moved");
  write(line("still old"));
  transport_->reopen_files();
  write(line("new"));
  EXPECT_EQ(slurp(dir_ / "moved"), "old\nstill old\n");
  EXPECT_EQ(slurp(path_), "new\n");
}

TEST_F(FileAppendTest, FailuresNameThePathAndTheCause) {
  path_ = dir_ / "absent/events.jsonl";
  auto failed = failure(send(line("x")));
  EXPECT_EQ(failed.phase, Phase::connect);
  EXPECT_FALSE(failed.permanent);
  EXPECT_EQ(failed.reason, "cannot open " + path_.string() + ": No such file or directory");

  path_ = dir_ / "fifo";
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(failure(send(line("x"))).phase, Phase::connect);  // and does not hang

  path_ = "relative.jsonl";
  failed = failure(send(line("x")));
  EXPECT_EQ(failed.phase, Phase::refused);
  EXPECT_TRUE(failed.permanent);
}

/// RLIMIT_FSIZE makes write() stop in the middle, like a full disk.
TEST_F(FileAppendTest, ARecordCutShortIsTakenBack) {
  write(line("whole"));
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{10, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const auto outcome = send(line("does not fit"));
  setrlimit(RLIMIT_FSIZE, &before);
  const auto failed = failure(outcome);
  EXPECT_EQ(failed.phase, Phase::send);
  EXPECT_NE(failed.reason.find("File too large"), std::string::npos) << failed.reason;
  EXPECT_EQ(slurp(path_), "whole\n");
  write(line("again"));
  EXPECT_EQ(slurp(path_), "whole\nagain\n");
}

TEST_F(FileAppendTest, ADeviceIsRefused) {
  path_ = "/dev/full";
  EXPECT_NE(failure(send(line("x"))).reason.find("not a regular file"), std::string::npos);
}

}  // namespace
}  // namespace wardex::transport
