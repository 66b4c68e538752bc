#include "webhook/signature.hpp"

#include "wardex/crypto.hpp"

namespace wardex::webhook {
namespace {

std::string hmac_hex(const Secret& secret, std::string_view content) {
  return hex(hmac_sha256(secret.reveal(), content));
}

std::string name_or(const std::string& given, std::string_view scheme_default) {
  return given.empty() ? std::string(scheme_default) : given;
}

std::string github_header(const Signing& signing) { return name_or(signing.header, "X-Hub-Signature-256"); }
std::string timestamped_header(const Signing& signing) { return name_or(signing.header, "X-Wardex-Signature"); }
std::string time_header(const Signing& signing) { return name_or(signing.timestamp_header, "X-Wardex-Timestamp"); }

bool is_split(const Signing& signing) { return signing.layout == Layout::split; }

// Standard Webhooks 1.0.0: "v1,<base64>" over "{id}.{timestamp}.{body}"; one per secret, separated by a space.
std::string standard_signature(const std::vector<Secret>& secrets, std::string_view id, std::string_view time,
                               std::string_view body) {
  std::string content(id);
  content.append(".").append(time).append(".").append(body);
  std::string value;
  for (const auto& secret : secrets) {
    const auto key = standard_key(secret.reveal());  // Settings::check() has seen that it decodes
    if (!value.empty()) value += ' ';
    value += "v1," + base64(hmac_sha256(key.value_or(""), content));
  }
  return value;
}

// GitHub allows one value a header, so during a rotation the old secret's signature goes beside it.
std::vector<Header> github_signature(const Signing& signing, const std::vector<Secret>& secrets,
                                     std::string_view body) {
  std::vector<Header> headers;
  for (const auto& secret : secrets) {
    const std::string suffix = headers.empty() ? "" : "-Old";
    headers.push_back({github_header(signing) + suffix, "sha256=" + hmac_hex(secret, body)});
  }
  return headers;
}

// Stripe's form ("t=<time>,v1=<hex>,v1=<hex>") or Grafana's (time and hex in a header each).
std::vector<Header> timestamped_signature(const Signing& signing, const std::vector<Secret>& secrets,
                                          std::string_view time, std::string_view body) {
  const char separator = signing.separator == Separator::colon ? ':' : '.';
  std::string content(time);
  content.append(1, separator).append(body);
  std::string combined = "t=" + std::string(time);
  std::string split;
  for (const auto& secret : secrets) {
    const auto mac = hmac_hex(secret, content);
    combined += ",v1=" + mac;
    split += (split.empty() ? "" : ",") + mac;
  }
  if (is_split(signing)) return {{time_header(signing), std::string(time)}, {timestamped_header(signing), split}};
  return {{timestamped_header(signing), combined}};
}

}  // namespace

std::optional<std::string> standard_key(std::string_view secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (secret.starts_with(kPrefix)) secret.remove_prefix(kPrefix.size());
  return base64_decode(secret);
}

std::vector<Header> sign(const Signing& signing, const std::vector<Secret>& secrets, std::string_view id,
                         std::int64_t unix_seconds, std::string_view body) {
  if (secrets.empty()) return {};
  const std::string time = std::to_string(unix_seconds);
  switch (signing.scheme) {
    case Scheme::standard:
      return {{"webhook-signature", standard_signature(secrets, id, time, body)}};
    case Scheme::github:
      return github_signature(signing, secrets, body);
    case Scheme::timestamped:
      return timestamped_signature(signing, secrets, time, body);
    case Scheme::none:
      break;
  }
  return {};
}

std::vector<std::string> signature_headers(const Signing& signing) {
  switch (signing.scheme) {
    case Scheme::github:
      return {github_header(signing), github_header(signing) + "-Old"};
    case Scheme::timestamped:
      if (is_split(signing)) return {timestamped_header(signing), time_header(signing)};
      return {timestamped_header(signing)};
    case Scheme::standard:
    case Scheme::none:
      break;
  }
  return {};
}

}  // namespace wardex::webhook
