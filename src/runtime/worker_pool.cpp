#include "runtime/worker_pool.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "core/current_strand.hpp"
#include "core/reference_credits.hpp"

namespace troupe::internal {
namespace {

/// How many runnables a worker runs between two looks at its I/O and at what came from outside.
constexpr unsigned runs_between_polls = 64;

/// A backlog worth waking a sleeping worker for; waking one costs tens of microseconds.
constexpr std::uint32_t backlog_worth_waking = 16;

/// Most runnables that a worker takes from the shared queue at a time.
constexpr std::size_t taken_at_once_max = run_queue::capacity / 2;

/// From how many on a strand's surplus is shared while it still runs.
constexpr std::size_t spilled_max = 128;

/// How long a worker without work naps before it looks for a backlog that nobody woke it for: while others work, and
/// while all sleep, in which case one may be woken and get stuck behind a handler that blocks.
constexpr std::chrono::milliseconds nap{1};
constexpr std::chrono::milliseconds long_nap{50};

struct place {
  const worker_pool* pool = nullptr;
  void* worker = nullptr;
};
thread_local place this_worker;

}  // namespace

worker_pool::worker_pool(std::size_t threads, std::shared_ptr<const spi::clock> clock)
    : clock_(std::move(clock)), workers_([threads] {
        std::vector<std::unique_ptr<worker>> made;
        for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i) {
          made.push_back(std::make_unique<worker>());
          made.back()->index = i;
        }
        return made;
      }()) {
  for (auto& w : workers_) w->thread = std::thread([this, &w] { work(*w); });
}

worker_pool::~worker_pool() { stop(); }

worker_pool::worker* worker_pool::own() const noexcept {
  return this_worker.pool == this ? static_cast<worker*>(this_worker.worker) : nullptr;
}

bool worker_pool::on_own_thread() const noexcept { return own() != nullptr; }

worker_pool::worker& worker_pool::any() noexcept {
  if (worker* self = own()) return *self;
  return *workers_[next_context_.fetch_add(1, std::memory_order_relaxed) % workers_.size()];
}

boost::asio::execution_context& worker_pool::context() noexcept { return any().io; }

boost::asio::any_io_executor worker_pool::io_executor() { return any().io.get_executor(); }

void worker_pool::submit(spi::runnable& what) noexcept {
  if (worker* self = own()) {
    if (self->spilled.first != nullptr || !self->queue.push(what)) {
      // Behind all that waits: what a strand makes too much of is shared together, at the latest when it has run.
      self->spilled.push(what);
      if (self->spilled.count == spilled_max) share(self->spilled);
    }
    if (parked_.load(std::memory_order_relaxed) > 0 && self->queue.size() >= backlog_worth_waking) wake_one();
    return;
  }
  const std::scoped_lock lock(shared_mutex_);
  if (stopping_.load(std::memory_order_relaxed)) return;
  chain one;
  one.push(what);
  link_shared(one);
  wake_one();  // under the lock, so that nothing is posted to a context that is being closed
}

void worker_pool::share(chain& all) noexcept {
  const std::scoped_lock lock(shared_mutex_);
  link_shared(all);
  all = {};
}

void worker_pool::link_shared(const chain& all) noexcept {
  (shared_last_ == nullptr ? shared_first_ : shared_last_->next_runnable) = all.first;
  shared_last_ = all.last;
  shared_size_.fetch_add(all.count, std::memory_order_seq_cst);
}

spi::runnable* worker_pool::take_shared(worker& self, std::size_t most) noexcept {
  if (shared_size_.load(std::memory_order_seq_cst) == 0) return nullptr;
  const std::scoped_lock lock(shared_mutex_);
  spi::runnable* const taken = shared_first_;
  std::size_t count = 0;
  while (shared_first_ != nullptr && count < most) {
    spi::runnable* const next = shared_first_->next_runnable;  // once it is in the queue, it may run
    if (count > 0 && !self.queue.push(*shared_first_)) break;
    shared_first_ = next;
    ++count;
  }
  if (shared_first_ == nullptr) shared_last_ = nullptr;
  shared_size_.fetch_sub(count, std::memory_order_relaxed);
  return taken;
}

spi::runnable* worker_pool::find_work(worker& self) noexcept {
  if (spi::runnable* mine = workers_.size() == 1 ? self.queue.pop_alone() : self.queue.pop()) return mine;
  const std::size_t share_of_each = shared_size_.load(std::memory_order_relaxed) / workers_.size() + 1;
  if (spi::runnable* first = take_shared(self, std::min(share_of_each, taken_at_once_max))) return first;
  for (std::size_t i = 1; i < workers_.size(); ++i) {
    if (spi::runnable* stolen = workers_[(self.index + i) % workers_.size()]->queue.pop()) return stolen;
  }
  return nullptr;
}

void worker_pool::wake_one() noexcept {
  for (auto& w : workers_) {
    bool asleep = true;
    if (!w->parked.compare_exchange_strong(asleep, false, std::memory_order_seq_cst)) continue;
    parked_.fetch_sub(1, std::memory_order_relaxed);
    boost::asio::post(w->io, [] {});
    return;
  }
}

