// What every subcommand shares: the common options, where its output goes, and how it reaches the daemon.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/source.hpp"
#include "wardex/event.hpp"

namespace CLI {
class App;
}

namespace wardex::cli {

/// Exit codes, the same for every command.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

struct Session {
  Session(std::ostream& out, std::ostream& err, bool colour) : out_stream(&out), err_stream(&err), coloured(colour) {}

  std::ostream& out() const { return *out_stream; }
  std::ostream& err() const { return *err_stream; }
  /// "\x1b[1m" and friends on a terminal, nothing in a pipe (or with NO_COLOR).
  [[nodiscard]] std::string style(std::string_view code) const;
  [[nodiscard]] std::string bold(std::string_view text) const { return style("1") + std::string(text) + style("0"); }
  [[nodiscard]] std::string dim(std::string_view text) const { return style("2") + std::string(text) + style("0"); }
  /// Green for good words, yellow for waiting ones, red for failures.
  [[nodiscard]] std::string outcome(std::string_view word) const;

  /// Prints "error: ..." and returns kFailed.
  int fail(std::string_view message) const;
  void print_json(const nlohmann::json& document) const;

  app::Source source;  ///< --config, --data-dir, --listen
  bool as_json = false;
  std::function<int()> command;  ///< set by the subcommand that was named

 private:
  std::ostream* out_stream;
  std::ostream* err_stream;
  bool coloured;
};

/// Columns as wide as their widest cell; the header in bold.
void print_table(const Session& session, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows);

/// Calls the running daemon over its local socket. nullopt after having printed why not, or the API's own problem.
std::optional<nlohmann::json> call_daemon(const Session& session, std::string_view method, const std::string& target,
                                          const std::string& body = {});

/// Loads the configuration; prints every problem and returns null when there is an error.
std::shared_ptr<const config::Config> load_or_complain(const Session& session);

/// The bytes of FILE, or of standard input for "-"; nullopt after having said why not. At most 64 MiB.
std::optional<std::string> read_input(const Session& session, const std::string& path);
/// The events of FILE or "-" (object, array or one per line), normalised as intake would. Complains about each that is
/// none; nullopt when nothing is left.
std::optional<std::vector<Event>> read_events(const Session& session, const std::string& path,
                                              const config::Config& config);

// One file each; every one adds its subcommand and sets session.command when it is named.
void add_run(CLI::App& app, Session& session);
void add_init(CLI::App& app, Session& session);
void add_check(CLI::App& app, Session& session);
void add_schema(CLI::App& app, Session& session);
void add_connectors(CLI::App& app, Session& session);
void add_connector(CLI::App& app, Session& session);
void add_route(CLI::App& app, Session& session);
void add_render(CLI::App& app, Session& session);
void add_test(CLI::App& app, Session& session);
void add_send(CLI::App& app, Session& session);
void add_status(CLI::App& app, Session& session);
void add_events(CLI::App& app, Session& session);
void add_mailbox(CLI::App& app, Session& session);
void add_audit(CLI::App& app, Session& session);
void add_backup(CLI::App& app, Session& session);
void add_restore(CLI::App& app, Session& session);
void add_migrate(CLI::App& app, Session& session);
void add_reload(CLI::App& app, Session& session);
void add_version(CLI::App& app, Session& session);

/// The whole command line; returns the exit code.
int main(int argc, char** argv);

}  // namespace wardex::cli
