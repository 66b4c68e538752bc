// SQLite by RAII: a connection with its prepared statements, a query in use, and what a failure means. Nothing else in
// the store calls the C API directly, but for checkpoints and backups.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "store/sqlite/statements.hpp"
#include "store/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace wardex::store::sqlite {

/// An SQLite call failed.
struct Failure : std::runtime_error {
  Failure(int extended_code, int system_errno, const std::string& message)
      : std::runtime_error(message), code(extended_code), system(system_errno) {}
  int code;    ///< extended result code
  int system;  ///< errno behind it, or 0
};
/// A verb says no for a reason of its own (nothing to do with the database's health).
struct Refused {
  Error error;
};

struct Judgement {
  Error error;
  bool lasting = false;  ///< the connection must not write any more (full: until a probe succeeds)
};
/// Which fault a failure is. A failed fsync is never retried: after one, the kernel may have dropped the dirty pages
/// and a second fsync would lie.
Judgement judge(const Failure& failure);

/// A prepared statement in use: bound, stepped, and reset when it goes out of scope.
class Query {
 public:
  explicit Query(sqlite3_stmt* statement) : statement_(statement) {}
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  /// Runs a statement without result rows, once. Texts are not copied: they live until the end of this call.
  template <class... Args>
  void run(const Args&... args) {
    int index = 0;
    (bind(++index, args, false), ...);
    finish();
  }
  /// Binds for step(); texts are copied.
  template <class... Args>
  Query& with(const Args&... args) {
    int index = 0;
    (bind(++index, args, true), ...);
    return *this;
  }
  /// False: no more rows.
  bool step();
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] bool is_integer(int column) const;
  [[nodiscard]] bool is_text(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  /// Valid until the next step.
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }

 private:
  void bind(int index, std::string_view text, bool copy);
  void bind(int index, const char* text, bool copy) { bind(index, std::string_view(text), copy); }
  void bind(int index, const std::string& text, bool copy) { bind(index, std::string_view(text), copy); }
  void bind(int index, std::nullptr_t, bool copy);
  void bind_integer(int index, std::int64_t value);
  template <class T>
  requires std::is_integral_v<T>
  void bind(int index, T value, bool /*copy*/) { bind_integer(index, static_cast<std::int64_t>(value)); }
  template <class T>
  void bind(int index, const std::optional<T>& value, bool copy) {
    if (value) {
      bind(index, *value, copy);
    } else {
      bind(index, nullptr, copy);
    }
  }
  void finish();

  sqlite3_stmt* statement_;
};

class Connection {
 public:
  enum class Mode { read_write, read_only };

  /// `immutable`: the file cannot change and has no WAL (a backup); nothing is created beside it.
  Connection(const std::filesystem::path& file, Mode mode, std::string vfs = {}, bool immutable = false);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The named statement, prepared at its first use and kept.
  Query query(Sql sql);
  /// Runs a script (pragmas, migrations); result rows are dropped.
  void script(std::string_view sql);
  /// The first column of the first row of an ad-hoc statement, as text; empty without a row.
  std::string value(std::string_view sql);

  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  [[nodiscard]] bool is_writable() const;
  void rollback() noexcept;
  void keep_wal_on_close();
  /// Statements begun after this are interrupted when they run past `at` by the clock `mono`, which outlives them.
  void set_deadline(MonoTime at, const std::function<MonoTime()>& mono) {
    deadline_ = at;
    mono_ = &mono;
  }
  /// From any thread: what runs on this read-only connection fails, now and from here on.
  void interrupt() { interrupted_ = true; }

  [[nodiscard]] sqlite3* handle() const { return handle_; }
  /// Name of its VFS; empty: the default one.
  [[nodiscard]] const std::string& vfs() const { return vfs_; }

 private:
  static int on_progress(void* self);

  const std::string vfs_;
  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, kStatements.size()> statements_{};
  MonoTime deadline_{};
  const std::function<MonoTime()>* mono_ = nullptr;  ///< null: no deadline
  std::atomic<bool> interrupted_{false};
};

/// A read transaction: everything read under it is one state of the database.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection) { connection_.query(Sql::begin_read).run(); }
  ~Snapshot() { connection_.rollback(); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

/// NULL in place of an empty text, to be bound.
inline std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// Throws Failure with the connection's last error.
[[noreturn]] void fail(sqlite3* handle, int code, std::string_view doing);

}  // namespace wardex::store::sqlite
