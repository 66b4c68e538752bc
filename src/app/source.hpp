// Where the configuration comes from: a file, or the embedded default for a first try; and the two overrides.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/config.hpp"

namespace wardex::app {

struct Source {
  std::filesystem::path file;  ///< empty: $WARDEX_CONFIG, /etc/wardex-gateway/gateway.yaml, then the embedded default
  std::optional<std::filesystem::path> data_dir;
  std::optional<std::string> listen;

  /// The file that would be read; empty for the embedded default.
  [[nodiscard]] std::filesystem::path resolve() const;
  /// What is read, for messages: the file's name or "the embedded default".
  [[nodiscard]] std::string name() const;
  /// Loads and applies the overrides.
  [[nodiscard]] config::Loaded load() const;
  /// The data directory without a full load: commands that talk to the daemon need no secrets.
  [[nodiscard]] std::filesystem::path find_data_dir() const;
};

/// The embedded default with its data directory replaced.
std::string default_yaml_for(const std::filesystem::path& data_dir);

inline constexpr std::string_view kSocketName = "gateway.sock";

}  // namespace wardex::app
