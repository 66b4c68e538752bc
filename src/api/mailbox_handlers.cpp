// The endpoints of the failure mailbox. Everything is done in bounded steps: a search goes through the readers page by
// page, and no verb moves more than store::kMostMoved entries.
#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "api/answers.hpp"
#include "api/api.hpp"
#include "api/documents.hpp"
#include "api/mailbox_request.hpp"
#include "deliver/excerpt.hpp"
#include "wardex/delivery.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

namespace {

using Bodies = std::vector<std::pair<store::StoredEvent, std::optional<Link>>>;
using Replayed = std::vector<std::pair<std::string, store::Pending>>;

/// Event bodies in one answer, roughly: the page ends early where they are large.
constexpr std::size_t kBodyBytes = 4UL * 1024 * 1024;
constexpr std::size_t kBodiesAtOnce = 16;

json parsed(const std::string& text) {
  auto document = json::parse(text, nullptr, false);
  return document.is_discarded() ? json(text) : document;
}

ServerResponse nothing_there(const MailboxRequest& asked) {
  // Entries named by their ids were there when somebody looked.
  if (!asked.which.ids.empty())
    return problem(409, "Conflict", "no such entry in the mailbox: it was replayed or discarded already");
  return problem(404, "Nothing there", "No entry of the mailbox fits: " + asked.what + ".");
}

}  // namespace

asio::awaitable<store::Result<store::MailboxPage>> Api::page(store::MailboxFilter which) {
  std::function<void(store::Done<store::MailboxPage>)> verb = [this, &which](auto done) {
    store_.mailbox(which, std::move(done));
  };
  auto asked = ask<store::MailboxPage>(std::move(verb));
  auto result = co_await std::move(asked);
  co_return result;
}

asio::awaitable<store::Result<store::MailboxSum>> Api::count(store::MailboxFilter which) {
  store::MailboxSum sum;
  do {
    std::function<void(store::Done<store::MailboxSum>)> verb = [this, &which](auto done) {
      store_.mailbox_sum(which, std::move(done));
    };
    auto asked = ask<store::MailboxSum>(std::move(verb));
    auto part = co_await std::move(asked);
    if (!part) co_return part.error();
    sum.entries += part->entries;
    for (const auto& [connector, entries] : part->connectors) sum.connectors[connector] += entries;
    if (!sum.oldest) sum.oldest = part->oldest;
    sum.last_id = std::max(sum.last_id, part->last_id);
    which.after_id = part->next_after;
  } while (which.after_id != 0);
  co_return sum;
}

/// Puts the events into the answer's entries, and cuts the page where it gets too large.
asio::awaitable<std::optional<store::Error>> Api::add_bodies(std::shared_ptr<json> answer,
                                                             std::vector<store::MailboxEntry> entries) {
  auto& shown = (*answer)["entries"];
  std::size_t bytes = 0;
  for (std::size_t begin = 0; begin < entries.size(); begin += kBodiesAtOnce) {
    if (bytes > kBodyBytes) {
      shown.erase(shown.begin() + static_cast<std::ptrdiff_t>(begin), shown.end());
      (*answer)["next_after"] = entries[begin - 1].id;
      co_return std::nullopt;
    }
    std::vector<store::Seq> seqs;
    for (std::size_t i = begin; i < std::min(begin + kBodiesAtOnce, entries.size()); ++i)
      seqs.push_back(entries[i].seq);
    std::function<void(store::Done<Bodies>)> verb = [this, &seqs](auto done) {
      store_.events_for("", seqs, std::move(done));
    };
    auto asked = ask<Bodies>(std::move(verb));
    auto bodies = co_await std::move(asked);
    if (!bodies) co_return bodies.error();
    for (std::size_t i = 0; i < bodies->size(); ++i) {
      const auto& event = (*bodies)[i].first;
      bytes += event.body.size();
      shown[begin + i]["event"] = {{"id", event.id},
                                   {"origin", event.origin},
                                   {"received_at", to_iso(event.received_at)},
                                   {"original", parsed(event.body)}};
    }
  }
  co_return std::nullopt;
}

