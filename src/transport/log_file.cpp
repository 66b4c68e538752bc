#include "transport/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

namespace wardex::transport {

namespace {

std::string errno_text() { return std::generic_category().message(errno); }

/// Bytes written; less than asked only on an error, which is in errno.
std::size_t write_all(int fd, std::string_view bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto wrote = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote == 0) errno = ENOSPC;
    if (wrote <= 0) break;
    done += static_cast<std::size_t>(wrote);
  }
  return done;
}

}  // namespace

LogFile::~LogFile() { close(); }

void LogFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

std::string LogFile::open() {
  if (fd_ >= 0) return {};
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
  if (fd_ < 0) return "cannot open " + path_ + ": " + errno_text();
  struct stat file {};
  // O_NONBLOCK kept open() from hanging on a FIFO; and a FIFO or device is nobody's log.
  if (fstat(fd_, &file) == 0 && !S_ISREG(file.st_mode)) {
    close();
    return "cannot open " + path_ + ": it is not a regular file";
  }
  return {};
}

std::uint64_t LogFile::size() const {
  struct stat file {};
  return fstat(fd_, &file) == 0 && file.st_size > 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
}

std::string LogFile::rotate(unsigned keep) {
  close();
  const auto numbered = [this](unsigned n) { return path_ + "." + std::to_string(n); };
  if (keep == 0) {
    if (unlink(path_.c_str()) != 0 && errno != ENOENT) return "cannot rotate " + path_ + ": " + errno_text();
    return {};
  }
  for (unsigned n = keep - 1; n >= 1; --n)
    if (std::rename(numbered(n).c_str(), numbered(n + 1).c_str()) != 0 && errno != ENOENT)
      return "cannot rotate " + numbered(n) + ": " + errno_text();
  if (std::rename(path_.c_str(), numbered(1).c_str()) != 0 && errno != ENOENT)
    return "cannot rotate " + path_ + ": " + errno_text();
  return {};
}

Outcome LogFile::append(const FileAppend& request) {
  if (auto error = open(); !error.empty()) return Failure{Phase::connect, std::move(error)};
  if (const auto now = size();
      request.rotate_bytes > 0 && now > 0 && !torn_ && now + request.bytes.size() > request.rotate_bytes) {
    if (auto error = rotate(request.keep); !error.empty()) return Failure{Phase::connect, std::move(error)};
    if (auto error = open(); !error.empty()) return Failure{Phase::connect, std::move(error)};
  }
  if (torn_) {
    if (write_all(fd_, "\n") != 1) return Failure{Phase::send, "cannot write " + path_ + ": " + errno_text()};
    torn_ = false;
  }
  const auto before = size();
  const auto wrote = write_all(fd_, request.bytes);
  if (wrote < request.bytes.size()) {
    Failure failure{Phase::send, "cannot write " + path_ + ": " + errno_text()};
    // Only if the tail is ours alone: somebody else may append to the file as well.
    if (wrote > 0 && (size() != before + wrote || ftruncate(fd_, static_cast<off_t>(before)) != 0)) torn_ = true;
    return failure;
  }
  if (request.fsync && fdatasync(fd_) != 0) {
    // Linux drops the dirty pages of a failed sync, so a second one may report success for lost data: never retried.
    // The whole append counts as of unknown outcome and is written again through a fresh handle.
    Failure failure{Phase::sent, "cannot sync " + path_ + ": " + errno_text()};
    close();
    return failure;
  }
  return Response(Written{request.bytes.size()});
}

}  // namespace wardex::transport
