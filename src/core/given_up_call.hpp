#pragma once

#include <cstdint>

#include "troupe/base/error.hpp"
#include "troupe/detail/message.hpp"

namespace troupe::internal {

/// A call that its caller has given up, as the callee is told: it may be gone by then.
struct given_up_call {
  const detail::request* request = nullptr;
  const activation* sender = nullptr;  ///< null: from outside
  std::uint64_t serial = 0;
  errc why = errc::timeout;
  bool at_once = true;  ///< answer it also when its turn runs; else that turn's end is the answer

  /// Whether `r`, which is here, is the call. Strand.
  [[nodiscard]] bool is(const detail::request& r) const noexcept;
};

}  // namespace troupe::internal
