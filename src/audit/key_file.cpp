#include "audit/key_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace wardex::audit {
namespace {

constexpr std::size_t kMaxKey = 64UL * 1024UL;

std::string cannot(const char* what, const std::filesystem::path& file, int error) {
  return "cannot " + std::string(what) + " " + file.string() + ": " + std::strerror(error);
}

class File {
 public:
  File(const std::filesystem::path& file, int flags) : fd_(::open(file.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] bool sync() const { return fd_ >= 0 && ::fsync(fd_) == 0; }

  /// nullopt with errno set, or when there is more than a key has.
  [[nodiscard]] std::optional<std::string> read() const {
    std::string bytes(kMaxKey + 1, '\0');
    std::size_t size = 0;
    while (size < bytes.size()) {
      const auto got = ::read(fd_, bytes.data() + size, bytes.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return std::nullopt;
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    errno = EFBIG;
    if (size > kMaxKey) return std::nullopt;
    bytes.resize(size);
    return bytes;
  }
  [[nodiscard]] bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }

 private:
  int fd_;
};

/// Under another name first: a key torn by a power failure would keep the gateway from starting.
std::optional<std::string> store(const std::filesystem::path& file, const Secret& pem) {
  auto partial = file;
  partial += ".partial";
  ::unlink(partial.c_str());
  {
    const File out(partial, O_WRONLY | O_CREAT | O_EXCL);
    if (!out.is_open() || !out.write(pem.reveal()) || !out.sync()) return cannot("write", partial, errno);
  }
  if (::rename(partial.c_str(), file.c_str()) != 0) return cannot("rename to", file, errno);
  const File folder(file.parent_path(), O_RDONLY | O_DIRECTORY);
  if (!folder.sync()) return cannot("sync", file.parent_path(), errno);
  return std::nullopt;
}

}  // namespace

std::variant<std::optional<SigningKey>, std::string> read_key_file(const std::filesystem::path& file) {
  const File in(file, O_RDONLY);
  if (!in.is_open()) {
    if (errno == ENOENT) return std::optional<SigningKey>();
    return cannot("read", file, errno);
  }
  auto bytes = in.read();
  if (!bytes) return cannot("read", file, errno);
  auto key = SigningKey::from_pem(Secret(std::move(*bytes)));
  if (const auto* why = std::get_if<std::string>(&key)) return file.string() + " " + *why;
  return std::optional(std::move(std::get<SigningKey>(key)));
}

std::variant<KeyFile, std::string> open_key_file(const std::filesystem::path& file) {
  auto found = read_key_file(file);
  if (auto* why = std::get_if<std::string>(&found))
    return std::move(*why) + "; restore it, or move it away to have a new one made";
  auto& key = std::get<std::optional<SigningKey>>(found);
  if (key) return KeyFile{std::move(*key), false};
  KeyFile made{SigningKey::generate(), true};
  if (auto problem = store(file, made.key.pem())) return std::move(*problem);
  return made;
}

}  // namespace wardex::audit
