#include "sink/tally.hpp"

#include <algorithm>

#include <string.h>

namespace wardex::bench {

namespace {

constexpr std::uint64_t kMostSequences = 400'000'000;  // a byte each
constexpr std::size_t kMissingShown = 20;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::size_t kMostSeconds = 100'000;

/// Calls `found` with the text from each marker on. Result: where the search ended, with a cut marker still to come.
template <class Found>
std::size_t for_each_marker(std::string_view text, Found found) {
  std::size_t at = 0;
  while (true) {
    // memmem is many times faster than find() for this.
    const void* hit = memmem(text.data() + at, text.size() - at, kIdMarker.data(), kIdMarker.size());
    if (hit == nullptr) return std::max(at, text.size() - std::min(text.size(), kIdMarker.size() - 1));
    at = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    if (text.size() - at < kIdSize) return at;
    found(text.substr(at, kIdSize));
    at += kIdMarker.size();
  }
}

}  // namespace

void Tally::reset(std::optional<std::uint32_t> run) {
  *this = Tally(once_a_request_);
  run_ = run;
}

std::size_t Tally::take(std::string_view body, std::int64_t now_us) {
  ++requests_;
  std::size_t count = 0;
  for_each_marker(body, [&](std::string_view text) {
    const auto id = read_event_id(text);
    if (!id) {
      ++unreadable_;
      return;
    }
    ++count;
    note(*id, now_us);
  });
  return count;
}

std::size_t Tally::take_stream(std::string_view bytes, std::int64_t now_us) {
  ++requests_;
  return for_each_marker(bytes, [&](std::string_view text) {
    if (const auto id = read_event_id(text))
      note(*id, now_us);
    else
      ++unreadable_;
  });
}

void Tally::note(const EventId& id, std::int64_t now_us) {
  if (!run_) run_ = id.run;
  if (id.run != *run_ || id.sequence >= kMostSequences) {
    ++foreign_;
    return;
  }
  if (id.sequence >= seen_.size()) seen_.resize(std::max<std::size_t>(id.sequence + 1, seen_.size() * 2));
  if (once_a_request_) {
    if (request_.size() < seen_.size()) request_.resize(seen_.size());
    if (request_[id.sequence] == requests_) return;
    request_[id.sequence] = requests_;
  }
  ++events_;
  touched_us_ = now_us;
  auto& times = seen_[id.sequence];
  if (times < 255) ++times;
  if (times > 1) return;
  ++unique_;
  delay_.add(now_us - id.sent_us);
  if (id.case_number != 0) note_order(id);
  if (first_us_ == 0) first_us_ = last_us_ = now_us;
  longest_gap_us_ = std::max(longest_gap_us_, now_us - last_us_);
  last_us_ = now_us;
  const auto second = std::min(static_cast<std::size_t>((now_us - first_us_) / kSecond), kMostSeconds);
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  ++seconds_[second];
}

/// A repetition may come late, a first arrival may not: `note` asks for those only.
void Tally::note_order(const EventId& id) {
  if (id.case_number >= last_of_case_.size()) last_of_case_.resize(id.case_number + 1);
  auto& last = last_of_case_[id.case_number];
  if (id.sequence + 1 < last) ++order_breaks_;
  last = std::max(last, id.sequence + 1);
}

nlohmann::ordered_json Tally::json(std::uint64_t expected, std::uint64_t first) const {
  std::uint64_t missing = 0;
  auto first_missing = nlohmann::ordered_json::array();
  for (std::uint64_t i = first; i < first + expected; ++i) {
    if (i < seen_.size() && seen_[i] > 0) continue;
    ++missing;
    if (first_missing.size() < kMissingShown) first_missing.push_back(i);
  }
  const auto repeated = std::count_if(seen_.begin(), seen_.end(), [](auto times) { return times > 1; });
  return {{"run", run_ ? nlohmann::ordered_json(run_name(*run_)) : nlohmann::ordered_json()},
          {"events", events_},
          {"unique", unique_},
          {"duplicates", events_ - unique_},
          {"repeated_ids", repeated},
          {"expected", expected},
          {"missing", missing},
          {"first_missing", std::move(first_missing)},
          {"foreign", foreign_},
          {"unreadable", unreadable_},
          {"order_breaks", order_breaks_},
          {"first_us", first_us_},
          {"last_us", last_us_},
          {"touched_us", touched_us_},
          {"longest_gap_us", longest_gap_us_},
          {"seconds", seconds_},
          {"delay_us", delay_.json()}};
}

}  // namespace wardex::bench
