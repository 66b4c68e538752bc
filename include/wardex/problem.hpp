// Everything that is wrong with a configuration, all at once, each with its place and the way out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wardex {

/// Where a value stands in a file; lines and columns count from 1, 0 means unknown.
struct Position {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;
};

struct Problem {
  enum class Level { error, warning };
  Level level = Level::error;
  Position at;
  std::string path;     ///< "connectors.soc-hook.timeout"
  std::string message;  ///< what is wrong and the way out; never a secret's value

  /// "gateway.yaml:12:5: connectors.soc-hook.timeout: ..." ("warning: " before the message of a warning).
  [[nodiscard]] std::string str() const;
};

class Problems {
 public:
  void error(const Position& at, std::string_view path, std::string message);
  void warning(const Position& at, std::string_view path, std::string message);
  [[nodiscard]] bool has_errors() const noexcept { return errors_ > 0; }
  [[nodiscard]] const std::vector<Problem>& all() const noexcept { return all_; }
  /// By file, line and column; warnings among the errors.
  void sort();

 private:
  std::vector<Problem> all_;
  std::size_t errors_ = 0;
};

}  // namespace wardex
