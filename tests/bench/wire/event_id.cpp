#include "wire/event_id.hpp"

#include <charconv>
#include <chrono>
#include <cstring>

namespace wardex::bench {

namespace {

constexpr std::size_t kRun = kIdMarker.size();
constexpr std::size_t kCase = kRun + 8 + 1;
constexpr std::size_t kSequence = kCase + 6 + 1;
constexpr std::size_t kSent = kSequence + 10 + 1;
static_assert(kSent + 16 == kIdSize);

void put(std::span<char, kIdSize> out, std::size_t at, std::size_t digits, std::uint64_t value, unsigned base = 10) {
  for (auto place = at + digits; place-- > at; value /= base) out[place] = "0123456789abcdef"[value % base];
}

template <class T>
bool get(std::string_view digits, T& out, int base = 10) {
  const auto* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, out, base);
  return error == std::errc{} && stopped == end && digits.front() != '-';
}

}  // namespace

void write(const EventId& id, std::span<char, kIdSize> out) {
  std::memcpy(out.data(), kIdMarker.data(), kIdMarker.size());
  put(out, kRun, 8, id.run, 16);
  put(out, kCase, 6, id.case_number);
  put(out, kSequence, 10, id.sequence);
  put(out, kSent, 16, static_cast<std::uint64_t>(id.sent_us));
  for (const auto after : {kCase, kSequence, kSent}) out[after - 1] = '-';
}

std::string to_string(const EventId& id) {
  std::string text(kIdSize, '\0');
  write(id, std::span<char, kIdSize>(text.data(), kIdSize));
  return text;
}

std::optional<EventId> read_event_id(std::string_view text) {
  if (text.size() < kIdSize || !text.starts_with(kIdMarker)) return std::nullopt;
  for (const auto after : {kCase, kSequence, kSent})
    if (text[after - 1] != '-') return std::nullopt;
  EventId id;
  const bool whole = get(text.substr(kRun, 8), id.run, 16) && get(text.substr(kCase, 6), id.case_number) &&
                     get(text.substr(kSequence, 10), id.sequence) && get(text.substr(kSent, 16), id.sent_us);
  return whole ? std::optional(id) : std::nullopt;
}

std::string run_name(std::uint32_t run) { return to_string(EventId{.run = run}).substr(kRun, 8); }

std::optional<std::uint32_t> parse_run(std::string_view text) {
  std::uint32_t run = 0;
  return text.size() == 8 && get(text, run, 16) ? std::optional(run) : std::nullopt;
}

std::string case_digits(std::uint32_t case_number) {
  return to_string(EventId{.case_number = case_number}).substr(kCase, 6);
}

std::int64_t wall_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace wardex::bench
