// The request smuggling corpus: raw header bytes, and what becomes of them.
#include "transport/http_strictness.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wardex::transport {
namespace {

struct Case {
  const char* name;
  std::string head;
  int status;  ///< 0: passes
};

std::string get(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }
std::string post(const std::string& fields) { return "POST /v1/events HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

std::string many(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += "X-" + std::to_string(i) + ": v\r\n";
  return out;
}

const std::vector<Case>& corpus() {
  static const std::vector<Case> cases = {
      // What must pass
      {"plain", get(""), 0},
      {"length", post("Content-Length: 5\r\n"), 0},
      {"zero_length", post("Content-Length: 0\r\n"), 0},
      {"chunked", post("Transfer-Encoding: chunked\r\n"), 0},
      {"chunked_case", post("transfer-encoding:CHUNKED\r\n"), 0},
      {"http10_without_host", "GET / HTTP/1.0\r\n\r\n", 0},
      {"host_port", "GET / HTTP/1.1\r\nHost: gateway.example:8640\r\n\r\n", 0},
      {"host_v6", "GET / HTTP/1.1\r\nHost: [::1]:8640\r\n\r\n", 0},
      {"absolute_same_host", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"options_asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
      {"obs_text_value", get("X: caf\xe9\r\n"), 0},
      {"empty_value", get("X:\r\n"), 0},
      {"tab_in_value", get("X: a\tb\r\n"), 0},
      {"hundred_fields", get(many(99)), 0},
      // Framing: CL.TE, TE.CL, TE.TE and friends
      {"te_and_cl", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {"cl_and_te", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"te_identity_and_cl", post("Transfer-Encoding: x\r\nContent-Length: 5\r\n"), 400},
      {"two_te", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"te_gzip_chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {"te_chunked_identity", post("Transfer-Encoding: chunked, identity\r\n"), 501},
      {"te_xchunked", post("Transfer-Encoding: xchunked\r\n"), 501},
      {"te_quoted", post("Transfer-Encoding: \"chunked\"\r\n"), 501},
      {"te_parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 501},
      {"te_empty", post("Transfer-Encoding:\r\n"), 501},
      {"te_vertical_tab",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n"),
       400},
      {"te_space_before_colon", post("Transfer-Encoding : chunked\r\n"), 400},
      {"te_leading_space", post(" Transfer-Encoding: chunked\r\n"), 400},
      {"te_nul", post(std::string("Transfer-Encoding: chunked\0\r\n", 29)), 400},
      {"te_bare_cr", post("Foo: x\rTransfer-Encoding: chunked\r\n"), 400},
      {"te_in_http10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"two_cl", post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {"two_equal_cl", post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {"cl_list", post("Content-Length: 5, 5\r\n"), 400},
      {"cl_plus", post("Content-Length: +5\r\n"), 400},
      {"cl_minus", post("Content-Length: -5\r\n"), 400},
      {"cl_hex", post("Content-Length: 0x5\r\n"), 400},
      {"cl_space", post("Content-Length: 5 5\r\n"), 400},
      {"cl_empty", post("Content-Length:\r\n"), 400},
      {"cl_overflow", post("Content-Length: 99999999999999999999\r\n"), 400},
      // Host
      {"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"host_userinfo", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"host_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"host_empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"absolute_other_host", "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute_userinfo", "GET http://a@b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute_ftp", "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"authority_form", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk_get", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      // Lines
      {"obs_fold_space", get("X: a\r\n b\r\n"), 400},
      {"obs_fold_tab", get("X: a\r\n\tb\r\n"), 400},
      {"bare_lf_all", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"bare_lf_one", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
      {"bare_lf_end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
      {"bare_cr_in_value", get("X: a\rb\r\n"), 400},
      {"no_colon", get("Transfer-Encoding\r\n"), 400},
      {"empty_name", get(": x\r\n"), 400},
      {"space_in_name", get("X Y: z\r\n"), 400},
      {"tab_after_name", get("X\t: z\r\n"), 400},
      {"control_in_name", get("X\x01: z\r\n"), 400},
      {"control_in_value",
       get("X: a\x01"
           "b\r\n"),
       400},
      {"del_in_value",
       get("X: a\x7f"
           "b\r\n"),
       400},
      {"nul_in_value", get(std::string("X: a\0b\r\n", 8)), 400},
      {"too_many_fields", get(many(100)), 431},
      // Request line
      {"connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
      {"bad_method", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two_spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"space_in_target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"tab_in_target", "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"utf8_in_target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"http09", "GET /\r\n\r\n", 400},
      {"http2", "PRI * HTTP/2.0\r\n\r\n", 505},
      {"http12", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"lower_case_version", "GET / http/1.1\r\nHost: a\r\n\r\n", 505},
      {"no_version", "GET / \r\nHost: a\r\n\r\n", 505},
      {"tls_hello", "\x16\x03\x01\x02\r\n\r\n", 400},
      {"empty", "\r\n\r\n", 400},
  };
  return cases;
}

TEST(HttpStrictness, Corpus) {
  for (const auto& [name, head, status] : corpus()) {
    const auto violation = check_request_head(head, 100);
    EXPECT_EQ(violation ? violation->status : 0, status)
        << name << ": " << (violation ? violation->why : std::string_view());
  }
}

TEST(HttpStrictness, FindsTheEndWhateverTheLineEndings) {
  EXPECT_EQ(find_header_end(""), std::nullopt);
  EXPECT_EQ(find_header_end("GET / HTTP/1.1\r\n"), std::nullopt);
  EXPECT_EQ(find_header_end("GET / HTTP/1.1\r\n\r"), std::nullopt);
  EXPECT_EQ(find_header_end("A\r\n\r\nbody"), 5U);
  EXPECT_EQ(find_header_end("A\n\nbody"), 3U);
  EXPECT_EQ(find_header_end("A\n\r\nbody"), 4U);
  EXPECT_EQ(find_header_end("A\r\n\nbody"), 4U);
}

TEST(HttpStrictness, NoPrefixOrMutationCrashes) {
  for (const auto& row : corpus()) {
    for (std::size_t cut = 0; cut <= row.head.size(); ++cut) (void)check_request_head(row.head.substr(0, cut), 100);
    for (std::size_t i = 0; i < row.head.size(); ++i) {
      for (const char c : {'\0', '\r', '\n', ' ', ':', '\xff'}) {
        auto mutated = row.head;
        mutated[i] = c;
        (void)check_request_head(mutated, 100);
      }
    }
  }
}

}  // namespace
}  // namespace wardex::transport
