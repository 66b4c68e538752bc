#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "wardex/text.hpp"
#include "wardex/time.hpp"

namespace wardex::cli {

namespace {

struct Order {
  std::string id;
  std::string reason;
  std::string duration;

  [[nodiscard]] std::string body() const {
    nlohmann::json out = nlohmann::json::object();
    if (!reason.empty()) out["reason"] = reason;
    if (!duration.empty()) out["for"] = duration;
    return out.dump();
  }
};

int give(const Session& session, const char* verb, const Order& order) {
  const auto answer =
      call_daemon(session, "POST", "/v1/connectors/" + text::percent_encode(order.id) + "/" + verb, order.body());
  if (!answer) return kFailed;
  if (session.as_json) {
    session.print_json(*answer);
    return kOk;
  }
  const std::string until = answer->value("until", "");
  session.out() << order.id << ": ";
  if (std::string_view(verb) == "hold")
    session.out() << "nothing more is sent"
                  << (until.empty() ? "; events wait until you resume it" : " until " + until);
  else if (std::string_view(verb) == "drain")
    session.out() << "what is pending now is sent, what comes later waits"
                  << (until.empty() ? " until you resume it" : " until " + until) << "; watch wardex-gateway status";
  else
    session.out() << "deliveries go on";
  session.out() << '\n';
  return kOk;
}

void add_order(CLI::App* parent, Session& session, const char* verb, const char* help, bool lasts) {
  auto* command = parent->add_subcommand(verb, help);
  auto order = std::make_shared<Order>();
  command->add_option("connector", order->id, "Connector id of the configuration")->required();
  command->add_option("--reason", order->reason, "Why; shown in status and recorded in the audit");
  if (lasts)
    command->add_option("--for", order->duration, "How long, such as 2h30m; it then resumes by itself")
        ->check([](const std::string& text) {
          return parse_duration(text) ? std::string() : "'" + text + "' is no duration; write 90s, 15m, 2h30m";
        });
  command->callback(
      [&session, verb, order] { session.command = [&session, verb, order] { return give(session, verb, *order); }; });
}

}  // namespace

void add_connector(CLI::App& app, Session& session) {
  auto* connector = app.add_subcommand("connector", "Hold, drain or resume a connector of the running gateway");
  connector->require_subcommand(1);
  add_order(connector, session, "hold", "Send nothing more; events wait. Survives restarts", true);
  add_order(connector, session, "drain", "Send what is pending now and hold what comes later, for a maintenance", true);
  add_order(connector, session, "resume", "End a hold or a drain", false);
}

}  // namespace wardex::cli
