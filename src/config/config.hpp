// The typed, validated configuration. Built whole or not at all; immutable afterwards (a reload makes a new one).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wardex/connector.hpp"
#include "wardex/settings.hpp"

namespace wardex::config {

/// "127.0.0.1:8640", "[::1]:8640", ":8640" (all addresses) or port 0 for any free port.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string str() const;
};

struct ServerTls {
  std::string certificate;  ///< PEM file, leaf first; re-read when it changes
  std::string key;          ///< PEM file
  std::string client_ca;    ///< PEM file: clients must present a certificate it issued (mTLS)
  static const SettingsTable<ServerTls>& table();
};

struct Gateway {
  Endpoint listen;
  std::filesystem::path data_dir;
  std::string public_url;
  std::optional<ServerTls> tls;
  Millis drain_timeout{};  ///< SIGTERM to exit at most
  static const SettingsTable<Gateway>& table();
};

struct NamedToken {
  std::string name;
  Secret token;
  static const SettingsTable<NamedToken>& table();
};
/// Standard Webhooks signatures by a named sender; several secrets during rotation.
struct HmacSender {
  std::string name;
  std::vector<Secret> secrets;
  static const SettingsTable<HmacSender>& table();
};
/// A sender known by its client certificate: subject CN or a SAN (DNS, URI) that equals `subject`.
struct MtlsSender {
  std::string name;
  std::string subject;
  static const SettingsTable<MtlsSender>& table();
};
/// How senders prove who they are. `auth: none` (the word) turns it off, on a loopback listener only.
struct Auth {
  bool none = false;
  std::vector<NamedToken> tokens;
  std::vector<HmacSender> hmac;
  std::vector<MtlsSender> mtls;
  static const SettingsTable<Auth>& table();  // `none` is read by Codec<Auth>
};
struct IntakeLimits {
  Bytes body;               ///< request body, before and after decompression
  Bytes item;               ///< one event
  std::uint32_t depth = 0;  ///< JSON nesting
  std::uint32_t items = 0;  ///< events a request
  Millis header_timeout{};
  Millis body_timeout{};
  Millis idle_timeout{};
  std::uint32_t connections = 0;
  std::uint32_t connections_per_address = 0;
  static const SettingsTable<IntakeLimits>& table();
};
/// For how long, and for how many ids, a repeated event is recognised as a duplicate.
struct Idempotency {
  Millis window{};
  std::uint32_t max_ids = 0;
  static const SettingsTable<Idempotency>& table();
};
/// How much is kept at most. At a mark /readyz turns red; beyond `pending` and `database` intake answers 429 (but for
/// critical events, which may use the reserve), below `free_disk` 503, always with Retry-After.
struct HighWater {
  std::uint64_t pending = 0;  ///< deliveries
  Bytes database;             ///< database and WAL on disk, without what is free inside
  Bytes free_disk;
  std::uint32_t reserve = 0;  ///< percent of `pending` and `database`
  static const SettingsTable<HighWater>& table();
};
struct Intake {
  Auth auth;
  IntakeLimits limits;
  Idempotency idempotency;
  HighWater high_water;
  static const SettingsTable<Intake>& table();
};

/// When the failure mailbox of one connector is worth a warning.
struct MailboxAlarm {
  std::uint64_t entries = 0;
  Millis age{};
  static const SettingsTable<MailboxAlarm>& table();
};
struct Mailbox {
  MailboxAlarm alarm;
  static const SettingsTable<Mailbox>& table();
};

/// Tokens for the read and operate API over TCP. The unix socket in data_dir needs none (file permissions guard it).
struct Api {
  std::vector<NamedToken> tokens;
  static const SettingsTable<Api>& table();
};
struct Wardex {
  std::string console_url;
  std::string case_prefix;  ///< "CASE-": put before numeric case ids
  static const SettingsTable<Wardex>& table();
};
struct Egress {
  std::vector<std::string> allow;  ///< CIDR, host:port or host: private destinations that may be dialled
  static const SettingsTable<Egress>& table();
};
/// Signed statements about the head of the audit chain.
struct Checkpoints {
  Millis every{};
  Secret key;                   ///< empty: the gateway's own key file
  std::vector<std::string> to;  ///< connectors that get them
  static const SettingsTable<Checkpoints>& table();
};
struct Audit {
  Checkpoints checkpoints;
  static const SettingsTable<Audit>& table();
};

