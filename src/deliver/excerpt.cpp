#include "deliver/excerpt.hpp"

#include "wardex/text.hpp"

namespace wardex::deliver {

std::string excerpt(std::string_view text, const Request* request) {
  if (text.empty()) return {};
  // Scrubbed whole before it is cut, or half a secret could survive at the cut; and again after single_line(), which
  // removes zero-width marks that may have stood inside one.
  std::string out = request != nullptr ? scrub(text, *request) : std::string(text);
  // single_line() of a whole response only to keep a kilobyte would be a waste: cut roughly first.
  out = text::single_line(std::string_view(out).substr(0, 4 * kExcerptBytes));
  if (request != nullptr) out = scrub(out, *request);
  return text::truncate_bytes(out, kExcerptBytes);
}

void note_step(AttemptReport& report) {
  if (!report.steps.empty()) report.steps += ", ";
  report.steps += report.request_digest.substr(0, 12) + " ";
  report.steps += report.status_code ? std::to_string(*report.status_code) : "no answer";
}

}  // namespace wardex::deliver
