// What came back. Transport failures never reach a connector: the shell turns them into verdicts in one place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wardex/time.hpp"

namespace wardex {

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;        ///< at most the transport's cap (64 KiB by default)
  bool truncated = false;  ///< the receiver sent more than the cap

  /// First value of a header, case-insensitive; empty if absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// The request's bytes were written and, where asked, synced.
struct Written {
  std::uint64_t bytes = 0;
};

using Response = std::variant<HttpResponse, Written>;

/// What the receiver says is left of its own rate limit.
struct Quota {
  std::uint64_t remaining = 0;  ///< requests
  Millis resets_in{};           ///< from the answer on
  bool operator==(const Quota&) const = default;
};
/// From the headers of an answer, in the spellings that are about: `RateLimit: "default";r=5;t=30` and
/// `RateLimit-Remaining`/`-Reset` (IETF drafts), `X-RateLimit-Remaining`/`-Reset`/`-Reset-After` (GitHub, Okta, Discord
/// and most others), `X-Rate-Limit-...`, `X-RateLimit-Requests-...` (Linear). A reset may be seconds from now or Unix
/// time in seconds or milliseconds. nullopt when they say nothing, or nothing sensible.
std::optional<Quota> read_quota(const HttpResponse& response, WallTime now);

}  // namespace wardex
