#include "app/signing.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app_fixture.hpp"
#include "audit/checkpoint.hpp"
#include "normalise/normalise.hpp"

namespace wardex::app {
namespace {

store::ChainHead head() {
  return {.instance = "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c",
          .row = 18'231,
          .hash = std::string(64, 'a'),
          .at = *from_iso("2026-04-21T14:22:09.412Z"),
          .pruned = {17, std::string(64, 'b'), *from_iso("2026-04-20T00:00:00.000Z")}};
}

TEST(AnchorEvent, HoldsTheNoteAndWhatItSays) {
  const auto generation = test::generation("audit: {checkpoints: {to: [log, hook]}}\n");
  const auto made = signer(generation.signing_key, generation.config, true)(head());
  ASSERT_TRUE(made.anchor);
  const auto& event = *made.anchor->event;
  EXPECT_EQ(event.id, "audit-checkpoint-5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c-18231-aaaaaaaaaaaaaaaa");
  EXPECT_EQ(event.kind, Kind::telemetry);
  EXPECT_EQ(event.severity, Severity::info);
  EXPECT_EQ(event.origin, "gateway");
  EXPECT_EQ(event.case_id, "");
  EXPECT_EQ(event.title, "Audit checkpoint of row 18231");
  EXPECT_EQ(event.labels.at("audit_checkpoint.note"), made.note) << "every connector that sends labels sends it whole";
  EXPECT_EQ(event.labels.at("audit_checkpoint.row"), "18231");
  const auto original = nlohmann::json::parse(event.original);
  EXPECT_EQ(original["audit_checkpoint"]["note"], made.note);
  EXPECT_EQ(original["audit_checkpoint"]["hash"], head().hash);
  ASSERT_EQ(made.anchor->targets.size(), 2U);
  EXPECT_EQ(made.anchor->targets[1].connector, "hook");
  EXPECT_EQ(made.anchor->targets[1].why, "audit.checkpoints.to");
}

TEST(AnchorEvent, IsRestoredAsItWas) {
  const auto config = test::config_of("audit: {checkpoints: {to: log}}\nwardex: {console_url: 'https://c.example'}\n");
  const auto event = *anchor_event(head(), "a note\n", *config).event;
  normalise::Options options;
  options.console_url = config->wardex.console_url;
  options.origin = event.origin;
  options.received_at = event.received_at.at;
  const auto again = normalise::restore(event.original, event.id, event.case_id, options);
  EXPECT_EQ(to_json(again), to_json(event));
  EXPECT_EQ(again.original, event.original);
}

TEST(Signer, SignsWithItsKeyAndNamesIt) {
  const auto generation = test::generation("audit: {checkpoints: {to: log}}\n");
  const auto made = signer(generation.signing_key, generation.config, false)(head());
  EXPECT_FALSE(made.anchor);
  const auto checkpoint = audit::parse_checkpoint(made.note);
  ASSERT_TRUE(std::holds_alternative<audit::Checkpoint>(checkpoint)) << std::get<std::string>(checkpoint);
  EXPECT_EQ(std::get<audit::Checkpoint>(checkpoint).head, head());
  const auto checked =
      audit::check_note(std::get<audit::Checkpoint>(checkpoint).note, audit::signer_name(head().instance),
                        {{generation.signing_key->public_key(), {}}});
  EXPECT_EQ(checked.check, audit::NoteCheck::good);
  EXPECT_TRUE(checked.key.ends_with("+" + made.key)) << checked.key;
}

TEST(Signer, WithoutConnectorsThereIsNoAnchor) {
  const auto generation = test::generation("");
  EXPECT_FALSE(signer(generation.signing_key, generation.config, true)(head()).anchor);
}

TEST(ConfiguredKey, IsCheckedWithTheConfiguration) {
  const auto pem = std::string(audit::SigningKey::generate().pem().reveal());
  const auto load = [](const std::string& key) {
    return config::load_text(
        "intake: {auth: none}\nconnectors: {log: {type: file, path: /tmp/x}}\nmatrix: {high: log}\n"
        "audit: {checkpoints: {key: '${env:KEY}'}}\n",
        "g.yaml", {[key](std::string_view) { return std::optional(key); }, {}});
  };
  auto good = load(pem);
  const auto generation = compile(good);
  ASSERT_TRUE(generation);
  ASSERT_TRUE(generation->signing_key);
  EXPECT_TRUE(generation->signing_key->pem().equals(pem));

  auto bad = load("hunter2");
  EXPECT_FALSE(compile(bad));
  std::string said;
  for (const auto& problem : bad.problems.all()) said += problem.str() + "\n";
  EXPECT_NE(said.find("g.yaml:4:28: audit.checkpoints.key: is no private key in PEM form"), std::string::npos) << said;
  EXPECT_EQ(said.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace wardex::app
