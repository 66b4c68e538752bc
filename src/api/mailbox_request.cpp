#include "api/mailbox_request.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/answers.hpp"
#include "wardex/text.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

namespace {

constexpr std::size_t kMostIds = 10'000;
constexpr std::array<std::string_view, 8> kFilters{"connector", "fingerprint", "cause", "severity",
                                                   "case_id",   "event_id",    "since", "until"};

bool is_filter(std::string_view name) { return std::find(kFilters.begin(), kFilters.end(), name) != kFilters.end(); }

/// A time, or how long ago.
std::optional<WallTime> time_or_age(const std::string& text, WallTime now) {
  if (const auto age = parse_duration(text)) return now - *age;
  if (const auto time = Timestamp::parse(text)) return time->at;
  return std::nullopt;
}

/// One filter by its name; empty, or what is wrong with the value.
std::string set(store::MailboxFilter& filter, std::string_view name, const std::string& text, WallTime now) {
  if (text.empty()) return "must not be empty";
  if (name == "connector") {
    filter.connector = text;
  } else if (name == "fingerprint") {
    filter.fingerprint = text;
  } else if (name == "cause") {
    filter.cause = text;
  } else if (name == "case_id") {
    filter.case_id = text;
  } else if (name == "event_id") {
    filter.event_id = text;
  } else if (name == "severity") {
    filter.at_least = parse_severity(text.starts_with(">=") ? text.substr(2) : text);
    if (!filter.at_least) return "must be critical, high, medium, low or info, and means that severity and above";
  } else {
    auto& bound = name == "since" ? filter.since : filter.until;
    bound = time_or_age(text, now);
    if (!bound) return "must be a time (2026-04-21T14:22:09Z) or how long ago (2h)";
  }
  return {};
}

std::string in_words(const store::MailboxFilter& filter) {
  std::vector<std::string> parts;
  const auto add = [&parts](std::string_view name, const std::string& value) {
    if (!value.empty()) parts.push_back(std::string(name) + " " + value);
  };
  if (filter.ids.size() == 1) add("entry", std::to_string(filter.ids.front()));
  if (filter.ids.size() > 1) parts.push_back(std::to_string(filter.ids.size()) + " entries by id");
  add("connector", filter.connector);
  add("group", filter.fingerprint);
  add("cause", filter.cause);
  if (filter.at_least) parts.push_back("severity >=" + std::string(to_string(*filter.at_least)));
  add("case", filter.case_id);
  add("event", filter.event_id);
  if (filter.since) add("since", to_iso(*filter.since));
  if (filter.until) add("until", to_iso(*filter.until));
  return parts.empty() ? "all entries" : text::truncate(text::join(parts, ", "), 300);
}

ServerResponse bad_field(std::string_view name, std::string_view why) {
  return problem(422, "Bad field", "/" + std::string(name) + " " + std::string(why) + ".");
}

std::optional<ServerResponse> read_ids(const json& value, std::vector<std::int64_t>& ids) {
  if (!value.is_array()) return bad_field("ids", "must be a list of entry ids");
  if (value.size() > kMostIds) return bad_field("ids", "may hold " + std::to_string(kMostIds) + " ids at most");
  for (const auto& id : value) {
    if (!id.is_number_integer()) return bad_field("ids", "must hold whole numbers");
    ids.push_back(id.get<std::int64_t>());
  }
  return std::nullopt;
}

std::optional<ServerResponse> read_field(MailboxVerb verb, const std::string& key, const json& value, WallTime now,
                                         MailboxRequest& out, bool& all) {
  const bool replay = verb == MailboxVerb::replay;
  if (key == "ids") return read_ids(value, out.which.ids);
  if (key == "all" || key == "preview") {
    if (!value.is_boolean()) return bad_field(key, "must be true or false");
    (key == "all" ? all : out.preview) = value.get<bool>();
  } else if (key == "rate" && replay) {
    const auto rate = parse_rate(value.is_string() ? value.get<std::string>() : value.dump());
    if (!rate) return bad_field(key, "must be a rate like \"8/s\", \"30/m\" or \"100/h\"");
    out.per_second = *rate;
  } else if (key == "reason" && !replay) {
    if (!value.is_string()) return bad_field(key, "must be text");
    out.reason = text::truncate(text::single_line(value.get<std::string>()), 1000);
  } else if (is_filter(key)) {
    if (!value.is_string()) return bad_field(key, "must be text");
    if (const auto wrong = set(out.which, key, value.get<std::string>(), now); !wrong.empty())
      return bad_field(key, wrong);
  } else {
    return bad_field(key,
                     "is not one of ids, connector, fingerprint, cause, severity, case_id, event_id, since, until, "
                     "all, preview, " +
                         std::string(replay ? "rate" : "reason"));
  }
  return std::nullopt;
}

/// Names of the query's parameters.
std::vector<std::string> parameter_names(std::string_view query) {
  std::vector<std::string> names;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (!pair.empty()) names.emplace_back(pair.substr(0, pair.find('=')));
  }
  return names;
}

}  // namespace

std::optional<double> parse_rate(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const std::string number(text.substr(0, slash));
  const auto unit = text.substr(std::min(slash + 1, text.size()));
  if (number.empty() || number.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  char* end = nullptr;
  double rate = std::strtod(number.c_str(), &end);
  if (end != number.c_str() + number.size()) return std::nullopt;
  if (unit == "m" || unit == "min")
    rate /= 60;
  else if (unit == "h")
    rate /= 3600;
  else if (slash != text.size() && unit != "s")
    return std::nullopt;
  if (!(rate >= 1.0 / 3600) || rate > 1e6) return std::nullopt;
  return rate;
}

std::variant<MailboxRequest, ServerResponse> read_mailbox_request(MailboxVerb verb, const json& body, WallTime now) {
  MailboxRequest out;
  bool all = false;
  for (const auto& [key, value] : body.items())
    if (auto bad = read_field(verb, key, value, now, out, all)) return std::move(*bad);
  out.what = in_words(out.which);
  if (!all && out.what == in_words({}))
    return problem(422, "Nothing selected",
                   "Name ids, a connector, a fingerprint or another filter, or say \"all\": true.");
  if (verb == MailboxVerb::discard && out.reason.empty() && !out.preview)
    return problem(422, "Reason missing", "/reason must say why these events are given up.");
  return out;
}

std::variant<store::MailboxFilter, ServerResponse> read_mailbox_query(const ServerRequest& request,
                                                                      std::initializer_list<std::string_view> more,
                                                                      WallTime now) {
  store::MailboxFilter filter;
  const auto after = number(request, "after", 0);
  const auto limit = number(request, "limit", 100);
  if (!after) return bad_number("after");
  if (!limit || *limit == 0) return bad_number("limit");
  filter.after_id = static_cast<std::int64_t>(std::min<std::uint64_t>(*after, INT64_MAX));
  filter.limit = std::min(*limit, kMaxPage);
  for (const auto& name : parameter_names(request.query)) {
    if (name == "after" || name == "limit" || std::find(more.begin(), more.end(), name) != more.end()) continue;
    if (!is_filter(name))
      return problem(400, "Bad parameter", "There is no parameter '" + text::truncate(name, 80) + "' here.");
    const auto value = request.query_parameter(name);
    if (value.empty()) continue;  // "connector=" of a form that was not filled in
    if (const auto wrong = set(filter, name, value, now); !wrong.empty())
      return problem(400, "Bad parameter", "'" + name + "' " + wrong + ".");
  }
  return filter;
}

}  // namespace wardex::api
