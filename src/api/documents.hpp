// The API's JSON documents, pure: values in, documents out. The CLI prints the same ones with --json.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "config/config.hpp"
#include "deliver/engine.hpp"
#include "deliver/mailbox_watch.hpp"
#include "deliver/replays.hpp"
#include "store/store.hpp"

namespace wardex::api {

nlohmann::json to_json(const store::AuditRow& row);
nlohmann::json to_json(const store::MailboxEntry& entry);
nlohmann::json to_json(const store::MailboxGroup& group);
/// What a replay or a discard would move; `per_second` 0: no rate.
nlohmann::json preview_document(const store::MailboxSum& sum, double per_second);
nlohmann::json to_json(const std::vector<deliver::ReplayStatus>& replays);
nlohmann::json to_json(const deliver::ReplayStatus& replay);
/// Connectors whose mailbox is over a mark.
nlohmann::json mailbox_alarms(const std::map<std::string, deliver::MailboxWatch::State>& states);
nlohmann::json to_json(const store::EventSummary& event);
nlohmann::json to_json(const store::EventTrail& trail);
nlohmann::json to_json(const store::Account& account);
nlohmann::json to_json(const store::Control& control);
nlohmann::json to_json(const deliver::TestReport& report);
nlohmann::json to_json(const Problem& problem);

/// How far the audit trail is, up to where it is signed, and what retention has removed of it.
nlohmann::json audit_document(const store::Store::Gauges& gauges, WallTime now);

/// One connector: what is configured, what its lane does, what its accounts say, what an operator said. Never a
/// setting's value.
nlohmann::json connector_document(const config::Connector& connector, const deliver::LaneStatus* lane,
                                  const store::Account* account, const store::Control* control);

}  // namespace wardex::api
