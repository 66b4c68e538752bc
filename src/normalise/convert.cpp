#include "normalise/convert.hpp"

#include <algorithm>
#include <cmath>

#include "normalise/limits.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

/// Fills an empty field; one that is filled already stays, and the second opinion becomes a label.
Reading fill(std::string& out, std::string_view value) {
  if (value.empty()) return Reading::taken();
  if (!out.empty()) return out == value ? Reading::taken() : Reading::kept();
  out = value;
  return Reading::taken();
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

std::optional<Timestamp> unix_time(double number) {
  // Seconds until the year 5138 are below 1e11; milliseconds since 1973 are above. Years outside 1973..2200 are no
  // time of a security event but some other number.
  const double seconds = number >= 1e11 ? number / 1000.0 : number;
  if (seconds < 1e8 || seconds > 7.3e9) return std::nullopt;
  if (number >= 1e11 && std::trunc(number) == number)
    return Timestamp{WallTime(std::chrono::milliseconds(static_cast<std::int64_t>(number))), 3};
  return Timestamp::from_unix_seconds(seconds);
}

}  // namespace

namespace convert_detail {

Reading text(const Node& value, std::string& out) {
  if (!value.is_text()) return Reading::refused("must be a JSON string, not " + kind_of_value(value));
  return fill(out, value.text());
}

Reading name(const Node& value, std::string& out) {
  if (value.is_object()) {
    for (const char* key : {"name", "process_name", "hostname", "id"})
      if (const auto* member = value.find(key))
        if (const ScalarText text(*member); text && fill(out, *text).kind == Reading::Kind::taken) break;
    return Reading::kept();
  }
  if (value.is_list() && !value.items().empty() && !value.items().front().is_list())
    return name(value.items().front(), out);
  const ScalarText text(value);
  return text ? fill(out, *text) : Reading::kept();
}

Reading identifier(const Node& value, std::string& out) {
  const ScalarText text(value);
  if (!text || value.type() == Node::Type::boolean)
    return Reading::refused("must be a string or a number, not " + kind_of_value(value));
  if ((*text).size() > kMaxIdBytes)
    return Reading::refused("is " + std::to_string((*text).size()) + " bytes long; an id has at most " +
                            std::to_string(kMaxIdBytes));
  if (has_control(*text)) return Reading::refused("has control characters, which an id may not");
  return fill(out, *text);
}

Reading time(const Node& value, std::optional<Timestamp>& out, Draft& draft) {
  std::optional<Timestamp> read;
  if (value.is_text()) {
    if (value.text().empty()) return Reading::taken();
    read = Timestamp::parse(value.text());
  }
  if (!read)
    if (const auto number = scalar_number(value)) read = unix_time(*number);
  if (!read) {
    // A wrong clock must not cost an alert.
    draft.notes["wardex.time_unreadable"] = ScalarText(value).string_or(kind_of_value(value));
    return Reading::kept();
  }
  if (out) return *out == *read ? Reading::taken() : Reading::kept();
  out = read;
  return Reading::taken();
}

Reading number(const Node& value, std::optional<double>& out) {
  const auto read = scalar_number(value);
  if (!read || out) return Reading::kept();
  out = read;
  return Reading::taken();
}

Reading list(const Node& value, std::vector<std::string>& out) {
  for (auto& item : text_list(value))
    if (out.size() < kMaxListItems && std::find(out.begin(), out.end(), item) == out.end())
      out.push_back(std::move(item));
  return value.is_object() ? Reading::kept() : Reading::taken();
}

Reading joined(const Node& value, std::string_view label, Draft& draft) {
  const auto items = text_list(value);
  if (!items.empty())
    draft.event.labels[std::string(label)] = text::truncate_bytes(text::join(items, ", "), kMaxLabelValue);
  return Reading::taken();
}

}  // namespace convert_detail

namespace {

Reading prefixed(const Node& value, std::string_view prefix, std::string& out) {
  std::string id;
  auto reading = convert_detail::identifier(value, id);
  if (reading.kind != Reading::Kind::taken || id.empty()) return reading;
  // Wardex numbers its cases; CASE-1042 is how it shows them. All three spellings must be one case.
  if (id.find_first_not_of("0123456789") == std::string::npos) id.insert(0, prefix);
  if (id.size() > kMaxIdBytes)
    return Reading::refused("is too long; an id has at most " + std::to_string(kMaxIdBytes) + " bytes");
  return fill(out, id);
}

}  // namespace

Reading case_id(const Node& value, Draft& draft) {
  return prefixed(value, draft.options.case_prefix, draft.event.case_id);
}

Reading incident_id(const Node& value, Draft& draft) {
  auto reading = convert_detail::identifier(value, draft.incident_ref);
  if (reading.kind != Reading::Kind::taken) return reading;
  return prefixed(value, "INC-", draft.event.case_id);
}

Reading alert_ids(const Node& value, Draft& draft) {
  auto reading = convert_detail::list(value, draft.event.alert_ids);
  if (!value.is_list()) return reading;
  for (const auto& item : value.items())
    if (const auto* id = item.find("id")) convert_detail::list(*id, draft.event.alert_ids);
  return Reading::taken();
}

Reading hosts(const Node& value, Draft& draft) {
  std::vector<std::string> names;
  for (const auto& item : value.is_list() ? value.items() : std::span(&value, 1)) {
    std::string host;
    convert_detail::name(item, host);
    if (!host.empty() && names.size() < kMaxListItems) names.push_back(std::move(host));
  }
  if (names.empty()) return Reading::taken();
  if (draft.event.host.empty()) draft.event.host = names.front();
  draft.event.labels["affected_hosts"] = text::truncate_bytes(text::join(names, ", "), kMaxLabelValue);
  return Reading::taken();
}

Reading intel(const Node& value, Draft& draft) {
  if (!value.is_list()) return Reading::kept();
  for (const auto& item : value.items()) {
    if (!item.is_object() || draft.event.intel.size() == kMaxListItems) continue;
    const auto part = [&](const char* key) {
      const auto* member = item.find(key);
      return member == nullptr ? std::string() : ScalarText(*member).string_or("");
    };
    const auto at = Timestamp::parse(part("at"));
    if (at && !part("observable").empty())
      draft.event.intel.push_back({part("observable"), part("source"), part("verdict"), *at});
  }
  return Reading::taken();
}

Reading labels(const Node& value, Draft& draft) {
  if (!value.is_object()) return Reading::kept();
  for (const auto& item : value.items())
    if (const ScalarText text(item); text && draft.event.labels.size() < kMaxLabels)
      draft.event.labels[fitted(item.name(), kMaxLabelName)] = fitted(*text, kMaxLabelValue);
  return Reading::taken();
}

namespace {

/// It becomes a link that analysts click: no javascript:, no spaces to hide behind.
bool is_web_url(std::string_view text) {
  const auto scheme = text::lower(text.substr(0, 8));
  return (scheme.starts_with("http://") || scheme == "https://") && text.size() <= kMaxUrlBytes && !has_control(text) &&
         text.find(' ') == std::string_view::npos;
}

}  // namespace

Reading url(const Node& value, Draft& draft) {
  const ScalarText text(value);
  const auto stated = text ? *text : "{}";
  if (is_web_url(stated)) return fill(draft.event.wardex_url, stated);
  if (stated.empty()) return Reading::taken();
  draft.notes["wardex.url_refused"] = "wardex_url must be an http(s) URL";
  return Reading::kept();
}

Reading keep(const Node&, Draft&) { return Reading::kept(); }

}  // namespace wardex::normalise
