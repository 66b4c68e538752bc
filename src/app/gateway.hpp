// The composition root: makes the stages, joins them into the pipeline and runs the event loop.
#pragma once

#include <iosfwd>

#include "app/source.hpp"

namespace wardex::app {

/// Runs until SIGTERM or SIGINT. Returns the process's exit code: 0 after a clean drain, 1 when it could not start
/// (every reason printed to `err`).
int run(const Source& source, std::ostream& err);

}  // namespace wardex::app
