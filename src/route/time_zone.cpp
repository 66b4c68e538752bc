#include "route/time_zone.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>

namespace wardex::route {

namespace {

constexpr std::size_t kLargestFile = 1024UL * 1024UL;
constexpr std::size_t kHeader = 44;

/// Reads big-endian numbers and refuses to read past the end.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      good_ = false;
      size = rest_.size();
    }
    const auto out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t out = 0;
    for (const char c : take(size)) out = out << 8U | static_cast<unsigned char>(c);
    return out;
  }
  std::int64_t time() { return static_cast<std::int64_t>(number(8)); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct Header {
  char version = 0;
  std::array<std::uint64_t, 6> counts{};  // isut, isstd, leap, time, type, char: the order of RFC 8536 3.1
  [[nodiscard]] std::uint64_t times() const { return counts[3]; }
  [[nodiscard]] std::uint64_t types() const { return counts[4]; }
  [[nodiscard]] std::uint64_t block(std::uint64_t time_size) const {
    return times() * (time_size + 1) + types() * 6 + counts[5] + counts[2] * (time_size + 4) + counts[1] + counts[0];
  }
};

std::optional<Header> read_header(Bytes& in) {
  const auto head = in.take(kHeader);
  if (head.size() != kHeader || !head.starts_with("TZif")) return std::nullopt;
  Header out;
  out.version = head[4];
  Bytes counts(head.substr(20));
  for (auto& count : out.counts) count = counts.number(4);
  return out;
}

}  // namespace

std::optional<TimeZone> TimeZone::load(const std::filesystem::path& file, std::string& why) {
  std::ifstream in(file, std::ios::binary);
  std::string bytes(kLargestFile, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return parse(bytes, why);
}

std::optional<TimeZone> TimeZone::parse(std::string_view bytes, std::string& why) {
  const auto refuse = [&](const char* what) {
    why = what;
    return std::nullopt;
  };
  Bytes in(bytes);
  const auto first = read_header(in);
  if (!first) return refuse("is no compiled time zone (TZif)");
  if (first->version < '2') return refuse("is a time zone of the format before 2005; install a current tzdata");
  in.take(first->block(4));  // the 32-bit copy for old readers
  const auto header = read_header(in);
  if (!header || header->types() == 0 || header->block(8) > in.rest().size()) return refuse("is cut short");

  TimeZone out;
  for (std::uint64_t i = 0; i < header->times(); ++i) out.transitions_.emplace_back(std::chrono::seconds(in.time()));
  const auto indices = in.take(header->times());
  std::vector<Offset> types;
  for (std::uint64_t i = 0; i < header->types(); ++i) {
    types.emplace_back(static_cast<std::int32_t>(in.number(4)));
    in.take(2);  // is it summer time, which abbreviation
  }
  out.offsets_.push_back(types.front());  // RFC 8536 3.2: type 0 holds before the first transition
  for (const char index : indices) {
    const auto type = static_cast<unsigned char>(index);
    if (type >= types.size()) return refuse("names a type that it does not have");
    out.offsets_.push_back(types[type]);
  }
  if (!std::is_sorted(out.transitions_.begin(), out.transitions_.end()))
    return refuse("has its transitions out of order");
  in.take(header->counts[5] + header->counts[2] * 12 + header->counts[1] + header->counts[0]);

  auto footer = in.rest();
  const auto end = footer.find('\n', 1);
  if (!in.good() || !footer.starts_with('\n') || end == std::string_view::npos) return refuse("is cut short");
  footer = footer.substr(1, end - 1);
  if (footer.empty()) return out;
  out.later_ = PosixZone::parse(footer);
  if (!out.later_) return refuse("ends in a rule that cannot be read");
  return out;
}

Offset TimeZone::offset_at(SysSeconds at) const {
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), at);
  if (next == transitions_.end() && later_) return later_->offset_at(at);
  return offsets_[static_cast<std::size_t>(next - transitions_.begin())];
}

}  // namespace wardex::route
