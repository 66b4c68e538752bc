// `wardex-gateway test`: does this connector's receiver answer, and does it take our credentials?
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "deliver/lane_runner.hpp"

namespace wardex::deliver {

asio::awaitable<TestReport> check_connection(std::shared_ptr<const Surroundings> around, LaneConfig config,
                                             std::shared_ptr<const Event> sample);

}  // namespace wardex::deliver
