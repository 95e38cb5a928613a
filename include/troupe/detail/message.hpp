#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "troupe/core/request_context.hpp"
#include "troupe/detail/wait.hpp"
#include "troupe/fwd.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::detail {

struct task_promise_base;

/// A node of a mailbox. It is in one list at a time, and the list's owner owns it.
class message {
 public:
  enum class role : std::uint8_t {
    request,  ///< starts a turn, in its order
    work,     ///< continues something that is under way; runs as soon as the strand gets to it
  };

  message(const message&) = delete;
  message& operator=(const message&) = delete;

  /// Runs the work on the strand it was pushed to. Only for `role::work`. May free the node.
  virtual void run() noexcept = 0;

  /// Ends the message without running or answering it, because the runtime is gone. Frees what is on the heap.
  virtual void abandon() noexcept {}

  /// The same for a message that was never taken, on the thread that sent it.
  virtual void refuse() noexcept { abandon(); }

  message* next = nullptr;
  role as;
  // Requests only, what is counted of them. Eight bytes together with the role.
  bool one_way : 1 = false;      ///< nobody waits for its answer
  bool refusable : 1 = false;    ///< was sent as a message that may be refused
  bool found_busy : 1 = false;   ///< was pushed to an actor that was scheduled or running
  bool seated : 1 = false;       ///< has a seat in a crowd
  bool durable : 1 = false;      ///< a delivery of a durable message
  bool needs_store : 1 = false;  ///< what is stored of the actor must be loaded before it starts
  bool delayed : 1 = false;      ///< one-way, and waits in the runtime until it is due
  bool special : 1 = false;      ///< of a request: more than arguments, see `request::request`
  std::uint16_t from = 0;        ///< a hash that tells senders apart
  std::uint32_t units = 0;       ///< of 64 bytes of memory, as far as it is known

 protected:
  explicit message(role r) noexcept : as(r) {}
  virtual ~message() = default;
};

/// When a one-way request that is delayed goes to its receiver, counted from when it leaves its sender, and for how
/// long it may wait there (0: for ever).
struct one_way_times {
  std::chrono::milliseconds delay{0};
  std::chrono::milliseconds timeout{0};
};

/// How far the turn of a request had got when the runtime ended.
enum class turn_stage : std::uint8_t {
  waiting,     ///< it had not begun
  running,     ///< nothing of its own was kept; what it called may have been
  committing,  ///< it may have been kept
};

/// A message that starts a turn. From push to `complete` (or `abandon`) the callee's strand owns it.
class request : public message {
 public:
  /// Calls the handler. Returns null when it has finished (its result is kept), else its coroutine, not yet started.
  /// Throws what a plain handler throws.
  virtual std::coroutine_handle<task_promise_base> start(actor& self) = 0;

  /// Takes the result out of the coroutine that `start` returned and that finished without an exception.
  virtual void take_result(std::coroutine_handle<task_promise_base> root) = 0;

  /// Appends the result as JSON. Throws `error{errc::not_encodable}` when it has no encoding.
  virtual void encode_reply(std::string& json) const = 0;

  /// Sets the result from JSON that `encode_reply` made. Throws when it cannot be read.
  virtual void decode_reply(std::string_view json) = 0;

  /// Appends the arguments as a JSON array, before `start`; "null" when they have no encoding.
  virtual void encode_arguments(std::string& json) const { json += "null"; }

  /// Ends the request: null delivers the result, else the exception. The node is not the callee's any more.
  virtual void complete(std::exception_ptr failure) noexcept = 0;

  /// For people: the method's wire name, or what the runtime does instead.
  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// The caller's idempotency key; empty: none.
  [[nodiscard]] virtual std::string_view idempotency_key() const noexcept { return {}; }

  /// Abandons a request whose turn runs, or has ended and is being committed: an effect may have happened.
  virtual void abandon_in_doubt(turn_stage at) noexcept {
    static_cast<void>(at);
    abandon();
  }

  /// Whether the turn still makes sense; one that does not is completed without activating anybody.
  [[nodiscard]] virtual bool wanted() const noexcept { return true; }

  /// Which turns its own may overlap; nothing: what the type says.
  [[nodiscard]] virtual std::optional<reentrancy> mode() const noexcept { return reentrancy{}; }

  /// Of a request that is `delayed`.
  [[nodiscard]] virtual one_way_times times() const noexcept { return {}; }

  /// Whether handling it counts as use of the actor.
  [[nodiscard]] virtual bool keeps_alive() const noexcept { return true; }

  /// Answers the caller while the turn goes on without it. Returns the node that stands in for this one, which may be
  /// gone: the caller's frame may end.
  virtual request* leave_to_turn(std::exception_ptr why) noexcept {
    static_cast<void>(why);
    return this;
  }

  void run() noexcept override {}

  steady_time sent{};                         ///< when it was made, to a few milliseconds
  steady_time deadline = steady_time::max();  ///< it is not begun after this
  awaited_call* caller = nullptr;             ///< the handler's wait for it; null: from outside, or one-way
  internal::activation* receiver = nullptr;   ///< of one that leaves with a commit; it stays until then
  std::uint64_t serial = 0;                   ///< unlike any other of its caller
  request_context context{};                  ///< travels with it

