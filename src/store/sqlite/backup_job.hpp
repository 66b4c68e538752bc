// The one backup that may be under way: asked for from any thread, copied by the writer in small steps, checked by a
// worker of its own because integrity_check of a large copy takes seconds.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "store/sqlite/backup.hpp"
#include "store/sqlite/open.hpp"

namespace wardex::store::sqlite {

class BackupJob {
 public:
  explicit BackupJob(const Options& options) : post_(options.post), files_(options.files), workers_(options.workers) {}
  ~BackupJob();
  BackupJob(const BackupJob&) = delete;
  BackupJob& operator=(const BackupJob&) = delete;

  /// Any thread. False: one is being made already, `done` was told so.
  bool request(std::filesystem::path target, Done<Ok> done);
  [[nodiscard]] bool has_work() const;
  /// The writer's: copies some pages, if there is a backup to make.
  void step(Connection& source);
  /// The writer's last word: what is not copied by now is given up; waits for a check under way.
  void close();

 private:
  enum class Stage { idle, requested, copying, checking };

  void begin(Connection& source);
  void finish(std::optional<Error> error);

  const std::function<void(std::function<void()>)> post_;
  const std::shared_ptr<Files> files_;
  const std::shared_ptr<Workers> workers_;
  mutable std::mutex mutex_;
  Stage stage_ = Stage::idle;
  std::filesystem::path target_;
  Done<Ok> done_;

  std::unique_ptr<Backup> copying_;  // the writer's own, like the next
  std::unique_ptr<Worker> check_;
};

}  // namespace wardex::store::sqlite
