#pragma once

namespace troupe::internal {

class activation;

/// The strand the calling thread is on. Not state of the runtime but of the thread: which turn a `tell` belongs to
/// cannot be told otherwise, see docs/decisions.
inline thread_local activation* this_strand = nullptr;

/// Puts a thread on a strand for a scope. Does not touch the activation when it leaves, which may be gone by then.
class strand_scope {
 public:
  explicit strand_scope(activation& on) noexcept : before_(this_strand) { this_strand = &on; }
  strand_scope(const strand_scope&) = delete;
  strand_scope& operator=(const strand_scope&) = delete;
  ~strand_scope() { this_strand = before_; }

 private:
  activation* before_;
};

}  // namespace troupe::internal
