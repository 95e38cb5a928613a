#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>

#include "troupe/core/actor_ref.hpp"
#include "troupe/core/actor_type.hpp"

namespace troupe::detail {

/// Which workers of a pool are busy, and with how many calls. Thread-safety: any thread.
class worker_loads {
 public:
  /// `workers`: 0: one per core of the machine. Throws `error{errc::invalid_argument}` past `workers_per_pool_max`.
  explicit worker_loads(std::size_t workers);

  /// Chooses the first idle worker, else the one with the fewest calls, and counts one more for it.
  [[nodiscard]] std::size_t take() noexcept;
  void give_back(std::size_t worker) noexcept { calls_[worker].fetch_sub(1, std::memory_order_relaxed); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t calls() const noexcept;

 private:
  const std::size_t size_;
  const std::unique_ptr<std::atomic<std::uint32_t>[]> calls_;
};

/// Counts one call for a worker while it lives.
class worker_lease {
 public:
  explicit worker_lease(std::shared_ptr<worker_loads> loads) noexcept
      : loads_(std::move(loads)), worker_(loads_->take()) {}
  worker_lease(worker_lease&& other) noexcept = default;
  worker_lease& operator=(worker_lease&&) = delete;
  ~worker_lease() {
    if (loads_) loads_->give_back(worker_);
  }
  [[nodiscard]] std::size_t worker() const noexcept { return worker_; }

 private:
  std::shared_ptr<worker_loads> loads_;  // null: moved from
  std::size_t worker_;
};

/// An awaiter that holds a lease until it is resumed.
template <class Awaiter>
class leased_awaiter {
 public:
  template <class Operation>
  leased_awaiter(Operation&& operation, worker_lease lease)
      : awaiter_(std::forward<Operation>(operation).into_awaiter()), lease_(std::move(lease)) {}

  [[nodiscard]] bool await_ready() const noexcept { return awaiter_.await_ready(); }
  void await_suspend(std::coroutine_handle<> waiter) { awaiter_.await_suspend(waiter); }
  auto await_resume() {
    lease_.reset();
    return awaiter_.await_resume();
  }

 private:
  Awaiter awaiter_;
  std::optional<worker_lease> lease_;
};

/// A completion handler that gives the worker back first: whoever the handler tells may count on an idle worker.
template <class Handler>
struct leased_handler {
  Handler handler;
  worker_lease lease;

  template <class... Results>
  void operator()(Results&&... results) {
    { const worker_lease ended(std::move(lease)); }
    std::move(handler)(std::forward<Results>(results)...);
  }
};

/// Makes the call of a pool once there is a handler for it.
struct pool_call_initiation {
  template <class Handler, class PoolCall>
  void operator()(Handler&& handler, PoolCall call) const {
    std::move(call).begin(std::forward<Handler>(handler));
  }
};

}  // namespace troupe::detail

/// Executor, cancellation slot and allocator are those of the handler inside.
template <template <class, class> class Associator, class Handler, class Default>
struct boost::asio::associator<Associator, troupe::detail::leased_handler<Handler>, Default>
    : Associator<Handler, Default> {
  static auto get(const troupe::detail::leased_handler<Handler>& leased) noexcept {
    return Associator<Handler, Default>::get(leased.handler);
  }
  static auto get(const troupe::detail::leased_handler<Handler>& leased, const Default& fallback) noexcept {
    return Associator<Handler, Default>::get(leased.handler, fallback);
  }
};

namespace troupe {

/// Most workers of one pool.
inline constexpr std::size_t workers_per_pool_max = 1024;

/// A call of a pool that is described but not yet made. It is made as a `call_operation` is; the worker is chosen then.
template <class Actor, auto Member>
class [[nodiscard("describing a call does not make it: co_await it, give it a completion token, or get()")]] pool_call {
  using operation = call_operation<Actor, Member>;

 public:
  using arguments = typename detail::member_traits<decltype(Member)>::arguments;
  using result = typename operation::result;
  using troupe_strand_awaitable = void;

  pool_call(std::shared_ptr<const std::vector<actor_ref<Actor>>> workers, std::shared_ptr<detail::worker_loads> loads,
            arguments && args, std::chrono::milliseconds timeout)
      : workers_(std::move(workers)), loads_(std::move(loads)), arguments_(std::move(args)), timeout_(timeout) {}

