// Settings are declared once, as a table beside their owner:
//
//   struct Settings {
//     Url url;
//     Secret token;
//     Millis timeout{};
//     Mode mode{};
//     static const SettingsTable<Settings>& table();
//   };
//   const SettingsTable<Settings>& Settings::table() {
//     static const SettingsTable<Settings> t{
//         required("url", &Settings::url, "Where to post."),
//         optional("token", &Settings::token, "Bearer token."),
//         with_default("timeout", &Settings::timeout, "15s", "Whole exchange, connect to last byte."),
//         with_default("mode", &Settings::mode, "webhook", "How to post."),
//     };
//     return t;
//   }
//
// From that one table come the typed reader, the JSON Schema, the console's forms and the reference docs. Reading
// reports every problem (unknown key with did-you-mean, wrong type, out of range, missing) and never throws.
// A type is usable as a setting when Codec<T> exists: bool, integers, double, std::string, Secret, Url, Millis, Bytes,
// Pattern-free enums with an EnumNames<E> specialisation, std::optional/std::vector/std::map<std::string,T> of those,
// and any struct with its own static table().
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "wardex/event.hpp"
#include "wardex/problem.hpp"
#include "wardex/secret.hpp"
#include "wardex/time.hpp"

namespace wardex {

/// One node of the configuration tree. YAML stays behind this: src/config builds it, connectors only read settings.
struct Value {
  enum class Kind { null, scalar, list, map };
  struct Entry;

  Kind kind = Kind::null;
  Position at;
  std::string scalar;   ///< the text; for a reference: the reference itself ("${file:/run/token}"), never its value
  bool quoted = false;  ///< "15" in quotes is text, not a number
  std::optional<Secret> resolved;  ///< the value behind a reference; set only if `scalar` is one and it could be read
  bool is_reference = false;
  std::vector<Value> items;
  std::vector<Entry> entries;

  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] std::string_view kind_name() const;
};
struct Value::Entry {
  std::string key;
  Position at;
  Value value;
};

/// A byte count: "64KiB", "8MiB", "1GB", or a bare number of bytes.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

/// An absolute http(s) URL. Its query is masked in every output; when it was given by a reference, so is its path.
struct Url {
  SensitiveText text;
  [[nodiscard]] bool empty() const noexcept { return text.empty(); }
  [[nodiscard]] bool is_https() const { return text.reveal().starts_with("https://"); }
};
/// Like Url, but the path is always a credential (Slack, Teams): only scheme and host are ever shown. Without a path it
/// may carry a login, which is masked: http://user:password@proxy.example:3128.
struct SecretUrl {
  SensitiveText text;
  [[nodiscard]] bool empty() const noexcept { return text.empty(); }
};

/// What a setting looks like from outside; drives schema, docs, forms and redaction.
struct FieldSpec {
  enum class Type { boolean, integer, number, string, duration, bytes, url, enumeration, list, map, object, any };
  std::string key;
  Type type = Type::string;
  bool required = false;
  bool secret = false;
  std::string default_text;  ///< as the user would write it; empty: none
  std::string doc;           ///< one or two sentences, Markdown
  std::optional<double> minimum;
  std::optional<double> maximum;
  std::vector<std::string> choices;  ///< for enumeration
  std::vector<FieldSpec> children;   ///< object: its fields; list and map: one element spec
};

/// Names of an enum's values in configuration: specialise with
///   static constexpr std::array names{std::pair{"webhook", Mode::webhook}, ...};
template <class E>
struct EnumNames;

template <class T>
struct Codec;

