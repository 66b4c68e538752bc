// Where a simulated gateway believes its data to be. Only the lock file is really there.
#pragma once

#include <stdlib.h>

#include <stdexcept>
#include <string>

namespace wardex::simulation {

/// One for the test process. Always of the same length: names are in messages, and messages are in the database.
inline const std::string& data_directory() {
  static const std::string directory = [] {
    std::string pattern = "/tmp/wardex-simulation-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no directory in /tmp");
    return pattern;
  }();
  return directory;
}

}  // namespace wardex::simulation
