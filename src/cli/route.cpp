#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "route/router.hpp"
#include "runtime/clock.hpp"
#include "wardex/text.hpp"

namespace wardex::cli {

namespace {

nlohmann::json document(const Event& event, const route::Decision& decision) {
  auto targets = nlohmann::json::array();
  for (const auto& target : decision.targets) {
    nlohmann::json one{{"to", target.connector}, {"why", target.why}};
    if (!target.muted.empty()) one["muted"] = target.muted;
    targets.push_back(std::move(one));
  }
  auto steps = nlohmann::json::array();
  for (const auto& step : decision.steps)
    steps.push_back({{"rule", step.rule}, {"matched", step.matched}, {"why", step.why}});
  return {{"id", event.id},
          {"case_id", event.case_id},
          {"severity", to_string(event.severity)},
          {"targets", std::move(targets)},
          {"steps", std::move(steps)}};
}

void print(const Session& session, const Event& event, const route::Decision& decision) {
  session.out() << session.bold(event.reference()) << "  " << to_string(event.kind) << ' ' << to_string(event.severity)
                << "  " << text::single_line(event.title) << '\n';
  if (decision.targets.empty())
    session.out() << "  " << session.style("33") << "goes nowhere" << session.style("0") << '\n';
  for (const auto& target : decision.targets) {
    session.out() << "  -> " << session.bold(target.connector) << "  " << target.why;
    if (!target.muted.empty())
      session.out() << session.style("33") << "  muted: " << target.muted << session.style("0");
    session.out() << '\n';
  }
  for (const auto& step : decision.steps)
    session.out() << session.dim("     " + std::string(step.matched ? "yes " : "no  ") + step.rule + ": " + step.why)
                  << '\n';
}

/// Exit 1 when --expect names connectors and the decision is another: for tests of a routing table.
int route_events(const Session& session, const std::string& path, const std::vector<std::string>& expected) {
  const auto config = load_or_complain(session);
  if (!config) return kFailed;
  Problems problems;
  const auto router = route::Router::compile(*config, problems);
  if (!router) {
    for (const auto& problem : problems.all()) session.err() << problem.str() << '\n';
    return kFailed;
  }
  const auto events = read_events(session, path, *config);
  if (!events) return kFailed;
  bool as_expected = true;
  auto documents = nlohmann::json::array();
  for (const auto& event : *events) {
    const auto decision = router->decide(event, runtime::SystemClock().wall(), true);
    if (session.as_json)
      documents.push_back(document(event, decision));
    else
      print(session, event, decision);
    if (expected.empty()) continue;
    std::vector<std::string> got;
    for (const auto& target : decision.targets)
      if (target.muted.empty()) got.push_back(target.connector);
    auto wanted = expected;
    std::sort(got.begin(), got.end());
    std::sort(wanted.begin(), wanted.end());
    if (got != wanted) {
      as_expected = false;
      session.fail(event.reference() + " goes to [" + text::join(got, ", ") + "], expected [" +
                   text::join(wanted, ", ") + "]");
    }
  }
  if (session.as_json) session.print_json(documents);
  return as_expected ? kOk : kFailed;
}

}  // namespace

void add_route(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("route", "Show which connectors would get an event, and why or why not");
  auto path = std::make_shared<std::string>();
  auto expected = std::make_shared<std::vector<std::string>>();
  command->add_option("file", *path, "JSON event, array or one per line; - for standard input")->required();
  command->add_option("--expect", *expected, "Connector ids the events must go to; exit 1 otherwise")->delimiter(',');
  command->callback([&session, path, expected] {
    session.command = [&session, path, expected] { return route_events(session, *path, *expected); };
  });
}

}  // namespace wardex::cli
