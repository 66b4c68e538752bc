// Disk space kept aside while there is enough of it, so that on a full disk what makes room (a discard) can be written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "store/sqlite/files.hpp"

namespace wardex::store::sqlite {

class SpareSpace {
 public:
  /// 0 bytes: keeps nothing aside, and take() always succeeds.
  SpareSpace(std::shared_ptr<Files> files, std::filesystem::path file, std::uint64_t bytes)
      : files_(std::move(files)), file_(std::move(file)), bytes_(bytes) {}

  /// Allocates the space, unless it is held already. False: the disk has not so much left, and nothing is held.
  bool take();
  /// Gives it back to the disk.
  void release();

 private:
  std::shared_ptr<Files> files_;
  std::filesystem::path file_;
  std::uint64_t bytes_;
  bool held_ = false;
};

}  // namespace wardex::store::sqlite
