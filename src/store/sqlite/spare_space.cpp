#include "store/sqlite/spare_space.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

namespace wardex::store::sqlite {

bool SpareSpace::take() {
  if (bytes_ == 0 || held_) return true;
  const int file = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return false;
  held_ = ::posix_fallocate(file, 0, static_cast<off_t>(bytes_)) == 0;
  ::close(file);
  if (!held_) release();
  return held_;
}

void SpareSpace::release() noexcept {
  if (bytes_ == 0) return;
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
  held_ = false;
}

}  // namespace wardex::store::sqlite
