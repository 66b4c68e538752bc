#include "store/sqlite/backup_job.hpp"

#include <utility>

namespace wardex::store::sqlite {
namespace {
constexpr int kPagesAtOnce = 200;  // a few milliseconds
}

BackupJob::~BackupJob() { close(); }

bool BackupJob::request(std::filesystem::path target, Done<Ok> done) {
  {
    const std::lock_guard lock(mutex_);
    if (stage_ == Stage::idle) {
      stage_ = Stage::requested;
      target_ = std::move(target);
      done_ = std::move(done);
      return true;
    }
  }
  post_([done = std::move(done)] { done(Error{Fault::conflict, "a backup is being made already: wait for it"}); });
  return false;
}

bool BackupJob::has_work() const {
  const std::lock_guard lock(mutex_);
  return stage_ == Stage::requested || stage_ == Stage::copying;
}

void BackupJob::step(Connection& source) {
  if (!has_work()) return;
  // A failure is the copy's: the store itself is none the worse.
  try {
    if (!copying_) begin(source);
    if (!copying_->step(kPagesAtOnce)) return;
  } catch (const Refused& refused) {
    copying_.reset();
    return finish(refused.error);
  } catch (const Failure& failure) {
    copying_.reset();
    return finish(Error{judge(failure).error.fault, failure.what()});
  }
  copying_->close();
  {
    const std::lock_guard lock(mutex_);
    stage_ = Stage::checking;
  }
  check_ = workers_->start([this, partial = copying_->partial(), target = copying_->target(), vfs = source.vfs()] {
    const auto problem = finish_copy(partial, target, vfs, *files_);
    finish(problem ? std::optional(Error{Fault::io, *problem}) : std::nullopt);
    return std::optional<MonoTime>();
  });
  copying_.reset();
}

void BackupJob::begin(Connection& source) {
  check_.reset();  // it has ended: the stage was idle
  std::filesystem::path target;
  {
    const std::lock_guard lock(mutex_);
    stage_ = Stage::copying;
    target = target_;
  }
  copying_ = std::make_unique<Backup>(source, std::move(target), files_);
}

void BackupJob::finish(std::optional<Error> error) {
  Done<Ok> done;
  {
    const std::lock_guard lock(mutex_);
    stage_ = Stage::idle;
    done = std::move(done_);
  }
  post_([done = std::move(done), error = std::move(error)] {
    if (error) {
      done(*error);
    } else {
      done(Ok{});
    }
  });
}

void BackupJob::close() {
  copying_.reset();
  if (has_work()) finish(Error{Fault::closed, "the store was closed before the backup was complete"});
  if (check_) check_->finish();
}

}  // namespace wardex::store::sqlite
