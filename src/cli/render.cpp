#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "runtime/clock.hpp"

namespace wardex::cli {

namespace {

void print(const Session& session, const Request& request) {
  if (const auto* http = std::get_if<HttpRequest>(&request)) {
    session.out() << session.bold(http->method + " " + http->url.redacted()) << '\n';
    for (const auto& header : http->headers)
      session.out() << session.dim(header.name + ":") << ' ' << header.value.redacted() << '\n';
    session.out() << '\n' << http->body.redacted() << '\n';
    return;
  }
  if (const auto* append = std::get_if<FileAppend>(&request)) {
    session.out() << session.bold("append to " + append->path) << '\n' << append->bytes;
    return;
  }
  session.print_json(redact(request));
}

int render(const Session& session, const std::string& id, const std::string& path) {
  const auto config = load_or_complain(session);
  if (!config) return kFailed;
  const auto* connector = config->find(id);
  if (connector == nullptr) return session.fail("no connector '" + id + "' is configured in " + session.source.name());
  const auto events = read_events(session, path, *config);
  if (!events) return kFailed;

  auto documents = nlohmann::json::array();
  for (const auto& event : *events) {
    Delivery delivery;
    delivery.event = event;
    delivery.key = delivery_key(id, event.id);
    const auto request =
        connector->sink->render({&delivery, 1}, {.now = runtime::SystemClock().wall(), .connector = id, .state = {}});
    if (session.as_json)
      documents.push_back(redact(request));
    else
      print(session, request);
  }
  if (session.as_json) session.print_json(documents);
  return kOk;
}

}  // namespace

void add_render(CLI::App& app, Session& session) {
  auto* command =
      app.add_subcommand("render", "Show exactly what a connector would send; secrets masked, nothing sent");
  auto id = std::make_shared<std::string>();
  auto path = std::make_shared<std::string>();
  command->add_option("connector", *id, "Connector id of the configuration")->required();
  command->add_option("file", *path, "JSON event, array or one per line; - for standard input")->required();
  command->callback(
      [&session, id, path] { session.command = [&session, id, path] { return render(session, *id, *path); }; });
}

}  // namespace wardex::cli
