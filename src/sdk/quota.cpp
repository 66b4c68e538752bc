// What a receiver says of its own rate limit, in the spellings that are about.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "wardex/response.hpp"
#include "wardex/text.hpp"

namespace wardex {
namespace {

constexpr std::array kPrefixes{"RateLimit", "X-RateLimit", "X-Rate-Limit", "X-RateLimit-Requests"};
/// A count of seconds from now does not reach these; Unix time has been above them since 2001.
constexpr double kUnixSeconds = 1e9;
constexpr double kUnixMillis = 1e12;
constexpr Millis kLongest = std::chrono::hours{24};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data() || !std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> count(std::string_view text) {
  const auto value = number(trimmed(text));
  // More than this is no limit.
  return value && *value < 1e9 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

Millis clamped(double seconds) {
  const double longest = std::chrono::duration<double>(kLongest).count();
  return Millis{static_cast<Millis::rep>(std::ceil(std::clamp(seconds, 0.0, longest) * 1000))};
}

std::optional<Millis> until_reset(std::string_view text, WallTime now) {
  text = trimmed(text);
  const double now_seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  if (text.find('T') != std::string_view::npos) {
    auto date = Timestamp::parse(text);
    // Jira leaves the seconds out: "2026-10-20T14:00Z".
    if (!date && text.ends_with('Z')) date = Timestamp::parse(std::string(text.substr(0, text.size() - 1)) + ":00Z");
    if (!date) return std::nullopt;
    return clamped(std::chrono::duration<double>(date->at - now).count());
  }
  const auto value = number(text);
  if (!value) return std::nullopt;
  if (*value >= kUnixMillis) return clamped(*value / 1000 - now_seconds);
  if (*value >= kUnixSeconds) return clamped(*value - now_seconds);
  return clamped(*value);
}

/// `key=value` in a list of parameters.
std::string_view parameter(std::string_view list, std::string_view key) {
  while (!list.empty()) {
    const auto end = list.find_first_of(";,");
    const auto one = trimmed(list.substr(0, end));
    if (one.size() > key.size() && one[key.size()] == '=' && text::iequals(one.substr(0, key.size()), key))
      return trimmed(one.substr(key.size() + 1));
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  }
  return {};
}

/// `"burst";r=5;t=1, "daily";r=900;t=3600` (draft-ietf-httpapi-ratelimit-headers-10) or `limit=100, remaining=5,
/// reset=1` (-07). Of several policies the one with the least left counts.
std::optional<Quota> from_list(std::string_view header, WallTime now) {
  if (header.empty()) return std::nullopt;
  if (const auto left = count(parameter(header, "remaining"))) {
    const auto resets_in = until_reset(parameter(header, "reset"), now);
    return resets_in ? std::optional(Quota{*left, *resets_in}) : std::nullopt;
  }
  std::optional<Quota> least;
  while (!header.empty()) {
    const auto end = header.find(',');
    const auto policy = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    const auto left = count(parameter(policy, "r"));
    const auto resets_in = until_reset(parameter(policy, "t"), now);
    if (left && resets_in && (!least || *left < least->remaining)) least = Quota{*left, *resets_in};
  }
  return least;
}

std::optional<Quota> from_pair(const HttpResponse& response, const std::string& prefix, WallTime now) {
  const auto left = count(response.header(prefix + "-Remaining"));
  if (!left) return std::nullopt;
  if (const auto after = number(trimmed(response.header(prefix + "-Reset-After"))))
    return Quota{*left, clamped(*after)};
  const auto resets_in = until_reset(response.header(prefix + "-Reset"), now);
  return resets_in ? std::optional(Quota{*left, *resets_in}) : std::nullopt;
}

}  // namespace

std::optional<Quota> read_quota(const HttpResponse& response, WallTime now) {
  if (auto quota = from_list(response.header("RateLimit"), now)) return quota;
  for (const auto* prefix : kPrefixes)
    if (auto quota = from_pair(response, prefix, now)) return quota;
  return std::nullopt;
}

}  // namespace wardex
