#include "server_fixture.hpp"

namespace wardex::transport {
namespace {

using testing::Conn;
using testing::HttpServerTest;
using testing::kGet;
using testing::kGetClose;
using testing::post;

TEST_F(HttpServerTest, AnswersWithExactlyTheseHeaders) {
  listen();
  const auto answer = exchange("GET /a%20b/c?x=1%202&y=z HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const auto content = answer.substr(answer.find("\r\n\r\n") + 4);
  EXPECT_EQ(answer.substr(0, answer.find("\r\n\r\n")),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(content.size()) +
                "\r\nX-Content-Type-Options: nosniff\r\nConnection: close");
  const auto json = body(answer);
  EXPECT_EQ(json["path"], "/a b/c");
  EXPECT_EQ(json["query"], "x=1%202&y=z");
  EXPECT_EQ(json["peer"], "127.0.0.1");
  EXPECT_EQ(json["local"], false);
}

TEST_F(HttpServerTest, KeepAliveAndPipeliningInOrder) {
  listen();
  auto conn = connect();
  std::string all;
  for (int i = 0; i < 20; ++i) all += post("body " + std::to_string(i));
  conn.send("\r\n" + all + kGetClose);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(body(conn.read_message())["body"], "body " + std::to_string(i));
  EXPECT_EQ(status(conn.read_message()), 200);
  EXPECT_TRUE(conn.at_end());
  EXPECT_EQ(stats().requests, 21U);
  EXPECT_EQ(stats().accepted, 1U);
}

TEST_F(HttpServerTest, ChunkedBodiesByteByByte) {
  listen();
  auto conn = connect();
  const std::string request =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;e=\"x\"\r\ndefg\r\n0\r\nX-Evil: "
      "1\r\n\r\n";
  for (const char c : request) conn.send({&c, 1});
  EXPECT_EQ(body(conn.read_message())["body"], "abcdefg");
  conn.send(kGet);
  EXPECT_EQ(status(conn.read_message()), 200);
}

TEST_F(HttpServerTest, HeadHasTheHeadersOnly) {
  listen();
  auto conn = connect();
  conn.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  auto head = conn.read_some();
  EXPECT_EQ(head.find("\r\n\r\n") + 4, head.size()) << head;
  EXPECT_NE(head.find("Content-Length: "), std::string::npos);
  conn.send(kGet);
  EXPECT_EQ(status(conn.read_message()), 200);
}

TEST_F(HttpServerTest, Http10ClosesUnlessAsked) {
  listen();
  EXPECT_EQ(status(exchange("GET / HTTP/1.0\r\n\r\n")), 200);
  auto conn = connect();
  conn.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(conn.read_message().find("Connection: keep-alive\r\n"), std::string::npos);
  conn.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status(conn.read_all()), 200);
}

TEST_F(HttpServerTest, NoContentHasNeitherBodyNorLength) {
  listen();
  const auto answer = exchange("GET /204 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(status(answer), 204);
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpServerTest, ExpectContinue) {
  listen();
  auto conn = connect();
  conn.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(conn.read_message(), "HTTP/1.1 100 Continue\r\n\r\n");
  conn.send("abc");
  EXPECT_EQ(body(conn.read_message())["body"], "abc");
  // The final status at once, without 100, when the header already decides.
  conn.send("POST / HTTP/1.1\r\nHost: a\r\nAuthorization: bad\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(status(conn.read_message()), 401);
  EXPECT_TRUE(conn.at_end());
  EXPECT_EQ(status(exchange("POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 3\r\n\r\n")), 417);
}

TEST_F(HttpServerTest, TheHeaderCheckComesBeforeTheBody) {
  listen();
  auto conn = connect();
  conn.send("POST / HTTP/1.1\r\nHost: a\r\nAuthorization: bad\r\nContent-Length: 1000000\r\n\r\n");
  const auto answer = conn.read_message();
  EXPECT_EQ(status(answer), 401);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(body(answer)["title"], "Unauthorized");
}

TEST_F(HttpServerTest, ALargeBodyIsRefusedBeforeAndWhileItIsRead) {
  ServerOptions options{.host = "127.0.0.1"};
  options.limits.body_bytes = 1000;
  listen(options);
  auto declared = connect();
  declared.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(status(declared.read_message()), 413);
  auto chunked = connect();
  chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
  chunked.send(chunk + chunk + chunk);
  const auto answer = chunked.read_message();
  EXPECT_EQ(status(answer), 413);
  EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
  EXPECT_EQ(status(exchange(post(std::string(1000, 'x'), "Connection: close\r\n"))), 200);
}

TEST_F(HttpServerTest, ARefusalSurvivesABodyStillBeingSent) {
  ServerOptions options{.host = "127.0.0.1"};
  options.limits.body_bytes = 1000;
  listen(options);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status(exchange(post(std::string(300000, 'x')))), 413);
}

TEST_F(HttpServerTest, AThrowingHandlerIsA500WithoutDetails) {
  listen();
  log::redirect([](std::string_view) {});
  auto conn = connect();
  conn.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = conn.read_message();
  EXPECT_EQ(status(answer), 500);
  EXPECT_EQ(answer.find("canary"), std::string::npos);
  conn.send("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto split = conn.read_message();
  EXPECT_EQ(status(split), 500);
  EXPECT_EQ(split.find("Set-Cookie"), std::string::npos);
  conn.send(kGet);
  EXPECT_EQ(status(conn.read_message()), 200);
  log::redirect(nullptr);
}

TEST(ServerRequest, HeadersAndQueryParameters) {
  ServerRequest request;
  request.headers = {{"X-A", "1"}, {"x-a", "2"}, {"Empty", ""}};
  EXPECT_EQ(request.header("x-A"), "1");
  EXPECT_TRUE(request.has_header("EMPTY"));
  EXPECT_FALSE(request.has_header("absent"));
  request.query = "a=1%202&b=x+y&c&=z&a=3&d=%zz&e=";
  EXPECT_EQ(request.query_parameter("a"), "1 2");
  EXPECT_EQ(request.query_parameter("b"), "x y");
  EXPECT_EQ(request.query_parameter("c"), "");
  EXPECT_EQ(request.query_parameter("d"), "");
  EXPECT_EQ(request.query_parameter("nope"), "");
}

TEST(Problem, IsRfc9457) {
  const auto response = problem(422, "Unprocessable Content", "bad \xff byte");
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(nlohmann::json::parse(response.body)["status"], 422);
  EXPECT_EQ(nlohmann::json::parse(response.body)["title"], "Unprocessable Content");
}

}  // namespace
}  // namespace wardex::transport
