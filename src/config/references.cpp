#include "config/references.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "wardex/text.hpp"

namespace wardex::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxSecret = 64UL * 1024UL;
const std::vector<std::string> kSchemes{"env", "file", "credential"};

bool is_identifier(std::string_view text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

/// What came of one reference: a value, or why not; and a warning in either case.
struct Outcome {
  std::optional<Secret> value;
  std::string error;
  std::string warning;
};

Outcome refused(std::string why) {
  Outcome out;
  out.error = std::move(why);
  return out;
}
Outcome resolved(Secret value) {
  Outcome out;
  out.value = std::move(value);
  return out;
}

std::string check_bytes(std::string_view bytes) {
  if (bytes.empty()) return "is empty";
  if (bytes.size() > kMaxSecret) return "is larger than 64 KiB, which no secret is";
  if (bytes.find('\0') != std::string_view::npos) return "contains a NUL byte";
  return "";
}

/// Exactly one line end goes: `echo secret > file` adds one, and more than one may be meant.
std::string_view without_newline(std::string_view bytes) {
  if (bytes.ends_with("\r\n")) return bytes.substr(0, bytes.size() - 2);
  if (bytes.ends_with('\n')) return bytes.substr(0, bytes.size() - 1);
  return bytes;
}

Outcome read_secret_file(const fs::path& path, bool warn_of_mode) {
  // O_NONBLOCK: opening a FIFO must not hang the start.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // NOLINT(cppcoreguidelines-pro-type-vararg)
  if (fd < 0) {
    const int error = errno;
    std::string message = path.string() + ": " + std::strerror(error);
    if (error == EACCES) message += " (the gateway's user must be able to read it)";
    return refused(message);
  }
  Outcome out;
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    out.error = path.string() + " is not a regular file";
    ::close(fd);
    return out;
  }
  if (warn_of_mode && (info.st_mode & S_IROTH) != 0)
    out.warning =
        path.string() + " is readable by everybody on this machine; chmod 0640 it (owner root, group of the gateway)";
  std::string bytes(kMaxSecret + 3, '\0');  // room for "\r\n" and for one byte too many
  std::size_t size = 0;
  while (size < bytes.size()) {
    const auto got = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) out.error = path.string() + ": " + std::strerror(errno);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  bytes.resize(size);
  if (out.error.empty()) {
    const auto kept = without_newline(bytes);
    if (auto wrong = check_bytes(kept); !wrong.empty())
      out.error = path.string() + " " + wrong;
    else
      out.value = Secret(std::string(kept));
  }
  const Secret wipe(std::move(bytes));  // Secret wipes what it owns
  return out;
}

class Resolver {
 public:
  Resolver(const SecretSources& sources, Problems& problems, std::vector<fs::path>& files)
      : sources_(sources), problems_(problems), files_(files) {}

  void walk(Value& value, const std::string& path) {
    for (std::size_t i = 0; i < value.items.size(); ++i) walk(value.items[i], path + "[" + std::to_string(i) + "]");
    for (auto& entry : value.entries) walk(entry.value, settings_detail::join_path(path, entry.key));
    if (value.kind == Value::Kind::scalar && value.scalar.find("${") != std::string::npos) scalar(value, path);
  }

