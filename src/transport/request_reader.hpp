// Bytes of a client -> requests, one after the other (pipelining), checked strictly. Pure but for its buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>

#include "transport/http_server.hpp"
#include "transport/http_strictness.hpp"

namespace wardex::transport {

class RequestReader {
 public:
  explicit RequestReader(const ServerLimits& limits);
  ~RequestReader();

  enum class State { more, ready, refused };

  /// Room for the next read, then how much of it was filled.
  [[nodiscard]] boost::asio::mutable_buffer prepare();
  void commit(std::size_t size);
  /// Bytes that wait to be parsed.
  [[nodiscard]] std::size_t buffered() const;

  /// The next request's header. `ready`: request(), keep_alive() and the like hold.
  State head();
  /// The body, after head(); `ready`: request().body is whole.
  State body();
  /// Why not, after `refused`. The connection cannot go on.
  [[nodiscard]] const Violation& violation() const;

  [[nodiscard]] ServerRequest& request();
  [[nodiscard]] bool has_body() const;
  /// From Content-Length alone; chunked bodies are measured as they come.
  [[nodiscard]] bool declared_too_large() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool http10() const;
  /// Forgets the request that was answered; what follows it in the buffer stays.
  void next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wardex::transport
