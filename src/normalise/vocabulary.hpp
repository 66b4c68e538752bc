// The words senders use -> the canonical ones. Every word that is understood stands in the tables of vocabulary.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wardex/event.hpp"

namespace wardex::normalise {

/// Case, '-', ' ' and surrounding space do not matter: "In Progress" reads like "in_progress".
std::optional<Severity> severity_word(std::string_view word);
std::optional<Status> status_word(std::string_view word);
std::optional<Kind> kind_word(std::string_view word);
/// Any action that is a plain word ([a-z0-9_.:-], at most 64); the usual ones in their canonical form.
std::optional<std::string> action_word(std::string_view word);

/// 5 is critical, 1 is info: the scale of our own `severity_num`.
std::optional<Severity> severity_number(double number);
/// 1 is critical (P1), 5 is info.
std::optional<Severity> priority_number(double number);

/// Lower case, trimmed, with '_' for '-' and space.
std::string plain_word(std::string_view word);

}  // namespace wardex::normalise