// --- reading, implemented in src/sdk/settings.cpp ------------------------------------------------------------------
namespace settings_detail {
std::optional<bool> read_bool(const Value&, std::string_view path, Problems&);
std::optional<std::int64_t> read_integer(const Value&, std::string_view path, Problems&, std::int64_t min,
                                         std::int64_t max);
std::optional<double> read_number(const Value&, std::string_view path, Problems&);
/// Plain text. ${env:NAME} is allowed here; ${file:} and ${credential:} are refused: those are for secrets.
std::optional<std::string> read_string(const Value&, std::string_view path, Problems&);
/// A reference (any kind), or inline text with a warning.
std::optional<Secret> read_secret(const Value&, std::string_view path, Problems&);
std::optional<Millis> read_duration(const Value&, std::string_view path, Problems&);
std::optional<Bytes> read_bytes(const Value&, std::string_view path, Problems&);
std::optional<SensitiveText> read_url(const Value&, std::string_view path, Problems&, bool path_is_secret);
std::optional<std::size_t> read_choice(const Value&, std::string_view path, Problems&,
                                       const std::vector<std::string>& choices);
bool expect_list(const Value&, std::string_view path, Problems&);
bool expect_map(const Value&, std::string_view path, Problems&);
void report_missing(const Value& owner, std::string_view path, const FieldSpec&, Problems&);
/// Keys of `map` that no spec knows: an error each, with did-you-mean. True when there is none.
bool report_unknown(const Value& map, std::string_view path, const std::vector<FieldSpec>& specs, Problems&);
void report_range(const Value&, std::string_view path, const FieldSpec&, std::string_view stated, Problems&);
std::string join_path(std::string_view base, std::string_view key);
Value default_value(const FieldSpec& spec);
}  // namespace settings_detail

