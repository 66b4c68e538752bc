// The endpoints of the failure mailbox.
#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "api/answers.hpp"
#include "api/api.hpp"
#include "api/documents.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

namespace {

/// Which mailbox entries: {"ids":[1,2]} or {"connector":"x"} or {"fingerprint":"..."} or {"all":true}.
std::variant<store::MailboxFilter, ServerResponse> mailbox_filter(const json& body) {
  store::MailboxFilter filter;
  filter.limit = 1'000'000;
  for (const auto& [key, value] : body.items()) {
    if (key == "ids" && value.is_array()) {
      for (const auto& id : value) {
        if (!id.is_number_integer()) return problem(422, "Bad field", "/ids must hold whole numbers.");
        filter.ids.push_back(id.get<std::int64_t>());
      }
    } else if (key == "connector" && value.is_string()) {
      filter.connector = value.get<std::string>();
    } else if (key == "fingerprint" && value.is_string()) {
      filter.fingerprint = value.get<std::string>();
    } else if ((key == "all" && value.is_boolean()) || (key == "reason" && value.is_string())) {
      continue;
    } else {
      return problem(422, "Bad field", "/" + key + " is not one of ids, connector, fingerprint, all, reason.");
    }
  }
  if (filter.ids.empty() && filter.connector.empty() && filter.fingerprint.empty() && !body.value("all", false))
    return problem(422, "Nothing selected", "Name ids, a connector or a fingerprint, or say \"all\": true.");
  return filter;
}

}  // namespace

Api::Reply Api::list_mailbox(ServerRequest request, std::string) {
  const auto limit = number(request, "limit", 100);
  const auto after = number(request, "after", 0);
  if (!limit) co_return bad_number("limit");
  if (!after) co_return bad_number("after");
  store::MailboxFilter filter;
  filter.connector = request.query_parameter("connector");
  filter.fingerprint = request.query_parameter("fingerprint");
  filter.after_id = static_cast<std::int64_t>(*after);
  filter.limit = std::min(*limit, kMaxPage);
  std::function<void(store::Done<std::vector<store::MailboxEntry>>)> verb = [this, filter](auto done) {
    store_.mailbox(filter, std::move(done));
  };
  auto asked = ask<std::vector<store::MailboxEntry>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  json entries = json::array();
  for (const auto& entry : *result) entries.push_back(to_json(entry));
  co_return document({{"entries", std::move(entries)}});
}

Api::Reply Api::show_mailbox(ServerRequest, std::string id) {
  store::MailboxFilter filter;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) co_return bad_number("id");
  filter.ids = {number};
  std::function<void(store::Done<std::vector<store::MailboxEntry>>)> verb = [this, filter](auto done) {
    store_.mailbox(filter, std::move(done));
  };
  auto asked = ask<std::vector<store::MailboxEntry>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  if (result->empty()) co_return problem(404, "Not found", "The mailbox has no entry " + id + ".");
  auto body = to_json(result->front());
  auto trail = show_event({}, result->front().event_id);
  auto event = co_await std::move(trail);
  if (event.status == 200) body["event"] = json::parse(event.body);
  co_return document(body);
}

Api::Reply Api::replay_mailbox(ServerRequest request, std::string) {
  auto parsed = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  auto selected = mailbox_filter(std::get<json>(parsed));
  if (auto* bad = std::get_if<ServerResponse>(&selected)) co_return std::move(*bad);
  const auto filter = std::get<store::MailboxFilter>(selected);
  std::function<void(store::Done<std::vector<std::pair<std::string, store::Pending>>>)> verb =
      [this, filter, who = actor(request)](auto done) { store_.replay(filter, who, clock_.wall(), std::move(done)); };
  auto asked = ask<std::vector<std::pair<std::string, store::Pending>>>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  for (const auto& [connector, delivery] : *result) engine_.offer_again(connector, delivery);
  co_return document({{"replayed", result->size()}});
}

Api::Reply Api::discard_mailbox(ServerRequest request, std::string) {
  auto parsed = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&parsed)) co_return std::move(*bad);
  const auto& body = std::get<json>(parsed);
  auto selected = mailbox_filter(body);
  if (auto* bad = std::get_if<ServerResponse>(&selected)) co_return std::move(*bad);
  const auto reason = body.value("reason", "");
  if (reason.empty()) co_return problem(422, "Reason missing", "/reason must say why these events are given up.");
  const auto filter = std::get<store::MailboxFilter>(selected);
  std::function<void(store::Done<std::size_t>)> verb = [this, filter, reason, who = actor(request)](auto done) {
    store_.discard(filter, who, reason, clock_.wall(), std::move(done));
  };
  auto asked = ask<std::size_t>(std::move(verb));
  auto result = co_await std::move(asked);
  if (!result) co_return store_problem(result.error());
  co_return document({{"discarded", *result}});
}

}  // namespace wardex::api
