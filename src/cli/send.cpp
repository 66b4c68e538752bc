#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "transport/local_client.hpp"

namespace wardex::cli {

namespace {

/// Through the local socket, like an intake request from a sender named "local": who may open the socket may send.
int send(const Session& session, const std::string& path, const std::string& idempotency_key) {
  const auto bytes = read_input(session, path);
  if (!bytes) return kFailed;
  const auto first = bytes->find_first_not_of(" \t\r\n");
  // Several objects one after another are one event a line; a lone object or an array is a JSON document.
  const bool document = first != std::string::npos && !nlohmann::json::parse(*bytes, nullptr, false).is_discarded();

  transport::LocalRequest request;
  request.method = "POST";
  request.target = "/v1/events";
  request.body = *bytes;
  request.headers.emplace_back("Content-Type", document ? "application/json" : "application/x-ndjson");
  if (!idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", idempotency_key);
  const auto answer = transport::call_local(session.source.find_data_dir() / app::kSocketName, request);
  if (const auto* why = std::get_if<std::string>(&answer)) return session.fail(*why);

  const auto& response = std::get<HttpResponse>(answer);
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  if (session.as_json && !body.is_discarded()) session.print_json(body);
  if (response.status != 202) {
    if (session.as_json) return kFailed;
    if (body.is_object() && body.contains("rejected"))
      for (const auto& item : body["rejected"])
        session.err() << "event " << item.value("index", 0) << ": " << item.value("pointer", "") << ' '
                      << item.value("error", "") << '\n';
    return session.fail(body.is_object() ? body.value("title", "") + ": " + body.value("detail", "")
                                         : "HTTP " + std::to_string(response.status));
  }
  if (session.as_json) return kOk;
  session.out() << "accepted " << body.value("accepted", 0) << ", duplicates " << body.value("duplicates", 0)
                << ", rejected " << body["rejected"].size() << '\n';
  for (const auto& item : body["rejected"])
    session.err() << "event " << item.value("index", 0) << ": " << item.value("pointer", "") << ' '
                  << item.value("error", "") << '\n';
  return body["rejected"].empty() ? kOk : kFailed;
}

}  // namespace

void add_send(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("send", "Post events to the running gateway of this data directory");
  auto path = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  command->add_option("file", *path, "JSON event, array or one per line; - for standard input")->required();
  command->add_option("--idempotency-key", *key, "Makes a repeated send of events without ids a duplicate");
  command->callback(
      [&session, path, key] { session.command = [&session, path, key] { return send(session, *path, *key); }; });
}

}  // namespace wardex::cli
