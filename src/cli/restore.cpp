#include <pwd.h>
#include <unistd.h>

#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/session.hpp"
#include "runtime/clock.hpp"
#include "store/sqlite/restore.hpp"

namespace wardex::cli {

namespace {

std::string who() {
  const passwd* user = ::getpwuid(::geteuid());
  return "cli:" + (user != nullptr ? std::string(user->pw_name) : std::to_string(::geteuid()));
}

std::vector<std::string> names(const std::vector<std::filesystem::path>& files) { return {files.begin(), files.end()}; }

void print(const Session& session, const store::sqlite::RestoreReport& report, const std::string& file) {
  auto& out = session.out();
  out << "restored " << file << ": schema " << report.schema_from;
  if (report.schema_to != report.schema_from) out << ", brought to " << report.schema_to;
  out << "; its audit trail ends at row " << report.audit_id << " of " << to_iso(report.audit_at) << '\n';
  for (const auto& aside : report.aside) out << "moved aside: " << aside.string() << '\n';
  if (!report.instance_before.empty() && report.instance_before != report.instance)
    out << session.style("33") << "the backup is of another gateway (" << report.instance << ", not "
        << report.instance_before << ")" << session.style("0") << '\n';
  out << "\nWhen the gateway starts:\n";
  std::uint64_t pending = 0;
  for (const auto& [connector, count] : report.pending) pending += count;
  out << "- " << pending << " deliveries that were pending then are sent";
  const char* separator = " (";
  for (const auto& [connector, count] : report.pending) {
    out << separator << connector << ' ' << count;
    separator = ", ";
  }
  out << (report.pending.empty() ? "" : ")")
      << ", under the keys they had: a receiver that has one already can tell\n"
         "- what was accepted after the backup is not in it: its senders have to send it again\n"
         "- anchors of later rows contradict the trail from now on; row "
      << report.restore_id << " of it records this restore\n";
}

int restore(const Session& session, const std::string& file) {
  const auto report =
      store::sqlite::restore(session.source.find_data_dir(), file, who(), runtime::SystemClock().wall());
  if (!report) return session.fail(report.error().message);
  if (!session.as_json) {
    print(session, *report, file);
    return kOk;
  }
  session.print_json({{"instance", report->instance},
                      {"instance_before", report->instance_before},
                      {"schema_from", report->schema_from},
                      {"schema_to", report->schema_to},
                      {"audit_id", report->audit_id},
                      {"audit_at", to_iso(report->audit_at)},
                      {"restore_id", report->restore_id},
                      {"newest_event", report->newest_event},
                      {"pending", report->pending},
                      {"aside", names(report->aside)}});
  return kOk;
}

}  // namespace

void add_restore(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand(
      "restore", "Put a backup in the place of the database, while no gateway runs; what was there is moved aside");
  auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "A copy that `backup` made")->required();
  command->callback([&session, file] { session.command = [&session, file] { return restore(session, *file); }; });
}

}  // namespace wardex::cli
