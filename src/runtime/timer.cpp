#include "runtime/timer.hpp"

#include <cstdint>
#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace wardex::runtime {
namespace {

class AsioTimer final : public Timer {
 public:
  explicit AsioTimer(const boost::asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}
  ~AsioTimer() override { cancel(); }
  AsioTimer(const AsioTimer&) = delete;
  AsioTimer& operator=(const AsioTimer&) = delete;

  void arm(MonoTime at, std::function<void()> fire) override {
    const auto armed = ++state_->generation;
    state_->timer.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(at));
    // The handler may be queued already when the timer is armed anew or destroyed: the generation tells.
    state_->timer.async_wait([state = state_, armed, fire = std::move(fire)](boost::system::error_code error) {
      if (!error && state->generation == armed) fire();
    });
  }
  void cancel() override {
    ++state_->generation;
    state_->timer.cancel();
  }

 private:
  struct State {
    explicit State(const boost::asio::any_io_executor& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    std::uint64_t generation = 0;
  };
  std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Timer> AsioTimers::make() { return std::make_unique<AsioTimer>(executor_); }

}  // namespace wardex::runtime
