#include "audit/checkpoint.hpp"

#include <gtest/gtest.h>

namespace wardex::audit {
namespace {

const std::string kHash(64, 'a');
const std::string kOther(64, 'b');

store::ChainHead head() {
  return {.instance = "5f0c", .row = 18'231, .hash = kHash, .at = *from_iso("2026-04-21T14:22:09.412Z"), .pruned = {}};
}
store::ChainHead pruned_head() {
  auto out = head();
  out.pruned = {4000, kOther, *from_iso("2026-04-20T00:00:00.000Z")};
  return out;
}

TEST(CheckpointText, IsPlain) {
  EXPECT_EQ(checkpoint_text(head()),
            "wardex-gateway/5f0c\naudit chain head\nrow 18231\nhash " + kHash + "\nat 2026-04-21T14:22:09.412Z\n");
  EXPECT_EQ(checkpoint_text(pruned_head()),
            checkpoint_text(head()) + "pruned 4000 " + kOther + " 2026-04-20T00:00:00.000Z\n");
}

TEST(CheckpointText, IsReadBack) {
  for (const auto& one : {head(), pruned_head()}) {
    const auto back = parse_checkpoint_text(checkpoint_text(one));
    ASSERT_TRUE(std::holds_alternative<store::ChainHead>(back)) << std::get<std::string>(back);
    EXPECT_EQ(std::get<store::ChainHead>(back), one);
  }
  const auto later = parse_checkpoint_text(checkpoint_text(pruned_head()) + "more of a later version\n");
  EXPECT_TRUE(std::holds_alternative<store::ChainHead>(later));
}

TEST(CheckpointText, WhatIsNoneIsRefused) {
  const auto good = checkpoint_text(pruned_head());
  const auto with = [&good](const std::string& what, const std::string& by) {
    auto out = good;
    return out.replace(out.find(what), what.size(), by);
  };
  const std::pair<std::string, std::string> table[] = {
      {"", "is not of a wardex-gateway"},
      {"sum.golang.org\n123\nabc\n", "is not of a wardex-gateway"},
      {with("/5f0c", "/"), "does not name a gateway"},
      {with("/5f0c", "/../etc"), "does not name a gateway"},
      {with("/5f0c", "/" + std::string(65, 'a')), "does not name a gateway"},
      {with("audit chain head", "audit chain tail"), "is no audit checkpoint"},
      {with("row 18231\n", ""), "names no row"},
      {with("row 18231", "row 018231"), "names no row"},
      {with("row 18231", "row -1"), "names no row"},
      {with("row 18231", "row 0"), "names no row"},
      {with("row 18231", "row 99999999999999999999"), "names no row"},
      {with("row 18231", "row 18231 "), "names no row"},
      {with("row 18231", "row"), "names no row"},
      {with(kHash, kHash.substr(1)), "has no hash"},
      {with(kHash, std::string(64, 'A')), "has no hash"},
      {with("at 2026-04-21T14:22:09.412Z", "at 2026-04-21T14:22:09Z"), "has no time"},
      {with("at 2026-04-21T14:22:09.412Z", "at yesterday"), "has no time"},
      {with("pruned 4000", "pruned 18231"), "says that its own row was pruned"},
      {with("pruned 4000", "pruned many"), "says what was pruned in a way that cannot be read"},
      {with("pruned 4000 ", "pruned 4000"), "says what was pruned in a way that cannot be read"},
  };
  for (const auto& [text, why] : table) {
    const auto parsed = parse_checkpoint_text(text);
    ASSERT_TRUE(std::holds_alternative<std::string>(parsed)) << text;
    EXPECT_EQ(std::get<std::string>(parsed), why) << text;
  }
}

TEST(Checkpoint, IsASignedNote) {
  const auto key = SigningKey::generate();
  const auto note = sign_checkpoint(pruned_head(), key);
  EXPECT_LT(note.size(), 700U) << "labels of an event hold 1024 bytes";
  const auto parsed = parse_checkpoint(note);
  ASSERT_TRUE(std::holds_alternative<Checkpoint>(parsed)) << std::get<std::string>(parsed);
  const auto& checkpoint = std::get<Checkpoint>(parsed);
  EXPECT_EQ(checkpoint.head, pruned_head());
  const auto checked = check_note(checkpoint.note, "wardex-gateway/5f0c", {{key.public_key(), {}}});
  EXPECT_EQ(checked.check, NoteCheck::good);
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_checkpoint(checkpoint_text(head()))));
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_checkpoint(sign_note("hello\n", "g", key))));
}

}  // namespace
}  // namespace wardex::audit
