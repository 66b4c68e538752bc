// The store alone over a disk that fails once, at every place there is.
#include <gtest/gtest.h>

#include "simulation/data_directory.hpp"
#include "simulation/memory_vfs.hpp"
#include "simulation/stepped_workers.hpp"
#include "store/sqlite/open.hpp"

namespace wardex::simulation {
namespace {

using store::Fault;

class StoreDisk : public ::testing::Test {
 protected:
  store::Result<std::unique_ptr<store::Store>> open(MemoryVfs& disk) {
    store::sqlite::Options options;
    options.directory = data_directory();
    options.now = [] { return WallTime{} + std::chrono::hours{500'000}; };
    options.post = [this](std::function<void()> task) { tasks_.push_back(std::move(task)); };
    options.vfs = disk.name();
    options.files = std::shared_ptr<store::sqlite::Files>(&disk, [](auto*) {});
    options.workers = workers_;
    return store::sqlite::open(std::move(options));
  }
  /// Everything that is to do.
  void settle() {
    while (workers_->due(kNow) > 0) workers_->step(0, kNow);
    for (auto& task : std::exchange(tasks_, {})) task();
  }
  bool append(store::Store& store) {
    bool done = false;
    store::AuditRecord record;
    record.at = WallTime{} + std::chrono::hours{500'000};
    record.actor = "test";
    record.action = "test";
    record.outcome = "ok";
    store.append_audit(record, [&](const store::Result<store::Ok>& result) { done = result.has_value(); });
    settle();
    return done;
  }

  static constexpr MonoTime kNow{};
  std::shared_ptr<SteppedWorkers> workers_ = std::make_shared<SteppedWorkers>();
  std::vector<std::function<void()>> tasks_;
};

TEST_F(StoreDisk, AFailureOfAnyOperationIsNoticedAtTheStart) {
  bool failed = true;
  for (std::uint64_t n = 1; failed; ++n) {
    MemoryVfs disk(n);
    disk.fail_operation(n);
    {
      auto opened = open(disk);
      failed = !disk.failures().empty();
      if (opened) {
        settle();
        // It did without what failed, but for nothing that matters: writers and readers do not wait for each other.
        const bool appended = append(**opened);
        EXPECT_EQ(appended, !(*opened)->fault()) << "operation " << n;
        EXPECT_EQ(disk.waits(), 0U) << "operation " << n;
        EXPECT_GT(disk.size(data_directory() + "/gateway.db-wal"), 0U) << "operation " << n;
      } else {
        EXPECT_EQ(opened.error().fault, Fault::io) << "operation " << n << ": " << opened.error().message;
      }
    }
    disk.heal();
    auto again = open(disk);
    ASSERT_TRUE(again) << "operation " << n << ": " << again.error().message;
    settle();
    EXPECT_TRUE(append(**again)) << "operation " << n;
  }
}

TEST_F(StoreDisk, WhatCannotBeReadIsNotDamaged) {
  MemoryVfs disk(1);
  {
    auto opened = open(disk);
    ASSERT_TRUE(opened);
    settle();
    ASSERT_TRUE(append(**opened));
    disk.kill();
  }
  disk.restart_process();
  std::uint64_t refused = 0;
  for (std::uint64_t n = 1;; ++n) {
    disk.fail(Io::read, n);
    {
      auto opened = open(disk);
      if (opened) {
        settle();
        const auto fault = (*opened)->fault();
        EXPECT_TRUE(!fault || fault->fault == Fault::io) << fault->message;
      } else {
        ++refused;
        EXPECT_EQ(opened.error().fault, Fault::io) << opened.error().message;
      }
      disk.kill();
    }
    disk.restart_process();
    if (disk.failures()[Io::read] < n) break;  // there are no more reads
  }
  EXPECT_GT(refused, 10U);

  for (const double rate : {0.02, 0.2, 0.7, 1.0}) {
    disk.fails[Io::read] = rate;
    for (int i = 0; i < 30; ++i) {
      {
        auto opened = open(disk);
        if (!opened) {
          EXPECT_EQ(opened.error().fault, Fault::io) << opened.error().message;
        }
        disk.kill();
      }
      disk.restart_process();
    }
  }
  disk.heal();
  auto opened = open(disk);
  ASSERT_TRUE(opened) << opened.error().message;
  settle();
  EXPECT_TRUE(append(**opened));
}

}  // namespace
}  // namespace wardex::simulation
