// Connectors that an operator holds or drains: kept in the store, told to the engine, ended when their time is over.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "deliver/engine.hpp"
#include "runtime/clock.hpp"
#include "runtime/timer.hpp"
#include "store/store.hpp"

namespace wardex::deliver {

class Controls {
 public:
  /// All outlive it.
  Controls(store::Store& store, Engine& engine, const runtime::Clock& clock, runtime::Timers& timers);

  /// Reads what was said before the last stop; tries again until it can. Nothing should be sent before `done`.
  void load(std::function<void()> done);
  /// In force once `done` runs.
  void set(store::Control control, store::Done<store::Control> done);
  void resume(const std::string& connector, const std::string& actor, const std::string& reason,
              store::Done<store::Ok> done);
  [[nodiscard]] const std::map<std::string, store::Control>& all() const { return controls_; }

 private:
  void adopt(const store::Control& control);
  void end_what_is_over();
  void arm();

  store::Store& store_;
  Engine& engine_;
  const runtime::Clock& clock_;
  std::unique_ptr<runtime::Timer> timer_;
  std::map<std::string, store::Control> controls_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // callbacks of the store may come late
};

}  // namespace wardex::deliver
