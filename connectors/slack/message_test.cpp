// Limits and hostile text.
#include <gtest/gtest.h>

#include "slack/exchange_for_tests.hpp"
#include "wardex/text.hpp"

namespace wardex::slack {
namespace {

void collect_texts(const Json& json, std::vector<std::string>& out) {
  if (json.is_string()) out.push_back(json.get<std::string>());
  if (json.is_structured())
    for (const auto& item : json) collect_texts(item, out);
}

void expect_within_limits(const Json& message) {
  EXPECT_LT(text::length(message.dump()), 12'000U);
  auto blocks = message["blocks"];
  for (const auto& attachment : message["attachments"])
    for (const auto& block : attachment["blocks"]) blocks.push_back(block);
  EXPECT_LE(blocks.size(), 50U);
  for (const auto& block : blocks) {
    if (block["type"] == "header") {
      EXPECT_LE(text::length(block["text"]["text"].get<std::string>()), 150U);
    }
    if (block["type"] == "section" && block.contains("text")) {
      EXPECT_GE(text::length(block["text"]["text"].get<std::string>()), 1U);
      EXPECT_LE(text::length(block["text"]["text"].get<std::string>()), 3000U);
    }
    for (const auto& field : block.value("fields", Json::array()))
      EXPECT_LE(text::length(field["text"].get<std::string>()), 2000U);
    EXPECT_LE(block.value("fields", Json::array()).size(), 10U);
    for (const auto& element : block.value("elements", Json::array())) {
      if (element["type"] == "button") {
        EXPECT_LE(element["url"].get<std::string>().size(), 3000U);
      }
    }
  }
}

TEST(Slack, KeepsToSlacksLimitsWhateverComes) {
  auto events = std::vector{test::huge_event(), test::hostile_event(), test::full_event()};
  events[0].wardex_url = "https://console.example/" + std::string(2900, 'x');
  auto flood = test::huge_event();
  flood.title = test::repeat("\"\\&<", 5000);
  flood.description = test::repeat("\"\\\n", 5000);
  for (auto* field : {&flood.rule, &flood.host, &flood.user, &flood.assignee}) *field = test::repeat("\"&\\", 500);
  flood.wardex_url = events[0].wardex_url;
  events.push_back(flood);
  for (const auto& event : events) {
    expect_within_limits(Exchange(*webhook(), delivery(event), {}).body(0));
    const Exchange update(*bot(), linked(event), {test::http(200, kPosted), test::http(200, kPosted)});
    expect_within_limits(update.body(0));
    expect_within_limits(update.body(1));
  }
}

TEST(Slack, NothingInAnAlertIsALinkAMentionOrHalfAnEntity) {
  for (const auto& event : {test::hostile_event(), test::huge_event()}) {
    std::vector<std::string> texts;
    collect_texts(Exchange(*webhook(), delivery(event), {}).body(0), texts);
    collect_texts(Exchange(*bot(), linked(event), {test::http(200, kPosted), test::http(200, kPosted)}).body(1), texts);
    for (auto text : texts) {
      for (const auto* ours : {"<!date^1776781329^{date_num} {time_secs}|2026-04-21T14:22:09Z>",
                               "<https://console.example/cases/CASE-1042|Open in Wardex>"})
        for (auto at = text.find(ours); at != std::string::npos; at = text.find(ours))
          text.erase(at, std::string(ours).size());
      EXPECT_EQ(text.find_first_of("<>"), std::string::npos) << text;
      for (auto at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1)) {
        const auto entity = text.substr(at, 5);
        EXPECT_TRUE(entity.starts_with("&lt;") || entity.starts_with("&gt;") || entity == "&amp;") << entity;
      }
    }
  }
}

TEST(Slack, AnAddressCannotEndItsLink) {
  auto event = test::guide_event();
  event.wardex_url = "https://console.example/a|b>c d\"<!channel>?x=1&y=\xC3\xA4";
  const auto body = Exchange(*webhook(), delivery(event), {}).body(0);
  EXPECT_NE(body["text"].get<std::string>().find(
                "<https://console.example/a%7Cb%3Ec%20d%22%3C!channel%3E?x=1&amp;y=%C3%A4|Open in Wardex>"),
            std::string::npos)
      << body["text"];
  event.wardex_url = "javascript:alert(1)";
  const auto unlinked = Exchange(*webhook(), delivery(event), {}).sent[0].body.reveal();
  EXPECT_EQ(unlinked.find("\"url\""), std::string::npos);
  EXPECT_NE(unlinked.find("javascript:alert(1)"), std::string::npos) << "shown as text";
}

}  // namespace
}  // namespace wardex::slack
