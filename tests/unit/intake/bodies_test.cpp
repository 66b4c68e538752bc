// What may be in a request, and what is said about the rest.
#include <zlib.h>
#include <zstd.h>

#include "intake/decompress.hpp"
#include "unit/intake/intake_fixture.hpp"

namespace wardex::intake {
namespace {

std::string gzipped(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string zstandard(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}
/// JSON that does not compress a hundredfold.
std::string long_event(std::size_t bytes) {
  std::string text = R"({"title":"t","event_id":"e-1","noise":")";
  for (unsigned n = 1; text.size() + 2 < bytes; n = n * 1664525U + 1013904223U)
    text += static_cast<char>('a' + (n >> 16) % 26);
  return text + "\"}";
}

class Bodies : public IntakeTest {};

TEST_F(Bodies, RefusedWhole) {
  const std::string event(kEvent);
  std::string bomb = R"({"title":"t","x":")" + std::string(4UL << 20U, ' ') + "\"}";
  const std::string many = [] {
    std::string lines;
    for (int i = 0; i < 1001; ++i) lines += "{\"title\":\"t\"}\n";
    return lines;
  }();
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const struct {
    const char* name;
    std::string body;
    Headers headers;
    int status;
    const char* type;
    const char* word;
  } rows[] = {
      {"empty", "", {}, 400, "malformed-body", "empty"},
      {"only space", " \r\n", {{"Content-Type", "application/x-ndjson"}}, 400, "malformed-body", "empty"},
      {"truncated object", event.substr(0, event.size() - 5), {}, 400, "malformed-body", "byte 42"},
      {"truncated array", "[" + event + ",", {}, 400, "malformed-body", "byte"},
      {"no object", "\"just text\"", {}, 400, "malformed-body", "object"},
      {"not JSON", "{title:1}", {}, 400, "malformed-body", "not valid JSON at byte"},
      {"duplicate key", R"({"title":"a","title":"b"})", {}, 400, "malformed-body", "/title occurs twice"},
      {"depth 10,000", std::string(10'000, '[') + std::string(10'000, ']'), {}, 400, "malformed-body", "deeper"},
      {"depth 33",
       R"({"title":"t","x":)" + std::string(32, '[') + std::string(32, ']') + "}",
       {},
       400,
       "malformed-body",
       "deeper than 32 levels at /x"},
      {"two documents", event + event, {}, 400, "malformed-body", "x-ndjson"},
      {"body too large", std::string((8UL << 20U) + 1, ' '), {}, 413, "too-large", "intake.limits.body"},
      {"declared too large", "", {{"Content-Length", "9437184"}}, 413, "too-large", "intake.limits.body"},
      {"declared beyond 64 bits",
       "",
       {{"Content-Length", "99999999999999999999999"}},
       413,
       "too-large",
       "intake.limits.body"},
      {"too many lines", many, {{"Content-Type", "application/x-ndjson"}}, 413, "too-large", "intake.limits.items"},
      {"too many elements",
       "[" +
           [&] {
             auto s = many;
             for (auto& c : s)
               if (c == '\n') c = ',';
             s.back() = ']';
             return s;
           }(),
       {},
       413,
       "too-large",
       "intake.limits.items"},
      {"csv", event, {{"Content-Type", "text/csv"}}, 415, "unsupported-type", "application/json"},
      {"latin-1", event, {{"Content-Type", "application/json; charset=ISO-8859-1"}}, 415, "unsupported-type", "UTF-8"},
      {"brotli", event, {{"Content-Encoding", "br"}}, 415, "unsupported-coding", "gzip"},
      {"two layers",
       gzipped(gzipped(event)),
       {{"Content-Encoding", "gzip, gzip"}},
       415,
       "unsupported-coding",
       "one layer"},
      {"two layers in two fields",
       event,
       {{"Content-Encoding", "gzip"}, {"content-encoding", "zstd"}},
       415,
       "unsupported-coding",
       "one layer"},
      {"not gzip", "not gzip", {{"Content-Encoding", "gzip"}}, 400, "malformed-body", "gzip"},
      {"gzip of nothing", "", {{"Content-Encoding", "gzip"}}, 400, "malformed-body", "too early"},
      {"truncated gzip",
       gzipped(long_event(9000)).substr(0, 4000),
       {{"Content-Encoding", "gzip"}},
       400,
       "malformed-body",
       "too early"},
      {"gzip with a wrong checksum",
       [&] {
         auto s = gzipped(event);
         s[s.size() - 6] ^= 1;
         return s;
       }(),
       {{"Content-Encoding", "gzip"}},
       400,
       "malformed-body",
       "gzip"},
      {"gzip and garbage", gzipped(event) + "garbage", {{"Content-Encoding", "gzip"}}, 400, "malformed-body", "gzip"},
      {"not zstd", "not zstd", {{"Content-Encoding", "zstd"}}, 400, "malformed-body", "zstd"},
      {"truncated zstd",
       zstandard(long_event(9000)).substr(0, 4000),
       {{"Content-Encoding", "zstd"}},
       400,
       "malformed-body",
       "too early"},
      {"gzip bomb by ratio", gzipped(bomb), {{"Content-Encoding", "gzip"}}, 413, "too-large", "100:1"},
      {"zstd bomb by ratio", zstandard(bomb), {{"Content-Encoding", "zstd"}}, 413, "too-large", "100:1"},
      {"gzip over the limit",
       gzipped(long_event((8UL << 20U) + 100)),
       {{"Content-Encoding", "gzip"}},
       413,
       "too-large",
       "decompression"},
      {"zstd over the limit",
       zstandard(long_event((8UL << 20U) + 100)),
       {{"Content-Encoding", "zstd"}},
       413,
       "too-large",
       "decompression"},
      {"empty key", event, {{"Idempotency-Key", ""}}, 400, "bad-request", "Idempotency-Key"},
      {"long key", event, {{"Idempotency-Key", std::string(256, 'k')}}, 400, "bad-request", "255"},
      {"key in Unicode", event, {{"Idempotency-Key", "schl\xC3\xBCssel"}}, 400, "bad-request", "ASCII"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto problem = expect(row.status, post(row.body, row.headers));
    EXPECT_EQ(problem["type"], "urn:wardex:problem:" + std::string(row.type));
    EXPECT_NE(problem["detail"].get<std::string>().find(row.word), std::string::npos) << problem["detail"];
  }
  EXPECT_TRUE(store_.committed.empty());
  EXPECT_TRUE(handed_on_.empty());
}

TEST_F(Bodies, Taken) {
  const std::string event(kEvent);
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const std::pair<std::string, Headers> rows[] = {
      {event, {}},
      {event, {{"Content-Type", "application/json"}}},
      {event, {{"content-type", "Application/JSON; charset=\"UTF-8\""}}},
      {event, {{"Content-Type", "application/json; profile=x; charset=utf-8"}}},
      {"\xEF\xBB\xBF" + event, {}},
      {"[" + event + "]", {}},
      {event + "\r\n\r\n", {{"Content-Type", "application/x-ndjson"}}},
      {event, {{"Content-Type", "application/jsonl"}}},
      {event, {{"Content-Encoding", "identity"}}},
      {gzipped(event), {{"Content-Encoding", "gzip"}}},
      {gzipped(event), {{"Content-Encoding", "X-GZIP"}}},
      {gzipped(event.substr(0, 9)) + gzipped(event.substr(9)), {{"Content-Encoding", "gzip"}}},
      {zstandard(event), {{"Content-Encoding", "zstd"}}},
      {zstandard(event.substr(0, 9)) + zstandard(event.substr(9)), {{"Content-Encoding", "zstd"}}},
      {gzipped(long_event(200'000)), {{"Content-Encoding", "gzip"}}},
      {zstandard(long_event(200'000)), {{"Content-Encoding", "zstd"}}},
      // A tenth of a kilobyte for a whole one is ordinary: the ratio counts from 1 MiB on.
      {gzipped(R"({"title":"t","event_id":"e-1","x":")" + std::string(200'000, ' ') + "\"}"),
       {{"Content-Encoding", "gzip"}}},
  };
  for (const auto& [body, headers] : rows) {
    const auto answer = expect(202, post(body, headers));
    EXPECT_EQ(answer["ids"], json::array({"e-1"}));
    EXPECT_EQ(store_.committed_events().back()->title, "t");
  }
}

TEST_F(Bodies, AMillionBytesThroughTheDecompressorsComeOutAsTheyWentIn) {
  const auto text = long_event(3'000'000);
  EXPECT_EQ(std::get<std::string>(decompress(Coding::gzip, gzipped(text), 4'000'000)), text);
  EXPECT_EQ(std::get<std::string>(decompress(Coding::zstd, zstandard(text), 4'000'000)), text);
  EXPECT_EQ(std::get<std::string>(decompress(Coding::gzip, gzipped(text), text.size())), text);
  EXPECT_TRUE(std::holds_alternative<Refusal>(decompress(Coding::gzip, gzipped(text), text.size() - 1)));
  EXPECT_TRUE(std::holds_alternative<Refusal>(decompress(Coding::zstd, zstandard(text), text.size() - 1)));
}

TEST_F(Bodies, OtherMethodsHearWhichOneToUse) {
  auto request = post(std::string(kEvent));
  request.method = "PUT";
  expect(405, request);
  EXPECT_EQ(header_of(last_, "Allow"), "POST");
}

TEST_F(Bodies, AnItemMayBeRefusedByItself) {
  const std::string big = R"({"title":"big","x":")" + std::string(256UL * 1024UL, 'x') + "\"}";
  const std::string deep = R"({"title":"deep","x":)" + std::string(40, '[') + std::string(40, ']') + "}";
  const auto answer = expect(202, post("[" + std::string(kEvent) + "," + big + "," + deep +
                                       R"(,{"title":7},{"a" 1},{"foo":1},[],{"title":"last","event_id":"e-2"}])"));
  EXPECT_EQ(answer["accepted"], 2);
  EXPECT_EQ(answer["duplicates"], 0);
  EXPECT_EQ(answer["ids"], json::parse(R"(["e-1",null,null,null,null,null,null,"e-2"])"));
  const std::tuple<int, const char*, const char*> expected[] = {
      {1, "intake.limits.item", ""}, {2, "deeper than 32 levels at /x", ""},
      {3, "string", "/title"},       {4, "byte", ""},
      {5, "no event", ""},           {6, "object", ""}};
  ASSERT_EQ(answer["rejected"].size(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    const auto& [index, word, pointer] = expected[i];
    const auto& got = answer["rejected"][i];
    EXPECT_EQ(got["index"], index);
    EXPECT_NE(got["error"].get<std::string>().find(word), std::string::npos) << got;
    EXPECT_EQ(got.value("pointer", ""), pointer);
  }
  EXPECT_EQ(endpoint_->stats().rejected, 6U);
  EXPECT_EQ(endpoint_->stats().accepted, 2U);
  EXPECT_NE(store_.committed.back().audit.detail.find("6 of 8"), std::string::npos);
}

TEST_F(Bodies, ABadLineCostsOnlyItself) {
  const auto answer = expect(
      202, post("{\"title\":\"a\",\"event_id\":\"n1\"}\n\n{\"title\": \"cut\r\n{\"title\":\"b\",\"event_id\":\"n2\"}",
                {{"Content-Type", "application/x-ndjson"}}));
  EXPECT_EQ(answer["ids"], json::parse(R"(["n1",null,"n2"])"));
  EXPECT_EQ(answer["rejected"][0]["index"], 1);
}

TEST_F(Bodies, AllBadIs422WithTheList) {
  const auto problem = expect(422, post(R"([{"title":{"no":"text"}},{}])"));
  EXPECT_EQ(problem["type"], "urn:wardex:problem:no-event");
  EXPECT_EQ(problem["rejected"].size(), 2U);
  EXPECT_EQ(problem["rejected"][0]["pointer"], "/title");
  EXPECT_NE(problem["detail"].get<std::string>().find("/title"), std::string::npos);
  expect(422, post(R"({"title":7})"));
  expect(422, post("{\n{", {{"Content-Type", "application/x-ndjson"}}));
  EXPECT_TRUE(store_.committed.empty());
}

TEST_F(Bodies, HostileBytesComeBackHarmless) {
  for (const auto* body : {"{\"title\":\"a\",\"\xFF\":\"\xFE", "[{\"\xC3\":\x01}]"}) {
    const auto answer = send(post(body));
    ASSERT_TRUE(answer.has_value());
    EXPECT_FALSE(json::parse(answer->body, nullptr, false).is_discarded()) << answer->body;
  }
}

}  // namespace
}  // namespace wardex::intake
