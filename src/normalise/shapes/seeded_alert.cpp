// Alerts that Wardex was seeded with or imported: a title and a severity of their own, a device rather than a host
// name.
#include <array>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

constexpr std::array kRules{
    Rule{"/id", "labels.id", keep},
    Rule{"/source", "labels.source", keep},
    Rule{"/category", "labels.category", keep},
    Rule{"/device_id", "endpoint_id", name<&Event::endpoint_id>},
};
constexpr std::array<std::string_view, 2> kPositions{"id", "_index"};

bool matches(const Members& document, Hint hint) {
  if (hint == Hint::case_ || hint == Hint::incident || document.has_any({"kind", "case_id", "event_id"})) return false;
  return document.has_all({"title", "severity"}) && document.has_any({"source", "category", "device_id"});
}

std::span<const std::string_view> volatile_members(const Members& document) {
  // A text id was given by somebody; a number is a position (see alert_record.cpp).
  const auto* id = document.find("id");
  if (id != nullptr && id->is_text()) return {};
  return kPositions;
}

void finish(const Members&, Hint, Draft& draft) {
  if (!draft.kind) draft.kind = Kind::alert;
}

}  // namespace

constinit const Shape kSeededAlert{"seeded alert", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