void worker_pool::park(worker& self) {
  self.parked.store(true, std::memory_order_seq_cst);
  parked_.fetch_add(1, std::memory_order_relaxed);
  // Looked at after the flag was raised: whoever submits later sees the flag, whoever did before is seen here.
  bool work_there = shared_size_.load(std::memory_order_seq_cst) > 0 || stopping_.load(std::memory_order_seq_cst);
  for (const auto& w : workers_) work_there = work_there || w->queue.size() > 0;
  if (!work_there) {
    credits_here.let_go();
    std::chrono::nanoseconds rest = parked_.load(std::memory_order_relaxed) < workers_.size() ? nap : long_nap;
    // One of the parked workers is enough for the alarm; when it gets work, one that ends its nap takes its place.
    worker* nobody = nullptr;
    const bool keeps_alarm = alarm_keeper_.compare_exchange_strong(nobody, &self, std::memory_order_seq_cst);
    if (keeps_alarm) rest = std::min(rest, until_alarm());
    self.io.run_one_for(rest);
    time_here.uses = 0;
    if (keeps_alarm) alarm_keeper_.store(nullptr, std::memory_order_seq_cst);
  }
  if (self.parked.exchange(false, std::memory_order_seq_cst)) parked_.fetch_sub(1, std::memory_order_relaxed);
}

void worker_pool::run(worker& self, spi::runnable& next) noexcept {
  next.run();
  if (self.spilled.first != nullptr) share(self.spilled);
}

void worker_pool::work(worker& self) {
  this_worker = {this, &self};
  const calls_at_once_scope calls(calls_at_once_usual);
  const reference_credits::scope credits;
  time_here.goes_on = true;
  unsigned runs = 0;
  while (!stopping_.load(std::memory_order_relaxed)) {
    if (++runs % runs_between_polls == 0) {
      time_here.uses = 0;
      ring_if_due();
      self.io.poll();
      // As many as were run since of the worker's own: so nobody waits long behind what comes anew.
      if (spi::runnable* shared = take_shared(self, runs_between_polls)) run(self, *shared);
    }
    if (spi::runnable* next = find_work(self)) {
      run(self, *next);
    } else {
      time_here.uses = 0;
      if (self.io.poll_one() != 0) continue;
      ring_if_due();
      park(self);
    }
  }
  this_worker = {};
}

void worker_pool::wake_at(steady_time when, std::function<void()> wake) {
  {
    const std::scoped_lock lock(alarm_mutex_);
    if (alarm_at_.load(std::memory_order_relaxed) <= when) return;
    alarm_at_.store(when, std::memory_order_seq_cst);
    wake_ = std::move(wake);
  }
  // Set before the keeper was looked at: whoever becomes it later sees the alarm, whoever is it already is told. A
  // worker that sets the alarm looks at it before it sleeps.
  std::unique_lock<std::mutex> lock;
  if (own() == nullptr) {
    lock = std::unique_lock(shared_mutex_);
    if (stopping_.load(std::memory_order_relaxed)) return;
  }
  if (worker* keeper = alarm_keeper_.load(std::memory_order_seq_cst); keeper != nullptr) {
    boost::asio::post(keeper->io, [] {});
  } else if (own() == nullptr) {
    wake_one();
  }
}

std::chrono::nanoseconds worker_pool::until_alarm() const noexcept {
  const steady_time when = alarm_at_.load(std::memory_order_seq_cst);
  return when == steady_time::max() ? std::chrono::nanoseconds::max()
                                    : std::max<std::chrono::nanoseconds>(when - clock_->steady_now(), {});
}

void worker_pool::ring_if_due() {
  if (until_alarm() > std::chrono::nanoseconds::zero()) return;
  std::function<void()> wake;
  {
    const std::scoped_lock lock(alarm_mutex_);
    if (until_alarm() > std::chrono::nanoseconds::zero()) return;
    alarm_at_.store(steady_time::max(), std::memory_order_relaxed);
    wake.swap(wake_);
  }
  wake();
}

void worker_pool::wait(const std::atomic<bool>& done) { done.wait(false, std::memory_order_acquire); }

void worker_pool::stop() {
  {
    const std::scoped_lock lock(shared_mutex_);
    if (stopping_.exchange(true)) return;
  }
  for (auto& w : workers_) boost::asio::post(w->io, [] {});
  for (auto& w : workers_) {
    if (w->thread.joinable()) w->thread.join();
  }
  // Completion handlers that were posted before the end still owe their callers an answer.
  for (auto& w : workers_) w->io.poll();
}

void worker_pool::close() {
  // So do those that the end of the actors posted, and what they post in turn, to whichever worker; but not for ever.
  constexpr int rounds_max = 100;
  std::size_t ran = 1;
  for (int round = 0; round < rounds_max && ran != 0; ++round) {
    ran = 0;
    for (auto& w : workers_) ran += w->io.poll();
  }
  for (auto& w : workers_) w->io.drop_pending();
}

}  // namespace troupe::internal
