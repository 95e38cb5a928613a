#pragma once

#include <exception>
#include <string_view>

#include "troupe/core/request_context.hpp"

namespace troupe {

/// A message as a filter sees it. Lifetime: the call of the filter.
struct filtered_call {
  std::string_view actor_type;  ///< of the actor it is for
  std::string_view key;
  std::string_view method;  ///< wire name; of a timer's tick `timer`, or what `timer::set_name` said
};

/// Sees messages on their way, for logs, measures, checks of who may call what, and what else concerns all methods. Set
/// for a whole runtime (`runtime_options::filters`) or a type (`actor_type_options::filters`). The runtime's come
/// first, each list in its order, `on_end` in the opposite order.
///
/// Thread-safety: called on the runtime's threads and, for calls from outside, on the caller's, also at the same time.
/// It must not block.
class call_filter {
 public:
  virtual ~call_filter() = default;

  /// Before a call or tell is sent by an actor of the type, or from outside (the runtime's filters alone). May change
  /// the context that travels with it. A throw ends it: a call fails with the exception, `tell` throws it.
  virtual void on_send(const filtered_call& call, request_context& context);

  /// Before a handler of the type begins, on the actor's strand. May change the context of its turn. A throw ends it:
  /// the handler does not run, and the caller gets the exception. Not called when a stored reply is the answer.
  virtual void on_begin(const filtered_call& call, request_context& context);

  /// When the handler has ended, or a filter's `on_begin` has thrown: null, or what its caller is told. The commit
  /// comes after.
  virtual void on_end(const filtered_call& call, const std::exception_ptr& failure) noexcept;
};

}  // namespace troupe
