// header -> who -> body -> decompressed -> split -> [each: parsed, normalised, routed] -> room -> committed -> 202
#include "intake/events_endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "intake/authenticate.hpp"
#include "intake/batch.hpp"
#include "intake/decompress.hpp"
#include "intake/items.hpp"
#include "intake/refusal.hpp"
#include "intake/seen_messages.hpp"
#include "intake/signature.hpp"
#include "runtime/async.hpp"
#include "wardex/crypto.hpp"

namespace wardex::intake {

using transport::ServerRequest;
using transport::ServerResponse;

namespace {

/// Others get their turn on the loop after this many items: 10,000 take a good part of a second.
constexpr std::size_t kItemsPerTurn = 128;
constexpr std::size_t kMaxKey = 255;

std::optional<Refusal> check_key(const ServerRequest& request) {
  if (!request.has_header("idempotency-key")) return std::nullopt;
  const auto key = request.header("idempotency-key");
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!key.empty() && key.size() <= kMaxKey && printable) return std::nullopt;
  return Refusal{Reason::bad_request, "Idempotency-Key must be 1 to 255 printable ASCII characters."};
}

Refusal body_too_large(std::uint64_t max_bytes) {
  return {Reason::too_large, "The body may have at most " + std::to_string(max_bytes) +
                                 " bytes (intake.limits.body). Send smaller batches."};
}

std::optional<Refusal> check_declared_size(const ServerRequest& request, std::uint64_t max_bytes) {
  const auto stated = request.header("content-length");
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(stated.data(), stated.data() + stated.size(), bytes);
  const bool too_large = error == std::errc::result_out_of_range || (error == std::errc{} && bytes > max_bytes);
  return too_large ? std::optional(body_too_large(max_bytes)) : std::nullopt;
}

template <class T>
std::optional<Refusal> refusal_in(const T& outcome) {
  const auto* refusal = std::get_if<Refusal>(&outcome);
  return refusal == nullptr ? std::nullopt : std::optional(*refusal);
}

}  // namespace

struct EventsEndpoint::Impl {
  store::Store& store;
  const runtime::Clock& clock;
  Hooks hooks;
  SeenMessages seen;
  Stats stats;

  Room room() const { return hooks.room ? hooks.room() : Room{}; }
  std::optional<Refusal> shut() const;
  std::optional<Refusal> refuse_header(const ServerRequest& header, const config::Config& config) const;
  std::variant<Sender, Refusal> authenticate(const ServerRequest& request, const config::Auth& auth);
  std::variant<std::string, Refusal> read_body(ServerRequest& request, const config::Config& config) const;
  ServerResponse refuse(const Refusal& refusal);
  asio::awaitable<store::Result<store::Accepted>> commit(std::vector<store::NewEvent> events,
                                                         store::AuditRecord audit) const;
};

std::optional<Refusal> EventsEndpoint::Impl::shut() const {
  if (auto why = hooks.closed(); !why.empty()) return Refusal{Reason::unavailable, std::move(why)};
  if (auto now = room(); now.left == Room::For::nothing) return Refusal{Reason::backlog, std::move(now.why)};
  return std::nullopt;
}

/// What the header alone can be refused for. Credentials come first: a stranger learns nothing else of us.
std::optional<Refusal> EventsEndpoint::Impl::refuse_header(const ServerRequest& header,
                                                           const config::Config& config) const {
  if (header.method != "POST") return Refusal{Reason::method, "Events are sent with POST."};
  const auto who = identify(config.intake.auth, header);
  if (auto refusal = refusal_in(who)) return refusal;
  if (std::holds_alternative<Sender>(who))
    if (auto refusal = shut()) return refusal;
  if (auto refusal = refusal_in(body_format(header))) return refusal;
  if (auto refusal = refusal_in(content_coding(header))) return refusal;
  if (auto refusal = check_key(header)) return refusal;
  return check_declared_size(header, config.intake.limits.body.count);
}

std::variant<Sender, Refusal> EventsEndpoint::Impl::authenticate(const ServerRequest& request,
                                                                 const config::Auth& auth) {
  auto who = identify(auth, request);
  if (auto* refusal = std::get_if<Refusal>(&who)) return std::move(*refusal);
  if (auto* sender = std::get_if<Sender>(&who)) return std::move(*sender);

  const auto now = clock.wall();
  const auto id = request.header("webhook-id");
  auto verified = verify(
      auth.hmac, {id, request.header("webhook-timestamp"), request.header("webhook-signature"), request.body}, now);
  if (verified.validity == Validity::invalid) return unauthorised();
  if (verified.validity == Validity::stale)
    return Refusal{Reason::unauthorised, "The signed webhook-timestamp is more than " +
                                             std::to_string(kToleranceSeconds) +
                                             " s away from this gateway's clock. Sign every attempt anew; check both "
                                             "clocks."};
  if (!seen.admit(verified.sender, id, request.header("idempotency-key"), now))
    return Refusal{Reason::reused_message,
                   "This webhook-id came before with another Idempotency-Key. Keep the key over all attempts of a "
                   "message, and the id for that message only."};
  return Sender{std::move(verified.sender)};
}

std::variant<std::string, Refusal> EventsEndpoint::Impl::read_body(ServerRequest& request,
                                                                   const config::Config& config) const {
  const auto max_bytes = config.intake.limits.body.count;
  if (request.body.size() > max_bytes) return body_too_large(max_bytes);
  const auto coding = content_coding(request);
  if (auto refusal = refusal_in(coding)) return std::move(*refusal);
  return decompress(std::get<Coding>(coding), std::move(request.body), max_bytes);
}

