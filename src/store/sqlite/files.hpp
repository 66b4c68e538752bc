// What the store asks of the file system beside SQLite's VFS. A parameter like that one, so that a simulation can lose
// what was not synced.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace wardex::store::sqlite {

class Files {
 public:
  virtual ~Files() = default;
  /// An empty file that only its owner may read, in place of what had that name. What is wrong, or nullopt.
  virtual std::optional<std::string> create(const std::filesystem::path& file) = 0;
  /// A file of so many bytes, whose room on the disk is really taken. False: there is not so much, and no such file.
  virtual bool allocate(const std::filesystem::path& file, std::uint64_t bytes) = 0;
  /// Not there afterwards, if that can be had.
  virtual void remove(const std::filesystem::path& file) = 0;
  /// Durably gives `file` the name `target`, in place of what had it: content first, then the name. Throws Failure.
  virtual void put_in_place(const std::filesystem::path& file, const std::filesystem::path& target) = 0;
  /// In bytes; 0 when there is none.
  [[nodiscard]] virtual std::uint64_t size(const std::filesystem::path& file) const = 0;
};

std::shared_ptr<Files> system_files();

}  // namespace wardex::store::sqlite
