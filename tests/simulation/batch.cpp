#include "simulation/batch.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>

#include "simulation/data_directory.hpp"

namespace wardex::simulation {
namespace {

constexpr std::uint64_t kRepeatEvery = 50;
constexpr std::uint64_t kEnough = 20;  // failures
constexpr std::size_t kMostWorkers = 64;

/// What the processes share.
struct Board {
  std::atomic<std::uint64_t> next{0};
  std::atomic<std::uint64_t> failures{0};
  std::array<std::atomic<std::uint64_t>, kMostWorkers> at{};  ///< the seed each is with
};

/// What fits a pipe as it is; the complaints follow as text.
struct Sum {
  std::uint64_t lives = 0;
  std::uint64_t repeated = 0;
  Figures figures;
  Coverage coverage;
};
static_assert(std::is_trivially_copyable_v<Sum>);

void write_all(int to, const void* bytes, std::size_t size) {
  for (const char* at = static_cast<const char*>(bytes); size > 0;) {
    const auto done = ::write(to, at, size);
    if (done <= 0) ::_exit(3);
    at += done;
    size -= static_cast<std::size_t>(done);
  }
}

[[noreturn]] void work(Board& board, std::size_t worker, const Seeds& seeds, int to) {
  own_data_directory();
  Batch sum;
  while (board.failures < kEnough) {
    const auto seed = board.next++;
    if (seed > seeds.last) break;
    board.at.at(worker) = seed;
    const auto wrong = live(seed, seed % kRepeatEvery == 0, sum);
    if (!wrong.empty()) ++board.failures;
  }
  const Sum fixed{sum.lives, sum.repeated, sum.figures, sum.coverage};
  write_all(to, &fixed, sizeof fixed);
  const auto wrong = nlohmann::json(sum.wrong).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  write_all(to, wrong.data(), wrong.size());
  std::error_code ignored;
  std::filesystem::remove_all(data_directory(), ignored);
  ::_exit(0);
}

std::string read_all(int from) {
  std::string out;
  std::array<char, 65536> some{};
  for (;;) {
    const auto got = ::read(from, some.data(), some.size());
    if (got <= 0) return out;
    out.append(some.data(), static_cast<std::size_t>(got));
  }
}

void add(Batch& all, const std::string& bytes, std::uint64_t at, int status) {
  Sum sum;
  if (bytes.size() < sizeof sum) {
    all.wrong.emplace_back(at, "the test process itself ended, with status " + std::to_string(status));
    return;
  }
  std::copy_n(bytes.data(), sizeof sum, reinterpret_cast<char*>(&sum));
  all.lives += sum.lives;
  all.repeated += sum.repeated;
  all.figures += sum.figures;
  all.coverage += sum.coverage;
  for (const auto& one : nlohmann::json::parse(bytes.substr(sizeof sum)))
    all.wrong.emplace_back(one.at(0).get<std::uint64_t>(), one.at(1).get<std::string>());
}

}  // namespace

Seeds Seeds::parse(const std::string& text) {
  const auto dash = text.find('-');
  Seeds out;
  out.first = std::stoull(text);
  out.last = dash == std::string::npos ? out.first : std::stoull(text.substr(dash + 1));
  if (out.last < out.first) throw std::invalid_argument("WARDEX_SEEDS is FIRST-LAST");
  return out;
}

std::string live(std::uint64_t seed, bool twice, Batch& sum) {
  struct Trace {
    std::uint64_t steps = 0;
    std::uint64_t hash = 0;
    bool operator==(const Trace&) const = default;
  };
  std::string wrong;
  const auto run = [&](Coverage& coverage, Figures& figures) {
    World world(seed, Plan(seed, data_directory()), coverage);
    wrong = world.run();
    figures += world.figures();
    return Trace{world.steps(), world.trace()};
  };
  const auto trace = run(sum.coverage, sum.figures);
  ++sum.lives;
  if (wrong.empty() && twice) {
    ++sum.repeated;
    Batch again;
    const auto other = run(again.coverage, again.figures);
    if (other != trace)
      wrong = "another run of it took " + std::to_string(other.steps) + " steps and not " +
              std::to_string(trace.steps) + ", or left another trace";
  }
  if (!wrong.empty()) sum.wrong.emplace_back(seed, wrong);
  return wrong;
}

Batch run(const Seeds& seeds) {
  const auto workers = static_cast<std::size_t>(std::clamp<std::uint64_t>(
      std::min<std::uint64_t>(std::thread::hardware_concurrency(), seeds.count()), 1, kMostWorkers));
  void* shared = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("no shared memory");
  auto& board = *new (shared) Board;
  board.next = seeds.first;
  std::vector<std::pair<::pid_t, int>> children;
  std::cout.flush();
  for (std::size_t worker = 0; worker < workers; ++worker) {
    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error("no pipe");
    const auto pid = ::fork();
    if (pid < 0) throw std::runtime_error("no process");
    if (pid == 0) work(board, worker, seeds, pipe[1]);
    ::close(pipe[1]);
    children.emplace_back(pid, pipe[0]);
  }
  Batch all;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    const auto [pid, from] = children[worker];
    const auto bytes = read_all(from);
    ::close(from);
    int status = 0;
    ::waitpid(pid, &status, 0);
    add(all, bytes, board.at.at(worker), status);
  }
  ::munmap(shared, sizeof(Board));
  std::sort(all.wrong.begin(), all.wrong.end());
  return all;
}

void publish(const std::string& suite, const std::string& title,
             const std::vector<std::pair<std::string, double>>& figures) {
  nlohmann::ordered_json out{{"description", title}};
  for (const auto& [name, value] : figures) {
    if (value == static_cast<double>(static_cast<std::int64_t>(value)))
      out[name] = static_cast<std::int64_t>(value);
    else
      out[name] = value;
  }
  std::cout << suite << " " << out.dump() << std::endl;
  const char* folder = std::getenv("WARDEX_RELIABILITY_DIR");
  if (folder == nullptr || *folder == '\0') return;
  std::filesystem::create_directories(folder);
  std::ofstream file(std::filesystem::path(folder) / (suite + ".json"));
  file << out.dump(2) << "\n";
  if (!file.flush()) throw std::runtime_error(suite + ".json cannot be written to " + folder);
}

}  // namespace wardex::simulation
