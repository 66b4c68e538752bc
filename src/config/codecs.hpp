// Readers for the value types that only the gateway's own settings have.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "wardex/settings.hpp"

namespace wardex {

/// An absolute path: the daemon's working directory is nobody's business.
template <>
struct Codec<std::filesystem::path> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::string; }
  static std::optional<std::filesystem::path> read(const Value& v, std::string_view path, Problems& p);
};
/// An instant in RFC 3339.
template <>
struct Codec<Timestamp> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::string; }
  static std::optional<Timestamp> read(const Value& v, std::string_view path, Problems& p);
};

}  // namespace wardex
