// Request smuggling shapes, refused from the raw header bytes before any lenient parser sees them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wardex::transport {

struct Violation {
  int status;  ///< 400, 405, 431, 501 or 505
  std::string_view why;
};

/// Where the header section ends (one past its empty line), nullopt while it is incomplete. Recognises sections that
/// end in bare LF too, so that they are refused at once rather than waited for.
std::optional<std::size_t> find_header_end(std::string_view bytes);

/// `head`: request line and fields, with the final empty line. Stricter than RFC 9112 asks for, because Beast 345
/// (Boost 1.81) lets through `TE` next to `Content-Length`, codings other than chunked, and chunked in HTTP/1.0.
std::optional<Violation> check_request_head(std::string_view head, std::size_t max_fields);

}  // namespace wardex::transport