Api::Reply Api::list_mailbox(ServerRequest request, std::string) {
  auto read = read_mailbox_query(request, {"bodies"}, clock_.wall());
  if (auto* bad = std::get_if<ServerResponse>(&read)) co_return std::move(*bad);
  const auto bodies = request.query_parameter("bodies");
  if (!bodies.empty() && bodies != "true" && bodies != "false")
    co_return problem(400, "Bad parameter", "'bodies' must be true or false.");
  auto asking = page(std::get<store::MailboxFilter>(read));
  auto result = co_await std::move(asking);
  if (!result) co_return store_problem(result.error());
  auto answer = std::make_shared<json>(json::object());
  json& entries = (*answer)["entries"] = json::array();
  for (const auto& entry : result->entries) entries.push_back(to_json(entry));
  (*answer)["next_after"] = result->next_after != 0 ? json(result->next_after) : json(nullptr);
  (*answer)["alarms"] = mailbox_alarms(mailbox_.states());
  if (bodies == "true") {
    auto adding = add_bodies(answer, std::move(result->entries));
    const auto failed = co_await std::move(adding);
    if (failed) co_return store_problem(*failed);
  }
  co_return document(*answer);
}

Api::Reply Api::group_mailbox(ServerRequest request, std::string) {
  auto read = read_mailbox_query(request, {"after_group"}, clock_.wall());
  if (auto* bad = std::get_if<ServerResponse>(&read)) co_return std::move(*bad);
  const auto& asked = std::get<store::MailboxFilter>(read);
  if (!asked.fingerprint.empty() || !asked.case_id.empty() || !asked.event_id.empty() || asked.since || asked.until ||
      asked.after_id != 0)
    co_return problem(400, "Bad parameter", "Groups are selected by connector, cause and severity only.");
  store::MailboxGroupFilter filter;
  filter.connector = asked.connector;
  filter.cause = asked.cause;
  filter.at_least = asked.at_least;
  filter.limit = request.query_parameter("limit").empty() ? kMaxPage : asked.limit;
  if (const auto after = request.query_parameter("after_group"); !after.empty()) {
    const auto colon = after.rfind(':');
    if (colon == std::string::npos)
      co_return problem(400, "Bad parameter", "'after_group' must be the 'next' of the page before.");
    filter.after = {after.substr(0, colon), after.substr(colon + 1)};
  }
  std::function<void(store::Done<store::MailboxGroups>)> verb = [this, &filter](auto done) {
    store_.mailbox_groups(filter, std::move(done));
  };
  auto asking = ask<store::MailboxGroups>(std::move(verb));
  auto result = co_await std::move(asking);
  if (!result) co_return store_problem(result.error());
  // What most entries are about comes first.
  std::stable_sort(result->groups.begin(), result->groups.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  json groups = json::array();
  for (const auto& group : result->groups) groups.push_back(to_json(group));
  const auto& next = result->next_after;
  co_return document({{"groups", std::move(groups)},
                      {"next", next ? json(next->first + ":" + next->second) : json(nullptr)},
                      {"alarms", mailbox_alarms(mailbox_.states())}});
}

/// {"rendered": the request as the connector's present settings make it, secrets masked} or {"render_error": why not}.
asio::awaitable<json> Api::rendered(store::MailboxEntry entry) {
  const auto config = hooks_.config();  // kept: the sink lives as long
  const auto* connector = config->find(entry.connector);
  if (connector == nullptr)
    co_return json{{"render_error", "no connector '" + entry.connector + "' is configured any more"}};
  std::vector<store::Seq> seqs{entry.seq};
  std::function<void(store::Done<Bodies>)> verb = [this, &entry, &seqs](auto done) {
    store_.events_for(entry.connector, seqs, std::move(done));
  };
  auto asked = ask<Bodies>(std::move(verb));
  auto bodies = co_await std::move(asked);
  if (!bodies) co_return json{{"render_error", bodies.error().message}};
  try {
    Delivery delivery;
    delivery.seq = entry.seq;
    delivery.event = hooks_.restore(bodies->front().first);
    delivery.key = delivery_key(entry.connector, entry.event_id);
    delivery.link = bodies->front().second;
    const RenderContext context{clock_.wall(), entry.connector, {}};
    co_return json{{"rendered", redact(connector->sink->render({&delivery, 1}, context))}};
  } catch (const std::exception& error) {
    // A sink complains of the event, but its words are not ours to trust.
    co_return json{{"render_error", deliver::excerpt(error.what(), nullptr)}};
  }
}

Api::Reply Api::show_mailbox(ServerRequest, std::string id) {
  store::MailboxFilter filter;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) co_return bad_number("id");
  filter.ids = {number};
  auto asking = page(filter);
  auto result = co_await std::move(asking);
  if (!result) co_return store_problem(result.error());
  if (result->entries.empty()) co_return problem(404, "Not found", "The mailbox has no entry " + id + ".");
  const auto entry = result->entries.front();
  auto body = to_json(entry);
  auto trail = show_event({}, entry.event_id);
  auto event = co_await std::move(trail);
  if (event.status == 200) body["event"] = json::parse(event.body);
  auto rendering = rendered(entry);
  auto shown = co_await std::move(rendering);
  body.update(shown);
  co_return document(body);
}

