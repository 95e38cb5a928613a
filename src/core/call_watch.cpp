#include "core/call_watch.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/failure_text.hpp"
#include "core/timer_service.hpp"

namespace troupe::internal {
namespace {

/// A look passes over all calls that are under way: so many cost about a tenth of a millisecond.
constexpr std::size_t calls_per_millisecond = 1000;
/// Room for so many calls stays when they have ended.
constexpr std::size_t kept_max = 4096;

constexpr std::int64_t no_alarm = steady_time::max().time_since_epoch().count();

std::exception_ptr stuck(const detail::outside_call& call) {
  return std::make_exception_ptr(
      error(errc::timeout,
            "the call of " + name_of(*call.target, *call.node) +
                " timed out, and the actor does not say where it is: a handler of it blocks its thread. The effect "
                "may have happened, or happen yet: ask, or call again with the same idempotency key",
            effect::unknown));
}

}  // namespace

void call_watch::start(detail::outside_call& call, steady_time deadline) noexcept {
  const std::size_t index = thread_part();
  shard& mine = shards_[index];
  call.shard = static_cast<std::uint8_t>(index);
  call.sent = true;
  {
    const std::scoped_lock lock(mine.mutex);
    call.node->serial = ++mine.serial * thread_parts + index;
    if (deadline != steady_time::max()) {
      if (mine.entries.size() == mine.entries.capacity() && mine.entries.size() >= 2 * mine.live) squeeze(mine);
      call.place = static_cast<std::uint32_t>(mine.entries.size());
      call.watched = true;
      mine.entries.push_back({&call, deadline});
      ++mine.live;
    }
  }
  if (deadline != steady_time::max()) arrange(deadline);
}

bool call_watch::end(detail::outside_call& call) noexcept {
  shard& mine = shards_[call.shard];
  for (;;) {
    {
      const std::scoped_lock lock(mine.mutex);
      if (!call.leaving) {
        forget(mine, call);
        const bool first = !call.answered;
        call.answered = true;
        return first;
      }
    }
    std::this_thread::yield();  // the watch answers it just now
  }
}

void call_watch::forget(shard& in, detail::outside_call& call) noexcept {
  if (!call.watched) return;
  call.watched = false;
  in.entries[call.place].call = nullptr;
  if (--in.live == 0) clear(in);
}

void call_watch::clear(shard& of) noexcept {
  if (of.entries.capacity() > kept_max) {
    of.entries = {};
  } else {
    of.entries.clear();
  }
}

void call_watch::squeeze(shard& in) noexcept {
  std::size_t kept = 0;
  for (const entry& each : in.entries) {
    if (each.call == nullptr) continue;
    each.call->place = static_cast<std::uint32_t>(kept);
    in.entries[kept++] = each;
  }
  in.entries.resize(kept);
  if (in.entries.capacity() > 4 * std::max(kept, kept_max)) in.entries.shrink_to_fit();
}

void call_watch::arrange(steady_time when) noexcept {
  const std::int64_t wanted = when.time_since_epoch().count();
  std::int64_t pending = next_.load(std::memory_order_seq_cst);
  while (wanted < pending) {
    if (next_.compare_exchange_weak(pending, wanted, std::memory_order_seq_cst)) {
      system_->timers().start(when, make_alarm([this, wanted] { ring(wanted); }));
      return;
    }
  }
}

void call_watch::ring(std::int64_t when) noexcept {
  // An alarm that another brought forward finds nothing to do: only the one that is waited for counts.
  if (!next_.compare_exchange_strong(when, no_alarm, std::memory_order_seq_cst)) return;
  const steady_time now = system_->now();
  steady_time next = steady_time::max();
  std::size_t live = 0;
  for (shard& each : shards_) next = std::min(next, look(each, now, live));
  if (next == steady_time::max()) return;
  arrange(std::max(next, now + std::chrono::milliseconds(live / calls_per_millisecond)));
}

steady_time call_watch::look(shard& in, steady_time now, std::size_t& live) noexcept {
  std::vector<std::pair<detail::activation_ptr, given_up_call>> due;
  std::vector<detail::outside_call*> stuck_ones;
  steady_time next = steady_time::max();
  {
    const std::scoped_lock lock(in.mutex);  // what has an entry stays: its end waits for the lock
    if (in.entries.size() >= 2 * in.live) squeeze(in);
    for (entry& each : in.entries) {
      if (each.call == nullptr) continue;
      detail::outside_call& call = *each.call;
      if (each.due <= now && call.overdue) {
        each.call = nullptr;
        --in.live;
        call.watched = false;
        call.answered = true;
        call.leaving = true;
        stuck_ones.push_back(&call);
        continue;
      }
      if (each.due <= now) {
        call.overdue = true;
        each.due = now + overdue_grace;
        due.emplace_back(call.target,
                         given_up_call{.request = call.node, .sender = nullptr, .serial = call.node->serial});
      }
      next = std::min(next, each.due);
    }
    if (in.live == 0) clear(in);
    live += in.live;
  }
  for (const auto& [target, call] : due) target.get()->push_given_up(call);
  for (detail::outside_call* call : stuck_ones) {
    call->deliver(stuck(*call), detail::delivery::usual);
    const std::scoped_lock lock(in.mutex);
    call->leaving = false;  // it may be gone from now on
  }
  return next;
}

}  // namespace troupe::internal
