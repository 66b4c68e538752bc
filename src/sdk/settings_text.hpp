// What the settings readers share: getting at a value's text, and saying what is wrong with it without giving it away.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wardex/settings.hpp"

namespace wardex::settings_detail {

enum class References { environment_only, any };

/// The text of a scalar, be it inline or behind a reference. nullopt after reporting what is wrong, or when it is a
/// reference that could not be read: src/config has reported that already.
std::optional<std::string> scalar_text(const Value&, std::string_view path, Problems&, std::string_view wanted,
                                       References = References::environment_only);

/// "expected <wanted>, not <what stands there>"; a value behind a reference is named by the reference.
void report_mismatch(const Value&, std::string_view path, std::string_view wanted, Problems&);

/// 'text' for a message: one line, of bounded length, in quotes.
std::string quoted(std::string_view text);
/// A plain value as a message may show it: quoted text, or the reference it came from.
std::string shown(const Value&);

/// A byte count as the user would write it: "8MiB".
std::string format_bytes(std::uint64_t count);
std::optional<std::uint64_t> parse_bytes(std::string_view text);

}  // namespace wardex::settings_detail