template <>
struct Codec<bool> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::boolean; }
  static std::optional<bool> read(const Value& v, std::string_view path, Problems& p) {
    return settings_detail::read_bool(v, path, p);
  }
};
template <class T>
requires std::is_integral_v<T>
struct Codec<T> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::integer; }
  static std::optional<T> read(const Value& v, std::string_view path, Problems& p) {
    constexpr auto max = sizeof(T) >= 8 ? std::numeric_limits<std::int64_t>::max()
                                        : static_cast<std::int64_t>(std::numeric_limits<T>::max());
    constexpr auto min = std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0;
    auto n = settings_detail::read_integer(v, path, p, min, max);
    if (!n) return std::nullopt;
    return static_cast<T>(*n);
  }
  static double measure(T value) { return static_cast<double>(value); }
};
template <>
struct Codec<double> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::number; }
  static std::optional<double> read(const Value& v, std::string_view path, Problems& p) {
    return settings_detail::read_number(v, path, p);
  }
  static double measure(double value) { return value; }
};
template <>
struct Codec<std::string> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::string; }
  static std::optional<std::string> read(const Value& v, std::string_view path, Problems& p) {
    return settings_detail::read_string(v, path, p);
  }
};
template <>
struct Codec<Secret> {
  static void describe(FieldSpec& s) {
    s.type = FieldSpec::Type::string;
    s.secret = true;
  }
  static std::optional<Secret> read(const Value& v, std::string_view path, Problems& p) {
    return settings_detail::read_secret(v, path, p);
  }
};
template <>
struct Codec<Url> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::url; }
  static std::optional<Url> read(const Value& v, std::string_view path, Problems& p) {
    auto t = settings_detail::read_url(v, path, p, false);
    if (!t) return std::nullopt;
    return Url{std::move(*t)};
  }
};
template <>
struct Codec<SecretUrl> {
  static void describe(FieldSpec& s) {
    s.type = FieldSpec::Type::url;
    s.secret = true;
  }
  static std::optional<SecretUrl> read(const Value& v, std::string_view path, Problems& p) {
    auto t = settings_detail::read_url(v, path, p, true);
    if (!t) return std::nullopt;
    return SecretUrl{std::move(*t)};
  }
};
template <>
struct Codec<Millis> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::duration; }
  static std::optional<Millis> read(const Value& v, std::string_view path, Problems& p) {
    return settings_detail::read_duration(v, path, p);
  }
  static double measure(Millis value) { return static_cast<double>(value.count()); }
};
template <>
struct Codec<Bytes> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::bytes; }
  static std::optional<Bytes> read(const Value& v, std::string_view path, Problems& p) {
    return settings_detail::read_bytes(v, path, p);
  }
  static double measure(Bytes value) { return static_cast<double>(value.count); }
};
/// The node as it stands, for an owner that reads a grammar of its own (route conditions).
template <>
struct Codec<Value> {
  static void describe(FieldSpec& s) { s.type = FieldSpec::Type::any; }
  static std::optional<Value> read(const Value& v, std::string_view, Problems&) { return v; }
};
template <class E>
requires std::is_enum_v<E>
struct Codec<E> {
  static std::vector<std::string> choices() {
    std::vector<std::string> names;
    for (const auto& [name, value] : EnumNames<E>::names) names.emplace_back(name);
    return names;
  }
  static void describe(FieldSpec& s) {
    s.type = FieldSpec::Type::enumeration;
    s.choices = choices();
  }
  static std::optional<E> read(const Value& v, std::string_view path, Problems& p) {
    auto index = settings_detail::read_choice(v, path, p, choices());
    if (!index) return std::nullopt;
    return EnumNames<E>::names[*index].second;
  }
};
template <class T>
struct Codec<std::optional<T>> {
  static void describe(FieldSpec& s) { Codec<T>::describe(s); }
  static std::optional<std::optional<T>> read(const Value& v, std::string_view path, Problems& p) {
    auto value = Codec<T>::read(v, path, p);
    if (!value) return std::nullopt;
    return std::optional<T>{std::move(*value)};
  }
  static double measure(const std::optional<T>& value) requires requires(const T& inner) { Codec<T>::measure(inner); }
  {
    return Codec<T>::measure(*value);  // read() never gives an empty one
  }
};
/// A list; a lone scalar stands for a list of one, as users expect of `to: slack`.
template <class T>
struct Codec<std::vector<T>> {
  static void describe(FieldSpec& s) {
    s.type = FieldSpec::Type::list;
    Codec<T>::describe(s.children.emplace_back());
    s.secret = s.children.front().secret;
  }
  static std::optional<std::vector<T>> read(const Value& v, std::string_view path, Problems& p) {
    std::vector<T> out;
    if (v.kind == Value::Kind::scalar) {
      auto one = Codec<T>::read(v, path, p);
      if (!one) return std::nullopt;
      out.push_back(std::move(*one));
      return out;
    }
    if (!settings_detail::expect_list(v, path, p)) return std::nullopt;
    bool good = true;
    for (std::size_t i = 0; i < v.items.size(); ++i) {
      auto one = Codec<T>::read(v.items[i], std::string(path) + "[" + std::to_string(i) + "]", p);
      if (one)
        out.push_back(std::move(*one));
      else
        good = false;
    }
    if (!good) return std::nullopt;
    return out;
  }
};
/// A map; the order of the file is not kept.
template <class T>
struct Codec<std::map<std::string, T>> {
  static void describe(FieldSpec& s) {
    s.type = FieldSpec::Type::map;
    Codec<T>::describe(s.children.emplace_back());
    s.secret = s.children.front().secret;
  }
  static std::optional<std::map<std::string, T>> read(const Value& v, std::string_view path, Problems& p) {
    if (!settings_detail::expect_map(v, path, p)) return std::nullopt;
    std::map<std::string, T> out;
    bool good = true;
    for (const auto& entry : v.entries) {
      auto one = Codec<T>::read(entry.value, settings_detail::join_path(path, entry.key), p);
      if (one)
        out.emplace(entry.key, std::move(*one));
      else
        good = false;
    }
    if (!good) return std::nullopt;
    return out;
  }
};
template <class T>
concept HasSettingsTable = requires {
  T::table();
};
template <HasSettingsTable T>
struct Codec<T> {
  static void describe(FieldSpec& s) {
    s.type = FieldSpec::Type::object;
    s.children = T::table().specs();
  }
  static std::optional<T> read(const Value& v, std::string_view path, Problems& p) {
    return T::table().read(v, path, p);
  }
};

/// One row of a settings table. Built by required(), optional() and with_default(); refined with between().
template <class S>
struct Field {
  FieldSpec spec;
  std::function<bool(S&, const Value&, std::string_view path, const FieldSpec&, Problems&)> read;

