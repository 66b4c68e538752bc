// The JSON that receivers see. The guide's eight fields are always there, with the guide's names and types; everything
// else is added to them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/delivery.hpp"
#include "webhook/settings.hpp"

namespace wardex::webhook {

struct Payload {
  std::string type;                  ///< "case.created": also in a header
  std::string body;                  ///< the exact bytes to send and to sign
  std::vector<std::string> trimmed;  ///< fields shortened or left out to fit
};

/// The same delivery gives the same bytes at every attempt. `id`: not empty, it is part of the body (as webhook_id).
/// Throws std::length_error when ids and link alone exceed `max_bytes`.
Payload make_payload(const Delivery& delivery, PayloadForm form, std::size_t max_bytes, std::string_view id = {});

}  // namespace wardex::webhook
