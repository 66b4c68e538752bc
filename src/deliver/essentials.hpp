// What of an event always renders.
#pragma once

#include "wardex/event.hpp"

namespace wardex::deliver {

/// Ids, severity, status, a short title and the link, cleaned of all that is odd about them: what a connector gets when
/// it cannot render the whole event. Its description says so.
Event essentials(const Event& event);

}  // namespace wardex::deliver
