#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/working_set.hpp"

namespace troupe::internal {

/// What few actors need. The crowd stays with the place, the rest ends with the activation.
struct activation::seldom_needed {
  std::atomic<crowd*> here{nullptr};  ///< any thread

  struct of_activation {
    std::vector<std::unique_ptr<turn>> beside;  ///< further turns, that overlap it or run inside it; running or spare
    std::vector<turn*> spare;                   ///< those of them that do not run
    std::array<std::uint32_t, 4> turns_of{};    ///< of the turns that run, by mode; where turns overlap
    std::uint64_t changes = 0;                  ///< how often overlapping turns have changed something
    const detail::request* held_up = nullptr;   ///< the next of the line when it was last seen to wait for other turns
    std::optional<steady_time> next_try;        ///< when the outbox is looked at for deliveries to be tried again
    steady_time keep_until{};                   ///< not idle before
    bool receipts_timer = false;                ///< the time that receipts may wait is running
  } activation;
};

/// What an activation was, to be destroyed.
struct activation::detached {
  std::unique_ptr<actor> self;
  std::unique_ptr<persistence> store;
  std::unique_ptr<seldom_needed::of_activation> seldom;
};

inline crowd* activation::known_crowd() const noexcept {
  const seldom_needed* there = seldom_.load(std::memory_order_acquire);
  return there == nullptr ? nullptr : there->here.load(std::memory_order_acquire);
}

inline void activation::claim_work() {
  if (work_ == nullptr) work_ = working_sets_here.claim(*this);
}

inline bool activation::spare_plain_work() noexcept {
  if (work_->backlog != nullptr || work_->counted_messages != 0 || work_->watch_at != steady_time::max() ||
      work_->look_at != steady_time::max() || work_->running.has_extras) {
    return spare_work();
  }
  working_sets_here.keep(std::exchange(work_, nullptr));
  return true;
}

inline void activation::join_line(detail::request& r) noexcept {
  if (r.found_busy) {
    ++work_->counted_messages;
    work_->counted_units += r.units;
  }
  work_->waiting.push(r);
}

inline detail::request* activation::pop_waiting() noexcept {
  detail::request* r = work_->waiting.pop();
  if (r != nullptr && known_crowd() != nullptr) leave_crowd(*r);
  return r;
}

inline void activation::count_queued(queue_load& load, std::uint32_t units, load_tally* tally) noexcept {
  if (tally != nullptr) {
    tally->add(1, units);
  } else {
    load.add(1, units);
  }
}

inline bool activation::is_loaded() const noexcept { return resident_->store && !resident_->late_load; }

inline turn& activation::claim_turn() { return work_->running.running ? claim_beside() : work_->running; }

inline void activation::note_begun(turn& t) noexcept {
  t.running = true;
  ++work_->turns_running;
  if (type_->overlaps) ++seldom().activation.turns_of[static_cast<std::size_t>(t.mode)];
}

inline void activation::note_ended(turn& t) noexcept {
  t.running = false;
  --work_->turns_running;
  if (!type_->overlaps) return;
  --seldom().activation.turns_of[static_cast<std::size_t>(t.mode)];
  if (&t != &work_->running) seldom().activation.spare.push_back(&t);
}

template <class Visit>
void activation::for_each_turn(Visit visit) {
  if (work_ == nullptr || work_->turns_running == 0) return;
  if (work_->running.running) visit(work_->running);
  const seldom_needed* there = seldom_.load(std::memory_order_relaxed);
  if (there == nullptr) return;
  const auto& beside = there->activation.beside;
  for (std::size_t i = 0; i < beside.size(); ++i) {
    if (beside[i]->running) visit(*beside[i]);
  }
}

}  // namespace troupe::internal
