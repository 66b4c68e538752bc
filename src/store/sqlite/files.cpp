#include "store/sqlite/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <sqlite3.h>

#include "store/sqlite/database.hpp"

namespace wardex::store::sqlite {
namespace {

void sync_path(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!synced) throw Failure(SQLITE_IOERR_FSYNC, error, "sync " + path.string() + ": " + std::strerror(error));
}

class SystemFiles final : public Files {
 public:
  std::optional<std::string> create(const std::filesystem::path& file) override {
    remove(file);
    const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) return std::strerror(errno);
    ::close(fd);
    return std::nullopt;
  }
  bool allocate(const std::filesystem::path& file, std::uint64_t bytes) override {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const bool allocated = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) == 0;
    ::close(fd);
    if (!allocated) remove(file);
    return allocated;
  }
  void remove(const std::filesystem::path& file) override {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
  void put_in_place(const std::filesystem::path& file, const std::filesystem::path& target) override {
    sync_path(file, O_RDONLY);
    std::error_code error;
    std::filesystem::rename(file, target, error);
    if (error) throw Failure(SQLITE_IOERR, error.value(), "rename to " + target.string() + ": " + error.message());
    sync_path(std::filesystem::absolute(target).parent_path(), O_RDONLY | O_DIRECTORY);
  }
  [[nodiscard]] std::uint64_t size(const std::filesystem::path& file) const override {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(file, missing);
    return missing ? 0 : bytes;
  }
};

}  // namespace

std::shared_ptr<Files> system_files() { return std::make_shared<SystemFiles>(); }

}  // namespace wardex::store::sqlite
