#include "core/working_set.hpp"

namespace troupe::internal {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kept_max = 0;  // whoever uses one too late is to be found
#else
constexpr int kept_max = 64;
#endif

}  // namespace

struct end_of_working_sets {
  end_of_working_sets() noexcept = default;
  end_of_working_sets(const end_of_working_sets&) = delete;
  end_of_working_sets& operator=(const end_of_working_sets&) = delete;
  ~end_of_working_sets() {
    kept_working_sets& mine = working_sets_here;
    mine.room_ = 0;
    while (mine.first_ != nullptr) delete std::exchange(mine.first_, mine.first_->next);
  }
};

void kept_working_sets::keep_first(working_set* what) noexcept {
  static thread_local const end_of_working_sets at_end;
  static_cast<void>(at_end);
  if (is_open_ || kept_max == 0) {  // there is no room, or the thread ends
    delete what;
    return;
  }
  is_open_ = true;
  room_ = kept_max - 1;
  what->next = std::exchange(first_, what);
}

}  // namespace troupe::internal
