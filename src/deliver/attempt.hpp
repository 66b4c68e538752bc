// The delivery loop: render -> send with a deadline -> interpret -> Next? again. Knows nothing of lanes and stores.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "deliver/report.hpp"
#include "runtime/clock.hpp"
#include "transport/transport.hpp"
#include "wardex/connector.hpp"

namespace wardex::deliver {

namespace asio = boost::asio;

/// What an attempt is made with: one configuration generation, whatever is reloaded meanwhile.
struct AttemptInput {
  std::string connector;
  std::shared_ptr<const Sink> sink;
  std::shared_ptr<const transport::SendOptions> options;
  std::vector<Delivery> batch;
};

/// A delivery of more steps than this is a connector going in circles.
inline constexpr unsigned kMaxSteps = 12;

/// Never throws. `transport` and `clock` outlive the operation; `input` lives until it ends, for the report is per
/// item.
asio::awaitable<AttemptReport> attempt(transport::Transport& transport, const runtime::Clock& clock,
                                       std::shared_ptr<const AttemptInput> input);
/// The same for the sink's own credential check.
asio::awaitable<AttemptReport> attempt_probe(transport::Transport& transport, const runtime::Clock& clock,
                                             std::shared_ptr<const AttemptInput> input, Request probe);

}  // namespace wardex::deliver
