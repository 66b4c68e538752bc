#include "wardex/request.hpp"

#include <nlohmann/json.hpp>

#include "wardex/crypto.hpp"
#include "wardex/text.hpp"

namespace wardex {
namespace {

using Json = nlohmann::json;

Json redact_headers(const std::vector<Header>& headers) {
  Json out = Json::object();
  for (const auto& header : headers) {
    Json value = text::valid_utf8(header.value.redacted());
    Json& slot = out[text::valid_utf8(header.name)];
    if (slot.is_null())
      slot = std::move(value);
    else if (slot.is_array())
      slot.push_back(std::move(value));
    else  // a repeated header is a list of its values
      slot = Json::array({std::move(slot), std::move(value)});
  }
  return out;
}

Json texts(const std::vector<std::string>& parts) {
  Json out = Json::array();
  for (const auto& part : parts) out.push_back(text::valid_utf8(part));
  return out;
}

Json redact_record(const KafkaRecord& record) {
  Json headers = Json::array();
  for (const auto& [name, value] : record.headers)
    headers.push_back({{"name", text::valid_utf8(name)}, {"value", text::valid_utf8(value)}});
  return {{"topic", text::valid_utf8(record.topic)},
          {"key", text::valid_utf8(record.key)},
          {"value", text::valid_utf8(record.value)},
          {"headers", std::move(headers)}};
}

struct Redactor {
  Json operator()(const HttpRequest& r) const {
    return {{"type", "http"},
            {"method", text::valid_utf8(r.method)},
            {"url", text::valid_utf8(r.url.redacted())},
            {"headers", redact_headers(r.headers)},
            {"body", text::valid_utf8(r.body.redacted())}};
  }
  Json operator()(const FileAppend& r) const {
    return {{"type", "file"},   {"path", text::valid_utf8(r.path)}, {"bytes", text::valid_utf8(r.bytes)},
            {"fsync", r.fsync}, {"rotate_bytes", r.rotate_bytes},   {"keep", r.keep}};
  }
  Json operator()(const MailMessage& r) const {
    return {
        {"type", "mail"}, {"from", text::valid_utf8(r.from)}, {"to", texts(r.to)}, {"data", text::valid_utf8(r.data)}};
  }
  Json operator()(const StreamFrames& r) const { return {{"type", "stream"}, {"frames", texts(r.frames)}}; }
  Json operator()(const Datagrams& r) const { return {{"type", "datagrams"}, {"datagrams", texts(r.datagrams)}}; }
  Json operator()(const KafkaRecords& r) const {
    Json records = Json::array();
    for (const auto& record : r.records) records.push_back(redact_record(record));
    return {{"type", "kafka"}, {"records", std::move(records)}};
  }
};

/// A request as one text that no other request has: each part behind its length in decimal, so that they cannot run
/// into each other. Secrets are masked, except in what is sent as payload. Bodies, file and mail data,
/// which may be large, stand as their SHA-256.
class Framed {
 public:
  void operator()(const HttpRequest& r) {
    frame("http");
    frame(r.method);
    frame(r.url.redacted());
    frame(std::to_string(r.headers.size()));
    for (const auto& header : r.headers) {
      frame(header.name);
      frame(header.value.redacted());
    }
    payload(r.body.reveal());
  }
  void operator()(const FileAppend& r) {
    frame("file");
    frame(r.path);
    frame(r.fsync ? "sync" : "");
    frame(std::to_string(r.rotate_bytes));
    frame(std::to_string(r.keep));
    payload(r.bytes);
  }
  void operator()(const MailMessage& r) {
    frame("mail");
    frame(r.from);
    frames(r.to);
    payload(r.data);
  }
  void operator()(const StreamFrames& r) {
    frame("stream");
    frames(r.frames);
  }
  void operator()(const Datagrams& r) {
    frame("datagrams");
    frames(r.datagrams);
  }
  void operator()(const KafkaRecords& r) {
    frame("kafka");
    for (const auto& record : r.records) {
      frame(record.topic);
      frame(record.key);
      frame(record.value);
      frame(std::to_string(record.headers.size()));
      for (const auto& [name, value] : record.headers) {
        frame(name);
        frame(value);
      }
    }
  }
  void frame(std::string_view part) {
    text_ += std::to_string(part.size());
    text_ += ':';
    text_ += part;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void frames(const std::vector<std::string>& parts) {
    for (const auto& part : parts) frame(part);
  }
  void payload(std::string_view bytes) { frame(hex(sha256(bytes))); }

  std::string text_;
};

/// The bytes of every payload part, added up.
struct Sizes {
  std::size_t operator()(const HttpRequest& r) const { return r.body.size(); }
  std::size_t operator()(const FileAppend& r) const { return r.bytes.size(); }
  std::size_t operator()(const MailMessage& r) const { return r.data.size(); }
  std::size_t operator()(const StreamFrames& r) const { return sum(r.frames); }
  std::size_t operator()(const Datagrams& r) const { return sum(r.datagrams); }
  std::size_t operator()(const KafkaRecords& r) const {
    std::size_t size = 0;
    for (const auto& record : r.records) size += record.key.size() + record.value.size();
    return size;
  }

 private:
  static std::size_t sum(const std::vector<std::string>& parts) {
    std::size_t size = 0;
    for (const auto& part : parts) size += part.size();
    return size;
  }
};

}  // namespace

const SensitiveText* HttpRequest::header(std::string_view name) const {
  for (const auto& header : headers)
    if (text::iequals(header.name, name)) return &header.value;
  return nullptr;
}

Json redact(const Request& request) { return std::visit(Redactor{}, request); }

std::string digest(const Request& request) {
  Framed framed;
  framed.frame("wardex.request.v2");
  std::visit(framed, request);
  return hex(sha256(framed.text()));
}

std::size_t body_size(const Request& request) { return std::visit(Sizes{}, request); }

}  // namespace wardex
