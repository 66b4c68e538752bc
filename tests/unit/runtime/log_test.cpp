#include "runtime/log.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wardex::log {
namespace {

const WallTime at = WallTime{} + std::chrono::milliseconds(1776781329250);  // 2026-04-21T14:22:09.250Z

TEST(LogFormat, JsonHasStableKeysInOrder) {
  EXPECT_EQ(format_json(at, Level::warning, "lane.held", "lane held",
                        {{"connector", "soc-hook"}, {"attempts", 3}, {"ratio", 0.5}, {"vital", true}}),
            R"({"ts":"2026-04-21T14:22:09.250Z","level":"warning","event":"lane.held","msg":"lane held",)"
            R"("fields":{"connector":"soc-hook","attempts":3,"ratio":0.5,"vital":true}})");
}

TEST(LogFormat, JsonWithoutFieldsStillHasTheObject) {
  const auto line = nlohmann::json::parse(format_json(at, Level::info, "a.b", "m", {}));
  EXPECT_EQ(line.at("fields"), nlohmann::json::object());
}

TEST(LogFormat, TextIsReadable) {
  EXPECT_EQ(format_text(at, Level::info, "http.listening", "listening", {{"address", "127.0.0.1:8640"}, {"why", "a b"}},
                        false),
            R"(2026-04-21T14:22:09.250Z info    listening [http.listening] address=127.0.0.1:8640 why="a b")");
}

TEST(LogFormat, ColourIsOnlyOurs) {
  const auto line = format_text(at, Level::error, "e", "m", {{"k", "\x1b[31mred"}}, true);
  EXPECT_NE(line.find("\x1b[31merror"), std::string::npos);
  EXPECT_EQ(line.find("\x1b[31mred"), std::string::npos);
}

// Hostile values: newline injection, ANSI, one-byte CSI (C1), DEL, bidi override, zero width, invalid UTF-8, quote.
const std::vector<std::string> hostile = {"a\nINFO forged",
                                          "\x1b]0;title\x07",
                                          "\xc2\x9b"
                                          "31m",
                                          "\x7f",
                                          "\xe2\x80\xae"
                                          "txt.exe",
                                          "\xe2\x80\x8b",
                                          "\xff\xfe",
                                          "\xe2\x80\xa8",
                                          "say \"hi\"",
                                          std::string("nul\0byte", 8),
                                          "\r\n{\"level\":\"error\"}"};

TEST(LogFormat, HostileTextNeverLeavesRaw) {
  for (const auto& text : hostile) {
    for (const auto& line : {format_json(at, Level::info, "e", text, {{"k", text}}),
                             format_text(at, Level::info, "e", text, {{"k", text}}, false)}) {
      for (const char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f') << line;
      for (const auto* raw : {"\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\x8b", "\xe2\x80\xa8", "\xff"})
        EXPECT_EQ(line.find(raw), std::string::npos) << line;
    }
    EXPECT_TRUE(nlohmann::json::accept(format_json(at, Level::info, "e", text, {{"k", text}})));
  }
}

TEST(LogFormat, OrdinaryUnicodeStaysReadable) {
  EXPECT_NE(format_text(at, Level::info, "e", "Übung 東京 😀", {}, false).find("Übung 東京 😀"), std::string::npos);
}

TEST(Log, LevelAndFormatSwitchWhileRunning) {
  std::vector<std::string> lines;
  redirect([&](std::string_view line) { lines.emplace_back(line); });
  configure(Level::warning, Format::json);
  info("a", "hidden");
  warning("b", "shown", {{"n", std::size_t{2}}});
  configure(Level::debug, Format::text);
  debug("c", "shown too");
  redirect(nullptr);
  configure(Level::info, Format::automatic);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(nlohmann::json::parse(lines[0]).at("fields").at("n"), 2);
  EXPECT_NE(lines[1].find("debug   shown too [c]"), std::string::npos) << lines[1];
}

}  // namespace
}  // namespace wardex::log
