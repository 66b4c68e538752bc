// Anchors are found again in whatever they were kept in.
#include "audit/anchors.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include <nlohmann/json.hpp>

#include "unit/store/store_fixture.hpp"

namespace wardex::audit {
namespace {

const SigningKey& test_key() {
  static const auto key = SigningKey::generate();
  return key;
}
store::ChainHead head(std::int64_t row) {
  return {.instance = "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c",
          .row = row,
          .hash = std::string(64, 'a'),
          .at = *from_iso("2026-04-21T14:22:09.412Z"),
          .pruned = {1, std::string(64, 'b'), *from_iso("2026-04-20T00:00:00.000Z")}};
}
std::string note(std::int64_t row) { return sign_checkpoint(head(row), test_key()); }

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}
AnchorSearch search(const std::string& bytes) {
  AnchorSearch out;
  find_anchors_in(bytes, "kept", out);
  return out;
}
std::vector<std::int64_t> good_rows(const AnchorSearch& found) {
  std::vector<std::int64_t> rows;
  for (const auto& anchor : found.found) {
    EXPECT_EQ(anchor.checkpoint.head, head(anchor.checkpoint.head.row));
    const auto checked = check_note(anchor.checkpoint.note, signer_name(anchor.checkpoint.head.instance),
                                    {{test_key().public_key(), {}}});
    if (checked.check == NoteCheck::good) rows.push_back(anchor.checkpoint.head.row);
  }
  return rows;
}
using Rows = std::vector<std::int64_t>;

TEST(Anchors, AreFoundInEveryForm) {
  const auto json = [](const std::string& text, bool ascii) {
    return nlohmann::json{{"labels", {{"audit_checkpoint.note", text}}}, {"title", "Audit checkpoint"}}.dump(-1, ' ',
                                                                                                             ascii);
  };
  const auto one = note(7);
  const auto line = json(one, false);
  const std::pair<const char*, std::string> table[] = {
      {"raw", one},
      {"raw, without its last line end", one.substr(0, one.size() - 1)},
      {"raw, in other text", "On Tuesday:\n\n" + one + "\nand so on\n"},
      {"raw, CR LF", replaced(one, "\n", "\r\n")},
      {"JSON line", line + "\n"},
      {"JSON, ASCII only", json(one, true)},
      {"JSON, pretty", nlohmann::json::parse(line).dump(4)},
      {"JSON, slashes escaped", replaced(line, "/", "\\/")},
      {"JSON in a JSON string", nlohmann::json{{"message", line}}.dump()},
      {"JSON in a JSON string in a JSON string",
       nlohmann::json{{"m", nlohmann::json{{"message", line}}.dump()}}.dump()},
      {"JSON in JSON, ASCII only", nlohmann::json{{"message", json(one, true)}}.dump(-1, ' ', true)},
      {"syslog", "<134>1 2026-04-21T14:22:09Z wardex control-plane - - - " + line},
      {"rsyslog", "Apr 21 14:22:09 wardex " + replaced(one, "\n", "#012")},
      {"the note and its name elsewhere",
       R"({"key":"wardex-gateway/5f0c+0a0b0c0d","agent":"wardex-gateway/0.1.0",)" + line.substr(1)},
  };
  for (const auto& [name, bytes] : table) {
    const auto found = search(bytes);
    EXPECT_EQ(good_rows(found), (Rows{7})) << name << "\n" << bytes;
    EXPECT_EQ(found.damaged, 0U) << name;
  }
}

TEST(Anchors, ComeInTheOrderOfTheirRowsEachOnce) {
  EXPECT_EQ(good_rows(search(note(9) + "\n" + note(3) + note(9) + "x" + note(5))), (Rows{3, 5, 9}));
}

TEST(Anchors, WhatIsDamagedIsCounted) {
  const auto one = note(7);
  for (const auto cut : {std::size_t{70}, std::size_t{120}, std::size_t{200}, one.size() - 60}) {
    const auto found = search(one.substr(0, cut));
    EXPECT_TRUE(found.found.empty()) << cut;
    EXPECT_EQ(found.damaged, 1U) << cut;
  }
  EXPECT_EQ(search(replaced(one, "row 7", "row x")).damaged, 1U);
  EXPECT_EQ(good_rows(search(one.substr(0, 120) + "\n" + one)), (Rows{7})) << "the next one is found all the same";
}

TEST(Anchors, WhatIsNoneIsPassedOver) {
  for (const std::string bytes :
       {"", "\n\n", "wardex-gateway", "wardex-gateway/", "User-Agent: wardex-gateway/0.1.0 (audit chain head)",
        "\xE2\x80\x94 wardex-gateway/5f0c AAAA\n"}) {
    const auto found = search(bytes);
    EXPECT_TRUE(found.found.empty()) << bytes;
    EXPECT_EQ(found.damaged, 0U) << bytes;
  }
}

TEST(Anchors, HostileBytesDoNoHarm) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i)
    bytes += "wardex-gateway/\\u\\\\\"#0#9#012audit chain head\\n\\n\xE2\x80\x94 \xFF" +
             std::string(static_cast<std::size_t>(i % 7), '\\');
  EXPECT_TRUE(search(bytes).found.empty());
  EXPECT_EQ(good_rows(search(bytes + note(7))), (Rows{7}));
}

TEST(Anchors, AFileOfAnySizeIsReadInBlocks) {
  const store::test::TempDir dir;
  const auto file = dir.path() / "events.jsonl";
  {
    // A note begins at every offset around the end of the first blocks.
    std::ofstream out(file, std::ios::binary);
    out << std::string((1U << 20U) - 3000, '.');
    for (int row = 2; row <= 40; ++row) out << nlohmann::json{{"note", note(row)}}.dump() << '\n';
    out << std::string((1U << 20U) + 77, '.');
    for (int row = 41; row <= 60; ++row) out << note(row) << '\n';
  }
  AnchorSearch found;
  find_anchors(file, found);
  EXPECT_EQ(found.problem, "");
  EXPECT_EQ(found.damaged, 0U);
  const auto rows = good_rows(found);
  Rows all(59);
  std::iota(all.begin(), all.end(), 2);
  EXPECT_EQ(rows, all);
  EXPECT_EQ(rows.back(), 60);
  EXPECT_EQ(found.found.front().file, file.string());
}

TEST(Anchors, AFileThatCannotBeReadIsNamed) {
  const store::test::TempDir dir;
  AnchorSearch found;
  find_anchors(dir.path() / "nothing", found);
  EXPECT_NE(found.problem.find("nothing: No such file"), std::string::npos) << found.problem;
  AnchorSearch folder;
  find_anchors(dir.path(), folder);
  EXPECT_NE(folder.problem.find("is a directory"), std::string::npos) << folder.problem;
}

}  // namespace
}  // namespace wardex::audit
