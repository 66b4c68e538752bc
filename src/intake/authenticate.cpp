#include "intake/authenticate.hpp"

#include <algorithm>

#include "wardex/text.hpp"

namespace wardex::intake {

namespace {

/// RFC 6750; the scheme in any case (RFC 9110, section 11.1).
std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!text::iequals(authorization.substr(0, kScheme.size()), kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  const auto begin = std::min(authorization.find_first_not_of(' '), authorization.size());
  return authorization.substr(begin);
}

Identified by_token(const std::vector<config::NamedToken>& tokens, std::string_view authorization) {
  const auto presented = bearer(authorization);
  const config::NamedToken* found = nullptr;
  // All of them, always: the time must not tell which one matched.
  for (const auto& token : tokens)
    if (!token.token.empty() && token.token.equals(presented) && found == nullptr) found = &token;
  if (found == nullptr) return unauthorised();
  return Sender{found->name};
}

Identified by_certificate(const std::vector<config::MtlsSender>& senders, const std::vector<std::string>& names) {
  for (const auto& sender : senders)
    if (std::find(names.begin(), names.end(), sender.subject) != names.end()) return Sender{sender.name};
  return Refusal{Reason::forbidden,
                 "The client certificate is valid, but names no sender of intake.auth.mtls; it names " +
                     text::truncate(text::join_some(names, ", ", 4), 300) + "."};
}

}  // namespace

Refusal unauthorised() {
  return {Reason::unauthorised,
          "Send a valid credential of intake.auth: a bearer token, a Standard Webhooks signature, or a client "
          "certificate."};
}

Identified identify(const config::Auth& auth, const transport::ServerRequest& request) {
  if (request.local_socket) return Sender{"local"};
  if (auth.none) return Sender{"anonymous"};
  if (request.has_header("authorization")) return by_token(auth.tokens, request.header("authorization"));
  if (request.has_header("webhook-signature") && !auth.hmac.empty()) return NeedsBody{};
  if (!request.client_names.empty() && !auth.mtls.empty()) return by_certificate(auth.mtls, request.client_names);
  return unauthorised();
}

}  // namespace wardex::intake
