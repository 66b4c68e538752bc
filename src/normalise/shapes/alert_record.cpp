// What a detector writes: GET /api/alerts and the `alert` of the stream.
#include <array>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"
#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

constexpr std::array kRules{
    // `action` is what the agent did about it ("isolate"), `id` and `_index` are positions in a ring buffer of 10,000.
    Rule{"/action", "labels.action", keep},
    Rule{"/id", "labels.id", keep},
    Rule{"/_index", "labels._index", keep},
    Rule{"/level", "severity", severity},
    Rule{"/hostname", "host", name<&Event::host>},
    Rule{"/narrative/headline", "title", text<&Draft::headline>},
    Rule{"/narrative/summary", "description", text<&Draft::summary>},
    Rule{"/process", "process", name<&Event::process>},
    Rule{"/process_names", "process", name<&Event::process>},
};

// The buffer moves: the same alert has another `id` in the next answer. The rest is worked out by the control plane
// when it answers, and differs between push and pull and from version to version.
constexpr std::array<std::string_view, 7> kComputed{
    "id", "_index", "entities", "process_resolution", "process_names", "process_candidates", "process"};

bool matches(const Members& document, Hint hint) {
  if (hint == Hint::case_ || hint == Hint::incident || document.has_any({"kind"})) return false;
  if (document.has_any({"level"})) return document.has_any({"hostname", "reasons", "score"});
  return document.has_any({"reasons"}) && document.has_any({"hostname", "score"});
}

std::span<const std::string_view> volatile_members(const Members& document) {
  // Without a time two alerts differ only by what else they say: then only the positions are left out.
  return document.has_any({"timestamp"}) ? std::span<const std::string_view>(kComputed)
                                         : std::span<const std::string_view>(kComputed).first(2);
}

void finish(const Members&, Hint, Draft& draft) {
  if (!draft.kind) draft.kind = Kind::alert;
  if (draft.headline.empty() && !draft.reasons.empty()) draft.headline = draft.reasons.front();
}

}  // namespace

constinit const Shape kAlertRecord{"alert record", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
