#include "sink/answers.hpp"

namespace wardex::bench {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kElastic = "X-elastic-product: Elasticsearch\r\n";

std::string response(int status, std::string_view type, std::string_view body, std::string_view more = {}) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + (status < 300 ? " OK" : " Refused");
  text += "\r\nContent-Type: ";
  text += type;
  text += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  text += more;
  text += "\r\n";
  text += body;
  return text;
}

std::string bulk_items(std::size_t documents) {
  constexpr std::string_view kItem =
      R"({"create":{"_index":"events","_id":"AZrR0a1b2c3d4e5f6g7h","_version":1,"result":"created",)"
      R"("_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1,"_primary_term":1,"status":201}})";
  std::string body = R"({"took":1,"errors":false,"items":[)";
  body.reserve(body.size() + documents * (kItem.size() + 1) + 2);
  for (std::size_t i = 0; i < documents; ++i) {
    if (i > 0) body += ',';
    body += kItem;
  }
  return body + "]}";
}

}  // namespace

Api api_of(std::string_view target, bool has_body) {
  const auto path = target.substr(0, target.find('?'));
  if (path.starts_with("/services/collector")) return Api::hec;
  if (path.ends_with("/_bulk")) return Api::bulk;
  return path == "/" && !has_body ? Api::info : Api::plain;
}

std::string success(Api api, std::size_t documents) {
  switch (api) {
    case Api::hec:
      return response(200, kJson, R"({"text":"Success","code":0})");
    case Api::bulk:
      return response(200, kJson, bulk_items(documents), kElastic);
    case Api::info:
      return response(200, kJson, R"({"name":"sink","version":{"number":"8.15.0"},"tagline":"You Know, for Search"})",
                      kElastic);
    case Api::plain:
      break;
  }
  return response(200, "text/plain", "ok");
}

std::string failure(int status, std::string_view retry_after) {
  std::string more;
  if (!retry_after.empty()) more = "Retry-After: " + std::string(retry_after) + "\r\n";
  return response(status, kJson, R"({"error":"injected"})", more);
}

std::string json_answer(std::string_view body, int status) { return response(status, kJson, body); }

}  // namespace wardex::bench
