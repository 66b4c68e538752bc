#include "app/watch.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wardex::app {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "wardex-watch-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

  /// Runs the loop until a change is reported, or for half a second when none is expected.
  int changes_after(const std::vector<fs::path>& watched, const std::function<void()>& act) {
    boost::asio::io_context loop;
    int changes = 0;
    FileWatch watch(
        loop.get_executor(),
        [&] {
          ++changes;
          loop.stop();
        },
        Millis{5});
    EXPECT_TRUE(watch.watch(watched).empty());
    act();
    loop.run_for(std::chrono::milliseconds(500));
    watch.stop();
    loop.restart();
    loop.run_for(std::chrono::milliseconds(50));
    return changes;
  }

  fs::path folder_;
};

TEST_F(FileWatchTest, ReportsAWriteInPlace) {
  write(folder_ / "a.yaml", "1");
  EXPECT_EQ(changes_after({folder_ / "a.yaml"}, [&] { write(folder_ / "a.yaml", "2"); }), 1);
}

TEST_F(FileWatchTest, ReportsARenameOver) {
  write(folder_ / "a.yaml", "1");
  EXPECT_EQ(changes_after({folder_ / "a.yaml"},
                          [&] {
                            write(folder_ / "new", "2");
                            fs::rename(folder_ / "new", folder_ / "a.yaml");
                          }),
            1);
}

TEST_F(FileWatchTest, ReportsASwappedSymlinkOfAMountedSecret) {
  fs::create_directories(folder_ / "..v1");
  fs::create_directory_symlink("..v1", folder_ / "..data");
  EXPECT_EQ(changes_after({folder_ / "token"},
                          [&] {
                            fs::create_directory_symlink("..v2", folder_ / "..tmp");
                            fs::rename(folder_ / "..tmp", folder_ / "..data");
                          }),
            1);
}

TEST_F(FileWatchTest, ReportsANewFileInAWatchedFolder) {
  EXPECT_EQ(changes_after({folder_}, [&] { write(folder_ / "new.yaml", "1"); }), 1);
}

TEST_F(FileWatchTest, IgnoresTheStoreBesideTheConfiguration) {
  write(folder_ / "a.yaml", "1");
  EXPECT_EQ(changes_after({folder_ / "a.yaml"}, [&] { write(folder_ / "gateway.db-wal", "x"); }), 0);
}

TEST_F(FileWatchTest, NamesFoldersItCannotWatch) {
  boost::asio::io_context loop;
  FileWatch watch(loop.get_executor(), [] {});
  EXPECT_EQ(watch.watch({folder_ / "missing" / "a.yaml"}), std::vector<fs::path>{folder_ / "missing"});
}

}  // namespace
}  // namespace wardex::app
