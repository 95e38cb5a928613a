#include "core/call_watch.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/failure_text.hpp"
#include "core/timer_service.hpp"

namespace troupe::internal {
namespace {

/// A look passes over all calls that are under way: so many cost about a tenth of a millisecond.
constexpr std::size_t calls_per_millisecond = 1000;
constexpr std::int64_t no_alarm = steady_time::max().time_since_epoch().count();

std::exception_ptr stuck(const detail::outside_call& call) {
  const activation& actor = *call.target;
  return std::make_exception_ptr(
      error(errc::timeout,
            "the call of " + actor.display() + "." + std::string(call.node->name()) +
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
    const std::scoped_lock lock(mine.lock);
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
  const std::scoped_lock lock(mine.lock);
  if (call.watched) {
    call.watched = false;
    mine.entries[call.place].call = nullptr;
    if (--mine.live == 0) clear(mine);
  }
  const bool first = !call.answered;
  call.answered = true;
  return first;
}

void call_watch::clear(shard& of) noexcept {
  constexpr std::size_t kept_max = 4096;
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
}

void call_watch::arrange(steady_time when) noexcept {
  const std::int64_t wanted = when.time_since_epoch().count();
  std::int64_t pending = next_.load(std::memory_order_seq_cst);
  while (wanted < pending) {
    if (next_.compare_exchange_weak(pending, wanted, std::memory_order_seq_cst)) {
      system_->timers().start(when, std::make_shared<function_alarm>([this, wanted] { ring(wanted); }));
      return;
    }
  }
}

void call_watch::ring(std::int64_t when) noexcept {
  // An alarm that another brought forward finds nothing to do: only the one that is waited for counts.
  if (!next_.compare_exchange_strong(when, no_alarm, std::memory_order_seq_cst)) return;
  const steady_time now = system_->now();
  steady_time next = steady_time::max();
  std::size_t seen = 0;
  for (shard& each : shards_) next = std::min(next, look(each, now, seen));
  if (next == steady_time::max()) return;
  arrange(std::max(next, now + std::chrono::milliseconds(seen / calls_per_millisecond)));
}

steady_time call_watch::look(shard& in, steady_time now, std::size_t& seen) noexcept {
  const std::scoped_lock lock(in.lock);  // what has an entry stays: its end waits for the lock
  steady_time next = steady_time::max();
  for (entry& each : in.entries) {
    if (each.call == nullptr) continue;
    detail::outside_call& call = *each.call;
    if (each.due <= now && call.overdue) {
      each.call = nullptr;
      --in.live;
      call.watched = false;
      call.answered = true;
      call.deliver(stuck(call), detail::delivery::usual);
      continue;
    }
    if (each.due <= now) {
      call.overdue = true;
      each.due = now + overdue_grace;
      call.target.get()->push_given_up({.request = call.node, .sender = nullptr, .serial = call.node->serial});
    }
    next = std::min(next, each.due);
  }
  seen += in.entries.size();
  if (in.live == 0) clear(in);
  return next;
}

}  // namespace troupe::internal
