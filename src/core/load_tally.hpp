#pragma once

#include <cstdint>

#include "core/queue_load.hpp"

namespace troupe::internal {

/// Messages that were pushed to busy actors by one thread and are not counted yet: counted together at the end.
class load_tally {
 public:
  explicit load_tally(queue_load& load) noexcept : load_(load) {}
  load_tally(const load_tally&) = delete;
  load_tally& operator=(const load_tally&) = delete;
  ~load_tally() {
    if (messages_ != 0) load_.add(messages_, units_);
  }
  void add(std::int64_t messages, std::int64_t units) noexcept {
    messages_ += messages;
    units_ += units;
  }

 private:
  queue_load& load_;
  std::int64_t messages_ = 0;
  std::int64_t units_ = 0;
};

}  // namespace troupe::internal
