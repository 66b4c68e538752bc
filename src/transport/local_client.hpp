// A blocking HTTP client over the gateway's unix socket: how the command line talks to the daemon.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wardex/response.hpp"

namespace wardex::transport {

struct LocalRequest {
  std::string method = "GET";
  std::string target;  ///< path and query
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The answer, or why there is none ("no gateway listens on ...").
std::variant<HttpResponse, std::string> call_local(const std::filesystem::path& socket, const LocalRequest& request);

}  // namespace wardex::transport
