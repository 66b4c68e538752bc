#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wardex::bench {

enum class EventKind { alert, case_, telemetry, mixed };
enum class Format { json, array, ndjson, alertmanager, syslog };

struct Options {
  std::uint16_t port = 0;
  std::string path = "/";
  std::string token{};                 ///< bearer; empty: none
  std::vector<std::string> headers{};  ///< "Name: value"

  std::uint64_t events = 1000;
  double seconds = 0;  ///< no new request after so long; 0: until all events are sent
  std::size_t batch = 1;
  std::size_t connections = 16;
  double rate = 0;  ///< events a second, from the start on; 0: as fast as answers come

  EventKind kind = EventKind::alert;
  Format format = Format::json;
  std::size_t size = 500;      ///< bytes of one event
  std::uint32_t cases = 1000;  ///< how many different ones
  double case_share = 0.5;     ///< of alerts that belong to a case

  bool retry = false;   ///< a refused or broken request is repeated, with the same ids
  double give_up = 60;  ///< seconds after the last new request until the run is over whatever is missing
  std::uint32_t run = 0;
  std::uint64_t first_sequence = 0;
};

/// From the command line; what is wrong has been said when there is none, and `exit_code` is set.
std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace wardex::bench
