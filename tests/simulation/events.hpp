// The senders' side: the events they make, and what they were told of each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/plan.hpp"
#include "simulation/random.hpp"
#include "transport/http_server.hpp"
#include "wardex/event.hpp"
#include "wardex/time.hpp"

namespace wardex::simulation {

using Number = std::uint32_t;  ///< of an event, in the order of making; from 1

/// "zq000042z" in every title: what tells an event in whatever a connector makes of it.
std::string marker(Number number);
/// All that occur in the text, each once, in order.
std::vector<Number> markers_in(std::string_view text);

struct SentEvent {
  Number number = 0;
  std::string text;  ///< the JSON as sent
  std::string title;
  std::string case_id;
  std::string id;             ///< as the gateway said, or as sent
  bool is_state = false;      ///< of kind `case`: the whole state of its case
  bool acknowledged = false;  ///< a 202 named it
  bool poison = false;        ///< kills whoever sends it
  MonoTime sent_at{};         ///< last, before it was acknowledged
  MonoTime first_sent_at{};   ///< it cannot be older than that
};

/// One request, sent again unchanged until it is answered or given up.
struct SentRequest {
  std::vector<Number> events;
  std::size_t bad_items = 0;
  std::string body;
  std::string content_type;
  std::string idempotency_key;
  bool wrong_token = false;
};

class Senders {
 public:
  Senders(const Plan& plan, Random random) : plan_(plan), random_(random) {}

  SentRequest make(std::size_t events, MonoTime now);
  /// One event of high severity, for all connectors.
  SentRequest probe(MonoTime now);
  /// The same, of no case: nothing else of the same case is in its way.
  SentRequest alone(MonoTime now);
  SentRequest poison(MonoTime now);
  /// What it holds and nobody has confirmed counts from now.
  void sent(const SentRequest& request, MonoTime now);
  [[nodiscard]] transport::ServerRequest as_http(const SentRequest& request) const;

  /// The gateway's answer. Complaints say what is wrong with it.
  std::vector<std::string> answered(const SentRequest& request, const transport::ServerResponse& response);

  [[nodiscard]] const SentEvent& event(Number number) const { return events_.at(number - 1); }
  [[nodiscard]] const std::vector<SentEvent>& events() const { return events_; }
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] const std::map<int, std::uint64_t>& answers() const { return answers_; }

 private:
  Number make_event(MonoTime now, const std::string& severity, double of_case = 0.85);
  [[nodiscard]] SentRequest only(Number number) const;
  static std::string body_of(const std::vector<std::string>& items, const std::string& content_type);

  const Plan& plan_;
  Random random_;
  std::vector<SentEvent> events_;
  std::size_t acknowledged_ = 0;
  std::map<int, std::uint64_t> answers_;
  std::map<std::string, Number> by_id_;
};

}  // namespace wardex::simulation