ServerResponse EventsEndpoint::Impl::refuse(const Refusal& refusal) {
  if (refusal.reason == Reason::unauthorised || refusal.reason == Reason::forbidden) ++stats.unauthorised;
  return respond(refusal);
}

asio::awaitable<store::Result<store::Accepted>> EventsEndpoint::Impl::commit(std::vector<store::NewEvent> events,
                                                                             store::AuditRecord audit) const {
  using Committed = store::Result<store::Accepted>;
  std::function<void(std::function<void(Committed)>)> start = [this, &events, &audit](auto done) {
    store.accept(std::move(events), std::move(audit), std::move(done));
  };
  auto pending = runtime::await_callback<Committed>(std::move(start));
  auto committed = co_await std::move(pending);
  co_return committed;
}

EventsEndpoint::EventsEndpoint(store::Store& store, const runtime::Clock& clock, Hooks hooks)
    : impl_(new Impl{store, clock, std::move(hooks), SeenMessages{}, Stats{}}) {}
EventsEndpoint::~EventsEndpoint() = default;

Stats EventsEndpoint::stats() const { return impl_->stats; }

std::optional<ServerResponse> EventsEndpoint::check(const ServerRequest& header) const {
  const auto refusal = impl_->refuse_header(header, *impl_->hooks.generation().config);
  if (!refusal) return std::nullopt;
  ++impl_->stats.requests;  // handle() will not see this one
  return impl_->refuse(*refusal);
}

asio::awaitable<ServerResponse> EventsEndpoint::handle(ServerRequest request) {
  auto& impl = *impl_;
  ++impl.stats.requests;
  const auto generation = impl.hooks.generation();
  const auto& config = *generation.config;
  if (const auto refusal = impl.refuse_header(request, config)) co_return impl.refuse(*refusal);
  auto who = impl.authenticate(request, config.intake.auth);
  if (const auto refusal = refusal_in(who)) co_return impl.refuse(*refusal);
  auto sender = std::move(std::get<Sender>(who).name);
  if (const auto refusal = impl.shut()) co_return impl.refuse(*refusal);

  store::AuditRecord audit;
  audit.at = impl.clock.wall();
  audit.actor = sender;
  audit.action = "accept";
  audit.outcome = "accepted";
  audit.request_digest = hex(sha256(request.body));
  const auto body = impl.read_body(request, config);
  if (const auto refusal = refusal_in(body)) co_return impl.refuse(*refusal);
  const auto format = std::get<Format>(body_format(request));
  const auto split = split_items(std::get<std::string>(body), format, config.intake.limits.items);
  if (const auto refusal = refusal_in(split)) co_return impl.refuse(*refusal);
  const auto& items = std::get<Items>(split);

  const auto executor = co_await asio::this_coro::executor;
  Batch batch(generation, std::move(sender), std::string(request.header("idempotency-key")), audit.at);
  for (std::size_t i = 0; i < items.texts.size(); ++i) {
    if (i > 0 && i % kItemsPerTurn == 0) co_await asio::post(executor, asio::use_awaitable);
    batch.add(items.texts[i]);
  }
  impl.stats.rejected += batch.rejected().size();
  impl.stats.heartbeats += batch.heartbeats();
  if (batch.all_bad() && items.lone && batch.rejected().front().unparsable)
    co_return impl.refuse({Reason::malformed, "The body is " + batch.rejected().front().error + "."});
  if (batch.all_bad()) co_return batch.refuse_all();

  // Again, now that it is known what is critical: many seconds may have passed since the header came.
  auto room = impl.room();
  if (room.left == Room::For::nothing) co_return impl.refuse({Reason::backlog, std::move(room.why)});
  if (room.left == Room::For::critical) {
    const bool some = batch.keep_critical();
    if (batch.turned_away() > 0 && !some) co_return impl.refuse({Reason::backlog, std::move(room.why)});
    impl.stats.turned_away += batch.turned_away();
  }

  store::Accepted accepted;
  if (batch.size() > 0) {
    audit.count = static_cast<std::uint32_t>(batch.size());
    if (!batch.rejected().empty())
      audit.detail = std::to_string(batch.rejected().size()) + " of " + std::to_string(items.texts.size()) +
                     " items were rejected; the first: " + batch.rejected().front().error;
    if (batch.turned_away() > 0)
      audit.detail += (audit.detail.empty() ? "" : "; ") + std::to_string(batch.turned_away()) +
                      " were turned away, only critical ones were taken: " + room.why;
    auto events = batch.take();
    auto committing = impl.commit(std::move(events), std::move(audit));
    auto committed = co_await std::move(committing);
    if (!committed) {
      // The reason is the operator's (log, /readyz), not the sender's.
      co_return impl.refuse(
          {Reason::unavailable, "The events could not be stored and none was taken. Send them again."});
    }
    accepted = std::move(*committed);
    impl.stats.accepted += batch.size() - accepted.duplicates;
    impl.stats.duplicates += accepted.duplicates;
    auto stored = batch.stored(accepted);
    if (!stored.empty()) impl.hooks.accepted(std::move(stored));
  }
  if (batch.turned_away() > 0) co_return batch.answer_partly(accepted, room.why);
  co_return batch.answer(accepted);
}

}  // namespace wardex::intake
