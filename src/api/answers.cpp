#include "api/answers.hpp"

#include <charconv>
#include <string>

#include "normalise/normalise.hpp"

namespace wardex::api {

using nlohmann::json;
using transport::problem;
using transport::ServerRequest;
using transport::ServerResponse;

ServerResponse document(const json& body, int status) {
  ServerResponse response;
  response.status = status;
  // Stored text may be anything: never throw over a byte.
  response.body = body.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

ServerResponse store_problem(const store::Error& error) {
  switch (error.fault) {
    case store::Fault::not_found:
      return problem(404, "Not found", error.message);
    case store::Fault::conflict:
      return problem(409, "Conflict", error.message);
    default: {
      auto answer = problem(503, "Store unavailable", error.message);
      answer.headers.emplace_back("Retry-After", "5");
      return answer;
    }
  }
}

std::optional<std::uint64_t> number(const ServerRequest& request, std::string_view name, std::uint64_t fallback) {
  const auto text = request.query_parameter(name);
  if (text.empty()) return fallback;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

ServerResponse bad_number(std::string_view name) {
  return problem(400, "Bad parameter", "'" + std::string(name) + "' must be a whole number.");
}

std::variant<json, ServerResponse> object_body(const ServerRequest& request) {
  if (request.body.empty()) return json::object();
  auto parsed = normalise::parse_json(request.body, 8);
  if (const auto* error = std::get_if<normalise::ParseError>(&parsed))
    return problem(400, "Bad JSON", error->message + " at byte " + std::to_string(error->offset));
  auto& body = std::get<json>(parsed);
  if (!body.is_object()) return problem(400, "Bad JSON", "The body must be a JSON object.");
  return std::move(body);
}

}  // namespace wardex::api
