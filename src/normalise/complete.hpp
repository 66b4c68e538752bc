// The second half of normalising: what follows from several fields together.
#pragma once

#include "normalise/draft.hpp"

namespace wardex::normalise {

/// Everything but identity: severity, action, times, texts, link, labels of our own.
void complete(Draft& draft);
/// Nobody could make anything of this: it names no rule, title, case, ... at all.
bool says_nothing(const Draft& draft, std::size_t members);

}  // namespace wardex::normalise
