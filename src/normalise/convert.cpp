#include "normalise/convert.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "normalise/limits.hpp"
#include "normalise/number_text.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

using nlohmann::json;

std::optional<std::string> scalar_text(const json& value) {
  switch (value.type()) {
    case json::value_t::string:
      return text::valid_utf8(value.get_ref<const std::string&>());
    case json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    case json::value_t::number_integer:
      return std::to_string(value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return std::to_string(value.get<std::uint64_t>());
    case json::value_t::number_float:
      return number_text(value.get<double>());
    default:
      return std::nullopt;
  }
}

std::vector<std::string> text_list(const json& value) {
  std::vector<std::string> out;
  const auto add = [&](const json& item) {
    if (auto text = scalar_text(item); text && !text->empty() && out.size() < kMaxListItems)
      out.push_back(std::move(*text));
  };
  if (value.is_array())
    for (const auto& item : value) add(item);
  else
    add(value);
  return out;
}

std::optional<double> scalar_number(const json& value) {
  if (value.is_number()) return value.get<double>();
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string kind_of_value(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  if (value.is_boolean()) return "a boolean";
  return value.is_number() ? "a number" : "a string";
}

namespace {

/// Fills an empty field; one that is filled already stays, and the second opinion becomes a label.
Reading fill(std::string& out, std::string value) {
  if (value.empty()) return Reading::taken();
  if (!out.empty()) return out == value ? Reading::taken() : Reading::kept();
  out = std::move(value);
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

Reading text(const json& value, std::string& out) {
  if (!value.is_string()) return Reading::refused("must be a JSON string, not " + kind_of_value(value));
  return fill(out, *scalar_text(value));
}

Reading name(const json& value, std::string& out) {
  if (value.is_object()) {
    for (const char* key : {"name", "process_name", "hostname", "id"})
      if (const auto member = value.find(key); member != value.end())
        if (auto text = scalar_text(*member); text && fill(out, *text).kind == Reading::Kind::taken) break;
    return Reading::kept();
  }
  if (value.is_array() && !value.empty() && !value.front().is_array()) return name(value.front(), out);
  auto text = scalar_text(value);
  return text ? fill(out, std::move(*text)) : Reading::kept();
}

Reading identifier(const json& value, std::string& out) {
  const auto text = value.is_boolean() ? std::nullopt : scalar_text(value);
  if (!text) return Reading::refused("must be a string or a number, not " + kind_of_value(value));
  if (text->size() > kMaxIdBytes)
    return Reading::refused("is " + std::to_string(text->size()) + " bytes long; an id has at most " +
                            std::to_string(kMaxIdBytes));
  if (has_control(*text)) return Reading::refused("has control characters, which an id may not");
  return fill(out, *text);
}

Reading time(const json& value, std::optional<Timestamp>& out, Draft& draft) {
  std::optional<Timestamp> read;
  if (const auto* text = value.get_ptr<const std::string*>()) {
    if (text->empty()) return Reading::taken();
    read = Timestamp::parse(*text);
  }
  if (!read)
    if (const auto number = scalar_number(value)) read = unix_time(*number);
  if (!read) {
    // A wrong clock must not cost an alert.
    draft.notes["wardex.time_unreadable"] = scalar_text(value).value_or(kind_of_value(value));
    return Reading::kept();
  }
  if (out) return *out == *read ? Reading::taken() : Reading::kept();
  out = read;
  return Reading::taken();
}

Reading number(const json& value, std::optional<double>& out) {
  const auto read = scalar_number(value);
  if (!read || out) return Reading::kept();
  out = read;
  return Reading::taken();
}

Reading list(const json& value, std::vector<std::string>& out) {
  for (auto& item : text_list(value))
    if (out.size() < kMaxListItems && std::find(out.begin(), out.end(), item) == out.end())
      out.push_back(std::move(item));
  return value.is_object() ? Reading::kept() : Reading::taken();
}

Reading joined(const json& value, std::string_view label, Draft& draft) {
  const auto items = text_list(value);
  if (!items.empty())
    draft.event.labels[std::string(label)] = text::truncate_bytes(text::join(items, ", "), kMaxLabelValue);
  return Reading::taken();
}

}  // namespace convert_detail

namespace {

Reading prefixed(const json& value, std::string_view prefix, std::string& out) {
  std::string id;
  auto reading = convert_detail::identifier(value, id);
  if (reading.kind != Reading::Kind::taken || id.empty()) return reading;
  // Wardex numbers its cases; CASE-1042 is how it shows them. All three spellings must be one case.
  if (id.find_first_not_of("0123456789") == std::string::npos) id.insert(0, prefix);
  if (id.size() > kMaxIdBytes)
    return Reading::refused("is too long; an id has at most " + std::to_string(kMaxIdBytes) + " bytes");
  return fill(out, std::move(id));
}

}  // namespace

Reading case_id(const json& value, Draft& draft) {
  return prefixed(value, draft.options.case_prefix, draft.event.case_id);
}

Reading incident_id(const json& value, Draft& draft) {
  auto reading = convert_detail::identifier(value, draft.incident_ref);
  if (reading.kind != Reading::Kind::taken) return reading;
  return prefixed(value, "INC-", draft.event.case_id);
}

Reading alert_ids(const json& value, Draft& draft) {
  auto reading = convert_detail::list(value, draft.event.alert_ids);
  if (!value.is_array()) return reading;
  for (const auto& item : value)
    if (item.is_object())
      if (const auto id = item.find("id"); id != item.end()) convert_detail::list(*id, draft.event.alert_ids);
  return Reading::taken();
}

Reading hosts(const json& value, Draft& draft) {
  const json* items = &value;
  const json one = value.is_array() ? json() : json::array({value});
  if (!value.is_array()) items = &one;
  std::vector<std::string> names;
  for (const auto& item : *items) {
    std::string host;
    convert_detail::name(item, host);
    if (!host.empty() && names.size() < kMaxListItems) names.push_back(std::move(host));
  }
  if (names.empty()) return Reading::taken();
  if (draft.event.host.empty()) draft.event.host = names.front();
  draft.event.labels["affected_hosts"] = text::truncate_bytes(text::join(names, ", "), kMaxLabelValue);
  return Reading::taken();
}

Reading intel(const json& value, Draft& draft) {
  if (!value.is_array()) return Reading::kept();
  for (const auto& item : value) {
    if (!item.is_object() || draft.event.intel.size() == kMaxListItems) continue;
    const auto part = [&](const char* key) {
      const auto member = item.find(key);
      return member == item.end() ? std::string() : scalar_text(*member).value_or("");
    };
    const auto at = Timestamp::parse(part("at"));
    if (at && !part("observable").empty())
      draft.event.intel.push_back({part("observable"), part("source"), part("verdict"), *at});
  }
  return Reading::taken();
}

Reading labels(const json& value, Draft& draft) {
  if (!value.is_object()) return Reading::kept();
  for (const auto& [key, item] : value.items())
    if (const auto text = scalar_text(item); text && draft.event.labels.size() < kMaxLabels)
      draft.event.labels[text::truncate_bytes(key, kMaxLabelName)] = text::truncate_bytes(*text, kMaxLabelValue);
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

Reading url(const json& value, Draft& draft) {
  const auto stated = scalar_text(value).value_or("{}");
  if (is_web_url(stated)) return fill(draft.event.wardex_url, stated);
  if (stated.empty()) return Reading::taken();
  draft.notes["wardex.url_refused"] = "wardex_url must be an http(s) URL";
  return Reading::kept();
}

Reading keep(const json&, Draft&) { return Reading::kept(); }

}  // namespace wardex::normalise
