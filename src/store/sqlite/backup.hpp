// An online copy, taken on the writer's own connection a few pages at a time between its transactions: from any other
// connection each commit would start the copy over.
#pragma once

#include <filesystem>
#include <string>

#include "store/sqlite/database.hpp"
#include "store/sqlite/files.hpp"

struct sqlite3_backup;

namespace wardex::store::sqlite {

class Backup {
 public:
  /// Copies into "<target>.partial", with the source's VFS. Throws Failure, or Refused when the target makes no sense.
  Backup(Connection& source, std::filesystem::path target, std::shared_ptr<Files> files);
  ~Backup();
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  /// Copies some more; true: everything is copied. Throws Failure.
  bool step(int pages);
  /// Ends the copying; finish_copy() remains to be done, on any thread.
  void close();
  [[nodiscard]] const std::filesystem::path& partial() const { return partial_; }
  [[nodiscard]] const std::filesystem::path& target() const { return target_; }

 private:
  std::shared_ptr<Files> files_;
  std::filesystem::path target_;
  std::filesystem::path partial_;
  sqlite3* copy_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  bool closed_ = false;
};

/// Checks the copy's integrity, makes it one self-contained file (no WAL), syncs it and gives it its name. Returns what
/// is wrong; the partial file is removed then.
std::optional<std::string> finish_copy(const std::filesystem::path& partial, const std::filesystem::path& target,
                                       const std::string& vfs, Files& files);

/// All of it in one go, for a database nobody else uses. Throws Failure or Refused.
void copy_database(Connection& source, const std::filesystem::path& target, const std::shared_ptr<Files>& files);

}  // namespace wardex::store::sqlite
