#include "config/read.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wardex::config {

namespace {

FieldSpec top(std::string key, FieldSpec::Type type, std::string doc, std::vector<FieldSpec> children = {}) {
  FieldSpec spec;
  spec.key = std::move(key);
  spec.type = type;
  spec.doc = std::move(doc);
  spec.children = std::move(children);
  return spec;
}

}  // namespace

const std::vector<FieldSpec>& root_specs() {
  using Type = FieldSpec::Type;
  static const std::vector<FieldSpec> specs = [] {
    FieldSpec route = top("", Type::object, "", Route::table().specs());
    FieldSpec window = top("", Type::object, "", MuteWindow::table().specs());
    return std::vector<FieldSpec>{
        top("gateway", Type::object, "The gateway itself.", Gateway::table().specs()),
        top("intake", Type::object, "How events come in.", Intake::table().specs()),
        top("mailbox", Type::object, "The failure mailbox.", Mailbox::table().specs()),
        top("api", Type::object, "Who may read and operate the gateway over TCP.", Api::table().specs()),
        top("wardex", Type::object, "The Wardex installation behind it.", Wardex::table().specs()),
        top("egress", Type::object, "Where connectors may connect to.", Egress::table().specs()),
        top("audit", Type::object, "The audit trail.", Audit::table().specs()),
        top("retention", Type::object, "How long what nobody needs any more is kept.", Retention::table().specs()),
        top("logging", Type::object, "The gateway's own log.", Logging::table().specs()),
        top("connectors", Type::map, "Destinations by id."),
        top("matrix", Type::map, "Severity -> ids of the connectors that get every event of it."),
        top("routes", Type::list,
            "Ordered rules; the first that matches is the last unless it says `continue: true`. "
            "What the matrix and the routes name adds up.",
            {route}),
        top("mute_windows", Type::map, "Named times during which routes may mute their deliveries.", {window}),
    };
  }();
  return specs;
}

std::vector<std::string> connector_ids(const Value& root) {
  std::vector<std::string> ids;
  if (const auto* connectors = root.find("connectors"))
    for (const auto& entry : connectors->entries) ids.push_back(entry.key);
  return ids;
}

bool check_file(const std::string& file, const Position& at, const std::string& path, Problems& problems) {
  if (::access(file.c_str(), R_OK) == 0) return true;
  problems.error(at, path, file + ": " + std::strerror(errno));
  return false;
}

}  // namespace wardex::config
