// What the tests of the pipeline's periodic parts share: a configuration, a key, a store that says what it is asked.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>

#include "app/generation.hpp"
#include "fakes/unused_store.hpp"
#include "virtual_time/clock.hpp"

namespace wardex::app::test {

inline std::shared_ptr<const config::Config> config_of(const std::string& more) {
  const auto loaded = config::load_text(
      "intake: {auth: none}\n"
      "connectors:\n"
      "  log: {type: file, path: /tmp/x}\n"
      "  hook: {type: webhook, url: 'https://hook.example/x'}\n"
      "matrix: {high: log}\n" +
          more,
      "g.yaml", {[](std::string_view) { return std::nullopt; }, {}});
  for (const auto& problem : loaded.problems.all()) {
    EXPECT_NE(problem.level, Problem::Level::error) << problem.str();
  }
  return loaded.config;
}

inline Generation generation(const std::string& more, bool with_key = true) {
  Generation out;
  out.config = config_of(more);
  if (with_key) out.signing_key = std::make_shared<const audit::SigningKey>(audit::SigningKey::generate());
  return out;
}

/// Timers fire and time passes as the test says; what the store answers as well.
class PeriodicTest : public ::testing::Test {
 protected:
  /// Turns the hands to when the next timer is due, if that is within `most`, and fires it.
  bool wait(std::chrono::nanoseconds most) {
    const auto due = timers.next_due();
    if (!due || *due - clock.mono() > most) {
      clock.advance(most);
      return false;
    }
    clock.advance(std::max<std::chrono::nanoseconds>(*due - clock.mono(), std::chrono::nanoseconds{0}));
    timers.fire_due(clock.mono());
    return true;
  }

  wardex::test::VirtualClock clock;
  wardex::test::VirtualTimers timers;
};

inline const store::Error kFull{store::Fault::full, "no space"};
inline const store::Error kClosed{store::Fault::closed, "closed"};

}  // namespace wardex::app::test
