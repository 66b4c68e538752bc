#include "intake/items.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "normalise/normalise.hpp"
#include "wardex/text.hpp"

namespace wardex::intake {

namespace {

constexpr std::array<std::string_view, 5> kLineTypes{"application/x-ndjson", "application/ndjson", "application/jsonl",
                                                     "application/x-jsonlines", "application/jsonlines"};

/// An item that is nested too deep is rejected by itself; beyond this it is no batch but an attack.
constexpr std::size_t kSplitDepth = 1024;

std::string_view trim(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

Refusal too_many(std::size_t max_items) {
  return {Reason::too_large, "The request has more than " + std::to_string(max_items) +
                                 " events (intake.limits.items). Send several requests."};
}

/// Media type parameters: the charset if one is stated, unquoted.
std::string charset(std::string_view parameters) {
  while (!parameters.empty()) {
    parameters.remove_prefix(1);
    const auto end = std::min(parameters.find(';'), parameters.size());
    const auto one = trim(parameters.substr(0, end));
    parameters.remove_prefix(end);
    if (!text::iequals(one.substr(0, 8), "charset=")) continue;
    auto value = one.substr(8);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return text::lower(value);
  }
  return "utf-8";
}

}  // namespace

std::variant<Format, Refusal> body_format(const transport::ServerRequest& request) {
  const auto stated = trim(request.header("content-type"));
  const auto end = std::min(stated.find(';'), stated.size());
  const auto type = text::lower(trim(stated.substr(0, end)));
  const auto encoding = charset(stated.substr(end));
  if (encoding != "utf-8" && encoding != "us-ascii")
    return Refusal{Reason::unsupported_type, "JSON is UTF-8 (RFC 8259), not " + text::truncate(encoding, 40) + "."};
  if (type.empty() || type == "application/json") return Format::json;
  if (std::find(kLineTypes.begin(), kLineTypes.end(), type) != kLineTypes.end()) return Format::lines;
  return Refusal{Reason::unsupported_type, "Content-Type '" + text::truncate(type, 80) +
                                               "' is not taken; use application/json for an object or an array, or "
                                               "application/x-ndjson for one object a line."};
}

std::variant<Items, Refusal> split_items(std::string_view body, Format format, std::size_t max_items) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);  // a byte order mark, which RFC 8259 lets us ignore
  body = trim(body);
  if (body.empty())
    return Refusal{Reason::malformed, "The body is empty; send a JSON object, an array of objects, or one a line."};
  Items items;
  if (format == Format::lines) {
    while (!body.empty()) {
      const auto end = std::min(body.find('\n'), body.size());
      const auto line = trim(body.substr(0, end));
      body.remove_prefix(std::min(end + 1, body.size()));
      if (line.empty()) continue;
      if (items.texts.size() == max_items) return too_many(max_items);
      items.texts.push_back(line);
    }
    return items;
  }
  auto split = normalise::split_json(body, kSplitDepth);
  if (const auto* error = std::get_if<normalise::ParseError>(&split))
    return Refusal{Reason::malformed,
                   "Not valid JSON at byte " + std::to_string(error->offset) + ": " + error->message + "."};
  items.texts = std::move(std::get<std::vector<std::string_view>>(split));
  if (items.texts.size() > max_items) return too_many(max_items);
  items.lone = body.front() != '[';
  return items;
}

}  // namespace wardex::intake
