// Tells when a file of interest changed, whether it was written in place, renamed over, or reached through a symlink
// that was swapped (Kubernetes secrets): it watches the folders, not the files.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "wardex/time.hpp"

namespace wardex::app {

class FileWatch {
 public:
  /// `changed` runs once per burst of changes, `settle` after the last of them.
  FileWatch(boost::asio::any_io_executor executor, std::function<void()> changed, Millis settle = Millis{300});
  ~FileWatch();
  /// Replaces the set of watched files and folders. Returns those that cannot be watched.
  std::vector<std::filesystem::path> watch(const std::vector<std::filesystem::path>& paths);
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wardex::app
