// JSON Lines to a local file: the embedded default, and the archive that every other tool can read.
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "wardex/connector.hpp"
#include "wardex/crypto.hpp"
#include "wardex/text.hpp"

namespace wardex::file {
namespace {

enum class Format { event, original };

struct Settings {
  std::string path;
  Format format{};
  bool fsync = true;
  Bytes rotate_bytes;
  std::uint32_t keep = 0;

  static const SettingsTable<Settings>& table();
  void check(const Value& given, std::string_view path, Problems& problems) const;
};

}  // namespace
}  // namespace wardex::file

template <>
struct wardex::EnumNames<wardex::file::Format> {
  static constexpr std::array names{std::pair{"event", file::Format::event},
                                    std::pair{"original", file::Format::original}};
};

namespace wardex::file {
namespace {

/// A file that rotates every few lines is a mistake in the unit, not a wish.
constexpr std::uint64_t kSmallestRotation = 1024;

const SettingsTable<Settings>& Settings::table() {
  static const SettingsTable<Settings> t{
      required("path", &Settings::path,
               "File to append to, as an absolute path. It is created with mode 0640; its folder must exist."),
      with_default("format", &Settings::format, "event",
                   "`event` writes the canonical event; `original` writes the sender's own JSON."),
      with_default("fsync", &Settings::fsync, "true",
                   "Sync to disk before an event counts as delivered. Without it a power cut may lose the last lines."),
      with_default("rotate_bytes", &Settings::rotate_bytes, "64MiB",
                   "Start a new file before this one would grow over the size; 0 never does."),
      with_default("keep", &Settings::keep, "5", "Rotated files to keep; the oldest is deleted.").between("1", "100"),
  };
  return t;
}

void Settings::check(const Value& given, std::string_view at, Problems& problems) const {
  const auto complain = [&](std::string_view key, std::string message) {
    const Value* value = given.find(key);
    problems.error(value != nullptr ? value->at : given.at, std::string(at) + "." + std::string(key),
                   std::move(message));
  };
  if (!path.starts_with('/'))
    complain("path", "must be an absolute path such as /var/lib/wardex-gateway/events.jsonl");
  else if (path.ends_with('/') || path.ends_with("/.") || path.ends_with("/.."))
    complain("path", "must name a file, not a folder");
  else if (text::single_line(path) != path)
    complain("path", "must not contain control or invisible characters");
  if (rotate_bytes.count != 0 && rotate_bytes.count < kSmallestRotation)
    complain("rotate_bytes", "must be 0 (never) or at least 1KiB");
}

/// Bytes of the character at `at`, if it is one that JSON lets stand raw in a string, but that some reader takes for a
/// line's end (NEL, LS, PS: Python's splitlines) or a terminal for a command (DEL, C1, bidi overrides); else 0.
std::size_t unwelcome(std::string_view json, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < json.size() ? static_cast<unsigned char>(json[at + i]) : 0U; };
  if (byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) <= 0x9F) return 2;                                        // U+0080..9F
  if (byte(0) == 0xE2 && byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) return 3;  // U+2028..202E
  if (byte(0) == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return 3;  // U+2066..2069
  return 0;
}

/// Valid JSON as exactly one line for every reader. Raw CR and LF can only be white space between tokens; the unwelcome
/// ones can only stand in strings, where an escape means the same.
std::string one_line(std::string_view json) {
  std::string out;
  out.reserve(json.size() + 1);
  for (std::size_t at = 0; at < json.size();) {
    const auto size = unwelcome(json, at);
    if (size == 0) {
      out += json[at] == '\n' || json[at] == '\r' ? ' ' : json[at];
      ++at;
      continue;
    }
    const auto last = static_cast<unsigned char>(json[at + size - 1]);
    const bool upper_row = size == 3 && json[at + 1] == '\x81';  // U+2040..207F, else U+2000..203F
    const unsigned low = size < 3 ? last : upper_row ? last - 0x40U : last - 0x80U;
    out.append(size == 3 ? "\\u20" : "\\u00").append(hex(std::string(1, static_cast<char>(low))));
    at += size;
  }
  return out += '\n';
}

std::string event_line(const Delivery& delivery, std::string_view connector) {
  auto json = to_json(*delivery.event);
  json["connector"] = connector;
  json["delivery"] = delivery.key;
  if (!delivery.stands_in_for.empty()) json["stands_in_for"] = text::valid_utf8(delivery.stands_in_for);
  if (!delivery.also_sent_via.empty()) json["also_sent_via"] = text::valid_utf8(delivery.also_sent_via);
  if (delivery.coalesced > 0) json["coalesced"] = delivery.coalesced;
  return one_line(json.dump());
}

class FileSink final : public Sink {
 public:
  explicit FileSink(Settings settings) : settings_(std::move(settings)) {}

  [[nodiscard]] Request render(Batch batch, const RenderContext& context) const override {
    FileAppend out{.path = settings_.path,
                   .bytes = {},
                   .fsync = settings_.fsync,
                   .rotate_bytes = settings_.rotate_bytes.count,
                   .keep = settings_.keep};
    for (const auto& delivery : batch) {
      // What the gateway itself makes (a digest, a test sample) has no original.
      const bool original = settings_.format == Format::original && !delivery.event->original.empty();
      out.bytes +=
          original ? one_line(text::valid_utf8(delivery.event->original)) : event_line(delivery, context.connector);
    }
    return out;
  }

  [[nodiscard]] Verdict interpret(Batch, const Request& request, const Response& response,
                                  const RenderContext&) const override {
    const auto* written = std::get_if<Written>(&response);
    if (written != nullptr && written->bytes >= body_size(request)) return Delivered{};
    return Retry{"the file took only a part of the lines", std::nullopt};
  }

  [[nodiscard]] BatchLimits batch_limits() const override {
    return {.max_events = 500,
            .max_bytes = 4UL * 1024UL * 1024UL,
            .max_age = Millis{0},
            .ordered = true,
            .streaming = true};
  }

 private:
  Settings settings_;
};

}  // namespace

const Manifest& manifest() {
  static const Manifest m{
      .name = "file",
      .title = "JSON Lines file",
      .category = Category::siem,
      .summary = "Appends one JSON line per event to a local file, with rotation.",
      .accepts = {kKinds.begin(), kKinds.end()},
      .dedups_by_key = false,
      .mirrors_state = false,
      .auth = {},
      .docs = "connectors/file/README.md",
      .settings = Settings::table().specs(),
      .make_sink = sink_maker<FileSink, Settings>(),
  };
  return m;
}

}  // namespace wardex::file
