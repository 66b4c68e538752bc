// What came back. Transport failures never reach a connector: the shell turns them into verdicts in one place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

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

}  // namespace wardex
