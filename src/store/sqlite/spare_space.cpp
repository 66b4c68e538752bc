#include "store/sqlite/spare_space.hpp"

namespace wardex::store::sqlite {

bool SpareSpace::take() {
  if (bytes_ == 0 || held_) return true;
  held_ = files_->allocate(file_, bytes_);
  return held_;
}

void SpareSpace::release() {
  if (bytes_ == 0) return;
  files_->remove(file_);
  held_ = false;
}

}  // namespace wardex::store::sqlite
