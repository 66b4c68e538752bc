#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "deliver/flight_recorder.hpp"

namespace wardex::deliver {
namespace {

namespace fs = std::filesystem;

class FlightFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wardex-flights-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { fs::remove_all(folder); }
  /// Runs `life` in a process of its own that dies at its end, cleaning nothing up.
  template <class Life>
  void process(Life life) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto recorder = open_flight_file(folder);
      life(*recorder);
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
  }
  static std::vector<std::string> left(const FlightRecorder& recorder) {
    std::vector<std::string> out;
    for (const auto& flight : recorder.left()) out.push_back(flight.connector + " " + std::to_string(flight.seq));
    std::sort(out.begin(), out.end());
    return out;
  }
  using Strings = std::vector<std::string>;
  fs::path folder;
};

TEST_F(FlightFile, WhatWasUnderWayAtADeathIsThereAtTheNextStart) {
  process([](FlightRecorder& recorder) {
    recorder.begin("hook", 7);
    const auto landed = recorder.begin("pager", 8);
    recorder.begin("pager", 9);
    recorder.end(landed);
    recorder.begin("hook", 10);
  });
  auto recorder = open_flight_file(folder);
  EXPECT_TRUE(recorder->complete());
  EXPECT_EQ(left(*recorder), (Strings{"hook 10", "hook 7", "pager 9"}));
  recorder->forget_left();
  EXPECT_TRUE(recorder->left().empty());
  recorder.reset();
  recorder = open_flight_file(folder);
  EXPECT_TRUE(recorder->complete());
  EXPECT_TRUE(recorder->left().empty());
}

TEST_F(FlightFile, ADeathBeforeTheLastWasDealtWithForgetsNothing) {
  process([](FlightRecorder& recorder) { recorder.begin("hook", 7); });
  process([](FlightRecorder& recorder) { recorder.begin("hook", 8); });
  EXPECT_EQ(left(*open_flight_file(folder)), (Strings{"hook 7", "hook 8"}));
}

TEST_F(FlightFile, TheFirstStartAndAnotherBootAreNotComplete) {
  EXPECT_FALSE(open_flight_file(folder)->complete());
  process([](FlightRecorder& recorder) { recorder.begin("hook", 7); });
  {
    std::fstream file(folder / "in-flight", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file << "another-boot";
  }
  const auto recorder = open_flight_file(folder);
  EXPECT_FALSE(recorder->complete());
  EXPECT_TRUE(recorder->left().empty());
}

TEST_F(FlightFile, GarbageIsNotBelieved) {
  {
    std::ofstream file(folder / "in-flight", std::ios::binary);
    for (int i = 0; i < 1 << 20; ++i) file.put(static_cast<char>(i * 31));
  }
  EXPECT_FALSE(open_flight_file(folder)->complete());
}

TEST_F(FlightFile, MoreThanItHoldsGoesUnrecordedAndHarmsNothing) {
  auto recorder = open_flight_file(folder);
  std::vector<FlightRecorder::Place> places;
  for (store::Seq seq = 1; seq <= 70'000; ++seq) places.push_back(recorder->begin("hook", seq));
  for (const auto place : places) recorder->end(place);
  for (int i = 0; i < 2000; ++i) recorder->end(recorder->begin("connector-" + std::to_string(i), 1));
  recorder->end(recorder->begin(std::string(500, 'x'), 1));
  recorder.reset();
  EXPECT_TRUE(open_flight_file(folder)->left().empty());
}

TEST_F(FlightFile, WithoutAFileNothingIsRecorded) {
  const auto recorder = open_flight_file(folder / "missing");
  EXPECT_FALSE(recorder->complete());
  recorder->end(recorder->begin("hook", 1));
}

}  // namespace
}  // namespace wardex::deliver
