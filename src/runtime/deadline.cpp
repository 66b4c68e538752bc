#include "runtime/deadline.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace wardex::runtime {

struct Deadline::State : std::enable_shared_from_this<State> {
  explicit State(const boost::asio::any_io_executor& executor) : timer(executor) {}

  boost::asio::steady_timer timer;
  MonoTime at = MonoTime::max();
  MonoTime timer_at = MonoTime::max();  // when the pending wait fires; max: no wait pending
  std::function<void()> cancel;
  bool expired = false;
  bool abandoned = false;

  void wait(MonoTime until) {
    timer_at = until;
    timer.expires_at(until);  // aborts an earlier wait
    timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error || self->abandoned || self->expired) return;
      self->timer_at = MonoTime::max();
      if (self->at == MonoTime::max()) return;  // disarmed meanwhile
      if (self->at <= std::chrono::steady_clock::now())
        self->expire();
      else
        self->wait(self->at);
    });
  }
  void expire() {
    expired = true;
    timer.cancel();
    if (auto run = std::exchange(cancel, nullptr)) run();
  }
};

Deadline::Deadline(const boost::asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}

Deadline::~Deadline() {
  state_->abandoned = true;
  state_->cancel = nullptr;
  state_->timer.cancel();
}

void Deadline::expire_at(MonoTime at) {
  if (state_->expired) return;
  state_->at = at;
  if (at != MonoTime::max() && at < state_->timer_at) state_->wait(at);
}

void Deadline::expire_after(Millis duration) { expire_at(std::chrono::steady_clock::now() + duration); }

void Deadline::disarm() { state_->at = MonoTime::max(); }

void Deadline::on_expiry(std::function<void()> cancel) {
  if (state_->expired) {
    if (cancel) cancel();
    return;
  }
  state_->cancel = std::move(cancel);
}

void Deadline::expire_now() {
  if (!state_->expired) state_->expire();
}

bool Deadline::expired() const { return state_->expired; }
MonoTime Deadline::at() const { return state_->at; }

}  // namespace wardex::runtime
