// The settings that every connector has; what is particular to a type stands with the connector.
#include "config/config.hpp"

namespace wardex::config {

const SettingsTable<ClientTls>& ClientTls::table() {
  static const SettingsTable<ClientTls> table{
      optional("ca_file", &ClientTls::ca_file, "PEM file of the only authorities to trust; the system's by default."),
      optional("client_cert", &ClientTls::client_cert, "PEM file: our certificate, for receivers that ask for one."),
      optional("client_key", &ClientTls::client_key, "PEM file: its private key."),
      optional("insecure_skip_verify", &ClientTls::insecure_skip_verify,
               "Accept any certificate. Anybody on the way can then read and change what is sent; use `ca_file`."),
  };
  return table;
}

const SettingsTable<RetryPolicy>& RetryPolicy::table() {
  static const SettingsTable<RetryPolicy> table{
      with_default("initial", &RetryPolicy::initial, "1s", "First backoff step; each further one doubles, with jitter.")
          .between("10ms", "1h"),
      with_default("max", &RetryPolicy::max, "5m", "Longest backoff step.").between("10ms", "24h"),
      with_default("give_up_after", &RetryPolicy::give_up_after, "24h",
                   "Age at which an undelivered event goes to the failure mailbox, from where it can be replayed.")
          .between("1s", "365d"),
  };
  return table;
}

const SettingsTable<Rate>& Rate::table() {
  static const SettingsTable<Rate> table{
      required("per_second", &Rate::per_second, "Requests a second; 0.5 is one every two seconds.")
          .between("0.001", "1000000"),
      with_default("burst", &Rate::burst, "1", "Requests that may be made at once after a pause.")
          .between("1", "1000000"),
  };
  return table;
}

const SettingsTable<Limits>& Limits::table() {
  static const SettingsTable<Limits> table{
      with_default("concurrency", &Limits::concurrency, "4",
                   "Requests under way at once. Events of one case are delivered in order whatever this is.")
          .between("1", "1000"),
      optional("rate", &Limits::rate, "Own rate limit, on top of what the receiver asks for."),
  };
  return table;
}

const SettingsTable<Fallback>& Fallback::table() {
  static const SettingsTable<Fallback> table{
      required("to", &Fallback::to,
               "Id of the connector that also gets what this one did not deliver. Fallbacks may form a chain."),
      with_default(
          "after", &Fallback::after, "15m",
          "How long an event waits before the fallback gets it as well. What goes to the failure mailbox goes to "
          "the fallback at once.")
          .between("1s", "30d"),
      optional("severities", &Fallback::severities, "Only for these severities; all by default."),
  };
  return table;
}

const SettingsTable<Credential>& Credential::table() {
  static const SettingsTable<Credential> table{
      optional("rotate_every", &Credential::rotate_every, "Rotation window of its credentials, for reminders: `90d`.")
          .between("1d", "3650d"),
  };
  return table;
}

const SettingsTable<ConnectorCommon>& ConnectorCommon::table() {
  static const SettingsTable<ConnectorCommon> table{
      required("type", &ConnectorCommon::type, "Which connector this is; `wardex-gateway connectors` lists them."),
      with_default("enabled", &ConnectorCommon::enabled, "true", "false: nothing is routed to it."),
      optional("owner", &ConnectorCommon::owner, "Whom to tell when its credential is refused: an address or a team."),
      with_default("mirror", &ConnectorCommon::mirror, "both",
                   "Which events it gets: alerts (and telemetry), cases, or both."),
      optional("credential", &ConnectorCommon::credential, "About its credentials, never the credentials themselves."),
      with_default("retry", &ConnectorCommon::retry, "{}", "What to do when the receiver is out of order."),
      with_default("limits", &ConnectorCommon::limits, "{}", "How hard to press the receiver."),
      optional("fallback", &ConnectorCommon::fallback,
               "Another connector to step in when this one does not deliver. This one still does once it can."),
      optional(
          "coalesce", &ConnectorCommon::coalesce,
          "Of the states of a case that wait, send the newest only. On by default where the receiver shows a case's "
          "state (tickets, pages), off elsewhere. Alerts always go one by one."),
      with_default("timeout", &ConnectorCommon::timeout, "15s", "One whole exchange, connect to last byte.")
          .between("100ms", "10m"),
      optional("tls", &ConnectorCommon::tls, "TLS towards the receiver. Verification is on."),
      optional("proxy", &ConnectorCommon::proxy,
               "HTTP proxy, `http://[user:password@]host:port`. Never taken from the environment."),
  };
  return table;
}

const std::vector<FieldSpec>& common_specs() { return ConnectorCommon::table().specs(); }

}  // namespace wardex::config
