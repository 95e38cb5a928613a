#include <array>
#include <coroutine>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

#include "messages/bare_ids.hpp"
#include "messages/bare_pool.hpp"
#include "messages/played.hpp"

namespace bench {
namespace {

struct frame {
  union {
    frame* next;
    alignas(16) std::array<std::byte, 128> bytes;
  };
};
thread_local magazine<frame> own_frames;

/// A coroutine that nobody waits for, in a recycled frame.
struct lean_task {
  struct promise_type {
    static void* operator new(std::size_t size) {
      return size <= sizeof(frame) ? own_frames.get() : ::operator new(size);
    }
    static void operator delete(void* memory, std::size_t size) noexcept {
      if (size <= sizeof(frame)) return own_frames.put(static_cast<frame*>(memory));
      ::operator delete(memory);
    }
    [[nodiscard]] lean_task get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

struct scripted : bare_actor {
  scripted(std::uint32_t index, countdown& done) noexcept : does(index, done) {}
  script does;
  std::int64_t sum = 0;
};

class named final : public scripted {
 public:
  named(std::string_view id, countdown& done) noexcept : scripted(base_actors, done) {
    id.copy(id_.data(), id_.size());
  }
  [[nodiscard]] std::string_view id() const noexcept { return {id_.data(), id_.size()}; }

 private:
  std::array<char, id_text::length> id_{};
};

/// An actor of the tree.
struct bare_branch : bare_actor {
  explicit bare_branch(bare_branch* of) noexcept : parent(of) {}
  bare_branch* parent;
  tree_script does;
  std::vector<std::unique_ptr<bare_branch>> children{};
};

class bare_cast : public bare_pool<bare_cast> {
 public:
  bare_cast(std::size_t threads, std::uint32_t actors, countdown& done) : done_(done) {
    for (std::uint32_t i = 0; i < actors; ++i) actors_.push_back(std::make_unique<scripted>(i, done));
    start(threads);
  }
  bare_cast(const bare_cast&) = delete;
  bare_cast& operator=(const bare_cast&) = delete;
  ~bare_cast() { stop(); }

  void expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source) {
    send_to(to, {.what = verb::expect, .a = source, .n = count, .m = window});
  }
  void hop(std::uint32_t to, std::int64_t left) { send_to(to, {.what = verb::hop, .n = left}); }
  void item(std::uint32_t to) { send_to(to, {.what = verb::item}); }
  void hard_item(std::uint32_t to) { send_to(to, {.what = verb::hard_item}); }
  void hit(std::uint32_t to) { send_to(to, {.what = verb::hit}); }
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
    send_to(by, {.what = verb::produce, .a = to, .n = count});
  }
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
    send_to(by, {.what = verb::spread, .how = hard, .a = to.first, .b = to.count, .n = each});
  }
  void scatter(std::uint32_t by, group to, std::int64_t left) {
    send_to(by, {.what = verb::scatter, .a = to.first, .b = to.count, .n = left});
  }
  void volley(std::uint32_t by, std::int64_t trips, group with) { begin_volley(by, trips, with, way::plain); }
  void ping(std::uint32_t to, std::uint32_t from, way by) {
    send_to(to, {.what = verb::ping, .how = static_cast<std::uint8_t>(by), .a = from});
  }
  void ping_id(std::string_view id, std::uint32_t from) {
    named& found = ids_.find_or_make(id, [&] { return std::make_unique<named>(id, done_); });
    send(found, {.what = verb::ping, .how = static_cast<std::uint8_t>(way::by_id), .a = from});
  }
  void pong(std::uint32_t to, way by) { send_to(to, {.what = verb::pong, .how = static_cast<std::uint8_t>(by)}); }
  void ask(way by, group whom, std::int64_t count) { begin_volley(0, count, whom, by); }
  void create(std::int64_t count) { send_to(producers.first, {.what = verb::create, .n = count}); }
  void grow(std::int64_t leaves) {
    root_ = std::make_unique<bare_branch>(nullptr);
    send(*root_, {.what = verb::grow, .n = 0, .m = leaves});
  }
  [[nodiscard]] std::int64_t tree_sum() const noexcept { return tree_sum_; }

 private:
  friend class bare_pool<bare_cast>;

  /// Sends for an actor of the tree.
  struct from_branch {
    void grow_child(std::int64_t first, std::int64_t leaves) {
      if (self.children.empty()) self.children.reserve(tree_branches);
      self.children.push_back(std::make_unique<bare_branch>(&self));
      in.send(*self.children.back(), {.what = verb::grow, .n = first, .m = leaves});
    }
    void answer(std::int64_t value) {
      if (self.parent != nullptr) return in.send(*self.parent, {.what = verb::add, .n = value});
      in.tree_sum_ = value;
      in.done_.one_done();
    }
    bare_cast& in;
    bare_branch& self;
  };

  void send_to(std::uint32_t to, const bare_message& what) { send(*actors_[to], what); }
  void begin_volley(std::uint32_t by, std::int64_t trips, group with, way how) {
    send_to(
        by,
        {.what = verb::volley, .how = static_cast<std::uint8_t>(how), .a = with.first, .b = with.count, .n = trips});
  }
  lean_task answer_in_coroutine(scripted& by, std::uint32_t to) {
    ++by.sum;
    by.does.ping(*this, to, way::coroutine);
    co_return;
  }

  void handle(bare_actor& to, const bare_message& m) {
    if (m.what == verb::grow || m.what == verb::add) {
      auto& self = static_cast<bare_branch&>(to);
      return m.what == verb::grow ? self.does.grow(from_branch{*this, self}, m.n, m.m)
                                  : self.does.add(from_branch{*this, self}, m.n);
    }
    auto& self = static_cast<scripted&>(to);
    script& s = self.does;
    const way by{m.how};
    switch (m.what) {
      case verb::expect:
        return s.expect(m.n, m.m, m.a);
      case verb::hop:
        return s.hop(*this, m.n);
      case verb::item:
        return s.item(*this);
      case verb::hard_item:
        return s.hard_item(*this);
      case verb::hit:
        return s.hit();
      case verb::produce:
        return s.produce(*this, m.a, m.n);
      case verb::spread:
        return s.spread(*this, {m.a, m.b}, m.n, m.how != 0);
      case verb::scatter:
        return s.scatter(*this, {m.a, m.b}, m.n);
      case verb::volley:
        return s.volley(*this, m.n, {m.a, m.b}, by);
      case verb::ping:
        if (by == way::coroutine) {
          answer_in_coroutine(self, m.a);
        } else {
          s.ping(*this, m.a, by);
        }
        return;
      case verb::pong:
        return s.pong(*this, by);
      case verb::create:
        for (std::int64_t i = 0; i < m.n; ++i) {
          born_.push_back(std::make_unique<scripted>(base_actors, done_));
          send(*born_.back(), {.what = verb::item});
        }
        return;
      case verb::grow:
      case verb::add:
        return;
    }
  }

  countdown& done_;
  std::vector<std::unique_ptr<scripted>> actors_;  // constant while messages are under way
  std::vector<std::unique_ptr<scripted>> born_;    // the creating actor's
  bare_ids<named> ids_;
  std::unique_ptr<bare_branch> root_;
  std::int64_t tree_sum_ = 0;
};

}  // namespace

std::unique_ptr<contestant> make_bare(scene /*on*/, std::size_t threads, std::size_t wide) {
  return std::make_unique<played<bare_cast>>(threads, wide);
}

}  // namespace bench
