#include <algorithm>
#include <vector>

#include "wardex/request.hpp"

namespace wardex {

std::vector<std::string_view> SensitiveText::secrets() const {
  std::vector<std::string_view> out;
  for (const auto& span : masked_) out.push_back(std::string_view(bytes_).substr(span.begin, span.end - span.begin));
  return out;
}

namespace {

constexpr std::size_t kShortest = 4;
/// Pieces of a URL's secret part shorter than this are words like "services" rather than credentials.
constexpr std::size_t kShortestPiece = 9;

void add_pieces(std::string_view secret, std::vector<std::string_view>& out) {
  constexpr std::string_view separators = "/?&=";
  while (!secret.empty()) {
    const auto end = std::min(secret.find_first_of(separators), secret.size());
    if (end >= kShortestPiece) out.push_back(secret.substr(0, end));
    secret.remove_prefix(std::min(end + 1, secret.size()));
  }
}

}  // namespace

std::string scrub(std::string_view text, const Request& request) {
  std::vector<std::string_view> secrets;
  if (const auto* http = std::get_if<HttpRequest>(&request)) {
    for (const auto secret : http->url.secrets()) {
      secrets.push_back(secret);
      add_pieces(secret, secrets);  // an echo may hold one parameter or one path segment only
    }
    for (const auto& header : http->headers)
      for (const auto secret : header.value.secrets()) secrets.push_back(secret);
    for (const auto secret : http->body.secrets()) secrets.push_back(secret);
  }
  // Longest first, so that a secret that contains another is masked whole.
  std::sort(secrets.begin(), secrets.end(), [](auto a, auto b) { return a.size() > b.size(); });
  std::string out(text);
  for (const auto secret : secrets) {
    if (secret.size() < kShortest) continue;
    for (auto at = out.find(secret); at != std::string::npos; at = out.find(secret, at + kRedacted.size()))
      out.replace(at, secret.size(), kRedacted);
  }
  return out;
}

}  // namespace wardex
