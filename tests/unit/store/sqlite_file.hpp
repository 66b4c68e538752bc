// Looks into (and tampers with) a database file from outside, as a person with sqlite3 would.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace wardex::store::test {

class SqliteFile {
 public:
  explicit SqliteFile(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(handle_));
    sqlite3_wal_autocheckpoint(handle_, 0);
    sqlite3_busy_timeout(handle_, 5000);
  }
  ~SqliteFile() { sqlite3_close(handle_); }
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle_));
    }
  }
  /// All rows, columns joined by '|', rows by '\n'.
  std::string get(const std::string& sql) {
    std::string text;
    const auto collect = [](void* out, int columns, char** values, char**) {
      auto& all = *static_cast<std::string*>(out);
      if (!all.empty()) all += '\n';
      for (int i = 0; i < columns; ++i) {
        if (i > 0) all += '|';
        if (values[i] != nullptr) all += values[i];
      }
      return 0;
    };
    if (sqlite3_exec(handle_, sql.c_str(), collect, &text, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle_));
    }
    return text;
  }
  sqlite3* handle() { return handle_; }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace wardex::store::test