/// How long, and how many of them, rows are kept that nobody needs any more.
struct KeepEvents {
  Millis keep{};
  std::optional<std::uint64_t> max_rows;
  static const SettingsTable<KeepEvents>& table();
};
struct KeepAudit {
  Millis keep{};
  std::optional<std::uint64_t> max_rows;
  static const SettingsTable<KeepAudit>& table();
};
struct KeepLinks {
  Millis keep{};
  static const SettingsTable<KeepLinks>& table();
};
struct KeepMailbox {
  std::optional<Millis> keep;  ///< nullopt: until somebody decides
  static const SettingsTable<KeepMailbox>& table();
};
struct Retention {
  KeepEvents events;
  KeepAudit audit;
  KeepLinks links;
  KeepMailbox mailbox;
  static const SettingsTable<Retention>& table();
};

enum class LogFormat { automatic, json, text };
enum class LogLevel { debug, info, warning, error };
struct Logging {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
  static const SettingsTable<Logging>& table();
};

enum class Mirror { alerts, cases, both };

/// TLS towards a receiver. Verification is on; turning it off takes the words and is a warning in `check`.
struct ClientTls {
  std::string ca_file;
  std::string client_cert;
  std::string client_key;
  bool insecure_skip_verify = false;
  static const SettingsTable<ClientTls>& table();
};
struct RetryPolicy {
  Millis initial{};        ///< first backoff step
  Millis max{};            ///< ceiling of a backoff step
  Millis give_up_after{};  ///< age at which an event goes to the failure mailbox
  static const SettingsTable<RetryPolicy>& table();
};
struct Rate {
  double per_second = 0;  ///< 0: unlimited
  std::uint32_t burst = 1;
  static const SettingsTable<Rate>& table();
};
struct Limits {
  std::uint32_t concurrency = 0;
  std::optional<Rate> rate;
  static const SettingsTable<Limits>& table();
};
struct Fallback {
  std::string to;
  Millis after{};
  std::vector<Severity> severities;  ///< empty: all
  static const SettingsTable<Fallback>& table();
};
struct Credential {
  std::optional<Millis> rotate_every;
  static const SettingsTable<Credential>& table();
};

/// The block every connector has, whatever its type. The rest of the map belongs to the connector itself.
struct ConnectorCommon {
  std::string type;
  bool enabled = true;
  std::string owner;  ///< whom to tell when the credential is refused
  Mirror mirror = Mirror::both;
  Credential credential;
  RetryPolicy retry;
  Limits limits;
  std::optional<Fallback> fallback;
  std::optional<bool> coalesce;  ///< absent: as the connector type does by itself
  Millis timeout{};
  ClientTls tls;
  SecretUrl proxy;  ///< http://[user:password@]host:port, CONNECT for https; never from the environment
  static const SettingsTable<ConnectorCommon>& table();
};

struct Connector {
  std::string id;
  ConnectorCommon common;
  const Manifest* manifest = nullptr;
  std::shared_ptr<const Sink> sink;
  std::string fingerprint;  ///< hex SHA-256 of its settings, resolved secrets included (keyed per process): a change
                            ///< means a new lane
  Position at;
};

/// A named time window during which matching deliveries are recorded as muted. IANA time zone.
struct MuteWindow {
  std::string name;
  std::string time_zone;            ///< "Europe/Berlin"; UTC by default
  std::vector<std::string> days;    ///< "mon", "sat-sun"; empty: every day
  std::string from;                 ///< "22:00"
  std::string to;                   ///< "06:00", may be the next day; "24:00" allowed
  std::optional<Timestamp> starts;  ///< absolute bounds, for a one-off maintenance
  std::optional<Timestamp> ends;
  Position at;
  static const SettingsTable<MuteWindow>& table();  // `name` is the key in the map, not a setting
};

