// One append-only file with its open handle: whole writes, optional fdatasync, rotation by size. Blocking; the thread
// that calls it is file_append's.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "transport/transport.hpp"
#include "wardex/request.hpp"

namespace wardex::transport {

class LogFile {
 public:
  explicit LogFile(std::string path) : path_(std::move(path)) {}
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Appends all of it or reports why not. A record cut short by a full disk is taken back (truncated away), so that a
  /// retry makes no broken line; failing that, the next write begins on a fresh line.
  Outcome append(const FileAppend& request);
  void close();

 private:
  [[nodiscard]] std::string open();
  [[nodiscard]] std::string rotate(unsigned keep);
  [[nodiscard]] std::uint64_t size() const;

  std::string path_;
  int fd_ = -1;
  bool torn_ = false;  // the file ends in part of a record
};

}  // namespace wardex::transport
