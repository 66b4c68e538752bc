#include "transport/local_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

namespace wardex::transport {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::variant<HttpResponse, std::string> call_local(const std::filesystem::path& socket, const LocalRequest& request) {
  asio::io_context context;
  asio::local::stream_protocol::socket stream(context);
  boost::system::error_code error;
  stream.connect(asio::local::stream_protocol::endpoint(socket.string()), error);
  if (error)
    return "no gateway answers on " + socket.string() + ": " + error.message() +
           (error == boost::system::errc::permission_denied ? " (run as the gateway's user or as root)" : "");

  http::request<http::string_body> message;
  message.method_string(request.method);
  message.target(request.target);
  message.version(11);
  message.set(http::field::host, "localhost");
  message.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.body() = request.body;
  message.prepare_payload();
  http::write(stream, message, error);
  // A refusal may arrive, and the socket close, before all of a large body was taken: read it nevertheless.
  const auto write_error = error;

  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64ULL * 1024 * 1024);
  http::read(stream, buffer, parser, error);
  if (error) return "the gateway did not answer: " + (write_error ? write_error : error).message();
  HttpResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) response.headers.emplace_back(field.name_string(), field.value());
  response.body = std::move(parser.get().body());
  return response;
}

}  // namespace wardex::transport
