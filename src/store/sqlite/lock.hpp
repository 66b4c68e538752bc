// One gateway per data directory.
#pragma once

#include <filesystem>

#include "store/store.hpp"

namespace wardex::store::sqlite {

/// flock on "<directory>/lock", which also holds the owner's pid; the kernel lets go of it when the process ends,
/// however it ends.
class DirectoryLock {
 public:
  static Result<DirectoryLock> take(const std::filesystem::path& directory);
  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int fd) : fd_(fd) {}
  int fd_;
};

/// Creates the directory (0700) if need be. nullopt: it can be used.
std::optional<Error> prepare_directory(const std::filesystem::path& directory);
/// Creates an empty database file with mode 0600 unless there is one.
std::optional<Error> prepare_file(const std::filesystem::path& file);

}  // namespace wardex::store::sqlite