  template <class CompletionToken>
  auto operator()(CompletionToken&& token)&& {
    return boost::asio::async_initiate<CompletionToken, typename detail::call_signature<result>::type>(
        detail::pool_call_initiation(), token, std::move(*this));
  }
  result get()&& {
    const detail::worker_lease lease(loads_);
    return describe(lease.worker()).get();
  }
  auto into_awaiter()&& {
    detail::worker_lease lease(loads_);
    auto chosen = describe(lease.worker());
    return detail::leased_awaiter<decltype(std::move(chosen).into_awaiter())>(std::move(chosen), std::move(lease));
  }

 private:
  friend struct detail::pool_call_initiation;

  template <class Handler>
  void begin(Handler && handler) {
    detail::worker_lease lease(loads_);
    auto chosen = describe(lease.worker());
    std::move(chosen)(detail::leased_handler<std::decay_t<Handler>>{std::forward<Handler>(handler), std::move(lease)});
  }

  [[nodiscard]] operation describe(std::size_t worker) {
    return std::apply(
        [&](auto&&... args) {
          return (*workers_)[worker].with({.timeout = timeout_}).template call<Member>(std::move(args)...);
        },
        std::move(arguments_));
  }

  std::shared_ptr<const std::vector<actor_ref<Actor>>> workers_;
  std::shared_ptr<detail::worker_loads> loads_;
  arguments arguments_;
  std::chrono::milliseconds timeout_;
};

/// Interchangeable actors of one class that share the calls: each call goes to one that is idle, else to the one with
/// the fewest calls. For work that needs no identity: parsing, rendering, asking another service.
///
/// The workers are actors with the keys `name/0`, `name/1`, ... Those that are not needed are never activated, since
/// the first idle one is chosen, and those that are no longer needed leave memory after their type's `idle_timeout`.
/// Their class keeps no state: it has the durability `none`, and what one call leaves behind in its object the next may
/// or may not find. Calls have no order among each other.
///
/// Copies share the workers' loads; make one pool for a purpose and hand out copies, e.g. to actors by their factory.
/// Thread-safety: any thread for its const members. Lifetime: a `pool_call` must not outlive the pool it is from; the
/// pool may outlive the runtime, as references may.
template <class Actor>
class worker_pool {
  static_assert(Actor::persistence.what() == durability::kind::none,
                "workers keep no state: static constexpr troupe::durability persistence = troupe::durability::none();");

 public:
  /// `host` is a runtime that hosts `Actor`. `workers`: how many there may be; 0: one per core.
  /// Throws `error{errc::invalid_argument}` past `workers_per_pool_max`, and what `ref` of the runtime throws.
  template <class Runtime>
  worker_pool(Runtime& host, std::string_view name, std::size_t workers = 0)
      : loads_(std::make_shared<detail::worker_loads>(workers)) {
    auto made = std::make_shared<std::vector<actor_ref<Actor>>>();
    for (std::size_t i = 0; i < loads_->size(); ++i) {
      made->push_back(host.template ref<Actor>(std::string(name) + "/" + std::to_string(i)));
    }
    workers_ = std::move(made);
  }

  /// Describes a call, as `actor_ref::call`. `timeout` is as in `call_options`.
  template <auto Member, class... Args>
  [[nodiscard("describing a call does not make it: co_await it, give it a completion token, or get()")]] pool_call<
      Actor, Member>
  call(Args&&... args) const {
    return {workers_, loads_, typename pool_call<Actor, Member>::arguments(std::forward<Args>(args)...), timeout_};
  }

  /// The same pool, whose calls have another timeout, see `call_options::timeout`.
  [[nodiscard]] worker_pool with_timeout(std::chrono::milliseconds timeout) const {
    worker_pool changed = *this;
    changed.timeout_ = timeout;
    return changed;
  }

  /// How many workers there may be, and how many calls are under way in all.
  [[nodiscard]] std::size_t size() const noexcept { return loads_->size(); }
  [[nodiscard]] std::size_t calls_under_way() const noexcept { return loads_->calls(); }

 private:
  std::shared_ptr<detail::worker_loads> loads_;
  std::shared_ptr<const std::vector<actor_ref<Actor>>> workers_;
  std::chrono::milliseconds timeout_{0};
};

}  // namespace troupe
