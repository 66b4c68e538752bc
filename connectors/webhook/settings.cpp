#include "webhook/settings.hpp"

#include "webhook/rules.hpp"

namespace wardex::webhook {

const SettingsTable<BasicAuth>& BasicAuth::table() {
  static const SettingsTable<BasicAuth> table{
      required("username", &BasicAuth::username, "User name; without a colon (RFC 7617)."),
      required("password", &BasicAuth::password, "Password."),
  };
  return table;
}

const SettingsTable<HeaderAuth>& HeaderAuth::table() {
  static const SettingsTable<HeaderAuth> table{
      required("name", &HeaderAuth::name, "Header name, such as `X-Api-Key`."),
      required("value", &HeaderAuth::value, "The whole value of the header."),
  };
  return table;
}

const SettingsTable<Auth>& Auth::table() {
  static const SettingsTable<Auth> table{
      optional("basic", &Auth::basic, "HTTP Basic credentials (RFC 7617)."),
      optional("bearer", &Auth::bearer, "Token for `Authorization: Bearer` (RFC 6750)."),
      optional("header", &Auth::header, "A credential in a header of the receiver's own."),
  };
  return table;
}

const SettingsTable<SigningSecret>& SigningSecret::table() {
  static const SettingsTable<SigningSecret> table{
      required("value", &SigningSecret::value,
               "The secret. Scheme `standard`: base64 of 24 to 64 random bytes, with or without the prefix `whsec_`; "
               "other schemes: any text."),
      optional("not_after", &SigningSecret::not_after,
               "RFC 3339 time after which this secret no longer signs: set it on the old one during a rotation."),
  };
  return table;
}

const SettingsTable<Signing>& Signing::table() {
  static const SettingsTable<Signing> table{
      with_default("scheme", &Signing::scheme, "standard",
                   "`standard` is Standard Webhooks 1.0.0, `github` is `X-Hub-Signature-256`, `timestamped` is the "
                   "family of Stripe and Grafana."),
      optional("secrets", &Signing::secrets, "One secret, or two during a rotation: both sign, the new one first."),
      optional("header", &Signing::header,
               "Name of the signature header, for `github` (default `X-Hub-Signature-256`) and `timestamped` (default "
               "`X-Wardex-Signature`)."),
      optional("timestamp_header", &Signing::timestamp_header,
               "Name of the time header, for `timestamped` with layout `split`. Default `X-Wardex-Timestamp`."),
      optional("layout", &Signing::layout,
               "For `timestamped`: `combined` (default) is `t=<time>,v1=<hex>` in one header, `split` is two headers."),
      optional("separator", &Signing::separator,
               "For `timestamped`: what stands between time and body in the signed text: `.` (default) or `:`."),
  };
  return table;
}

const SettingsTable<Batching>& Batching::table() {
  static const SettingsTable<Batching> table{
      with_default("max_events", &Batching::max_events, "100", "Events in a request at most.").between("1", "10000"),
      with_default("max_bytes", &Batching::max_bytes, "1MiB", "The same in bytes, of the events as they were received.")
          .between("4KiB", "64MiB"),
      with_default(
          "max_age", &Batching::max_age, "0s",
          "How long a request may wait to fill up. 0s: send what is there; under load requests are full anyway.")
          .between("0s", "5m"),
      with_default("format", &Batching::format, "array", "`array`: a JSON array. `ndjson`: one event a line."),
  };
  return table;
}

const SettingsTable<Settings>& Settings::table() {
  static const SettingsTable<Settings> table{
      required("url", &Settings::url,
               "Where to send. `https://` only, but for loopback or with `allow_insecure`. The query is never shown; "
               "given by a reference, nor is the path."),
      with_default("method", &Settings::method, "POST", "HTTP method."),
      optional("headers", &Settings::headers,
               "Further headers, name to value. Values may be references and are never shown."),
      optional("auth", &Settings::auth, "A static credential: one of `basic`, `bearer` and `header`."),
      optional("signing_secret", &Settings::signing_secret,
               "Signs each request by Standard Webhooks 1.0.0. Short for `signing` with one secret."),
      optional("signing", &Settings::signing, "Signatures in full: other schemes, rotation."),
      with_default("payload", &Settings::payload, "flat",
                   "`flat`: the integration guide's fields and more, at top level. `envelope`: the same below `data`. "
                   "`thin`: ids, status and link, for receivers that must not hold alert data."),
      with_default("max_body_bytes", &Settings::max_body_bytes, "256KiB",
                   "Larger bodies are cut: the description first, then details, then techniques; ids and link never.")
          .between("4KiB", "8MiB"),
      optional("batch", &Settings::batch,
               "Several events in one request, under one signature, each with its own `webhook_id`. By default each "
               "event has a request of its own."),
      optional("success_codes", &Settings::success_codes,
               "Status codes that mean delivered: of 200 to 299, and 409 for receivers that answer so to a repeated "
               "`webhook-id`. Default: every 2xx."),
      with_default("allow_insecure", &Settings::allow_insecure, "false",
                   "Accept an `http://` URL: alert data and credentials then travel in the clear."),
  };
  return table;
}

void Settings::check(const Value& value, std::string_view path, Problems& problems) const {
  const Place place{value, path};
  check_url(*this, place, problems);
  check_auth(*this, place, problems);
  check_signing(*this, place, problems);
  check_headers(*this, place, problems);
  check_success_codes(*this, place, problems);
}

std::vector<Secret> Settings::signing_secrets(WallTime now) const {
  if (!signing_secret.empty()) return {signing_secret};
  std::vector<Secret> valid;
  for (const auto& secret : signing.secrets)
    if (!secret.not_after || now <= secret.not_after->at) valid.push_back(secret.value);
  return valid;
}

}  // namespace wardex::webhook

namespace wardex {

void Codec<webhook::HeaderValue>::describe(FieldSpec& spec) { Codec<Secret>::describe(spec); }

std::optional<webhook::HeaderValue> Codec<webhook::HeaderValue>::read(const Value& value, std::string_view path,
                                                                      Problems& problems) {
  Problems found;
  auto text = Codec<Secret>::read(value, path, found);
  // The warning of inline text is left out here: check_headers() gives it for names that speak of a credential.
  for (const auto& problem : found.all())
    if (problem.level == Problem::Level::error) problems.error(problem.at, problem.path, problem.message);
  if (!text) return std::nullopt;
  return webhook::HeaderValue{std::move(*text)};
}

void Codec<webhook::Expiry>::describe(FieldSpec& spec) { spec.type = FieldSpec::Type::string; }

std::optional<webhook::Expiry> Codec<webhook::Expiry>::read(const Value& value, std::string_view path,
                                                            Problems& problems) {
  const auto text = Codec<std::string>::read(value, path, problems);
  if (!text) return std::nullopt;
  const auto at = Timestamp::parse(*text);
  if (!at) {
    problems.error(value.at, path, "'" + *text + "' is not an RFC 3339 time such as 2026-05-01T00:00:00Z");
    return std::nullopt;
  }
  return webhook::Expiry{at->at};
}

}  // namespace wardex
