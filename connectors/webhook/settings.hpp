// What a user may write below `type: webhook`. Timeouts, TLS, proxy, limits and retry are not here: they are the block
// that every connector has (docs: "Connectors").
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wardex/settings.hpp"

namespace wardex::webhook {

enum class Method : std::uint8_t { post, put };
enum class PayloadForm : std::uint8_t { flat, envelope, thin };
enum class Scheme : std::uint8_t { standard, github, timestamped, none };
enum class Layout : std::uint8_t { combined, split };
enum class Separator : std::uint8_t { dot, colon };

/// An extra header's value. Always masked in outputs, since many carry keys; inline text is not warned of, since many
/// do not.
struct HeaderValue {
  Secret text;
};

struct BasicAuth {
  std::string username;
  Secret password;
  static const SettingsTable<BasicAuth>& table();
};
struct HeaderAuth {
  std::string name;
  Secret value;
  static const SettingsTable<HeaderAuth>& table();
};
/// At most one of them is set.
struct Auth {
  std::optional<BasicAuth> basic;
  Secret bearer;
  std::optional<HeaderAuth> header;
  static const SettingsTable<Auth>& table();
};

/// An instant in RFC 3339, as the user writes it.
struct Expiry {
  WallTime at{};
};
struct SigningSecret {
  Secret value;
  std::optional<Expiry> not_after;
  static const SettingsTable<SigningSecret>& table();
};
struct Signing {
  Scheme scheme = Scheme::standard;
  std::vector<SigningSecret> secrets;
  std::string header;            ///< empty: the scheme's own
  std::string timestamp_header;  ///< empty: the scheme's own
  std::optional<Layout> layout;
  std::optional<Separator> separator;
  static const SettingsTable<Signing>& table();
};

enum class BatchFormat : std::uint8_t { array, ndjson };
/// Several events in one request.
struct Batching {
  std::uint32_t max_events = 0;
  Bytes max_bytes;
  Millis max_age{};
  BatchFormat format = BatchFormat::array;
  static const SettingsTable<Batching>& table();
};

struct Settings {
  Url url;
  Method method = Method::post;
  std::map<std::string, HeaderValue> headers;
  Auth auth;
  Secret signing_secret;  ///< shorthand for signing.secrets with one entry
  Signing signing;
  PayloadForm payload = PayloadForm::flat;
  Bytes max_body_bytes;
  std::optional<Batching> batch;             ///< absent: one event a request
  std::vector<std::uint16_t> success_codes;  ///< empty: any 2xx
  bool allow_insecure = false;

  static const SettingsTable<Settings>& table();
  void check(const Value& value, std::string_view path, Problems& problems) const;

  /// The secrets to sign with at `now`: all that have not expired. Empty: unsigned.
  [[nodiscard]] std::vector<Secret> signing_secrets(WallTime now) const;
};

}  // namespace wardex::webhook

namespace wardex {

template <>
struct EnumNames<webhook::Method> {
  static constexpr std::array names{std::pair{"POST", webhook::Method::post}, std::pair{"PUT", webhook::Method::put}};
};
template <>
struct EnumNames<webhook::PayloadForm> {
  static constexpr std::array names{std::pair{"flat", webhook::PayloadForm::flat},
                                    std::pair{"envelope", webhook::PayloadForm::envelope},
                                    std::pair{"thin", webhook::PayloadForm::thin}};
};
template <>
struct EnumNames<webhook::Scheme> {
  static constexpr std::array names{
      std::pair{"standard", webhook::Scheme::standard}, std::pair{"github", webhook::Scheme::github},
      std::pair{"timestamped", webhook::Scheme::timestamped}, std::pair{"none", webhook::Scheme::none}};
};
template <>
struct EnumNames<webhook::Layout> {
  static constexpr std::array names{std::pair{"combined", webhook::Layout::combined},
                                    std::pair{"split", webhook::Layout::split}};
};
template <>
struct EnumNames<webhook::BatchFormat> {
  static constexpr std::array names{std::pair{"array", webhook::BatchFormat::array},
                                    std::pair{"ndjson", webhook::BatchFormat::ndjson}};
};
template <>
struct EnumNames<webhook::Separator> {
  static constexpr std::array names{std::pair{".", webhook::Separator::dot}, std::pair{":", webhook::Separator::colon}};
};
template <>
struct Codec<webhook::HeaderValue> {
  static void describe(FieldSpec& spec);
  static std::optional<webhook::HeaderValue> read(const Value& value, std::string_view path, Problems& problems);
};
template <>
struct Codec<webhook::Expiry> {
  static void describe(FieldSpec& spec);
  static std::optional<webhook::Expiry> read(const Value& value, std::string_view path, Problems& problems);
};

}  // namespace wardex
