#include "transport/http_client.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <optional>

#include <boost/asio/ssl/error.hpp>

#include "runtime/async.hpp"
#include "transport/http_wire.hpp"
#include "transport/response_reader.hpp"
#include "wardex/crypto.hpp"

namespace wardex::transport {

namespace {

using Clock = std::chrono::steady_clock;

/// More than there are connectors; those that put an id into the path need not be remembered.
constexpr std::size_t kParsedUrls = 256;

/// The receiver's authority, unless the URL marks a part of it as secret.
std::string shown(const SensitiveText& url, const Url& parsed) {
  const auto& plain = url.reveal();
  const auto scheme = plain.find("://") + 3;
  const auto end = std::min(plain.find_first_of("/?#", scheme), plain.size());
  if (!url.has_secret() || url.redacted().substr(0, end) == plain.substr(0, end)) return parsed.authority();
  return "the receiver";
}

Failure refused(std::string reason) { return {Phase::refused, std::move(reason), true}; }

}  // namespace

/// One request on its way. Lives in the coroutine frame of HttpClient::send.
class Exchange {
 public:
  Exchange(HttpClient& client, const HttpRequest& request, const SendOptions& options)
      : client_(client),
        request_(request),
        options_(options),
        deadline_(std::make_shared<runtime::Deadline>(client.executor_)) {
    deadline_->expire_at(end_);
    client_.under_way_.insert(deadline_);
  }
  ~Exchange() {
    client_.under_way_.erase(deadline_);
    if (admitted_) client_.pool_->leave(key_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  asio::awaitable<Outcome> run();
  [[nodiscard]] Phase phase() const { return phase_; }

 private:
  [[nodiscard]] std::optional<Failure> prepare();
  asio::awaitable<Dialled> open();
  asio::awaitable<Outcome> converse(std::shared_ptr<Stream> stream);
  asio::awaitable<Outcome> receive(std::shared_ptr<Stream> stream, std::string write_error);
  [[nodiscard]] Failure failure(Phase phase, const std::string& what) const;

  HttpClient& client_;
  const HttpRequest& request_;
  const SendOptions& options_;
  const MonoTime start_ = Clock::now();
  const MonoTime end_ = start_ + options_.timeout;
  std::shared_ptr<runtime::Deadline> deadline_;
  Route route_;
  std::string key_;
  Phase phase_ = Phase::refused;
  bool admitted_ = false;
  bool stale_ = false;  // the connection proved dead before a byte of the answer came
};

std::optional<Failure> Exchange::prepare() {
  const auto& url = client_.parsed(request_.url.reveal());
  if (const auto* error = std::get_if<std::string>(&url)) return refused("bad URL: " + *error);
  route_.url = std::get<Url>(url);
  route_.shown = shown(request_.url, route_.url);
  if (auto why = refuse_request(request_)) return refused(*why);
  if (!options_.proxy.empty()) {
    auto proxy = parse_proxy(options_.proxy.reveal());
    if (auto* error = std::get_if<std::string>(&proxy)) return refused(*error);
    route_.proxy = std::move(std::get<ProxyUrl>(proxy));
    if (!route_.proxy->basic.empty()) route_.proxy_authorization = "Basic " + base64(route_.proxy->basic);
  }
  route_.user_agent = client_.user_agent_;
  route_.verify = !options_.tls.insecure_skip_verify;
  if (route_.url.tls) {
    std::string error;
    route_.tls = client_.contexts_.get(options_.tls, error);
    // Not permanent: the file may be put right, and nothing was lost so far.
    if (!route_.tls) return Failure{Phase::tls, error};
  }
  // A context is rebuilt when its files change: its address in the key keeps old and new connections apart. The proxy
  // may hold a password, so its digest stands for it.
  char context[2 + 2 * sizeof(void*) + 1];
  std::snprintf(context, sizeof context, "%p", static_cast<const void*>(route_.tls.get()));
  key_ = (route_.url.tls ? "https://" : "http://") + route_.url.authority() + " " + context + " " +
         std::to_string(client_.egress_generation_);
  if (route_.proxy) key_ += " " + hex(sha256(options_.proxy.reveal()));
  return std::nullopt;
}

Failure Exchange::failure(Phase phase, const std::string& what) const {
  const bool late = deadline_->expired();
  const auto why = !late              ? what
                   : client_.stopped_ ? std::string("the gateway is stopping")
                                      : "timed out after " + format_duration(options_.timeout);
  std::string_view doing = "send to ";
  if (phase == Phase::sent) doing = "no answer from ";
  if (phase == Phase::response) doing = "answer of ";
  return {phase, std::string(doing) + route_.shown + ": " + why};
}

asio::awaitable<Dialled> Exchange::open() {
  phase_ = Phase::connect;
  auto connect_by = std::make_shared<runtime::Deadline>(client_.executor_);
  connect_by->expire_at(std::min(end_, Clock::now() + options_.connect_timeout));
  deadline_->on_expiry([connect_by] { connect_by->expire_now(); });
  auto dialled = co_await client_.dialer_.dial(route_, connect_by);
  deadline_->on_expiry(nullptr);
  co_return dialled;
}

asio::awaitable<Outcome> Exchange::run() {
  if (auto failed = prepare()) co_return Outcome(std::move(*failed));
  phase_ = Phase::connect;
  admitted_ = co_await client_.pool_->admit(key_, deadline_);
  if (!admitted_)
    co_return Outcome(Failure{Phase::connect, "connect to " + route_.shown + ": timed out waiting for one of the " +
                                                  "connections open to it"});
  if (auto stream = client_.pool_->take(key_)) {
    auto outcome = co_await converse(stream);
    if (!stale_ || !request_.idempotent || deadline_->expired()) co_return outcome;
    // One replay: a kept-alive connection may be closed by the receiver at any moment (RFC 9112 9.3.1).
  }
  auto dialled = co_await open();
  if (auto* failed = std::get_if<Failure>(&dialled)) co_return Outcome(std::move(*failed));
  auto stream = std::get<std::shared_ptr<Stream>>(std::move(dialled));
  auto outcome = co_await converse(stream);
  co_return outcome;
}

asio::awaitable<Outcome> Exchange::converse(std::shared_ptr<Stream> stream) {
  phase_ = Phase::send;
  stale_ = false;
  deadline_->on_expiry([stream] { stream->close(); });
  const bool through_proxy = route_.proxy && !route_.url.tls;
  const WireOptions wire{.user_agent = client_.user_agent_,
                         .proxy_authorization = through_proxy ? std::string_view(route_.proxy_authorization) : "",
                         .absolute_form = through_proxy};
  const auto head = request_head(request_, route_.url, wire);
  const auto& body = request_.body.reveal();
  const WriteBuffers buffers{asio::buffer(head), asio::buffer(body)};
  const auto written = co_await stream->write(buffers);
  if (written.bytes == head.size() + body.size()) phase_ = Phase::sent;
  // A receiver may answer (413, say) and close before it has read everything: the answer is worth more than the error.
  auto write_error = written.error ? written.error.message() : std::string();
  auto outcome = co_await receive(stream, std::move(write_error));
  deadline_->on_expiry(nullptr);
  co_return outcome;
}

asio::awaitable<Outcome> Exchange::receive(std::shared_ptr<Stream> stream, std::string write_error) {
  ResponseReader reader(options_.max_response, request_.method == "HEAD");
  auto state = ResponseReader::State::more;
  auto bytes = std::make_unique<std::array<char, 16384>>();
  std::string error = std::move(write_error);
  while (state == ResponseReader::State::more && !deadline_->expired()) {
    const auto into = asio::buffer(*bytes);
    const auto read = co_await stream->read_some(into);
    if (read.bytes > 0) {
      phase_ = std::max(phase_, Phase::response);
      state = reader.feed({bytes->data(), read.bytes});
    }
    if (!read.error || state != ResponseReader::State::more) continue;
    if (auto alert = tls_alert(read.error); !alert.empty() && !reader.began()) {
      // TLS 1.3 verifies our certificate after we have begun to send: the request was not looked at.
      stream->close();
      co_return Outcome(Failure{Phase::tls, "TLS with " + route_.shown + ": " + alert});
    }
    const bool cut = read.error != asio::error::eof;
    if (error.empty()) error = read.error.message();
    stale_ = !reader.began() && !deadline_->expired();
    // Without close_notify (stream_truncated) the end is as good as unproven, yet the status is known.
    const bool end_of_stream = !cut || read.error.category() == asio::ssl::error::get_stream_category();
    state = end_of_stream ? reader.end(!cut) : ResponseReader::State::failed;
    if (state == ResponseReader::State::failed && end_of_stream) error = reader.error();
  }
  if (state == ResponseReader::State::done) {
    if (reader.reusable() && phase_ == Phase::response && !deadline_->expired() && !client_.stopped_)
      client_.pool_->keep(key_, stream);
    else
      stream->close();
    co_return Outcome(Response(reader.take()));
  }
  stream->close();
  if (!reader.error().empty()) error = reader.error();
  co_return Outcome(failure(phase_, error));
}

HttpClient::HttpClient(asio::any_io_executor executor, EgressPolicy egress, std::string user_agent, PoolLimits limits,
                       Lookup lookup)
    : executor_(executor),
      user_agent_(std::move(user_agent)),
      dialer_(executor, std::move(egress), std::move(lookup)),
      pool_(std::make_shared<ConnectionPool>(executor, limits)) {}

asio::awaitable<Outcome> HttpClient::send(HttpRequest request, std::shared_ptr<const SendOptions> options) {
  const auto self = shared_from_this();
  if (stopped_) co_return Outcome(Failure{Phase::connect, "the gateway is stopping"});
  Exchange exchange(*this, request, *options);
  std::string broken;
  try {
    auto outcome = co_await exchange.run();
    co_return outcome;
  } catch (const std::exception& error) {
    broken = error.what();
  }
  co_return Outcome(Failure{exchange.phase(), "internal error: " + broken});
}

const std::variant<Url, std::string>& HttpClient::parsed(const std::string& url) {
  if (const auto known = parsed_.find(url); known != parsed_.end()) return known->second;
  if (parsed_.size() >= kParsedUrls) parsed_.clear();
  return parsed_.emplace(url, parse_url(url)).first->second;
}

void HttpClient::set_egress(EgressPolicy policy) {
  dialer_.set_egress(std::move(policy));
  ++egress_generation_;
  pool_->close_idle();
}

void HttpClient::stop() {
  stopped_ = true;
  pool_->close_idle();
  const auto under_way = under_way_;
  for (const auto& deadline : under_way) deadline->expire_now();
}

}  // namespace wardex::transport
