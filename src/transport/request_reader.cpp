#include "transport/request_reader.hpp"

#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "transport/capped_body.hpp"
#include "transport/url.hpp"

namespace wardex::transport {

namespace http = boost::beast::http;

namespace {

constexpr std::size_t kHeadPiece = 4096;
constexpr std::size_t kBodyPiece = 65536;
constexpr Violation kHeaderTooLarge{431, "the header is too large"};
constexpr Violation kBodyTooLarge{413, "the body is too large"};
constexpr Violation kMalformed{400, "a malformed HTTP message"};
constexpr Violation kBadEscape{400, "a bad % escape or a control character in the path"};

}  // namespace

struct RequestReader::Impl {
  explicit Impl(const ServerLimits& server_limits) : limits(server_limits) {}

  ServerLimits limits;
  boost::beast::flat_buffer buffer;
  std::optional<http::request_parser<CappedBody>> parser;
  ServerRequest request;
  Violation violation{0, {}};

  [[nodiscard]] std::string_view bytes() const {
    return {static_cast<const char*>(buffer.data().data()), buffer.data().size()};
  }
  State refuse(const Violation& why) {
    violation = why;
    return State::refused;
  }

  State read_head() {
    // RFC 9112 2.2: ignore empty lines before the request line.
    while (bytes().starts_with("\r\n")) buffer.consume(2);
    const auto end = find_header_end(bytes());
    if (end.value_or(buffer.size()) > limits.header_bytes) return refuse(kHeaderTooLarge);
    if (!end) return State::more;
    const auto head = bytes().substr(0, *end);
    if (const auto why = check_request_head(head, limits.header_count)) return refuse(*why);

    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser->body_limit(boost::none);  // CappedBody keeps the limit, and the answer can tell it apart
    parser->get().body().cap = limits.body_bytes;
    boost::system::error_code code;
    const auto used = parser->put(boost::asio::buffer(head.data(), head.size()), code);
    if (code || !parser->is_header_done() || used != head.size()) return refuse(kMalformed);
    buffer.consume(used);
    return read_target();
  }

  State read_target() {
    const auto& message = parser->get();
    request.method = std::string(message.method_string());
    const auto view = message.target();
    std::string_view target{view.data(), view.size()};
    if (!target.starts_with('/') && target != "*") {
      const auto authority = target.find("://") + 3;
      const auto path = target.find_first_of("/?", authority);
      target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    const auto question = std::min(target.find('?'), target.size());
    auto path = percent_decode(target.substr(0, question));
    if (!path) return refuse(kBadEscape);
    for (const char c : *path)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return refuse(kBadEscape);
    request.path = path->empty() ? "/" : std::move(*path);
    request.query = std::string(target.substr(std::min(question + 1, target.size())));
    for (const auto& field : message)
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    return State::ready;
  }

  State read_body() {
    parser->eager(true);
    while (!parser->is_done()) {
      if (buffer.size() == 0) return State::more;
      boost::system::error_code code;
      const auto used = parser->put(buffer.data(), code);
      buffer.consume(used);
      if (parser->get().body().truncated()) return refuse(kBodyTooLarge);
      if (code == http::error::need_more) {
        // Only a chunk header or a trailer stays unparsed: one longer than a header may be does not end.
        return buffer.size() > limits.header_bytes ? refuse(kMalformed) : State::more;
      }
      if (code) return refuse(kMalformed);
    }
    request.body = std::move(parser->get().body().bytes);
    return State::ready;
  }
};

RequestReader::RequestReader(const ServerLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

boost::asio::mutable_buffer RequestReader::prepare() {
  // An idle connection holds little memory, a body under way is read in large pieces.
  return impl_->buffer.prepare(impl_->parser ? kBodyPiece : kHeadPiece);
}
void RequestReader::commit(std::size_t size) { impl_->buffer.commit(size); }

std::size_t RequestReader::buffered() const { return impl_->buffer.size(); }
RequestReader::State RequestReader::head() { return impl_->read_head(); }
RequestReader::State RequestReader::body() { return impl_->read_body(); }
const Violation& RequestReader::violation() const { return impl_->violation; }
ServerRequest& RequestReader::request() { return impl_->request; }

bool RequestReader::has_body() const {
  const auto& parser = *impl_->parser;
  return parser.chunked() || parser.content_length().value_or(0) > 0;
}
bool RequestReader::declared_too_large() const {
  return impl_->parser->content_length().value_or(0) > impl_->limits.body_bytes;
}
bool RequestReader::keep_alive() const { return impl_->parser->keep_alive(); }
bool RequestReader::http10() const { return impl_->parser->get().version() < 11; }

void RequestReader::next() {
  impl_->request = {};
  impl_->parser.reset();
  // An idle connection that once carried a large body should not hold its memory.
  if (impl_->buffer.size() == 0) impl_->buffer = boost::beast::flat_buffer();
}

}  // namespace wardex::transport
