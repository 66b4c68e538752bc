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

/// Hands every payload part of a request to `use`, in order.
template <class Use>
void for_each_part(const Request& request, Use use) {
  struct Visitor {
    Use& use;
    void operator()(const HttpRequest& r) const { use(r.body.reveal()); }
    void operator()(const FileAppend& r) const { use(r.bytes); }
    void operator()(const MailMessage& r) const { use(r.data); }
    void operator()(const StreamFrames& r) const {
      for (const auto& frame : r.frames) use(frame);
    }
    void operator()(const Datagrams& r) const {
      for (const auto& datagram : r.datagrams) use(datagram);
    }
    void operator()(const KafkaRecords& r) const {
      for (const auto& record : r.records) {
        use(record.key);
        use(record.value);
      }
    }
  };
  std::visit(Visitor{use}, request);
}

}  // namespace

const SensitiveText* HttpRequest::header(std::string_view name) const {
  for (const auto& header : headers)
    if (text::iequals(header.name, name)) return &header.value;
  return nullptr;
}

Json redact(const Request& request) { return std::visit(Redactor{}, request); }

std::string digest(const Request& request) {
  // "wardex.request.v1", the redacted form, then each payload part: all framed by their length in decimal.
  std::string framed;
  const auto frame = [&framed](std::string_view part) {
    framed += std::to_string(part.size());
    framed += ':';
    framed += part;
  };
  frame("wardex.request.v1");
  frame(redact(request).dump());
  for_each_part(request, frame);
  return hex(sha256(framed));
}

std::size_t body_size(const Request& request) {
  std::size_t size = 0;
  for_each_part(request, [&size](std::string_view part) { size += part.size(); });
  return size;
}

}  // namespace wardex