 private:
  void scalar(Value& value, const std::string& path) {
    const std::string_view text = value.scalar;
    if (text.starts_with("${") && text.find('}') == text.size() - 1) {
      reference(value, path, text.substr(2, text.size() - 3));
      return;
    }
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
      if (text.substr(at).starts_with("$${")) {
        plain += "${";
        at += 3;
        continue;
      }
      if (names_scheme(text.substr(at))) {
        problems_.error(value.at, path,
                        "a reference must be the whole value: '" +
                            std::string(text.substr(at, text.find('}', at) - at + 1)) +
                            "' stands inside longer text. Put the whole text behind the reference, or write $${ for a "
                            "literal ${");
        return;
      }
      plain += text[at++];
    }
    value.scalar = std::move(plain);
  }

  static bool names_scheme(std::string_view text) {
    if (!text.starts_with("${")) return false;
    text.remove_prefix(2);
    return std::any_of(kSchemes.begin(), kSchemes.end(), [&](const std::string& scheme) {
      return text.starts_with(scheme) && text.substr(scheme.size()).starts_with(':');
    });
  }

  void reference(Value& value, const std::string& path, std::string_view inner) {
    value.is_reference = true;
    const auto colon = inner.find(':');
    if (colon == std::string_view::npos) {
      problems_.error(value.at, path,
                      "'" + value.scalar + "' does not say where to look; write ${env:" +
                          (inner.empty() ? "NAME" : std::string(inner)) + "}, ${file:/path} or ${credential:name}");
      return;
    }
    const auto scheme = inner.substr(0, colon);
    const auto name = inner.substr(colon + 1);
    auto [found, is_new] = seen_.try_emplace(std::string(inner));
    if (is_new) found->second = look_up(scheme, name);
    const Outcome& outcome = found->second;
    if (is_new && !outcome.warning.empty()) problems_.warning(value.at, path, outcome.warning);
    if (!outcome.error.empty()) problems_.error(value.at, path, value.scalar + ": " + outcome.error);
    value.resolved = outcome.value;
  }

  Outcome look_up(std::string_view scheme, std::string_view name) {
    if (scheme == "env") return environment(name);
    if (scheme == "file") return file(name);
    if (scheme == "credential") return credential(name);
    const auto near = text::nearest(scheme, kSchemes);
    return refused("unknown kind of reference '" + std::string(scheme) + "'" +
                   (near.empty() ? "; known are env, file and credential" : ", did you mean '" + near + "'?"));
  }

  [[nodiscard]] Outcome environment(std::string_view name) const {
    if (!is_identifier(name, "_")) return refused("'" + std::string(name) + "' is no environment variable name");
    const auto value = sources_.env ? sources_.env(name) : std::nullopt;
    if (!value) return refused("the environment variable " + std::string(name) + " is not set for this process");
    if (auto wrong = check_bytes(*value); !wrong.empty())
      return refused("the environment variable " + std::string(name) + " " + wrong);
    return resolved(Secret(*value));
  }

  Outcome file(std::string_view name) {
    const fs::path path(name);
    if (!path.is_absolute())
      return refused("the path must be absolute, like ${file:/etc/wardex-gateway/secrets/token}");
    files_.push_back(path);
    return read_secret_file(path, true);
  }

  Outcome credential(std::string_view name) {
    // systemd.exec(5): a credential's id is a file name below $CREDENTIALS_DIRECTORY.
    if (!is_identifier(name, "_-.") || name.starts_with('.'))
      return refused("a credential's name is made of letters, digits, '_', '-' and '.'");
    if (sources_.credentials_directory.empty())
      return refused(
          "this process has no systemd credentials ($CREDENTIALS_DIRECTORY is not set); add LoadCredential=" +
          std::string(name) + ":/path to the unit, or use ${file:/path}");
    const auto path = sources_.credentials_directory / name;
    files_.push_back(path);
    auto outcome = read_secret_file(path, false);
    if (!outcome.error.empty() && !fs::exists(path))
      outcome.error = "there is no such credential; add LoadCredential=" + std::string(name) + ":/path to the unit";
    return outcome;
  }

  const SecretSources& sources_;
  Problems& problems_;
  std::vector<fs::path>& files_;
  std::map<std::string, Outcome> seen_;  // one read each, so that two users of a secret cannot see two versions
};

}  // namespace

void resolve_references(Value& root, const SecretSources& sources, Problems& problems,
                        std::vector<fs::path>& secret_files) {
  Resolver(sources, problems, secret_files).walk(root, "");
}

Value without_secrets(Value root) {
  root.resolved.reset();
  for (auto& item : root.items) item = without_secrets(std::move(item));
  for (auto& entry : root.entries) entry.value = without_secrets(std::move(entry.value));
  return root;
}

SecretSources SecretSources::process() {
  SecretSources sources;
  sources.env = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  if (const char* directory = std::getenv("CREDENTIALS_DIRECTORY")) sources.credentials_directory = directory;
  return sources;
}

}  // namespace wardex::config
