// Appends to local files from worker threads, one append per file at a time, in order.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "runtime/one_shot.hpp"
#include "runtime/worker_pool.hpp"
#include "transport/log_file.hpp"
#include "transport/transport.hpp"

namespace wardex::transport {

/// Hold it in a shared_ptr. A hung file system holds up its own files and one thread; other files go on.
class FileAppender : public std::enable_shared_from_this<FileAppender> {
 public:
  explicit FileAppender(asio::any_io_executor executor, std::size_t threads = 3);

  asio::awaitable<Outcome> send(FileAppend request, std::shared_ptr<const SendOptions> options);
  /// Each file is opened anew by its next append.
  void reopen();
  void stop();

 private:
  struct File {
    explicit File(std::string path) : log(std::make_shared<LogFile>(std::move(path))) {}
    std::shared_ptr<LogFile> log;  // the worker thread's while busy
    bool busy = false;
    bool reopen = false;
    std::deque<std::shared_ptr<runtime::OneShot<bool>>> waiting;
    MonoTime used{};
  };
  std::shared_ptr<File> open(const std::string& path);
  void release(const std::shared_ptr<File>& file);

  asio::any_io_executor executor_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::unique_ptr<runtime::WorkerPool> pool_;
  bool stopped_ = false;
};

}  // namespace wardex::transport
