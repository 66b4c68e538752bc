#include <gtest/gtest.h>

#include "conformance/events.hpp"
#include "conformance/golden.hpp"
#include "conformance/settings_tree.hpp"
#include "wardex/connector.hpp"
#include "wardex/text.hpp"

namespace wardex {
namespace {

using test::Json;

constexpr auto kPath = "/var/lib/wardex-gateway/events.jsonl";

std::unique_ptr<Sink> make(const Json& settings, std::string* said = nullptr) {
  Problems problems;
  auto sink = find_connector("file")->make_sink(test::tree(settings), "connectors.event-log", problems);
  EXPECT_EQ(sink == nullptr, problems.has_errors()) << test::describe(problems);
  if (said != nullptr) *said = test::describe(problems);
  return sink;
}

Delivery delivery(Event event) { return test::delivery(std::move(event), "event-log"); }

FileAppend render(const Json& settings, const std::vector<Delivery>& batch) {
  const RenderContext context{.now = test::now(), .connector = "event-log", .state = {}};
  return std::get<FileAppend>(make(settings)->render(batch, context));
}

void expect_one_line(const std::string& bytes) {
  EXPECT_TRUE(text::is_valid_utf8(bytes));
  ASSERT_TRUE(bytes.ends_with('\n'));
  // Whatever some reader takes for a line's end stands only at the end; and nothing that moves a terminal's text about.
  for (const auto* end : {"\n", "\r", "\v", "\f", "\x1C", "\x1D", "\x1E", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9",
                          "\x1B", "\x7F", "\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"})
    EXPECT_GE(bytes.find(end), bytes.size() - 1) << test::Json(end).dump();
  EXPECT_TRUE(Json::accept(bytes));
}

TEST(File, Golden) {
  const auto batch =
      std::vector{delivery(test::guide_event()), delivery(test::full_event()), delivery(test::hostile_event())};
  test::expect_golden_text(test::golden_folder("file") / "events.jsonl", render({{"path", kPath}}, batch).bytes);
}

TEST(File, GoldenOriginal) {
  auto pretty = test::guide_event();
  pretty.original = "{\r\n  \"case_id\": \"CASE-1042\",\n\t\"title\": \"Suspicious \\n shell\",\n  \"n\": 1.50\n}\n";
  auto none = test::guide_event();  // made by the gateway itself
  none.kind = Kind::digest;
  test::expect_golden_text(test::golden_folder("file") / "original.jsonl",
                           render({{"path", kPath}, {"format", "original"}}, {delivery(pretty), delivery(none)}).bytes);
}

TEST(File, Defaults) {
  const auto append = render({{"path", kPath}}, {delivery(test::guide_event())});
  EXPECT_EQ(append.path, kPath);
  EXPECT_TRUE(append.fsync);
  EXPECT_EQ(append.rotate_bytes, 64U << 20U);
  EXPECT_EQ(append.keep, 5U);
}

TEST(File, SettingsReachTheRequest) {
  const auto append = render({{"path", "/x"}, {"fsync", false}, {"rotate_bytes", "1KiB"}, {"keep", 100}},
                             {delivery(test::guide_event())});
  EXPECT_FALSE(append.fsync);
  EXPECT_EQ(append.rotate_bytes, 1024U);
  EXPECT_EQ(append.keep, 100U);
}

TEST(File, ALineIsTheCanonicalEventAndTheDelivery) {
  auto item = delivery(test::full_event());
  auto line = Json::parse(render({{"path", kPath}}, {item}).bytes);
  EXPECT_EQ(line["delivery"], delivery_key("event-log", "evt-0001"));
  EXPECT_EQ(line["connector"], "event-log");
  EXPECT_FALSE(line.contains("stands_in_for"));
  line.erase("delivery");
  line.erase("connector");
  EXPECT_EQ(line, to_json(*item.event));
  item.stands_in_for = "soc-hook";
  EXPECT_EQ(Json::parse(render({{"path", kPath}}, {item}).bytes)["stands_in_for"], "soc-hook");
}

TEST(File, EveryEventIsOneLineOfJson) {
  const std::string breaks =
      "a\nb\r\nc\vd\fe\x1C\x1D\x1E\xC2\x85\xE2\x80\xA8\xE2\x80\xA9"
      "f\x7F\xC2\x80\xC2\x9F\xC2\xA0\xE2\x80\xA7\xE2\x80\xAA\xE2\x80\xAE\xE2\x80\xAF\xE2\x81\xA5\xE2\x81\xA6\xE2\x81"
      "\xA9\xFF";
  auto broken = test::guide_event();
  broken.title = broken.description = breaks;
  broken.labels = {{breaks, breaks}};
  for (const auto& event : {test::guide_event(), test::huge_event(), test::hostile_event(), broken, Event{}})
    expect_one_line(render({{"path", kPath}}, {delivery(event)}).bytes);
  // The same for the sender's bytes, and the text survives.
  const auto line = Json::parse(render({{"path", kPath}}, {delivery(broken)}).bytes);
  EXPECT_EQ(line["title"], text::valid_utf8(breaks)) << "escapes change how it is written, not what it says";
  broken.original =
      "{\"title\":\r\n\"a\x7F\xC2\x85"
      "b\xE2\x80\xA8"
      "c\xE2\x80\xA9"
      "d\"\r\n}";
  const auto bytes = render({{"path", kPath}, {"format", "original"}}, {delivery(broken)}).bytes;
  expect_one_line(bytes);
  EXPECT_EQ(Json::parse(bytes), Json::parse(broken.original));
}

TEST(File, ABatchKeepsItsOrder) {
  std::vector<Delivery> batch;
  for (int i = 0; i < 500; ++i) {
    auto event = test::guide_event();
    event.id = "evt-" + std::to_string(i);
    batch.push_back(delivery(event));
  }
  const auto bytes = render({{"path", kPath}}, batch).bytes;
  std::size_t at = 0;
  for (const auto& item : batch) {
    const auto end = bytes.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(Json::parse(bytes.substr(at, end - at))["id"], item.event->id);
    at = end + 1;
  }
  EXPECT_EQ(at, bytes.size());
}

TEST(File, Interpret) {
  const auto sink = make({{"path", kPath}});
  const RenderContext context{.now = test::now(), .connector = "event-log", .state = {}};
  const std::vector batch{delivery(test::guide_event())};
  const auto request = sink->render(batch, context);
  const auto size = body_size(request);
  EXPECT_EQ(outcome(sink->interpret(batch, request, Written{size}, context)), "delivered");
  EXPECT_EQ(outcome(sink->interpret(batch, request, Written{size - 1}, context)), "retry");
  EXPECT_EQ(outcome(sink->interpret(batch, request, HttpResponse{}, context)), "retry");
  EXPECT_FALSE(sink->probe(context));
}

TEST(File, RefusedSettings) {
  const std::pair<Json, std::string> table[] = {
      {{{"path", "events.jsonl"}}, "path: must be an absolute path such as /var/lib/wardex-gateway/events.jsonl"},
      {{{"path", ""}}, "path: must be an absolute path such as /var/lib/wardex-gateway/events.jsonl"},
      {{{"path", "/var/log/"}}, "path: must name a file, not a folder"},
      {{{"path", "/var/log/.."}}, "path: must name a file, not a folder"},
      {{{"path", "/"}}, "path: must name a file, not a folder"},
      {{{"path", "/var/log/a\nb"}}, "path: must not contain control or invisible characters"},
      {{{"path", "/x"}, {"rotate_bytes", 1023}}, "rotate_bytes: must be 0 (never) or at least 1KiB"},
      {{{"path", "/x"}, {"keep", 0}}, "keep: must be between 1 and 100, not 0"},
      {{{"path", "/x"}, {"keep", 101}}, "keep: must be between 1 and 100, not 101"},
      {{{"path", "/x"}, {"format", "orginal"}},
       "format: expected one of event, original, not 'orginal'; did you mean 'original'?"},
      {{{"path", "/x"}, {"paht", "/y"}}, "paht: unknown key 'paht'; did you mean 'path'?"},
      {{{"keep", 3}}, "path: is missing: File to append to, as an absolute path."},
  };
  for (const auto& [settings, problem] : table) {
    std::string said;
    const auto sink = make(settings, &said);
    EXPECT_EQ(said, "connectors.event-log." + problem + "\n");
  }
  std::string said;
  EXPECT_TRUE(make({{"path", "/x"}, {"rotate_bytes", 0}}, &said));
  EXPECT_EQ(said, "");
}

TEST(File, Manifest) {
  const auto& manifest = *find_connector("file");
  EXPECT_FALSE(manifest.dedups_by_key);
  EXPECT_FALSE(manifest.mirrors_state);
  EXPECT_EQ(make({{"path", "/x"}})->batch_limits().max_events, 500U);
}

}  // namespace
}  // namespace wardex
