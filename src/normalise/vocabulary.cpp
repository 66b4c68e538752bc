#include "normalise/vocabulary.hpp"

#include <array>
#include <cmath>

#include "wardex/text.hpp"

namespace wardex::normalise {

namespace {

template <class T>
struct Word {
  std::string_view word;
  T meaning;
};
template <class T>
Word(std::string_view, T) -> Word<T>;  // clang 14 deduces no aggregates by itself

// Wardex's levels are Critical/Severe/Elevated/Nominal, its priorities Critical/High/Medium/Low/Info, its seeded alerts
// critical/severe/elevated/low. The rest is what forwarders between it and us are known to write.
constexpr std::array kSeverityWords{
    Word{"critical", Severity::critical},
    Word{"crit", Severity::critical},
    Word{"fatal", Severity::critical},
    Word{"emergency", Severity::critical},
    Word{"p1", Severity::critical},
    Word{"sev1", Severity::critical},
    Word{"severe", Severity::high},
    Word{"high", Severity::high},
    Word{"major", Severity::high},
    Word{"error", Severity::high},
    Word{"p2", Severity::high},
    Word{"sev2", Severity::high},
    Word{"elevated", Severity::medium},
    Word{"medium", Severity::medium},
    Word{"moderate", Severity::medium},
    Word{"warning", Severity::medium},
    Word{"warn", Severity::medium},
    Word{"p3", Severity::medium},
    Word{"sev3", Severity::medium},
    Word{"low", Severity::low},
    Word{"minor", Severity::low},
    Word{"notice", Severity::low},
    Word{"p4", Severity::low},
    Word{"sev4", Severity::low},
    Word{"nominal", Severity::info},
    Word{"info", Severity::info},
    Word{"informational", Severity::info},
    Word{"information", Severity::info},
    Word{"none", Severity::info},
    Word{"debug", Severity::info},
    Word{"p5", Severity::info},
    Word{"sev5", Severity::info},
};

constexpr std::array kStatusWords{
    Word{"new", Status::new_},
    Word{"open", Status::new_},
    Word{"opened", Status::new_},
    Word{"triage", Status::triage},
    Word{"triaging", Status::triage},
    Word{"acknowledged", Status::triage},
    Word{"investigating", Status::investigating},
    Word{"investigation", Status::investigating},
    Word{"in_progress", Status::investigating},
    Word{"contained", Status::investigating},
    Word{"escalated", Status::escalated},
    Word{"resolved", Status::resolved},
    Word{"remediated", Status::resolved},
    Word{"mitigated", Status::resolved},
    Word{"closed", Status::closed},
    Word{"dismissed", Status::closed},
    Word{"false_positive", Status::closed},
};

constexpr std::array kKindWords{
    Word{"alert", Kind::alert},     Word{"alerts", Kind::alert},    Word{"case", Kind::case_},
    Word{"cases", Kind::case_},     Word{"incident", Kind::case_},  Word{"telemetry", Kind::telemetry},
    Word{"agent", Kind::telemetry}, Word{"runbook", Kind::runbook}, Word{"digest", Kind::digest},
    Word{"sync", Kind::sync},
};

constexpr std::array<Word<std::string_view>, 12> kActionWords{{
    {"create", "created"},
    {"new", "created"},
    {"open", "created"},
    {"opened", "created"},
    {"triggered", "created"},
    {"update", "updated"},
    {"changed", "updated"},
    {"resolve", "resolved"},
    {"close", "closed"},
    {"reopen", "reopened"},
    {"re_opened", "reopened"},
    {"escalate", "escalated"},
}};

template <class T, std::size_t N>
std::optional<T> look_up(const std::array<Word<T>, N>& words, std::string_view given) {
  const auto plain = plain_word(given);
  for (const auto& [word, meaning] : words)
    if (word == plain) return meaning;
  return std::nullopt;
}

std::optional<Severity> step(double number) {
  if (number < 0 || number > 4 || std::trunc(number) != number) return std::nullopt;
  return kSeverities.at(static_cast<std::size_t>(number));
}

}  // namespace

std::string plain_word(std::string_view word) {
  const auto begin = word.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  std::string out = text::lower(word.substr(begin, word.find_last_not_of(" \t\r\n") + 1 - begin));
  for (char& c : out)
    if (c == '-' || c == ' ') c = '_';
  return out;
}

std::optional<Severity> severity_word(std::string_view word) { return look_up(kSeverityWords, word); }
std::optional<Status> status_word(std::string_view word) { return look_up(kStatusWords, word); }
std::optional<Kind> kind_word(std::string_view word) { return look_up(kKindWords, word); }

std::optional<std::string> action_word(std::string_view word) {
  if (const auto canonical = look_up(kActionWords, word)) return std::string(*canonical);
  auto plain = plain_word(word);
  if (plain.empty() || plain.size() > 64) return std::nullopt;
  if (plain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.:") != std::string::npos) return std::nullopt;
  return plain;
}

std::optional<Severity> severity_number(double number) { return step(number - 1); }
std::optional<Severity> priority_number(double number) { return step(5 - number); }

}  // namespace wardex::normalise
