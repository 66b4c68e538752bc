#include "intake/batch.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "intake/refusal.hpp"
#include "wardex/json_writer.hpp"
#include "wardex/text.hpp"

namespace wardex::intake {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxError = 400;

Json rejected_json(const std::vector<RejectedItem>& items) {
  Json out = Json::array();
  for (const auto& item : items) {
    Json& one = out.emplace_back(Json{{"index", item.index}, {"error", item.error}});
    if (!item.pointer.empty()) one["pointer"] = item.pointer;
  }
  return out;
}

}  // namespace

Batch::Batch(Generation generation, std::string sender, std::string idempotency_key, WallTime now)
    : generation_(std::move(generation)), now_(now) {
  options_.console_url = generation_.config->wardex.console_url;
  options_.case_prefix = generation_.config->wardex.case_prefix;
  options_.origin = std::move(sender);
  options_.received_at = now;
  options_.idempotency_key = std::move(idempotency_key);
}

void Batch::reject(RejectedItem item) {
  item.error = text::truncate(item.error, kMaxError);
  item.pointer = text::truncate(item.pointer, kMaxError);
  rejected_.push_back(std::move(item));
}

void Batch::add(std::string_view item) {
  const std::size_t index = places_.size();
  places_.emplace_back();
  const auto& limits = generation_.config->intake.limits;
  if (item.size() > limits.item.count)
    return reject({index,
                   "the event has " + std::to_string(item.size()) + " bytes; at most " +
                       std::to_string(limits.item.count) + " are taken (intake.limits.item)",
                   "", false});
  if (const auto error = document_.read(item, limits.depth))
    return reject({index, "not valid JSON at byte " + std::to_string(error->offset) + ": " + error->message, "", true});

  options_.index = index;
  auto outcome = normalise::normalise(document_.root(), item, options_);
  if (auto* rejection = std::get_if<normalise::Rejection>(&outcome))
    return reject({index, std::move(rejection->reason), std::move(rejection->pointer), false});
  if (std::holds_alternative<normalise::Heartbeat>(outcome)) {
    ++heartbeats_;
    return;
  }
  store::NewEvent accepted;
  accepted.event = std::make_shared<const Event>(std::move(std::get<Event>(outcome)));
  for (auto& target : generation_.router->decide(*accepted.event, now_).targets)
    accepted.targets.push_back(
        {std::move(target.connector), std::move(target.why), std::move(target.muted), target.closes});
  places_.back() = events_.size();
  events_.push_back(std::move(accepted));
}

std::vector<store::NewEvent> Batch::take() {
  taken_.reserve(events_.size());
  for (const auto& event : events_) {
    auto& one = taken_.emplace_back(AcceptedEvent{0, event.event, {}});
    for (const auto& target : event.targets)
      if (target.muted.empty()) one.connectors.push_back(target.connector);
  }
  return std::exchange(events_, {});
}

std::vector<AcceptedEvent> Batch::stored(const store::Accepted& accepted) {
  std::vector<AcceptedEvent> out;
  out.reserve(taken_.size());
  for (std::size_t i = 0; i < taken_.size(); ++i)
    if (const auto& seq = accepted.seqs.at(i)) out.push_back({*seq, taken_[i].event, std::move(taken_[i].connectors)});
  for (const auto& unmuted : accepted.unmuted) {
    const auto seq = *accepted.seqs.at(unmuted.first);
    const auto one =
        std::find_if(out.begin(), out.end(), [seq](const AcceptedEvent& stored) { return stored.seq == seq; });
    one->connectors.push_back(unmuted.second);
  }
  return out;
}

const std::string& Batch::id(std::size_t place) const {
  return taken_.empty() ? events_[place].event->id : taken_[place].event->id;
}

/// Per item in order; null for what was not taken.
Json Batch::ids() const {
  Json out = Json::array();
  for (const auto& place : places_) out.push_back(place ? Json(id(*place)) : Json(nullptr));
  return out;
}

bool Batch::keep_critical() {
  std::vector<store::NewEvent> kept;
  for (auto& place : places_) {
    if (!place) continue;
    auto& event = events_[*place];
    if (event.event->severity == Severity::critical) {
      place = kept.size();
      kept.push_back(std::move(event));
    } else {
      place.reset();
      ++turned_away_;
    }
  }
  events_ = std::move(kept);
  return !events_.empty();
}

transport::ServerResponse Batch::answer_partly(const store::Accepted& accepted, const std::string& why) const {
  return respond({Reason::backlog,
                  std::to_string(turned_away_) + " events were turned away and only the critical ones " + "taken: " +
                      why + ". Send the whole request again later; what was taken is " + "then a duplicate."},
                 {{"accepted", size() - accepted.duplicates},
                  {"duplicates", accepted.duplicates},
                  {"rejected", rejected_json(rejected_)},
                  {"turned_away", turned_away_},
                  {"ids", ids()}});
}

transport::ServerResponse Batch::answer(const store::Accepted& accepted) const {
  constexpr std::size_t kBytesPerId = 48;
  transport::ServerResponse response;
  response.status = 202;
  response.body.reserve(128 + places_.size() * kBytesPerId);
  JsonWriter out(response.body);
  out.begin_object();
  out.key("accepted").value(size() - accepted.duplicates);
  out.key("duplicates").value(accepted.duplicates);
  out.key("rejected").begin_array();
  for (const auto& item : rejected_) {
    out.begin_object().key("index").value(item.index).key("error").value(item.error);
    if (!item.pointer.empty()) out.key("pointer").value(item.pointer);
    out.end_object();
  }
  out.end_array().key("ids").begin_array();
  for (const auto& place : places_) {
    if (place)
      out.value(id(*place));
    else
      out.null();
  }
  out.end_array().end_object();
  response.body += '\n';
  return response;
}

transport::ServerResponse Batch::refuse_all() const {
  const auto& first = rejected_.front();
  std::string detail = first.pointer.empty() ? first.error : "At " + first.pointer + ": " + first.error;
  if (rejected_.size() > 1) detail += "; so or otherwise all " + std::to_string(rejected_.size()) + " events";
  return respond({Reason::no_event, detail + "."},
                 {{"accepted", 0}, {"duplicates", 0}, {"rejected", rejected_json(rejected_)}});
}

}  // namespace wardex::intake
