#include "store/sqlite/database.hpp"

#include <cerrno>

#include <sqlite3.h>

namespace wardex::store::sqlite {
namespace {

// Rows are far below this (an event is at most a few hundred KiB); SQLite's own default is 1 GB.
constexpr int kMaxRowBytes = 64 << 20;
// VM instructions between two looks at the clock: some tens of microseconds.
constexpr int kProgressInstructions = 2000;

/// A read-only connection reads, and that is all it can be made to do.
int authorize_reads(void*, int action, const char*, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return second != nullptr && std::string_view(second) == "load_extension" ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return SQLITE_OK;  // query_only below keeps them harmless; the recovery's quick_check is one
    default:
      return SQLITE_DENY;
  }
}

std::string file_uri(const std::filesystem::path& file, bool immutable) {
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '?' || c == '#' || c == '%') {
      static constexpr std::string_view kHex = "0123456789ABCDEF";
      uri += '%';
      uri += kHex[static_cast<unsigned char>(c) >> 4U];
      uri += kHex[static_cast<unsigned char>(c) & 15U];
    } else {
      uri += c;
    }
  }
  return immutable ? uri + "?immutable=1" : uri;
}

}  // namespace

void fail(sqlite3* handle, int code, std::string_view doing) {
  const int extended = handle != nullptr ? sqlite3_extended_errcode(handle) : code;
  const int system = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  std::string message(doing);
  message += ": ";
  message += handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  message += " (SQLite " + std::to_string(extended == SQLITE_OK ? code : extended) + ")";
  throw Failure(extended == SQLITE_OK ? code : extended, system, message);
}

Judgement judge(const Failure& failure) {
  const std::string what = failure.what();
  const bool no_space = failure.system == ENOSPC || failure.system == EDQUOT;
  switch (failure.code & 0xff) {
    case SQLITE_FULL:
      return {{Fault::full, "no space for the database: free disk space, writing resumes by itself (" + what + ")"},
              true};
    case SQLITE_IOERR:
      // Growing the shared-memory index fails before anything durable is touched; it means a full disk.
      if (failure.code == SQLITE_IOERR_SHMSIZE || (no_space && failure.code != SQLITE_IOERR_FSYNC)) {
        return {{Fault::full, "no space for the database: free disk space, writing resumes by itself (" + what + ")"},
                true};
      }
      return {{Fault::io, "the disk failed; check it, then restart the gateway (" + what + ")"}, true};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {{Fault::corrupt, "the database is damaged; restore a backup (" + what + ")"}, true};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return {{Fault::io, "the database cannot be written; check its permissions, then restart (" + what + ")"}, true};
    case SQLITE_INTERRUPT:
      return {{Fault::io, "the read took too long and was stopped; ask for less"}, false};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {{Fault::io, "another program holds a lock on the database; close it (" + what + ")"}, false};
    case SQLITE_CONSTRAINT:
      return {{Fault::conflict, "an invariant of the store would be broken (" + what + ")"}, false};
    default:
      return {{Fault::io, what}, false};
  }
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(sqlite3_db_handle(statement_), code, sqlite3_sql(statement_));
}

void Query::finish() {
  while (step()) {
  }
  sqlite3_reset(statement_);
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
bool Query::is_integer(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_INTEGER; }
bool Query::is_text(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_TEXT; }
std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }
std::string_view Query::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

void Query::bind(int index, std::string_view text, bool copy) {
  // A null data pointer would bind NULL.
  const char* data = text.data() != nullptr ? text.data() : "";
  const int code =
      sqlite3_bind_text64(statement_, index, data, text.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement_), code, "bind");
}
void Query::bind(int index, std::nullptr_t, bool /*copy*/) {
  if (const int code = sqlite3_bind_null(statement_, index); code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_), code, "bind");
  }
}
void Query::bind_integer(int index, std::int64_t value) {
  if (const int code = sqlite3_bind_int64(statement_, index, value); code != SQLITE_OK) {
    fail(sqlite3_db_handle(statement_), code, "bind");
  }
}

Connection::Connection(const std::filesystem::path& file, Mode mode, std::string vfs, bool immutable)
    : vfs_(std::move(vfs)) {
  // NOMUTEX: a connection belongs to one thread at a time.
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_URI |
                    (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code =
      sqlite3_open_v2(file_uri(file, immutable).c_str(), &handle_, flags, vfs_.empty() ? nullptr : vfs_.c_str());
  try {
    if (code != SQLITE_OK) fail(handle_, code, "open " + file.string());
    sqlite3_busy_timeout(handle_, 5000);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, kMaxRowBytes);
    sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);
    script("PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON");
    if (mode == Mode::read_only) {
      // Only the writer checkpoints: two connections doing so is what the WAL-reset race of SQLite < 3.51.3 needs.
      keep_wal_on_close();
      script("PRAGMA query_only = ON; PRAGMA cache_size = -4096");
      sqlite3_set_authorizer(handle_, authorize_reads, nullptr);
      sqlite3_progress_handler(handle_, kProgressInstructions, &Connection::on_progress, this);
    }
  } catch (...) {
    sqlite3_close_v2(handle_);
    throw;
  }
}

Connection::~Connection() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

int Connection::on_progress(void* self) {
  const auto& connection = *static_cast<Connection*>(self);
  if (connection.interrupted_) return 1;
  return connection.mono_ != nullptr && (*connection.mono_)() > connection.deadline_ ? 1 : 0;
}

Query Connection::query(Sql sql) {
  sqlite3_stmt*& statement = statements_[static_cast<std::size_t>(sql)];
  if (statement == nullptr) {
    const std::string_view text = named(sql).sql;
    const int code = sqlite3_prepare_v3(handle_, text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK) fail(handle_, code, named(sql).name);
  }
  return Query(statement);
}

void Connection::script(std::string_view sql) {
  const std::string text(sql);
  if (const int code = sqlite3_exec(handle_, text.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) {
    fail(handle_, code, "database");
  }
}

std::string Connection::value(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) fail(handle_, code, sql);
  struct Finalize {
    sqlite3_stmt* statement;
    ~Finalize() { sqlite3_finalize(statement); }
  } const guard{statement};
  Query query(statement);
  if (!query.step()) return {};
  std::string first = query.string(0);
  // To its end: what a statement changes (`PRAGMA journal_mode = WAL` changes the file) is committed after its last
  // row.
  while (query.step()) {
  }
  return first;
}

std::int64_t Connection::changes() const { return sqlite3_changes64(handle_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
bool Connection::is_writable() const { return sqlite3_db_readonly(handle_, "main") == 0; }
void Connection::keep_wal_on_close() { sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }
void Connection::rollback() noexcept {
  // Its own failure changes nothing: SQLite has rolled back by itself, or will when the connection closes.
  if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

}  // namespace wardex::store::sqlite
