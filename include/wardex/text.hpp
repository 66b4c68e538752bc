// Text for receivers with limits and grammars of their own. All input may be hostile; all output is valid UTF-8.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wardex/event.hpp"

namespace wardex::text {

/// Replaces each invalid UTF-8 sequence by U+FFFD.
std::string valid_utf8(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);
/// Unicode code points (invalid bytes count one each).
std::size_t length(std::string_view utf8);
/// At most `max` code points; a cut text ends in "…" (which counts). Never cuts inside a character, nor between a
/// letter and its combining marks or inside a joined emoji.
std::string truncate(std::string_view utf8, std::size_t max);
/// At most `max` bytes, same promise (below 3 bytes there is no room for the "…").
std::string truncate_bytes(std::string_view utf8, std::size_t max);
/// Like truncate(), for text already escaped with & entities: never cuts inside "&amp;" and friends.
std::string truncate_escaped(std::string_view utf8, std::size_t max);
/// Control characters (C0, DEL, C1), bidi overrides and zero-width marks removed; CR, LF and tab become one space.
/// For single-line fields: titles, subjects, log lines.
std::string single_line(std::string_view utf8);
/// Control characters but \n and \t, and bidi overrides, removed.
std::string printable(std::string_view utf8);

/// Slack mrkdwn: & < > only (docs.slack.dev, formatting), so no mention or link can be forged.
std::string escape_slack(std::string_view utf8);
/// Also breaks * _ ~ ` formatting with U+200B, for values inside bold or code.
std::string escape_slack_inline(std::string_view utf8);
std::string escape_html(std::string_view utf8);
/// RFC 5424 PARAM-VALUE: " \ ] get a backslash.
std::string escape_syslog_sd(std::string_view utf8);
/// ArcSight CEF: header escapes \ and |, extension escapes \ = and newlines.
std::string escape_cef_header(std::string_view utf8);
std::string escape_cef_extension(std::string_view utf8);
/// LEEF 2.0 attribute value for the given delimiter.
std::string escape_leef(std::string_view utf8, char delimiter);
/// RFC 3986: everything but unreserved is %XX.
std::string percent_encode(std::string_view bytes);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// "T1204, T1059 +3 more": at most `max` parts.
std::string join_some(const std::vector<std::string>& parts, std::string_view separator, std::size_t max);
std::string lower(std::string_view ascii);
std::string upper(std::string_view ascii);
bool iequals(std::string_view a, std::string_view b);
/// nearest of `candidates` within an edit distance that a typo explains; empty when none is near. For did-you-mean.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// One value per severity, e.g. a colour or a vendor's priority name. Order of the arguments: info ... critical.
template <class T>
class SeverityTable {
 public:
  constexpr SeverityTable(T info, T low, T medium, T high, T critical)
      : values_{std::move(info), std::move(low), std::move(medium), std::move(high), std::move(critical)} {}
  constexpr const T& operator[](Severity severity) const { return values_[static_cast<std::size_t>(severity)]; }
  T& operator[](Severity severity) { return values_[static_cast<std::size_t>(severity)]; }

 private:
  std::array<T, 5> values_;
};

}  // namespace wardex::text
