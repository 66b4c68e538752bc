// Who sends this? The header decides, except for signatures, which need the body.
#pragma once

#include <string>
#include <variant>

#include "config/config.hpp"
#include "intake/refusal.hpp"

namespace wardex::intake {

struct Sender {
  std::string name;
};
/// Signature headers are there: ask signature.hpp once the body is.
struct NeedsBody {};

using Identified = std::variant<Sender, NeedsBody, Refusal>;

/// The unix socket's peer is "local", anybody is "anonymous" where auth is none. Otherwise the first kind of credential
/// that is presented decides: Authorization, webhook-signature, client certificate. A wrong one is not made up for by
/// another kind.
Identified identify(const config::Auth& auth, const transport::ServerRequest& request);

/// The same for every wrong or missing credential.
Refusal unauthorised();

}  // namespace wardex::intake
