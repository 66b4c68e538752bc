#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <type_traits>

#include "deliver/flight_recorder.hpp"
#include "runtime/log.hpp"

namespace wardex::deliver {
namespace {

constexpr std::string_view kMagic = "WDXFLT1\n";
constexpr std::size_t kNames = 512;       // connectors, past ones included
constexpr std::size_t kNameBytes = 64;    // an id has at most 63
constexpr std::size_t kPlaces = 1 << 16;  // deliveries under way at once; more go unrecorded
constexpr FlightRecorder::Place kNowhere = std::numeric_limits<FlightRecorder::Place>::max();

struct Slot {
  std::uint64_t seq;
  std::uint32_t name;  // 0: free; else the number of the connector, from 1
  std::uint32_t unused;
};
struct Layout {
  std::array<char, 8> magic;
  std::array<char, 56> boot_id;
  std::array<std::array<char, kNameBytes>, kNames> names;
  std::array<Slot, kPlaces> slots;
};
static_assert(std::is_trivially_copyable_v<Layout>);

std::string boot_id() {
  std::string id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), id);
  return id.substr(0, 55);
}

template <std::size_t N>
std::string_view text(const std::array<char, N>& field) {
  return {field.data(), ::strnlen(field.data(), N)};
}

class FlightFile final : public FlightRecorder {
 public:
  explicit FlightFile(Layout* layout) : layout_(layout) {
    const auto boot = boot_id();
    complete_ = text(layout_->magic) == kMagic && !boot.empty() && text(layout_->boot_id) == boot;
    if (complete_) read_left();
    std::memset(static_cast<void*>(layout_), 0, sizeof *layout_);
    // What was left stays noted until it is dealt with: this start may end early as well.
    for (const auto& flight : left_) places_of_left_.push_back(begin(flight.connector, flight.seq));
    std::memcpy(layout_->boot_id.data(), boot.data(), boot.size());
    std::atomic_thread_fence(std::memory_order_release);
    std::memcpy(layout_->magic.data(), kMagic.data(), kMagic.size());
  }
  ~FlightFile() override { ::munmap(layout_, sizeof *layout_); }
  FlightFile(const FlightFile&) = delete;
  FlightFile& operator=(const FlightFile&) = delete;

  [[nodiscard]] std::vector<Flight> left() const override { return left_; }
  [[nodiscard]] bool complete() const override { return complete_; }
  void forget_left() override {
    for (const auto place : places_of_left_) end(place);
    places_of_left_.clear();
    left_.clear();
  }

  Place begin(std::string_view connector, store::Seq seq) override {
    const auto name = number_of(connector);
    if (name == 0) return kNowhere;
    Place place = next_;
    if (!free_.empty()) {
      place = free_.back();  // the last one freed: few pages are ever touched
      free_.pop_back();
    } else if (next_ < kPlaces) {
      ++next_;
    } else {
      return kNowhere;
    }
    Slot& slot = layout_->slots[place];
    slot.seq = seq;
    // A process dies between two instructions, and this one makes the slot count.
    std::atomic_ref(slot.name).store(name, std::memory_order_release);
    return place;
  }
  void end(Place place) override {
    if (place == kNowhere) return;
    std::atomic_ref(layout_->slots[place].name).store(0, std::memory_order_release);
    free_.push_back(place);
  }

 private:
  void read_left() {
    for (const Slot& slot : layout_->slots) {
      if (slot.name == 0 || slot.name > kNames) continue;
      const auto name = text(layout_->names[slot.name - 1]);
      if (!name.empty() && slot.seq > 0) left_.push_back({std::string(name), slot.seq});
    }
  }
  /// From 1; 0 when there is no room for another name.
  std::uint32_t number_of(std::string_view connector) {
    if (const auto known = numbers_.find(connector); known != numbers_.end()) return known->second;
    if (numbers_.size() >= kNames || connector.size() >= kNameBytes) return 0;
    const auto number = static_cast<std::uint32_t>(numbers_.size()) + 1;
    std::memcpy(layout_->names[number - 1].data(), connector.data(), connector.size());
    numbers_.emplace(connector, number);
    return number;
  }

  Layout* layout_;
  bool complete_ = false;
  std::vector<Flight> left_;
  std::vector<Place> places_of_left_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<Place> free_;
  Place next_ = 0;
};

class NoRecorder final : public FlightRecorder {
 public:
  [[nodiscard]] std::vector<Flight> left() const override { return {}; }
  [[nodiscard]] bool complete() const override { return false; }
  void forget_left() override {}
  Place begin(std::string_view, store::Seq) override { return kNowhere; }
  void end(Place) override {}
};

Layout* map_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  // All of it is allocated: a page that the disk has no room for would end the process when it is touched.
  const bool fits = ::posix_fallocate(fd, 0, sizeof(Layout)) == 0;
  void* mapped = fits ? ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
  ::close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<Layout*>(mapped);
}

}  // namespace

std::unique_ptr<FlightRecorder> open_flight_file(const std::filesystem::path& directory) {
  const auto file = directory / "in-flight";
  if (auto* layout = map_file(file)) return std::make_unique<FlightFile>(layout);
  log::warning("flights.unrecorded", "deliveries under way cannot be recorded", {{"file", file.string()}});
  // An older record would speak of another process.
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return no_flight_recorder();
}

std::unique_ptr<FlightRecorder> no_flight_recorder() { return std::make_unique<NoRecorder>(); }

}  // namespace wardex::deliver
