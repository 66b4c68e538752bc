// Where a simulated gateway believes its data to be. Only the lock file is really there.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace wardex::simulation {

/// One for each test process, gone with it. Always of the same length: names are in messages, and messages are in the
/// database.
class DataDirectory {
 public:
  DataDirectory() : owner_(::getpid()), path_("/tmp/wardex-simulation-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no directory in /tmp");
  }
  ~DataDirectory() {
    std::error_code ignored;
    if (owner_ == ::getpid()) std::filesystem::remove_all(path_, ignored);
  }
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  ::pid_t owner_;
  std::string path_;
};

inline std::unique_ptr<const DataDirectory>& data_directory_slot() {
  static auto directory = std::make_unique<const DataDirectory>();
  return directory;
}
/// The test process's own.
inline const std::string& data_directory() { return data_directory_slot()->path(); }
/// After a fork: what it inherited stays its parent's.
inline void own_data_directory() { data_directory_slot() = std::make_unique<const DataDirectory>(); }

}  // namespace wardex::simulation
