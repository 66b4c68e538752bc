#include "store/sqlite/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "store/sqlite/open.hpp"

namespace wardex::store::sqlite {
namespace {

Error cannot(const std::string& what, const std::filesystem::path& path, int error) {
  std::string message = "cannot " + what + " " + path.string() + ": " + std::strerror(error);
  switch (error) {
    case EACCES:
    case EPERM:
      message += "; give the gateway's user write permission, or set gateway.data_dir to a directory of its own";
      break;
    case EROFS:
      message += "; set gateway.data_dir to a directory on a writable file system";
      break;
    case ENOTDIR:
    case EEXIST:
      message += "; set gateway.data_dir to a directory";
      break;
    case ENOSPC:
    case EDQUOT:
      message += "; free disk space";
      return {Fault::full, message};
    default:
      break;
  }
  return {Fault::io, message};
}

std::string read_pid(int fd) {
  char buffer[32] = {};
  const ssize_t got = ::pread(fd, buffer, sizeof buffer - 1, 0);
  std::string pid(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!pid.empty() && (pid.back() == '\n' || pid.back() == ' ')) pid.pop_back();
  return pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos ? "unknown" : pid;
}

}  // namespace

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / kLockName;
  const int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("create", file, errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string pid = read_pid(fd);
    ::close(fd);
    if (error != EWOULDBLOCK) return cannot("lock", file, error);
    return Error{Fault::conflict, directory.string() + " is in use by another gateway (pid " + pid +
                                      "): stop it, or set another gateway.data_dir"};
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // The pid is for messages only; the lock is the kernel's.
  if (::ftruncate(fd, 0) == 0) {
    [[maybe_unused]] const ssize_t written = ::pwrite(fd, pid.data(), pid.size(), 0);
  }
  return DirectoryLock(fd);
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<Error> prepare_directory(const std::filesystem::path& directory) {
  std::error_code error;
  const auto status = std::filesystem::status(directory, error);
  if (std::filesystem::is_directory(status)) return std::nullopt;
  if (std::filesystem::exists(status)) return cannot("use", directory, ENOTDIR);
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return cannot("create", directory, errno);
  return std::nullopt;
}

std::optional<Error> prepare_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return cannot("write", file, errno);
  ::close(fd);
  return std::nullopt;
}

}  // namespace wardex::store::sqlite
