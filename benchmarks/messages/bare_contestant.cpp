#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "messages/script.hpp"

// What the machine allows: mailboxes of one atomic word, a queue per worker, recycled message nodes, and nothing else.
// No lifetimes, references, errors, deadlines, bounds or counters.

namespace bench {
namespace {

enum class verb : std::uint8_t { expect, hop, item, hard_item, produce, spread, volley, ping, pong, create };

struct bare_message {
  bare_message* next = nullptr;
  verb what{};
  bool hard = false;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::int64_t n = 0;
  std::int64_t m = 0;
};

/// A thread's unused messages; those beyond a bound go back to the heap.
class magazine {
 public:
  magazine() = default;
  magazine(const magazine&) = delete;
  magazine& operator=(const magazine&) = delete;
  ~magazine() {
    while (first_ != nullptr) delete std::exchange(first_, first_->next);
  }
  [[nodiscard]] bare_message* get() {
    if (first_ == nullptr) return new bare_message;
    --kept_;
    return std::exchange(first_, first_->next);
  }
  void put(bare_message* m) noexcept {
    if (kept_ == kept_max) {
      delete m;
      return;
    }
    ++kept_;
    m->next = std::exchange(first_, m);
  }

 private:
  static constexpr std::size_t kept_max = 65'536;
  bare_message* first_ = nullptr;
  std::size_t kept_ = 0;
};
thread_local magazine own_magazine;

struct bare_actor {
  bare_actor(std::uint32_t index, countdown& done) noexcept : does(index, done) {}

  /// Null: at rest; `scheduled()`: nothing new; else the newest of a stack.
  std::atomic<bare_message*> inbox{nullptr};
  bare_actor* next_run = nullptr;
  script does;

  [[nodiscard]] static bare_message* scheduled() noexcept {
    static bare_message mark;
    return &mark;
  }
};

class bare_cast {
 public:
  bare_cast(std::size_t threads, std::uint32_t actors, countdown& done) : done_(done) {
    for (std::uint32_t i = 0; i < actors; ++i) actors_.push_back(std::make_unique<bare_actor>(i, done));
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  bare_cast(const bare_cast&) = delete;
  bare_cast& operator=(const bare_cast&) = delete;
  ~bare_cast() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source) {
    send(to, {.what = verb::expect, .a = source, .n = count, .m = window});
  }
  void hop(std::uint32_t to, std::int64_t left) { send(to, {.what = verb::hop, .n = left}); }
  void item(std::uint32_t to) { send(to, {.what = verb::item}); }
  void hard_item(std::uint32_t to) { send(to, {.what = verb::hard_item}); }
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
    send(by, {.what = verb::produce, .a = to, .n = count});
  }
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
    send(by, {.what = verb::spread, .hard = hard, .a = to.first, .b = to.count, .n = each});
  }
  void volley(std::uint32_t by, std::int64_t trips, group with) {
    send(by, {.what = verb::volley, .a = with.first, .b = with.count, .n = trips});
  }
  void ping(std::uint32_t to, std::uint32_t from) { send(to, {.what = verb::ping, .a = from}); }
  void pong(std::uint32_t to) { send(to, {.what = verb::pong}); }
  void ask(std::int64_t count) { volley(0, count, {1, 1}); }
  void create(std::int64_t count) { send(producers.first, {.what = verb::create, .n = count}); }

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

  void send(std::uint32_t to, const bare_message& what) { send(*actors_[to], what); }
  void send(bare_actor& to, const bare_message& what) {
    bare_message* m = own_magazine.get();
    *m = what;
    bare_message* old = to.inbox.load(std::memory_order_relaxed);
    do {
      m->next = old == bare_actor::scheduled() ? nullptr : old;
    } while (!to.inbox.compare_exchange_weak(old, m, std::memory_order_acq_rel, std::memory_order_relaxed));
    if (old == nullptr) submit(to);
  }

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
      own_magazine.put(std::exchange(oldest, oldest->next));
      handle(a.does, m);
    }
    bare_message* expected = bare_actor::scheduled();
    if (!a.inbox.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel)) submit(a);
  }

  void handle(script& s, const bare_message& m) {
    switch (m.what) {
      case verb::expect:
        return s.expect(m.n, m.m, m.a);
      case verb::hop:
        return s.hop(*this, m.n);
      case verb::item:
        return s.item(*this);
      case verb::hard_item:
        return s.hard_item(*this);
      case verb::produce:
        return s.produce(*this, m.a, m.n);
      case verb::spread:
        return s.spread(*this, {m.a, m.b}, m.n, m.hard);
      case verb::volley:
        return s.volley(*this, m.n, {m.a, m.b});
      case verb::ping:
        return s.ping(*this, m.a);
      case verb::pong:
        return s.pong(*this);
      case verb::create:
        for (std::int64_t i = 0; i < m.n; ++i) {
          born_.push_back(std::make_unique<bare_actor>(base_actors, done_));
          send(*born_.back(), {.what = verb::item});
        }
        return;
    }
  }

  countdown& done_;
  std::vector<std::unique_ptr<bare_actor>> actors_;  // constant while messages are under way
  std::vector<std::unique_ptr<bare_actor>> born_;    // the creating actor's
  std::atomic<std::size_t> idle_{0};
  std::atomic<std::size_t> shared_size_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  queue shared_;           // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<contestant> make_bare(std::size_t threads, std::size_t wide) {
  return std::make_unique<played<bare_cast>>(threads, wide);
}

}  // namespace bench