/// One entry of `routes:`. `match` is read by src/route from the raw node: route owns that grammar.
struct Route {
  std::string name;
  Value match;  ///< null: matches everything
  std::vector<std::string> to;
  bool continue_ = false;         ///< look at later routes as well; by default the first route that matches is the last
  bool stop = false;              ///< what this route says is all: the matrix is not consulted for this event
  std::vector<std::string> mute;  ///< names of mute windows
  Position at;
  static const SettingsTable<Route>& table();
};

struct Config {
  Gateway gateway;
  Intake intake;
  Mailbox mailbox;
  Api api;
  Wardex wardex;
  Egress egress;
  Audit audit;
  Retention retention;
  Logging logging;
  std::vector<Connector> connectors;  ///< in the file's order
  std::map<Severity, std::vector<std::string>> matrix;
  std::vector<MuteWindow> mute_windows;
  std::vector<Route> routes;

  std::vector<std::filesystem::path> files;         ///< every YAML file read
  std::vector<std::filesystem::path> secret_files;  ///< every ${file:}, ${credential:} and TLS file: watched as well
  std::string digest;                               ///< SHA-256 (hex) over the files' bytes, for the audit
  Value root;                                       ///< merged tree, references unresolved in `scalar`: for diff()

  [[nodiscard]] const Connector* find(std::string_view id) const;
};

struct Loaded {
  std::shared_ptr<const Config> config;  ///< null when problems.has_errors()
  Problems problems;
};

/// Where secret references are resolved; a parameter so that tests need no environment.
struct SecretSources {
  std::function<std::optional<std::string>(std::string_view name)> env;
  std::filesystem::path credentials_directory;  ///< $CREDENTIALS_DIRECTORY; empty: none
  static SecretSources process();
};

/// Reads `file` and its sibling conf.d/*.yaml, validates everything and reports all problems at once.
Loaded load(const std::filesystem::path& file, const SecretSources& sources);
/// The same from text (tests, the embedded default).
Loaded load_text(std::string_view yaml, std::string_view name, const SecretSources& sources);
/// gateway.data_dir of the file and its conf.d, or its default: commands that talk to the daemon need no valid
/// configuration and no secrets to find its socket.
std::filesystem::path data_dir_of(const std::filesystem::path& file);
/// The commented default configuration, embedded from config/gateway.yaml.
std::string_view default_yaml();

/// JSON Schema (draft 2020-12) of the whole configuration, generated from the settings tables.
nlohmann::json json_schema();

/// The settings every connector has, whatever its type.
const std::vector<FieldSpec>& common_specs();
/// Reference of a connector's own settings as a Markdown table, for its documentation page.
std::string settings_reference(const Manifest& manifest);

/// What differs, as sentences without secret values: "connectors.soc-hook.timeout: 15s -> 30s", "routes: changed".
std::vector<std::string> diff(const Config& before, const Config& after);

}  // namespace wardex::config

namespace wardex {
template <>
struct Codec<config::Endpoint> {
  static void describe(FieldSpec& s);
  static std::optional<config::Endpoint> read(const Value& v, std::string_view path, Problems& p);
};
/// The word `none`, or a map of credentials.
template <>
struct Codec<config::Auth> {
  static void describe(FieldSpec& s);
  static std::optional<config::Auth> read(const Value& v, std::string_view path, Problems& p);
};
template <>
struct EnumNames<config::Mirror> {
  static constexpr std::array names{std::pair{"alerts", config::Mirror::alerts},
                                    std::pair{"cases", config::Mirror::cases}, std::pair{"both", config::Mirror::both}};
};
template <>
struct EnumNames<config::LogFormat> {
  static constexpr std::array names{std::pair{"auto", config::LogFormat::automatic},
                                    std::pair{"json", config::LogFormat::json},
                                    std::pair{"text", config::LogFormat::text}};
};
template <>
struct EnumNames<config::LogLevel> {
  static constexpr std::array names{
      std::pair{"debug", config::LogLevel::debug}, std::pair{"info", config::LogLevel::info},
      std::pair{"warning", config::LogLevel::warning}, std::pair{"error", config::LogLevel::error}};
};
}  // namespace wardex
