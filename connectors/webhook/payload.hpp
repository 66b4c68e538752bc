// The JSON that receivers see. The guide's eight fields are always there, with the guide's names and types; everything
// else is added to them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/delivery.hpp"
#include "wardex/text.hpp"
#include "webhook/settings.hpp"

namespace wardex::webhook {

struct Payload {
  std::string type;                  ///< "case.created": also in a header
  std::string body;                  ///< the exact bytes to send and to sign
  std::vector<std::string> trimmed;  ///< fields shortened or left out to fit
};

/// "case.created". A sender's own action may be any text: what is not [a-z0-9_] becomes '_'.
std::string type_name(const Event& event);
inline constexpr text::SeverityTable<int> kSeverityNumber{1, 2, 3, 4, 5};

/// The same delivery gives the same bytes at every attempt. `id`: not empty, it is part of the body (as webhook_id).
/// Throws std::length_error when ids and link alone exceed `max_bytes`.
Payload make_payload(const Delivery& delivery, PayloadForm form, std::size_t max_bytes, std::string_view id = {});
/// The same behind what `body` holds already; returns what was trimmed.
std::vector<std::string> append_payload(std::string& body, const Delivery& delivery, PayloadForm form,
                                        std::size_t max_bytes, std::string_view id);
/// The same for what is too long; where nothing need be cut, its bytes are make_payload()'s.
Payload cut_payload(const Delivery& delivery, PayloadForm form, std::size_t max_bytes, std::string_view id);

}  // namespace wardex::webhook
