#include "wardex/problem.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace wardex {

std::string Problem::str() const {
  std::string out;
  if (at.file && !at.file->empty()) {
    out = *at.file + ":";
    if (at.line > 0) out += std::to_string(at.line) + ":";
    if (at.line > 0 && at.column > 0) out += std::to_string(at.column) + ":";
    out += " ";
  }
  if (!path.empty()) out += path + ": ";
  if (level == Level::warning) out += "warning: ";
  return out + message;
}

void Problems::error(const Position& at, std::string_view path, std::string message) {
  all_.push_back({Problem::Level::error, at, std::string(path), std::move(message)});
  ++errors_;
}

void Problems::warning(const Position& at, std::string_view path, std::string message) {
  all_.push_back({Problem::Level::warning, at, std::string(path), std::move(message)});
}

void Problems::sort() {
  std::stable_sort(all_.begin(), all_.end(), [](const Problem& a, const Problem& b) {
    static const std::string none;
    const auto& file_a = a.at.file ? *a.at.file : none;
    const auto& file_b = b.at.file ? *b.at.file : none;
    return std::tie(file_a, a.at.line, a.at.column) < std::tie(file_b, b.at.line, b.at.column);
  });
}

}  // namespace wardex
