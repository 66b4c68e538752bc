#include "transport/file_append.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <utility>

#include "runtime/deadline.hpp"

namespace wardex::transport {

namespace {

constexpr std::size_t kMaxHandles = 64;

}  // namespace

FileAppender::FileAppender(asio::any_io_executor executor, std::size_t threads)
    : executor_(executor), pool_(std::make_unique<runtime::WorkerPool>(executor, threads)) {}

std::shared_ptr<FileAppender::File> FileAppender::open(const std::string& path) {
  if (const auto found = files_.find(path); found != files_.end()) return found->second;
  if (files_.size() >= kMaxHandles) {
    auto oldest = files_.end();
    for (auto it = files_.begin(); it != files_.end(); ++it)
      if (!it->second->busy && (oldest == files_.end() || it->second->used < oldest->second->used)) oldest = it;
    if (oldest != files_.end()) files_.erase(oldest);
  }
  return files_.emplace(path, std::make_shared<File>(path)).first->second;
}

void FileAppender::release(const std::shared_ptr<File>& file) {
  file->used = std::chrono::steady_clock::now();
  while (!file->waiting.empty()) {
    const auto next = std::move(file->waiting.front());
    file->waiting.pop_front();
    if (next->done()) continue;  // gave up
    next->set(true);             // stays busy, for the next one
    return;
  }
  file->busy = false;
}

asio::awaitable<Outcome> FileAppender::send(FileAppend request, std::shared_ptr<const SendOptions> options) {
  const auto self = shared_from_this();
  if (stopped_) co_return Outcome(Failure{Phase::connect, "the gateway is stopping"});
  if (request.path.empty() || request.path.find('\0') != std::string::npos ||
      !std::filesystem::path(request.path).is_absolute())
    co_return Outcome(Failure{Phase::refused, "the file's path must be absolute", true});

  auto deadline = std::make_shared<runtime::Deadline>(executor_);
  deadline->expire_after(options->timeout);
  const auto file = open(request.path);
  if (file->busy) {
    auto turn = std::make_shared<runtime::OneShot<bool>>(executor_);
    file->waiting.push_back(turn);
    deadline->on_expiry([turn] { turn->give_up(); });
    const auto admitted = co_await turn->wait();
    deadline->on_expiry(nullptr);
    if (!admitted)
      co_return Outcome(Failure{Phase::connect, "cannot write " + request.path + ": timed out behind an append that " +
                                                    "does not end (does the file system hang?)"});
  }
  file->busy = true;

  auto finished = std::make_shared<runtime::OneShot<Outcome>>(executor_);
  auto outcome = std::make_shared<Outcome>();
  const bool reopen = std::exchange(file->reopen, false);
  auto path = request.path;
  auto job = std::make_shared<const FileAppend>(std::move(request));
  pool_->run(
      [log = file->log, outcome, job, reopen] {
        try {
          if (reopen) log->close();
          *outcome = log->append(*job);
        } catch (const std::exception& error) {
          *outcome = Failure{Phase::sent, "cannot write " + job->path + ": " + error.what()};
        }
      },
      [weak = weak_from_this(), file, outcome, finished] {
        if (auto appender = weak.lock()) appender->release(file);
        finished->set(std::move(*outcome));
      });
  deadline->on_expiry([finished] { finished->give_up(); });
  auto result = co_await finished->wait();
  deadline->on_expiry(nullptr);
  if (result) co_return std::move(*result);
  co_return Outcome(Failure{Phase::sent, "cannot write " + path + ": timed out (does the file system hang?)"});
}

void FileAppender::reopen() {
  for (const auto& [path, file] : files_) file->reopen = true;
}

void FileAppender::stop() { stopped_ = true; }

}  // namespace wardex::transport
