#include "config/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "config/yaml.hpp"

namespace wardex::config {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& file, Problems& problems) {
  const Position at{std::make_shared<const std::string>(file.string()), 0, 0};
  std::error_code error;
  if (fs::is_directory(file, error)) {
    problems.error(at, "", "is a directory; name the file itself");
    return std::nullopt;
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    problems.error(at, "", std::strerror(errno));
    return std::nullopt;
  }
  std::string text(YamlLimits{}.bytes + 1, '\0');  // one more than allowed, so that parse_yaml() sees the excess
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::vector<fs::path> drop_ins(const fs::path& file, Problems& problems) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(file.parent_path() / "conf.d", error), end; !error && at != end; at.increment(error)) {
    const auto& path = at->path();
    if (path.filename().string().starts_with('.')) continue;
    if (path.extension() == ".yaml") out.push_back(path);
    if (path.extension() == ".yml")
      problems.warning({std::make_shared<const std::string>(path.string()), 0, 0}, "",
                       "is not read; only *.yaml is, rename it");
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace wardex::config
