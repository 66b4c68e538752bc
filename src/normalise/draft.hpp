// An event in the making, and the rows that fill it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "normalise/node.hpp"
#include "normalise/normalise.hpp"

namespace wardex::normalise {

struct Draft {
  Draft(const Options& given, Event& made) : options(given), event(made) {}

  const Options& options;
  Event& event;
  std::string event_id;      ///< the sender's own identity for this event
  std::string record_id;     ///< an `id` of which only the whole shows whether it is one
  std::string incident_ref;  ///< an incident's id at Wardex: the end of its URL
  std::optional<Kind> kind;
  std::string action;  ///< as the sender states it
  std::optional<Severity> severity;
  std::optional<Timestamp> occurred;
  std::optional<Timestamp> created;
  std::optional<Timestamp> updated;
  std::string headline;
  std::string summary;
  std::vector<std::string> reasons;
  std::vector<std::string> tactics;
  std::vector<std::string> techniques_unknown;            ///< what stood among the techniques and is none
  std::map<std::string, std::string, std::less<>> notes;  ///< labels of our own: "wardex.time_unreadable"
};

/// What a conversion made of a value.
struct Reading {
  enum class Kind { taken, kept, refused };
  Kind kind = Kind::taken;
  std::string why;  ///< of a refusal: what was expected

  static Reading taken() { return {}; }
  /// Not (or not only) a canonical field: if it is a scalar it becomes a label.
  static Reading kept() { return {Kind::kept, {}}; }
  /// This is no event.
  static Reading refused(std::string why) { return {Kind::refused, std::move(why)}; }
};

/// One row of a shape: where the value stands, which canonical field it fills, and how.
struct Rule {
  std::string_view pointer;
  std::string_view field;
  Reading (*convert)(const Node& value, Draft& draft);
};

}  // namespace wardex::normalise
