// The gateway's own settings: everything but connectors and routing.
#include "config/codecs.hpp"
#include "config/config.hpp"

namespace wardex::config {

const SettingsTable<ServerTls>& ServerTls::table() {
  static const SettingsTable<ServerTls> table{
      required("certificate", &ServerTls::certificate, "PEM file, leaf first. Re-read when it changes."),
      required("key", &ServerTls::key, "PEM file with the certificate's private key. Re-read when it changes."),
      optional("client_ca", &ServerTls::client_ca,
               "PEM file. When set, every client must present a certificate that it issued (mTLS)."),
  };
  return table;
}

const SettingsTable<Gateway>& Gateway::table() {
  static const SettingsTable<Gateway> table{
      with_default("listen", &Gateway::listen, "127.0.0.1:8640",
                   "Address and port of intake, API and console. `:8640` listens on all addresses; port 0 takes any "
                   "free port."),
      with_default("data_dir", &Gateway::data_dir, "/var/lib/wardex-gateway",
                   "Where the database and the local control socket live. One gateway per directory."),
      optional("public_url", &Gateway::public_url,
               "How others reach this gateway, for links and inbound hooks: `https://gateway.example`."),
      optional("tls", &Gateway::tls, "Serve HTTPS (TLS 1.2 or newer) instead of HTTP."),
      with_default("drain_timeout", &Gateway::drain_timeout, "25s",
                   "From SIGTERM to exit at most; deliveries still pending then continue after the next start.")
          .between("1s", "10m"),
  };
  return table;
}

const SettingsTable<NamedToken>& NamedToken::table() {
  static const SettingsTable<NamedToken> table{
      required("name", &NamedToken::name, "Who holds it: shown as the origin of events and as the actor in the audit."),
      required("token", &NamedToken::token, "The bearer token, at least 16 characters (`openssl rand -hex 32`)."),
  };
  return table;
}

const SettingsTable<HmacSender>& HmacSender::table() {
  static const SettingsTable<HmacSender> table{
      required("name", &HmacSender::name, "Who signs: shown as the origin of events."),
      required("secrets", &HmacSender::secrets,
               "Standard Webhooks secrets (`whsec_` and Base64). List the new and the old one during a rotation."),
  };
  return table;
}

const SettingsTable<MtlsSender>& MtlsSender::table() {
  static const SettingsTable<MtlsSender> table{
      required("name", &MtlsSender::name, "Shown as the origin of events."),
      required("subject", &MtlsSender::subject,
               "The client certificate's common name, or one of its DNS or URI alternative names, exactly."),
  };
  return table;
}

const SettingsTable<Auth>& Auth::table() {
  static const SettingsTable<Auth> table{
      optional("tokens", &Auth::tokens, "Bearer tokens, each with a name."),
      optional("hmac", &Auth::hmac, "Senders that sign as Standard Webhooks describes."),
      optional("mtls", &Auth::mtls, "Senders known by their client certificate; needs `gateway.tls.client_ca`."),
  };
  return table;
}

const SettingsTable<IntakeLimits>& IntakeLimits::table() {
  static const SettingsTable<IntakeLimits> table{
      with_default("body", &IntakeLimits::body, "8MiB", "Largest request body, before and after decompression.")
          .between("1KiB", "256MiB"),
      with_default("item", &IntakeLimits::item, "256KiB", "Largest single event.").between("1KiB", "16MiB"),
      with_default("depth", &IntakeLimits::depth, "32", "Deepest JSON nesting.").between("4", "128"),
      with_default("items", &IntakeLimits::items, "10000", "Most events in one request.").between("1", "1000000"),
      with_default("header_timeout", &IntakeLimits::header_timeout, "10s", "For a request's header to arrive.")
          .between("100ms", "5m"),
      with_default("body_timeout", &IntakeLimits::body_timeout, "30s", "For a request's body to arrive.")
          .between("100ms", "30m"),
      with_default("idle_timeout", &IntakeLimits::idle_timeout, "60s", "Between two requests of a connection.")
          .between("1s", "1h"),
      with_default("connections", &IntakeLimits::connections, "1024", "Open connections in all.").between("1", "65536"),
      with_default("connections_per_address", &IntakeLimits::connections_per_address, "256",
                   "Open connections from one address; raise it for a proxy in front.")
          .between("1", "65536"),
  };
  return table;
}

const SettingsTable<Idempotency>& Idempotency::table() {
  static const SettingsTable<Idempotency> table{
      with_default("window", &Idempotency::window, "24h", "For how long a repeated event id counts as a duplicate.")
          .between("1m", "90d"),
      with_default("max_ids", &Idempotency::max_ids, "1000000",
                   "How many ids are remembered at most (about 40 bytes of memory each); the oldest go first.")
          .between("1000", "100000000"),
  };
  return table;
}

const SettingsTable<HighWater>& HighWater::table() {
  static const SettingsTable<HighWater> table{
      with_default("pending", &HighWater::pending, "1000000",
                   "Deliveries waiting from which on intake answers 429 and /readyz turns red.")
          .between("1", "1000000000"),
      with_default("database", &HighWater::database, "20GiB",
                   "Size of the database and its write-ahead log, without the free space inside, from which on intake "
                   "answers 429 and /readyz turns red.")
          .between("1MiB", "1048576GiB"),
      with_default("free_disk", &HighWater::free_disk, "512MiB",
                   "Free space in data_dir below which intake answers 503.")
          .between("0", "1048576GiB"),
      with_default("reserve", &HighWater::reserve, "10",
                   "So many percent more than `pending` and `database` are taken, of critical events only.")
          .between("0", "100"),
  };
  return table;
}

const SettingsTable<Intake>& Intake::table() {
  static const SettingsTable<Intake> table{
      optional("auth", &Intake::auth,
               "How senders prove who they are. The word `none` turns it off, on a loopback listener only."),
      with_default("limits", &Intake::limits, "{}", "What a sender may ask of the gateway."),
      with_default("idempotency", &Intake::idempotency, "{}", "How repeated events are recognised."),
      with_default("high_water", &Intake::high_water, "{}", "When to stop accepting rather than lose events."),
  };
  return table;
}

const SettingsTable<MailboxAlarm>& MailboxAlarm::table() {
  static const SettingsTable<MailboxAlarm> table{
      with_default("entries", &MailboxAlarm::entries, "1000", "So many entries of one connector are an alarm.")
          .between("1", "1000000000"),
      with_default("age", &MailboxAlarm::age, "24h", "An entry that has been there for so long is an alarm.")
          .between("1s", "3650d"),
  };
  return table;
}

const SettingsTable<Mailbox>& Mailbox::table() {
  static const SettingsTable<Mailbox> table{
      with_default("alarm", &Mailbox::alarm, "{}",
                   "When a connector's failure mailbox is worth a warning in the log, the status and the metrics."),
  };
  return table;
}

const SettingsTable<Api>& Api::table() {
  static const SettingsTable<Api> table{
      optional(
          "tokens", &Api::tokens,
          "Bearer tokens for the API over TCP. The local socket in data_dir needs none: file permissions guard it."),
  };
  return table;
}

const SettingsTable<Wardex>& Wardex::table() {
  static const SettingsTable<Wardex> table{
      optional("console_url", &Wardex::console_url,
               "The Wardex console. Builds the link of an event whose sender gave none: `https://console.example`."),
      with_default("case_prefix", &Wardex::case_prefix, "CASE-", "Put before case ids that are bare numbers."),
  };
  return table;
}

const SettingsTable<Egress>& Egress::table() {
  static const SettingsTable<Egress> table{
      optional("allow", &Egress::allow,
               "Private destinations that connectors may dial: a network (`10.20.0.0/16`), a host, or `host:port`. "
               "Public addresses need no entry; link-local and cloud metadata addresses are refused always."),
  };
  return table;
}

const SettingsTable<Logging>& Logging::table() {
  static const SettingsTable<Logging> table{
      with_default("level", &Logging::level, "info", "The least important message that is written."),
      with_default("format", &Logging::format, "auto", "`auto` is text on a terminal and JSON otherwise."),
  };
  return table;
}

}  // namespace wardex::config
