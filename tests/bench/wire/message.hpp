// HTTP/1.1 messages in a buffer of received bytes: as much as two programs need that trust each other. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wardex::bench {

struct Message {
  std::string_view start_line;
  std::string_view fields;  ///< header lines, CRLF between them
  std::string_view body;
  std::size_t size = 0;  ///< bytes of the buffer that it took up

  /// The value of a header, letter case of the name aside; empty if absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] bool closes() const;
  /// Of a response; 0 if there is none.
  [[nodiscard]] int status() const;
  /// Of a request.
  [[nodiscard]] std::string_view target() const;
};

/// The first message in `bytes`, or nullopt while it is incomplete. A chunked body is put together in `unchunked`, into
/// which `body` then points. A body ends where its length or its last chunk says; one that only the close of the
/// connection ends counts as empty.
[[nodiscard]] std::optional<Message> first_message(std::string_view bytes, std::string& unchunked);

/// "/path?a=1&b=2": the value of a parameter, or nullopt. Nothing is unescaped.
[[nodiscard]] std::optional<std::string_view> query_parameter(std::string_view target, std::string_view key);

/// A gzip (or zlib) body in plain; nullopt when it is damaged or larger than `max_bytes`.
[[nodiscard]] std::optional<std::string> inflate(std::string_view packed, std::size_t max_bytes);

}  // namespace wardex::bench
