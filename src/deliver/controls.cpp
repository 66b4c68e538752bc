#include "deliver/controls.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "deliver/lane.hpp"
#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

constexpr Millis kRetry{1000};
/// A wall clock may jump: the end of a hold is looked at again this often.
constexpr Millis kLook{60'000};

}  // namespace

Controls::Controls(store::Store& store, Engine& engine, const runtime::Clock& clock, runtime::Timers& timers)
    : store_(store), engine_(engine), clock_(clock), timer_(timers.make()) {}

void Controls::load(std::function<void()> done) {
  store_.controls([this, done = std::move(done),
                   alive = std::weak_ptr(alive_)](const store::Result<std::vector<store::Control>>& found) mutable {
    if (alive.expired()) return;
    if (!found) {
      if (found.error().fault == store::Fault::closed) return;
      log::error("controls.read_failed", found.error().message);
      timer_->arm(clock_.mono() + kRetry, [this, done = std::move(done)]() mutable { load(std::move(done)); });
      return;
    }
    for (const auto& control : *found) adopt(control);
    arm();
    done();
  });
}

void Controls::adopt(const store::Control& control) {
  controls_.insert_or_assign(control.connector, control);
  const bool hold = control.mode == store::Control::Mode::hold;
  engine_.hold(control.connector, Hold{hold ? 0 : std::max<store::Seq>(control.upto, 1), control.reason});
}

void Controls::set(store::Control control, store::Done<store::Control> done) {
  store_.control(std::move(control), [this, done = std::move(done),
                                      alive = std::weak_ptr(alive_)](const store::Result<store::Control>& result) {
    if (alive.expired()) return;
    if (result) {
      adopt(*result);
      arm();
    }
    done(result);
  });
}

void Controls::resume(const std::string& connector, const std::string& actor, const std::string& reason,
                      store::Done<store::Ok> done) {
  store_.resume(
      connector, actor, reason, clock_.wall(),
      [this, connector, done = std::move(done), alive = std::weak_ptr(alive_)](const store::Result<store::Ok>& result) {
        if (alive.expired()) return;
        if (result) {
          controls_.erase(connector);
          engine_.hold(connector, std::nullopt);
          arm();
        }
        done(result);
      });
}

void Controls::end_what_is_over() {
  const auto now = clock_.wall();
  std::vector<std::string> over;
  for (const auto& [connector, control] : controls_)
    if (control.until && *control.until <= now) over.push_back(connector);
  for (const auto& connector : over)
    resume(connector, "gateway", "its time is over", [connector](const store::Result<store::Ok>& result) {
      if (!result) log::error("controls.resume_failed", result.error().message, {{"connector", connector}});
    });
  arm();
}

void Controls::arm() {
  std::optional<std::chrono::nanoseconds> left;
  for (const auto& [connector, control] : controls_)
    if (control.until)
      left = std::min(left.value_or(kLook), std::max<std::chrono::nanoseconds>(*control.until - clock_.wall(), kRetry));
  if (!left) return timer_->cancel();
  timer_->arm(clock_.mono() + *left, [this] { end_what_is_over(); });
}

}  // namespace wardex::deliver
