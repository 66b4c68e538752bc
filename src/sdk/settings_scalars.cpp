// The readers of single values: each reports in the same words and never shows what came from a reference.
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "settings_text.hpp"
#include "wardex/text.hpp"

namespace wardex::settings_detail {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
constexpr std::array kByteUnits{Unit{"TiB", 1ULL << 40U},
                                Unit{"GiB", 1ULL << 30U},
                                Unit{"MiB", 1ULL << 20U},
                                Unit{"KiB", 1ULL << 10U},
                                Unit{"TB", 1'000'000'000'000ULL},
                                Unit{"GB", 1'000'000'000ULL},
                                Unit{"MB", 1'000'000ULL},
                                Unit{"KB", 1'000ULL},
                                Unit{"kB", 1'000ULL},
                                Unit{"B", 1},
                                Unit{"", 1}};

/// The whole text as a number of type T; nullopt for anything around it.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// YAML's "15" in quotes is text: say so rather than to guess, as the JSON Schema would.
bool quoted_number(const Value& v, std::string_view path, std::string_view wanted, Problems& problems) {
  if (!v.quoted || v.is_reference || v.kind != Value::Kind::scalar) return false;
  problems.error(v.at, path,
                 "expected " + std::string(wanted) + ", not text: write " +
                     text::truncate(text::single_line(v.scalar), 64) + " without the quotes");
  return true;
}

}  // namespace

std::optional<std::string> scalar_text(const Value& v, std::string_view path, Problems& problems,
                                       std::string_view wanted, References allowed) {
  if (v.kind != Value::Kind::scalar) {
    report_mismatch(v, path, wanted, problems);
    return std::nullopt;
  }
  if (!v.is_reference) return v.scalar;
  if (allowed == References::environment_only && !v.scalar.starts_with("${env:")) {
    problems.error(v.at, path, v.scalar + " is for secrets, and this is none; write the value itself, or ${env:NAME}");
    return std::nullopt;
  }
  if (!v.resolved) return std::nullopt;
  return std::string(v.resolved->reveal());
}

std::optional<bool> read_bool(const Value& v, std::string_view path, Problems& problems) {
  constexpr std::string_view wanted = "true or false";
  const auto text = scalar_text(v, path, problems, wanted);
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false") {
    report_mismatch(v, path, wanted, problems);
    return std::nullopt;
  }
  if (quoted_number(v, path, wanted, problems)) return std::nullopt;
  return *text == "true";
}

std::optional<std::int64_t> read_integer(const Value& v, std::string_view path, Problems& problems, std::int64_t min,
                                         std::int64_t max) {
  constexpr std::string_view wanted = "a whole number";
  const auto text = scalar_text(v, path, problems, wanted);
  if (!text) return std::nullopt;
  const auto digits = std::string_view(*text).substr(text->starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    report_mismatch(v, path, wanted, problems);
    return std::nullopt;
  }
  if (quoted_number(v, path, wanted, problems)) return std::nullopt;
  const auto value = parse_number<std::int64_t>(*text);  // nullopt now means: more than 64 bits
  if (!value || *value < min || *value > max) {
    problems.error(v.at, path,
                   "must be between " + std::to_string(min) + " and " + std::to_string(max) + ", not " +
                       (v.is_reference ? shown(v) : text::truncate(*text, 64)));
    return std::nullopt;
  }
  return value;
}

std::optional<double> read_number(const Value& v, std::string_view path, Problems& problems) {
  constexpr std::string_view wanted = "a number such as 5 or 0.5";
  const auto text = scalar_text(v, path, problems, wanted);
  if (!text) return std::nullopt;
  const auto value = parse_number<double>(*text);
  if (!value || !std::isfinite(*value)) {
    report_mismatch(v, path, wanted, problems);
    return std::nullopt;
  }
  if (quoted_number(v, path, wanted, problems)) return std::nullopt;
  return value;
}

std::optional<std::string> read_string(const Value& v, std::string_view path, Problems& problems) {
  return scalar_text(v, path, problems, "text");
}

std::optional<Secret> read_secret(const Value& v, std::string_view path, Problems& problems) {
  constexpr std::string_view wanted = "a reference such as ${env:NAME}, ${file:/path} or ${credential:name}";
  if (v.kind != Value::Kind::scalar) {
    report_mismatch(v, path, wanted, problems);
    return std::nullopt;
  }
  if (v.is_reference && !v.resolved) return std::nullopt;
  // Not by way of scalar_text(): what was resolved is copied from Secret to Secret, leaving no unwiped bytes behind.
  auto secret = v.is_reference ? *v.resolved : Secret(v.scalar);
  if (secret.empty()) {
    problems.error(v.at, path, v.is_reference ? v.scalar + " is empty" : "is empty; write " + std::string(wanted));
    return std::nullopt;
  }
  if (!v.is_reference) problems.warning(v.at, path, "the secret stands in the file itself; use " + std::string(wanted));
  return secret;
}

std::optional<Millis> read_duration(const Value& v, std::string_view path, Problems& problems) {
  constexpr std::string_view wanted = "a duration such as 15s, 5m or 24h";
  const auto text = scalar_text(v, path, problems, wanted);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration) report_mismatch(v, path, wanted, problems);
  return duration;
}

std::optional<Bytes> read_bytes(const Value& v, std::string_view path, Problems& problems) {
  constexpr std::string_view wanted = "a size such as 64KiB, 8MiB or 1GB";
  const auto text = scalar_text(v, path, problems, wanted);
  if (!text) return std::nullopt;
  const auto count = parse_bytes(*text);
  if (!count) {
    report_mismatch(v, path, wanted, problems);
    return std::nullopt;
  }
  return Bytes{*count};
}

std::optional<std::size_t> read_choice(const Value& v, std::string_view path, Problems& problems,
                                       const std::vector<std::string>& choices) {
  const std::string wanted = (choices.size() > 1 ? "one of " : "") + text::join(choices, ", ");
  const auto text = scalar_text(v, path, problems, wanted);
  if (!text) return std::nullopt;
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (choices[i] == *text) return i;
  std::string message = "expected " + wanted + ", not " + shown(v);
  if (const auto near = text::nearest(*text, choices); !near.empty() && !v.is_reference)
    message += "; did you mean '" + near + "'?";
  problems.error(v.at, path, std::move(message));
  return std::nullopt;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  const auto count = parse_number<std::uint64_t>(digits);
  if (!count) return std::nullopt;
  const auto name = text.substr(digits.size());
  for (const auto& unit : kByteUnits) {
    if (unit.name != name) continue;
    if (*count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / unit.size) return std::nullopt;
    return *count * unit.size;
  }
  return std::nullopt;
}

std::string format_bytes(std::uint64_t count) {
  for (const auto& unit : kByteUnits)
    if (count >= unit.size && count % unit.size == 0 && unit.name.size() == 3)
      return std::to_string(count / unit.size).append(unit.name);
  return std::to_string(count);
}

}  // namespace wardex::settings_detail