 protected:
  /// Special until it says that it is not: without a key, neither durable nor in need of the store, always wanted, and
  /// a use of its actor.
  request() noexcept : message(role::request) { special = true; }
};

/// The turns that wait for a call, those alone that a call may come back to; innermost first. Immutable.
struct chain_link {
  const internal::activation* actor = nullptr;  ///< compared only
  std::uint64_t turn = 0;                       ///< serial of its turn
  std::shared_ptr<const chain_link> outer{};
};

/// A call that a handler waits for, as its caller's strand sees it. `target`, `node`, `sender`, `chain` and the
/// request's own `serial` are constant while the request is under way, so that the callee may read them.
class awaited_call : public turn_wait {
 public:
  void call_off() noexcept override;
  [[nodiscard]] awaited_call* as_call() noexcept override { return this; }

  request* node = nullptr;
  internal::activation* sender = nullptr;  ///< its coroutine waits for the call, so it stays
  internal::activation* target = nullptr;
  std::shared_ptr<const chain_link> chain{};
  bool given_up = false;  ///< strand of the sender: the callee was told, or is about to answer
  /// Whether the callee runs inside the sending, and whether it has answered there.
  enum class at_once : std::uint8_t { no, running, answered } now = at_once::no;

 protected:
  awaited_call() noexcept = default;
  ~awaited_call() = default;
};

/// Calls `visit` with each call in a scope and the scopes in it.
template <class Visit>
void for_each_call(const wait_scope& scope, Visit visit) {
  for (turn_wait* wait = scope.first(); wait != nullptr;) {
    turn_wait* following = wait->next();
    if (awaited_call* call = wait->as_call(); call != nullptr) {
      visit(*call);
    } else if (wait_scope* inner = wait->as_scope(); inner != nullptr) {
      for_each_call(*inner, visit);
    }
    wait = following;
  }
}

/// What a caller gets when the runtime ends before it answered.
[[nodiscard]] std::exception_ptr stopped_error(turn_stage at);

/// Keeps one reference on an actor's place in the directory.
class activation_ptr {
 public:
  activation_ptr() noexcept = default;
  /// Adopts a reference that was already counted.
  explicit activation_ptr(internal::activation* adopted) noexcept : target_(adopted) {}
  activation_ptr(const activation_ptr& other) noexcept;
  activation_ptr(activation_ptr&& other) noexcept : target_(other.target_) { other.target_ = nullptr; }
  activation_ptr& operator=(activation_ptr other) noexcept {
    internal::activation* mine = target_;
    target_ = other.target_;
    other.target_ = mine;
    return *this;
  }
  ~activation_ptr();

  [[nodiscard]] internal::activation* get() const noexcept { return target_; }
  /// Gives its reference away.
  [[nodiscard]] internal::activation* release() noexcept {
    internal::activation* given = target_;
    target_ = nullptr;
    return given;
  }
  [[nodiscard]] internal::activation& operator*() const noexcept { return *target_; }
  explicit operator bool() const noexcept { return target_ != nullptr; }
  friend bool operator==(const activation_ptr&, const activation_ptr&) = default;

 private:
  internal::activation* target_ = nullptr;
};

/// Returns the activation whose strand the calling thread is on; null outside.
[[nodiscard]] internal::activation* current_activation() noexcept;

/// Pushes a message to a strand, whatever its role. Any thread.
void push(internal::activation& target, message& m) noexcept;

/// Sends a call that a handler awaits: behind the output gate of the sender's earlier turns. `timeout` 0 means that of
/// the callee's type. Joins the scope of the running code. Returns whether it is answered already, and has left it.
/// Throws `std::logic_error` outside a handler.
[[nodiscard]] bool send_from_handler(awaited_call& call, std::chrono::milliseconds timeout);

/// Throws `failure`, which `call` was answered with, in the turn that made it. One that is certain to have had no
/// effect counts no more among the calls of the turn that may have had one.
[[noreturn]] void throw_answer(const awaited_call& call, const std::exception_ptr& failure);

/// Throws `failure` again, which an encoding of a reply threw, naming the actor and the method.
[[noreturn]] void throw_bad_reply(const internal::activation& target, std::string_view method, const error& failure);

/// Sends a request from outside any handler. A runtime that shuts down completes it with `shutting_down`.
void send_from_outside(internal::activation& target, request& r) noexcept;

/// Sends a one-way request: inside a turn it leaves with the turn's commit, outside at once. `timeout` 0: none. Throws
/// what a filter throws.
void send_one_way(internal::activation& target, request& r, std::chrono::milliseconds timeout);

/// Lets `work`, whose role is `work`, leave with the running turn's commit, as a one-way request does: it then runs on
/// the strand of the turn's own actor. It is no message: nothing refuses it. In a turn only.
void run_after_commit(request& work);

/// Sends a durable message with the running turn. Throws as `actor_ref::tell` does.
void send_durable(internal::activation& target, std::string_view method, std::string arguments);

/// Reports a one-way request that failed: nobody waits for it, so it is logged.
void report_lost(const internal::activation& target, std::string_view method, std::exception_ptr failure) noexcept;

/// The stable type name and the key of an actor.
[[nodiscard]] std::string_view type_of(const internal::activation& target) noexcept;
[[nodiscard]] std::string_view key_of(const internal::activation& target) noexcept;

}  // namespace troupe::detail
