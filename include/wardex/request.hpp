// What a connector wants sent. Plain values: rendering one opens nothing, so a dry run shows the exact bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wardex/secret.hpp"

namespace wardex {

struct Header {
  std::string name;
  SensitiveText value;
};

struct HttpRequest {
  std::string method = "POST";
  SensitiveText url;            ///< absolute http(s) URL, no userinfo, no fragment
  std::vector<Header> headers;  ///< Host, Content-Length, Connection and User-Agent are the transport's
  SensitiveText body;
  /// True when the receiver dedups on a key we send: the transport may then replay it once on a fresh connection after
  /// a kept-alive one proved dead before any response byte arrived.
  bool idempotent = false;

  [[nodiscard]] const SensitiveText* header(std::string_view name) const;  ///< case-insensitive; nullptr if absent
};

/// Bytes appended to a local file (the `file` connector).
struct FileAppend {
  std::string path;
  std::string bytes;
  bool fsync = false;
  std::uint64_t rotate_bytes = 0;  ///< 0: never by size
  unsigned keep = 5;               ///< rotated files kept
};

/// RFC 5322 message and its envelope; transport/smtp (with the smtp connector) speaks RFC 5321.
struct MailMessage {
  std::string from;
  std::vector<std::string> to;
  std::string data;
};
/// Framed records over one TCP/TLS stream (syslog).
struct StreamFrames {
  std::vector<std::string> frames;
};
struct Datagrams {
  std::vector<std::string> datagrams;
};
struct KafkaRecord {
  std::string topic;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};
struct KafkaRecords {
  std::vector<KafkaRecord> records;
};

using Request = std::variant<HttpRequest, FileAppend, MailMessage, StreamFrames, Datagrams, KafkaRecords>;

/// The only form of a request that audit, dry run, CLI and logs ever see: secrets are "***".
/// Shape: {"type":"http","method":...,"url":...,"headers":{...},"body":...}.
nlohmann::json redact(const Request& request);
/// `text` with every secret of the request that occurs in it masked: receivers echo what they were sent, and what they
/// answer goes into the audit. Secrets shorter than 4 bytes are left alone, they would mask half of any text.
std::string scrub(std::string_view text, const Request& request);
/// SHA-256 (hex) over the request with its secrets masked and its payload as it is sent: what the audit row stores.
std::string digest(const Request& request);
std::size_t body_size(const Request& request);

}  // namespace wardex
