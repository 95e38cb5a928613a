#include "core/working_set.hpp"

#include <utility>

namespace troupe::internal {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr int kept_max = 0;  // whoever uses one too late is to be found
#else
constexpr int kept_max = 64;
#endif

constinit thread_local working_set* first_kept = nullptr;
constinit thread_local int kept = 0;
constinit thread_local bool is_over = false;

struct end_of_thread {
  end_of_thread() noexcept = default;
  end_of_thread(const end_of_thread&) = delete;
  end_of_thread& operator=(const end_of_thread&) = delete;
  ~end_of_thread() {
    is_over = true;
    while (first_kept != nullptr) delete std::exchange(first_kept, first_kept->next);
  }
};

}  // namespace

working_set* claim_working_set(activation& owner) {
  if (first_kept == nullptr) return new working_set(owner);
  --kept;
  working_set* claimed = std::exchange(first_kept, first_kept->next);
  claimed->running.belongs_to(owner);
  return claimed;
}

void spare_working_set(working_set* what) noexcept {
  static thread_local const end_of_thread at_end;
  static_cast<void>(at_end);
  if (kept >= kept_max || is_over) {
    delete what;
    return;
  }
  ++kept;
  what->next = std::exchange(first_kept, what);
}

}  // namespace troupe::internal
