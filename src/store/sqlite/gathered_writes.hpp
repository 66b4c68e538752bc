// Writes that follow one another in a file, handed to the system as one.
//
// SQLite writes the frames of a commit, and the pages of a checkpoint, a few KiB at a time: two calls a frame. They are
// nearly always neighbours, and what a write costs is the call and the pages it touches one by one, not the bytes. This
// VFS stands before another and keeps neighbours back until something needs them in the file: a sync, a read, a look at
// its size, a lock that is let go of, or news of them for other connections. So what is durable, and what others see at
// any moment, is what it would be without it.
#pragma once

#include <string>

namespace wardex::store::sqlite {

/// Registers the VFS that stands before `base` (the name of one; empty: the default) and tells its name. For the
/// connection that writes: readers gain nothing. An error that the system has for a write comes with the sync, which a
/// commit takes for its failure as well.
std::string gathering_vfs(const std::string& base);

}  // namespace wardex::store::sqlite
