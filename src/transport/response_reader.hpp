// Bytes of a receiver -> HttpResponse, capped. Pure but for its buffer: the exchange feeds it whatever it reads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "wardex/response.hpp"

namespace wardex::transport {

class ResponseReader {
 public:
  /// `head_request`: the answer to HEAD has no body whatever it says. `connect_request`: nor has a 2xx to CONNECT.
  ResponseReader(std::size_t max_body, bool head_request, bool connect_request = false);
  ~ResponseReader();

  enum class State { more, done, failed };
  /// Takes what was read. 1xx responses are skipped. `done` comes early, at the cap.
  State feed(std::string_view bytes);
  /// The peer closed. Ends a body that is delimited by the close; anything else is cut short. A `clean` end of a TLS
  /// stream is one with close_notify; without it the body may be incomplete and is marked truncated.
  State end(bool clean);

  [[nodiscard]] bool began() const;  ///< at least one byte arrived
  [[nodiscard]] const std::string& error() const;
  /// After `done`: nothing followed the response that nobody asked for.
  [[nodiscard]] bool exact() const;
  /// After `done`: whether the connection may carry another request.
  [[nodiscard]] bool reusable() const;
  HttpResponse take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardex::transport