  /// Inclusive bounds, stated as the user would write them ("1", "100ms", "8MiB").
  Field between(std::string_view low, std::string_view high) &&;
};

template <class S>
class SettingsTable {
 public:
  SettingsTable(std::initializer_list<Field<S>> fields) : fields_(fields) {
    for (const auto& field : fields_) specs_.push_back(field.spec);
  }
  [[nodiscard]] const std::vector<FieldSpec>& specs() const noexcept { return specs_; }

  /// Reads a map into S. nullopt when anything was wrong (all of it is in `problems`). Null reads as an empty map.
  std::optional<S> read(const Value& value, std::string_view path, Problems& problems) const {
    S out{};
    if (value.kind != Value::Kind::null && !settings_detail::expect_map(value, path, problems)) return std::nullopt;
    bool good = settings_detail::report_unknown(value, path, specs_, problems);
    for (const auto& field : fields_) {
      const std::string field_path = settings_detail::join_path(path, field.spec.key);
      const Value* given = value.find(field.spec.key);
      if (given != nullptr && given->kind == Value::Kind::null) given = nullptr;  // `key:` with nothing: as if absent
      if (given != nullptr) {
        good = field.read(out, *given, field_path, field.spec, problems) && good;
      } else if (field.spec.required) {
        settings_detail::report_missing(value, path, field.spec, problems);
        good = false;
      } else if (!field.spec.default_text.empty()) {
        good = field.read(out, settings_detail::default_value(field.spec), field_path, field.spec, problems) && good;
      }
    }
    if (!good) return std::nullopt;
    return out;
  }

 private:
  std::vector<Field<S>> fields_;
  std::vector<FieldSpec> specs_;
};

template <class S, class T>
Field<S> setting(std::string key, T S::*member, std::string doc) {
  Field<S> field;
  field.spec.key = std::move(key);
  field.spec.doc = std::move(doc);
  Codec<T>::describe(field.spec);
  field.read = [member](S& out, const Value& v, std::string_view path, const FieldSpec& spec, Problems& problems) {
    auto value = Codec<T>::read(v, path, problems);
    if (!value) return false;
    if constexpr (requires { Codec<T>::measure(*value); }) {
      const double size = Codec<T>::measure(*value);
      if ((spec.minimum && size < *spec.minimum) || (spec.maximum && size > *spec.maximum)) {
        settings_detail::report_range(v, path, spec, v.scalar, problems);
        return false;
      }
    }
    out.*member = std::move(*value);
    return true;
  };
  return field;
}
/// Absent is an error.
template <class S, class T>
Field<S> required(std::string key, T S::*member, std::string doc) {
  auto field = setting(std::move(key), member, std::move(doc));
  field.spec.required = true;
  return field;
}
/// Absent leaves the member as value-initialised (and as its own default member initialiser has it).
template <class S, class T>
Field<S> optional(std::string key, T S::*member, std::string doc) {
  return setting(std::move(key), member, std::move(doc));
}
template <class S, class T>
Field<S> with_default(std::string key, T S::*member, std::string default_text, std::string doc) {
  auto field = setting(std::move(key), member, std::move(doc));
  field.spec.default_text = std::move(default_text);
  return field;
}

namespace settings_detail {
/// A bound in the field's own notation as a number (durations in milliseconds, sizes in bytes).
double bound(FieldSpec::Type type, std::string_view text);
}  // namespace settings_detail

template <class S>
Field<S> Field<S>::between(std::string_view low, std::string_view high) && {
  spec.minimum = settings_detail::bound(spec.type, low);
  spec.maximum = settings_detail::bound(spec.type, high);
  return std::move(*this);
}

template <>
struct EnumNames<Severity> {
  static constexpr std::array names{std::pair{"info", Severity::info}, std::pair{"low", Severity::low},
                                    std::pair{"medium", Severity::medium}, std::pair{"high", Severity::high},
                                    std::pair{"critical", Severity::critical}};
};

}  // namespace wardex
