#include "runtime/log.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace wardex::log {

namespace {

/// Hands finished lines to a function.
class WriterSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit WriterSink(std::function<void(std::string_view)> writer) : writer_(std::move(writer)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    writer_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> writer_;
};

/// stderr as it is: lines come finished from format_json / format_text.
spdlog::sink_ptr stderr_sink() {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("%v");
  return sink;
}

class Output {
 public:
  static Output& instance() {
    static auto& output = *new Output;  // never destroyed: other threads may log while the process exits
    return output;
  }
  void write(std::string_view line, bool urgent) {
    const auto sink = current();
    const spdlog::details::log_msg message("", spdlog::level::info, {line.data(), line.size()});
    sink->log(message);
    if (urgent) sink->flush();
  }
  void redirect(std::function<void(std::string_view)> writer) {
    auto next = writer ? std::make_shared<WriterSink>(std::move(writer)) : stderr_sink();
    const std::lock_guard lock(mutex_);
    sink_.swap(next);
  }

  std::atomic<Level> level{Level::info};
  std::atomic<Format> format{Format::automatic};
  const bool terminal = isatty(STDERR_FILENO) == 1;
  // https://no-color.org
  const bool colour = terminal && std::getenv("NO_COLOR") == nullptr;

 private:
  spdlog::sink_ptr current() {
    const std::lock_guard lock(mutex_);
    return sink_;
  }
  std::mutex mutex_;
  spdlog::sink_ptr sink_ = stderr_sink();
};

}  // namespace

void write(Level level, std::string_view event, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  auto& output = Output::instance();
  const auto now = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  const auto format = output.format.load();
  const bool text = format == Format::text || (format == Format::automatic && output.terminal);
  const auto line = text ? format_text(now, level, event, message, fields, output.colour)
                         : format_json(now, level, event, message, fields);
  output.write(line, level >= Level::warning);
}

void configure(Level level, Format format) {
  Output::instance().level = level;
  Output::instance().format = format;
}

bool enabled(Level level) { return level >= Output::instance().level.load(); }

void redirect(std::function<void(std::string_view line)> writer) { Output::instance().redirect(std::move(writer)); }

}  // namespace wardex::log
