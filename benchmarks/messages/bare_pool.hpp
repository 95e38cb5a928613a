#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

// What the machine allows: mailboxes of one atomic word, a queue per worker, recycled message nodes, and nothing else.
// No lifetimes, references, errors, deadlines, bounds or counters.

namespace bench {

/// Blocks of one size that a thread has no use for now; those beyond a bound go back to the heap.
template <class Block>
class magazine {
 public:
  magazine() = default;
  magazine(const magazine&) = delete;
  magazine& operator=(const magazine&) = delete;
  ~magazine() {
    while (first_ != nullptr) delete std::exchange(first_, first_->next);
  }
  [[nodiscard]] Block* get() {
    if (first_ == nullptr) return new Block;
    --kept_;
    return std::exchange(first_, first_->next);
  }
  void put(Block* b) noexcept {
    if (kept_ == kept_max) {
      delete b;
      return;
    }
    ++kept_;
    b->next = std::exchange(first_, b);
  }

 private:
  static constexpr std::size_t kept_max = 65'536;
  Block* first_ = nullptr;
  std::size_t kept_ = 0;
};

enum class verb : std::uint8_t {
  expect,
  hop,
  item,
  hard_item,
  hit,
  produce,
  spread,
  scatter,
  volley,
  ping,
  pong,
  create,
  grow,
  add,
};

struct bare_message {
  bare_message* next = nullptr;
  verb what{};
  std::uint8_t how = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::int64_t n = 0;
  std::int64_t m = 0;
};
inline thread_local magazine<bare_message> own_messages;

/// A mailbox.
struct bare_actor {
  /// Null: at rest; `scheduled()`: nothing new; else the newest of a stack.
  std::atomic<bare_message*> inbox{nullptr};
  bare_actor* next_run = nullptr;

  [[nodiscard]] static bare_message* scheduled() noexcept {
    static bare_message mark;
    return &mark;
  }
};

/// Runs actors on worker threads: `Cast::handle(actor, message)`.
template <class Cast>
class bare_pool {
 public:
  bare_pool() = default;
  bare_pool(const bare_pool&) = delete;
  bare_pool& operator=(const bare_pool&) = delete;

  void send(bare_actor& to, const bare_message& what) {
    bare_message* m = own_messages.get();
    *m = what;
    bare_message* old = to.inbox.load(std::memory_order_relaxed);
    do {
      m->next = old == bare_actor::scheduled() ? nullptr : old;
    } while (!to.inbox.compare_exchange_weak(old, m, std::memory_order_acq_rel, std::memory_order_relaxed));
    if (old == nullptr) submit(to);
  }

 protected:
  void start(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  void stop() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  ~bare_pool() = default;

 private:
  struct queue {
    void push(bare_actor& a) noexcept {
      a.next_run = nullptr;
      (last == nullptr ? first : last->next_run) = &a;
      last = &a;
      ++size;
    }
    [[nodiscard]] bare_actor* pop() noexcept {
      bare_actor* taken = first;
      if (taken == nullptr) return nullptr;
      first = taken->next_run;
      if (first == nullptr) last = nullptr;
      --size;
      return taken;
    }
    bare_actor* first = nullptr;
    bare_actor* last = nullptr;
    std::size_t size = 0;
  };

  static constexpr std::size_t worth_sharing = 16;
  static inline thread_local queue* own_queue = nullptr;

  void submit(bare_actor& a) {
    if (own_queue != nullptr) {
      own_queue->push(a);
      if (idle_.load(std::memory_order_relaxed) == 0 || own_queue->size < worth_sharing) return;
      const std::scoped_lock lock(mutex_);
      for (std::size_t half = own_queue->size / 2; half > 0; --half) shared_.push(*own_queue->pop());
      shared_size_.store(shared_.size, std::memory_order_relaxed);
    } else {
      const std::scoped_lock lock(mutex_);
      shared_.push(a);
      shared_size_.store(shared_.size, std::memory_order_relaxed);
    }
    wake_.notify_one();
  }

  void work() {
    queue mine;
    own_queue = &mine;
    for (unsigned runs = 1;; ++runs) {
      bare_actor* next = nullptr;
      if (runs % 64 != 0 || shared_size_.load(std::memory_order_relaxed) == 0) next = mine.pop();
      if (next == nullptr) next = take_shared(mine.first == nullptr);
      if (next == nullptr && mine.first == nullptr) return;
      if (next != nullptr) run(*next);
    }
  }

  [[nodiscard]] bare_actor* take_shared(bool wait) {
    std::unique_lock lock(mutex_);
    while (wait && shared_.first == nullptr && !stopping_) {
      idle_.fetch_add(1, std::memory_order_relaxed);
      wake_.wait(lock);
      idle_.fetch_sub(1, std::memory_order_relaxed);
    }
    bare_actor* taken = shared_.pop();
    shared_size_.store(shared_.size, std::memory_order_relaxed);
    return taken;
  }

  void run(bare_actor& a) {
    bare_message* newest = a.inbox.exchange(bare_actor::scheduled(), std::memory_order_acq_rel);
    bare_message* oldest = nullptr;
    if (newest == bare_actor::scheduled()) newest = nullptr;
    while (newest != nullptr) {
      bare_message* next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest != nullptr) {
      const bare_message m = *oldest;
      own_messages.put(std::exchange(oldest, oldest->next));
      static_cast<Cast*>(this)->handle(a, m);
    }
    bare_message* expected = bare_actor::scheduled();
    if (!a.inbox.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel)) submit(a);
  }

  std::atomic<std::size_t> idle_{0};
  std::atomic<std::size_t> shared_size_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  queue shared_;           // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace bench
