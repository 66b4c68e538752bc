// The forms in which Wardex and its neighbours state an event: a file each in shapes/.
#pragma once

#include <span>
#include <string_view>

#include "normalise/draft.hpp"
#include "normalise/members.hpp"

namespace wardex::normalise {

/// What the stream envelope around a document says it is.
enum class Hint { none, alert, case_, incident, telemetry };

struct Shape {
  std::string_view name;
  bool (*matches)(const Members& document, Hint hint);
  std::span<const Rule> rules;  ///< before the shared ones; a pointer that stands here is not read by those
  /// Members that are no part of the content an id is made from; see content_id().
  std::span<const std::string_view> (*volatile_members)(const Members& document);
  /// What spans fields, after all rules.
  void (*finish)(const Members& document, Hint hint, Draft& draft);
};

extern const Shape kAlertRecord;  ///< GET /api/alerts, the stream: timestamp, hostname, level, score, reasons
extern const Shape kSeededAlert;  ///< title, severity, source, category, device_id
extern const Shape kCase;         ///< GET /api/cases/{id}: id, title, status, priority, created_at, updated_at
extern const Shape kIncident;     ///< severity, affected_hosts, related_alerts, timeline
extern const Shape kGuide;        ///< the integration guide's JSON and the canonical event: anything else

/// In the order they are tried; the last takes whatever is left.
std::span<const Shape* const> shapes();
/// Fields that mean the same in every shape.
std::span<const Rule> shared_rules();

}  // namespace wardex::normalise