Api::Reply Api::replay_mailbox(ServerRequest request, std::string) {
  auto body = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&body)) co_return std::move(*bad);
  auto read = read_mailbox_request(MailboxVerb::replay, std::get<json>(body), clock_.wall());
  if (auto* bad = std::get_if<ServerResponse>(&read)) co_return std::move(*bad);
  auto asked = std::get<MailboxRequest>(std::move(read));
  auto counting = count(asked.which);
  auto sum = co_await std::move(counting);
  if (!sum) co_return store_problem(sum.error());
  if (sum->entries == 0) co_return nothing_there(asked);
  if (asked.preview) co_return document(preview_document(*sum, asked.per_second));

  const auto who = actor(request);
  if (asked.per_second > 0 || sum->entries > store::kMostMoved) {
    const auto job =
        replays_.start({std::move(asked.which), std::move(*sum), asked.per_second, who, std::move(asked.what)});
    if (!job)
      co_return problem(409, "Conflict",
                        std::to_string(deliver::Replays::kMostRunning) +
                            " replays are running already: wait for one to end, or cancel one");
    co_return document({{"replay", to_json(*job)}}, 202);
  }
  asked.which.limit = store::kMostMoved;
  asked.which.upto_id = sum->last_id;
  auto finding = page(asked.which);
  auto found = co_await std::move(finding);
  if (!found) co_return store_problem(found.error());
  std::vector<std::int64_t> ids;
  for (const auto& entry : found->entries) ids.push_back(entry.id);
  if (ids.empty()) co_return nothing_there(asked);
  std::function<void(store::Done<Replayed>)> verb = [this, &ids, &who](auto done) {
    store_.replay(ids, who, clock_.wall(), std::move(done));
  };
  auto replaying = ask<Replayed>(std::move(verb));
  auto result = co_await std::move(replaying);
  if (!result) co_return store_problem(result.error());
  for (auto& [connector, delivery] : *result) engine_.offer_again(connector, std::move(delivery));
  co_return document({{"replayed", result->size()}});
}

Api::Reply Api::list_replays(ServerRequest, std::string) {
  co_return document({{"replays", to_json(replays_.list())}});
}

Api::Reply Api::cancel_replay(ServerRequest request, std::string id) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) co_return bad_number("id");
  const auto job = replays_.cancel(number, actor(request));
  if (!job) co_return problem(404, "Not found", "There is no replay " + id + "; a restart forgets them.");
  if (job->state == deliver::ReplayState::done) co_return problem(409, "Conflict", "Replay " + id + " has ended.");
  co_return document({{"replay", to_json(*job)}});
}

Api::Reply Api::discard_mailbox(ServerRequest request, std::string) {
  auto body = object_body(request);
  if (auto* bad = std::get_if<ServerResponse>(&body)) co_return std::move(*bad);
  auto read = read_mailbox_request(MailboxVerb::discard, std::get<json>(body), clock_.wall());
  if (auto* bad = std::get_if<ServerResponse>(&read)) co_return std::move(*bad);
  auto asked = std::get<MailboxRequest>(std::move(read));
  auto counting = count(asked.which);
  auto sum = co_await std::move(counting);
  if (!sum) co_return store_problem(sum.error());
  if (sum->entries == 0) co_return nothing_there(asked);
  if (asked.preview) co_return document(preview_document(*sum, 0));

  const auto who = actor(request);
  asked.which.limit = store::kMostMoved;
  asked.which.upto_id = sum->last_id;  // what comes while this goes on is for the next time
  std::uint64_t discarded = 0;
  do {
    auto finding = page(asked.which);
    auto found = co_await std::move(finding);
    if (!found) co_return store_problem(found.error());
    asked.which.after_id = found->next_after;
    std::vector<std::int64_t> ids;
    for (const auto& entry : found->entries) ids.push_back(entry.id);
    if (ids.empty()) continue;
    std::function<void(store::Done<std::size_t>)> verb = [this, &ids, &asked, &who](auto done) {
      store_.discard(ids, who, asked.reason, clock_.wall(), std::move(done));
    };
    auto discarding = ask<std::size_t>(std::move(verb));
    const auto result = co_await std::move(discarding);
    if (result) discarded += *result;
    const bool conflict = !result && result.error().fault == store::Fault::conflict;
    if (!result && !conflict) {
      auto error = result.error();
      error.message += "; " + std::to_string(discarded) + " entries were discarded before";
      co_return store_problem(error);
    }
  } while (asked.which.after_id != 0);
  if (discarded == 0) co_return nothing_there(asked);
  co_return document({{"discarded", discarded}});
}

}  // namespace wardex::api
