#include "wardex/verdict.hpp"

#include "wardex/text.hpp"

namespace wardex {
namespace {

/// Enough to recognise an API's error message; the audit row keeps a longer excerpt of its own.
constexpr std::size_t kExcerptLength = 200;

struct Outcome {
  std::string_view operator()(const Delivered&) const { return "delivered"; }
  std::string_view operator()(const Retry&) const { return "retry"; }
  std::string_view operator()(const Throttled&) const { return "throttled"; }
  std::string_view operator()(const Unauthorised&) const { return "unauthorised"; }
  std::string_view operator()(const Rejected&) const { return "rejected"; }
  std::string_view operator()(const Partial&) const { return "partial"; }
  std::string_view operator()(const Next&) const { return "next"; }
};

struct Reason {
  std::string_view operator()(const Delivered& v) const { return v.note; }
  template <class Failure>
  std::string_view operator()(const Failure& v) const {
    return v.reason;
  }
};

std::string describe(int status, std::string_view body) {
  // single_line() of a 64 KiB body only to keep 200 characters of it would be a waste: cut roughly first.
  const auto excerpt = text::truncate(text::single_line(body.substr(0, kExcerptLength * 8)), kExcerptLength);
  std::string out = "HTTP " + std::to_string(status);
  if (excerpt.find_first_not_of(' ') != std::string::npos) out += ": " + excerpt;
  return out;
}

}  // namespace

std::string_view outcome(const Verdict& verdict) { return std::visit(Outcome{}, verdict); }
std::string_view outcome(const ItemVerdict& verdict) { return std::visit(Outcome{}, verdict); }
std::string_view reason(const ItemVerdict& verdict) { return std::visit(Reason{}, verdict); }

ItemVerdict classify_http(int status, std::string_view retry_after, std::string_view body, WallTime now) {
  if (status >= 200 && status <= 299) return Delivered{};
  auto said = describe(status, body);
  switch (status) {
    case 401:
    case 403:
    case 407:
      return Unauthorised{std::move(said)};
    case 408:
    case 425:
      return Retry{std::move(said), std::nullopt};
    case 410:
      return Rejected{std::move(said) + " (the receiver says this URL is gone for good)"};
    case 429:
      return Throttled{std::move(said), parse_retry_after(retry_after, now)};
    case 503:
      return Retry{std::move(said), parse_retry_after(retry_after, now)};
    default:
      break;
  }
  if (status >= 300 && status <= 399)
    return Rejected{std::move(said) + " (redirects are not followed: put the new URL into the settings)"};
  if (status >= 400 && status <= 499) return Rejected{std::move(said)};
  return Retry{std::move(said), std::nullopt};  // 5xx, and whatever is no final status at all
}

}  // namespace wardex
