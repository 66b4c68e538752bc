// Disk space kept aside while there is enough of it, so that on a full disk what makes room (a discard) can be written.
#pragma once

#include <cstdint>
#include <filesystem>

namespace wardex::store::sqlite {

class SpareSpace {
 public:
  /// 0 bytes: keeps nothing aside, and take() always succeeds.
  SpareSpace(std::filesystem::path file, std::uint64_t bytes) : file_(std::move(file)), bytes_(bytes) {}

  /// Allocates the space, unless it is held already. False: the disk has not so much left, and nothing is held.
  bool take();
  /// Gives it back to the disk.
  void release() noexcept;

 private:
  std::filesystem::path file_;
  std::uint64_t bytes_;
  bool held_ = false;
};

}  // namespace wardex::store::sqlite
