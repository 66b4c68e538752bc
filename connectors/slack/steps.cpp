#include "slack/steps.hpp"

#include <array>
#include <utility>

namespace wardex::slack {
namespace {

constexpr std::array kNames{
    std::pair{Step::hook, std::string_view("hook")}, std::pair{Step::post, std::string_view("post")},
    std::pair{Step::edit, std::string_view("edit")}, std::pair{Step::reply, std::string_view("reply")},
    std::pair{Step::announce, std::string_view("announce")}};

}  // namespace

Progress Progress::first(const Settings& settings, const Event& event, const std::optional<CaseThread>& thread) {
  if (settings.mode == Mode::webhook) return {Step::hook, {}};
  if (!thread) return {Step::post, {}};
  // The first message is kept current in a threaded channel; else it is touched only to strike a resolved case.
  const bool edits = event.is_resolved() ? settings.update_on_resolve : settings.thread_by_case;
  return edits ? Progress{Step::edit, {}} : after_edit(settings);
}

Progress Progress::after_edit(const Settings& settings) {
  return {settings.thread_by_case ? Step::reply : Step::announce, {}};
}

std::optional<Progress> Progress::parse(std::string_view state) {
  const auto blank = state.find(' ');
  const auto name = state.substr(0, blank);
  for (const auto& [step, known] : kNames)
    if (known == name)
      return Progress{step, blank == std::string_view::npos ? std::string() : std::string(state.substr(blank + 1))};
  return std::nullopt;
}

std::string Progress::str() const {
  std::string out;
  for (const auto& [known, name] : kNames)
    if (known == step) out = name;
  return refused.empty() ? out : out + " " + refused;
}

}  // namespace wardex::slack
