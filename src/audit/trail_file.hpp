// Reads the audit trail of a database file, wherever it came from: rows and checkpoints one at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "store/chain_head.hpp"
#include "store/store.hpp"

namespace wardex::store::sqlite {
class Connection;
}

namespace wardex::audit {

/// A row, or (with its id) why it is none.
struct RowOrProblem {
  std::int64_t id = 0;
  std::optional<store::AuditRow> row;
  std::string problem;
};

/// As it stands there; nothing of it is believed.
struct StoredCheckpoint {
  std::int64_t row = 0;
  std::string note;
};

/// Every read is short, so that a live database's WAL is not pinned; what they say may have changed in between. Throws
/// std::runtime_error where the file cannot be read.
class TrailFile {
 public:
  /// Or why it is none.
  static std::variant<TrailFile, std::string> open(const std::filesystem::path& database);
  TrailFile(TrailFile&& other) noexcept;
  TrailFile& operator=(TrailFile&&) = delete;
  TrailFile(const TrailFile&) = delete;
  TrailFile& operator=(const TrailFile&) = delete;
  ~TrailFile();

  /// All as of one moment. The newest checkpoint vouches for the horizon: both are moved by the same transactions.
  struct Start {
    std::string instance;
    store::Horizon horizon;
    std::optional<StoredCheckpoint> newest_checkpoint;
  };
  [[nodiscard]] Start start();
  /// Those of the rows after `row`, in order, some at a time; empty: no more.
  [[nodiscard]] std::deque<StoredCheckpoint> checkpoints_after(std::int64_t row);
  /// Calls `visit` for the rows first_id..last_id (0: to the end), oldest first, until it returns false.
  void for_each_row(std::int64_t first_id, std::int64_t last_id, const std::function<bool(const RowOrProblem&)>& visit);

 private:
  explicit TrailFile(std::unique_ptr<store::sqlite::Connection> connection);
  store::Horizon horizon();

  std::unique_ptr<store::sqlite::Connection> connection_;
  bool has_checkpoints_ = false;  ///< a schema that knows them
};

}  // namespace wardex::audit
