// Alerts that Wardex was seeded with or imported: a title and a severity of their own, a device rather than a host
// name.
#include <array>

#include <nlohmann/json.hpp>

#include "normalise/convert.hpp"
#include "normalise/shape.hpp"

namespace wardex::normalise {

namespace {

using nlohmann::json;

constexpr std::array kRules{
    Rule{"/id", "labels.id", keep},
    Rule{"/source", "labels.source", keep},
    Rule{"/category", "labels.category", keep},
    Rule{"/device_id", "endpoint_id", name<&Event::endpoint_id>},
};
constexpr std::array<std::string_view, 2> kPositions{"id", "_index"};

bool matches(const json& document, Hint hint) {
  if (hint == Hint::case_ || hint == Hint::incident || has_any(document, {"kind", "case_id", "event_id"})) return false;
  return has_all(document, {"title", "severity"}) && has_any(document, {"source", "category", "device_id"});
}

std::span<const std::string_view> volatile_members(const json& document) {
  // A text id was given by somebody; a number is a position (see alert_record.cpp).
  const auto id = document.find("id");
  if (id != document.end() && id->is_string()) return {};
  return kPositions;
}

void finish(const json&, Hint, Draft& draft) {
  if (!draft.kind) draft.kind = Kind::alert;
}

}  // namespace

constinit const Shape kSeededAlert{"seeded alert", matches, kRules, volatile_members, finish};

}  // namespace wardex::normalise
