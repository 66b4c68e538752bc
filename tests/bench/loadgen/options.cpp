#include "loadgen/options.hpp"

#include <unistd.h>

#include <map>

#include <CLI/CLI.hpp>

#include "wire/event_id.hpp"

namespace wardex::bench {

namespace {

constexpr std::size_t kSmallestEvent = 400;  // what all the fields need

const std::map<std::string, EventKind> kKinds{{"alert", EventKind::alert},
                                              {"case", EventKind::case_},
                                              {"telemetry", EventKind::telemetry},
                                              {"mixed", EventKind::mixed}};
const std::map<std::string, Format> kFormats{{"json", Format::json},
                                             {"array", Format::array},
                                             {"ndjson", Format::ndjson},
                                             {"alertmanager", Format::alertmanager},
                                             {"syslog", Format::syslog}};

std::string contradiction(const Options& options) {
  if (options.format == Format::json && options.batch > 1)
    return "--format json is one event a request: use array or ndjson for batches";
  if (options.first_sequence + options.events > kMostEvents) return "there are more events than sequence numbers";
  if (options.cases < options.connections)
    return "--cases must be at least --connections: a case keeps its order only on a connection of its own";
  return {};
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
  Options options;
  options.run = static_cast<std::uint32_t>(wall_us() ^ (static_cast<std::int64_t>(getpid()) << 12));
  std::string run;
  CLI::App app{"Sends events with unique ids to 127.0.0.1 and prints one line of JSON about it."};
  app.add_option("--port", options.port, "Port of the system under test")->required();
  app.add_option("--path", options.path, "Request target")->capture_default_str();
  app.add_option("--token", options.token, "Bearer token");
  app.add_option("--header", options.headers, "Further header, \"Name: value\"");
  app.add_option("--events", options.events, "How many events")
      ->check(CLI::Range(1UL, kMostEvents))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Stop sending new ones after so long");
  app.add_option("--batch", options.batch, "Events a request")->check(CLI::Range(1, 10000))->capture_default_str();
  app.add_option("--connections", options.connections, "Kept open, one request under way on each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "Events a second; latency then counts from the intended time")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--kind", options.kind, "alert, case, telemetry or mixed")->transform(CLI::CheckedTransformer(kKinds));
  app.add_option("--format", options.format, "json, array, ndjson, alertmanager or syslog")
      ->transform(CLI::CheckedTransformer(kFormats));
  app.add_option("--size", options.size, "Bytes of one event")
      ->check(CLI::Range(kSmallestEvent, 1UL << 20U))
      ->capture_default_str();
  app.add_option("--cases", options.cases, "Different cases")->check(CLI::Range(1U, kMostCases))->capture_default_str();
  app.add_option("--case-share", options.case_share, "Of alerts that belong to a case")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_flag("--retry", options.retry, "Repeat what was refused or got no answer, with the same ids");
  app.add_option("--give-up", options.give_up, "Seconds after which the run ends although answers are missing")
      ->capture_default_str();
  app.add_option("--run", run, "8 hex digits that name the run")->check([](const std::string& text) {
    return parse_run(text) ? std::string() : "'" + text + "' is not 8 hex digits";
  });
  app.add_option("--first-sequence", options.first_sequence, "Sequence number of the first event");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (const auto problem = contradiction(options); !problem.empty()) {
    std::cerr << problem << '\n';
    exit_code = 2;
    return std::nullopt;
  }
  if (!run.empty()) options.run = *parse_run(run);
  return options;
}

}  // namespace wardex::bench
