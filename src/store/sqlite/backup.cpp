#include "store/sqlite/backup.hpp"

#include <utility>

#include <sqlite3.h>

namespace wardex::store::sqlite {

Backup::Backup(Connection& source, std::filesystem::path target, std::shared_ptr<Files> files)
    : files_(std::move(files)), target_(std::move(target)) {
  partial_ = target_;
  partial_ += ".partial";
  std::error_code ignored;
  const char* source_file = sqlite3_db_filename(source.handle(), "main");
  if (source_file != nullptr && std::filesystem::equivalent(target_, source_file, ignored)) {
    throw Refused{{Fault::conflict, "the backup would overwrite the database itself: name another file"}};
  }
  if (std::filesystem::is_directory(target_, ignored)) {
    throw Refused{{Fault::conflict, target_.string() + " is a directory: name a file"}};
  }
  if (const auto problem = files_->create(partial_)) {
    throw Refused{{Fault::conflict, "cannot create " + partial_.string() + ": " + *problem}};
  }
  const std::string& vfs = source.vfs();
  int code = sqlite3_open_v2(partial_.c_str(), &copy_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             vfs.empty() ? nullptr : vfs.c_str());
  if (code == SQLITE_OK) backup_ = sqlite3_backup_init(copy_, "main", source.handle(), "main");
  if (backup_ == nullptr) {
    const std::string message = sqlite3_errmsg(copy_);
    code = sqlite3_extended_errcode(copy_);
    sqlite3_close_v2(copy_);
    throw Failure(code, 0, "backup to " + partial_.string() + ": " + message);
  }
}

Backup::~Backup() {
  if (closed_) return;
  sqlite3_backup_finish(backup_);
  sqlite3_close_v2(copy_);
  files_->remove(partial_);
}

bool Backup::step(int pages) {
  const int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_DONE) return true;
  if (code == SQLITE_OK) return false;
  throw Failure(code, sqlite3_system_errno(copy_), "backup to " + partial_.string() + ": " + sqlite3_errstr(code));
}

void Backup::close() {
  closed_ = true;
  sqlite3_backup_finish(backup_);
  sqlite3_close_v2(copy_);
}

std::optional<std::string> finish_copy(const std::filesystem::path& partial, const std::filesystem::path& target,
                                       const std::string& vfs, Files& files) {
  try {
    {
      Connection copy(partial, Connection::Mode::read_write, vfs);
      copy.script("PRAGMA journal_mode = DELETE");
      const std::string verdict = copy.value("PRAGMA integrity_check(1)");
      if (verdict != "ok") throw Failure(SQLITE_CORRUPT, 0, "integrity_check of the copy: " + verdict);
    }
    files.put_in_place(partial, target);
    return std::nullopt;
  } catch (const std::exception& error) {
    files.remove(partial);
    return error.what();
  }
}

void copy_database(Connection& source, const std::filesystem::path& target, const std::shared_ptr<Files>& files) {
  Backup backup(source, target, files);
  while (!backup.step(2000)) {
  }
  backup.close();
  if (const auto problem = finish_copy(backup.partial(), backup.target(), source.vfs(), *files)) {
    throw Failure(SQLITE_IOERR, 0, *problem);
  }
}

}  // namespace wardex::store::sqlite
