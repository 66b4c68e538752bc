#include "transport/response_reader.hpp"

#include <optional>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include "transport/capped_body.hpp"
#include "wardex/text.hpp"

namespace wardex::transport {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t kMaxHead = 64U * 1024U;
constexpr std::size_t kMaxBuffered = 256UL * 1024UL;
constexpr int kMaxInterim = 16;

/// What a receiver puts into a response goes to the audit and to logs.
std::string clean(std::string_view value) { return text::single_line(value); }

}  // namespace

struct ResponseReader::Impl {
  std::size_t max_body;
  bool head_request;
  bool connect_request;
  boost::beast::flat_buffer buffer{kMaxBuffered};
  std::optional<http::response_parser<CappedBody>> parser;
  int interim = 0;
  bool began = false;
  bool unclean = false;
  bool extra = false;  // bytes after the response: nobody asked for them
  std::string error;

  void restart() {
    parser.emplace();
    parser->header_limit(kMaxHead);
    parser->body_limit(boost::none);
    parser->eager(true);
    parser->get().body().cap = max_body;
    if (head_request) parser->skip(true);
  }
  ResponseReader::State fail(std::string why) {
    error = std::move(why);
    return State::failed;
  }
  State parse() {
    while (true) {
      boost::system::error_code code;
      // Header and body in two steps, for what the status says about the body.
      const bool had_header = parser->is_header_done();
      if (!had_header) parser->eager(false);
      const auto used = parser->put(buffer.data(), code);
      buffer.consume(used);
      if (had_header && !parser->is_done() && parser->get().body().truncated()) return State::done;
      if (code == http::error::need_more) return State::more;
      if (code) return fail("malformed HTTP response: " + code.message());
      if (!had_header && parser->is_header_done()) {
        const int status = static_cast<int>(parser->get().result_int());
        if (status >= 100 && status < 200 && status != 101) {
          if (++interim > kMaxInterim) return fail("malformed HTTP response: too many interim (1xx) responses");
          restart();
          if (buffer.size() == 0) return State::more;
          continue;
        }
        if (connect_request && status / 100 == 2) return finished();
        parser->eager(true);
        if (parser->is_done()) return finished();
        if (buffer.size() == 0) return State::more;
        continue;
      }
      if (parser->is_done()) return finished();
      if (used == 0 || buffer.size() == 0) return State::more;
    }
  }
  State finished() {
    extra = buffer.size() > 0;
    return State::done;
  }
};

ResponseReader::ResponseReader(std::size_t max_body, bool head_request, bool connect_request)
    : impl_(std::make_unique<Impl>()) {
  impl_->max_body = max_body;
  impl_->head_request = head_request;
  impl_->connect_request = connect_request;
  impl_->restart();
}
ResponseReader::~ResponseReader() = default;

ResponseReader::State ResponseReader::feed(std::string_view bytes) {
  if (bytes.empty()) return State::more;
  impl_->began = true;
  if (impl_->buffer.size() + bytes.size() > kMaxBuffered)
    return impl_->fail("malformed HTTP response: a line that does not end");
  const auto room = impl_->buffer.prepare(bytes.size());
  impl_->buffer.commit(boost::asio::buffer_copy(room, boost::asio::buffer(bytes.data(), bytes.size())));
  return impl_->parse();
}

ResponseReader::State ResponseReader::end(bool clean_end) {
  if (!impl_->began) return impl_->fail("the connection was closed without an answer");
  if (!impl_->parser->is_header_done()) return impl_->fail("the connection was closed inside the response header");
  boost::system::error_code code;
  impl_->parser->put_eof(code);
  if (code) return impl_->fail("the connection was closed inside the response body");
  impl_->unclean = !clean_end;
  impl_->extra = true;
  return State::done;
}

bool ResponseReader::began() const { return impl_->began; }
const std::string& ResponseReader::error() const { return impl_->error; }

bool ResponseReader::exact() const { return !impl_->extra; }

bool ResponseReader::reusable() const {
  const auto& parser = *impl_->parser;
  return !impl_->extra && parser.is_done() && parser.keep_alive() && parser.get().result_int() != 101 &&
         !parser.get().body().truncated();
}

HttpResponse ResponseReader::take() {
  auto& message = impl_->parser->get();
  HttpResponse out;
  out.status = static_cast<int>(message.result_int());
  for (const auto& field : message) out.headers.emplace_back(field.name_string(), clean(field.value()));
  out.truncated = message.body().truncated() || impl_->unclean;
  out.body = std::move(message.body().bytes);
  return out;
}

}  // namespace wardex::transport
