#include "app/watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "runtime/async.hpp"

namespace wardex::app {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

int open_inotify() {
  const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "inotify_init1");
  return fd;
}

}  // namespace

struct FileWatch::Impl {
  Impl(const asio::any_io_executor& executor, std::function<void()> on_change, Millis settle_time)
      : events(executor, open_inotify()), timer(executor), changed(std::move(on_change)), settle(settle_time) {}

  asio::posix::stream_descriptor events;
  asio::steady_timer timer;
  std::function<void()> changed;
  Millis settle;
  /// Watch descriptor -> names of interest in that folder; an empty set means every *.yaml.
  std::map<int, std::set<std::string>> watches;
  bool stopped = false;

  [[nodiscard]] bool concerns(int watch, std::string_view name) const {
    const auto found = watches.find(watch);
    if (found == watches.end()) return false;
    // Kubernetes swaps the symlink "..data" and leaves the names that point through it untouched.
    if (name.starts_with("..")) return true;
    if (found->second.empty()) return name.ends_with(".yaml") || name.ends_with(".yml");
    return found->second.contains(std::string(name));
  }
  /// The store may live in the same folder: only names of interest count.
  [[nodiscard]] bool any_concerns(std::string_view bytes) const {
    while (bytes.size() >= sizeof(inotify_event)) {
      inotify_event event{};
      std::memcpy(&event, bytes.data(), sizeof event);
      const auto name = bytes.substr(sizeof event, event.len);
      if (concerns(event.wd, name.substr(0, name.find('\0')))) return true;
      bytes.remove_prefix(std::min(bytes.size(), sizeof event + event.len));
    }
    return false;
  }
};

namespace {

/// Every event pushes the timer back, so a burst (an editor's write, rename, chmod) makes one call.
template <class Impl>
asio::awaitable<void> read_events(std::shared_ptr<Impl> self) {
  constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);
  std::array<char, 4096> buffer{};
  while (!self->stopped) {
    const auto target = asio::buffer(buffer);
    const auto [error, size] = co_await self->events.async_read_some(target, nothrow);
    if (error) co_return;
    if (!self->any_concerns({buffer.data(), size})) continue;
    self->timer.expires_after(self->settle);
    self->timer.async_wait([self](boost::system::error_code failed) {
      if (!failed && !self->stopped) self->changed();
    });
  }
}

}  // namespace

FileWatch::FileWatch(asio::any_io_executor executor, std::function<void()> changed, Millis settle)
    : impl_(std::make_shared<Impl>(executor, std::move(changed), settle)) {
  runtime::spawn(executor, "file-watch", read_events(impl_));
}

FileWatch::~FileWatch() { stop(); }

std::vector<fs::path> FileWatch::watch(const std::vector<fs::path>& paths) {
  std::map<fs::path, std::set<std::string>> folders;
  std::set<fs::path> whole;  // folders asked for as such
  for (const auto& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error))
      whole.insert(path);
    else
      folders[path.parent_path()].insert(path.filename().string());
  }
  for (const auto& folder : whole) folders[folder].clear();

  const int fd = impl_->events.native_handle();
  std::map<int, std::set<std::string>> now;
  std::vector<fs::path> failed;
  for (const auto& [folder, names] : folders) {
    const int id = inotify_add_watch(fd, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE);
    if (id < 0)
      failed.push_back(folder);
    else
      now[id] = names;
  }
  for (const auto& [old, names] : impl_->watches)
    if (!now.contains(old)) inotify_rm_watch(fd, old);
  impl_->watches = std::move(now);
  return failed;
}

void FileWatch::stop() {
  impl_->stopped = true;
  boost::system::error_code ignored;
  impl_->events.close(ignored);
  impl_->timer.cancel();
}

}  // namespace wardex::app
