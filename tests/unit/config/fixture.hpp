#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace wardex::config::test {

/// A directory of its own, removed at the end.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "wardex-config-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file;
  }

 private:
  std::filesystem::path path_;
};

inline SecretSources sources(std::map<std::string, std::string> env = {}, std::filesystem::path credentials = {}) {
  return {[env = std::move(env)](std::string_view name) -> std::optional<std::string> {
            const auto found = env.find(std::string(name));
            if (found == env.end()) return std::nullopt;
            return found->second;
          },
          std::move(credentials)};
}

inline std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> out;
  for (const auto& problem : problems.all()) out.push_back(problem.str());
  return out;
}

inline std::string joined(const Problems& problems) {
  std::string out;
  for (const auto& line : texts(problems)) out += line + "\n";
  return out;
}

}  // namespace wardex::config::test
