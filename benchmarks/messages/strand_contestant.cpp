#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "messages/played.hpp"

// A bare Asio strand per actor: what one builds by hand without an actor library.

namespace bench {
namespace {

using asio_strand = boost::asio::strand<boost::asio::io_context::executor_type>;

class strand_cast {
 public:
  strand_cast(std::size_t threads, std::uint32_t actors, countdown& done)
      : done_(done), io_(static_cast<int>(threads)) {
    for (std::uint32_t i = 0; i < actors; ++i) add(i);
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  strand_cast(const strand_cast&) = delete;
  strand_cast& operator=(const strand_cast&) = delete;
  ~strand_cast() {
    keep_.reset();
    for (std::thread& thread : threads_) thread.join();
  }

  void expect(std::uint32_t to, std::int64_t count, std::int64_t window, std::uint32_t source) {
    post(to, [=](script& s) { s.expect(count, window, source); });
  }
  void hop(std::uint32_t to, std::int64_t left) {
    post(to, [this, left](script& s) { s.hop(*this, left); });
  }
  void item(std::uint32_t to) {
    post(to, [this](script& s) { s.item(*this); });
  }
  void hard_item(std::uint32_t to) {
    post(to, [this](script& s) { s.hard_item(*this); });
  }
  void hit(std::uint32_t to) {
    post(to, [](script& s) { s.hit(); });
  }
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
    post(by, [=, this](script& s) { s.produce(*this, to, count); });
  }
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
    post(by, [=, this](script& s) { s.spread(*this, to, each, hard); });
  }
  void scatter(std::uint32_t by, group to, std::int64_t left) {
    post(by, [=, this](script& s) { s.scatter(*this, to, left); });
  }
  void volley(std::uint32_t by, std::int64_t trips, group with) { begin_volley(by, trips, with, way::plain); }
  void ping(std::uint32_t to, std::uint32_t from, way by) { post_ping(actors_[to].get(), from, by); }
  void ping_id(std::string_view id, std::uint32_t from) {
    const auto made = [this] {
      return std::make_shared<strand_actor>(boost::asio::make_strand(io_), base_actors, done_);
    };
    post_ping(ids_.find_or_make(id, made).get(), from, way::by_id);
  }
  void pong(std::uint32_t to, way by) {
    post(to, [this, by](script& s) { s.pong(*this, by); });
  }
  void ask(way by, group whom, std::int64_t count) { begin_volley(0, count, whom, by); }
  void create(std::int64_t count) {
    post(producers.first, [=, this](script&) {
      for (std::int64_t i = 0; i < count; ++i) {
        add(static_cast<std::uint32_t>(actors_.size()));
        item(static_cast<std::uint32_t>(actors_.size() - 1));
      }
    });
  }
  void grow(std::int64_t leaves) {
    root_ = std::make_unique<branch>(*this, nullptr);
    root_->grow(0, leaves);
  }
  [[nodiscard]] std::int64_t tree_sum() const noexcept { return tree_sum_; }

 private:
  struct strand_actor {
    strand_actor(asio_strand on, std::uint32_t index, countdown& done) : strand(std::move(on)), does(index, done) {}
    asio_strand strand;
    script does;
    std::int64_t sum = 0;
  };

  /// An actor of the tree.
  class branch {
   public:
    branch(strand_cast& in, branch* parent) : in_(in), parent_(parent), strand_(boost::asio::make_strand(in.io_)) {}
    void grow(std::int64_t first, std::int64_t leaves) {
      boost::asio::post(strand_, [=, this] { does_.grow(*this, first, leaves); });
    }
    void grow_child(std::int64_t first, std::int64_t leaves) {
      if (children_.empty()) children_.reserve(tree_branches);
      children_.push_back(std::make_unique<branch>(in_, this));
      children_.back()->grow(first, leaves);
    }
    void answer(std::int64_t value) {
      if (parent_ != nullptr) {
        boost::asio::post(parent_->strand_, [to = parent_, value] { to->does_.add(*to, value); });
      } else {
        in_.tree_sum_ = value;
        in_.done_.one_done();
      }
    }

   private:
    strand_cast& in_;
    branch* parent_;
    asio_strand strand_;
    tree_script does_;
    std::vector<std::unique_ptr<branch>> children_;
  };

  void add(std::uint32_t index) {
    actors_.push_back(std::make_unique<strand_actor>(boost::asio::make_strand(io_), index, done_));
  }
  template <class Function>
  void post(std::uint32_t to, Function function) {
    strand_actor* actor = actors_[to].get();
    boost::asio::post(actor->strand, [actor, function] { function(actor->does); });
  }
  void post_ping(strand_actor* to, std::uint32_t from, way by) {
    if (by != way::coroutine) {
      return boost::asio::post(to->strand, [this, to, from, by] { to->does.ping(*this, from, by); });
    }
    boost::asio::post(to->strand, [this, to, from] {
      boost::asio::co_spawn(to->strand, answer_in_coroutine(*to, from), boost::asio::detached);
    });
  }
  boost::asio::awaitable<void, asio_strand> answer_in_coroutine(strand_actor& self, std::uint32_t from) {
    ++self.sum;
    self.does.ping(*this, from, way::coroutine);
    co_return;
  }
  void begin_volley(std::uint32_t from, std::int64_t trips, group with, way by) {
    post(from, [=, this](script& s) { s.volley(*this, trips, with, by); });
  }

  countdown& done_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_{io_.get_executor()};
  std::vector<std::unique_ptr<strand_actor>> actors_;
  guarded_ids<std::shared_ptr<strand_actor>> ids_;
  std::unique_ptr<branch> root_;
  std::int64_t tree_sum_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<contestant> make_strand(scene /*on*/, std::size_t threads, std::size_t wide) {
  return std::make_unique<played<strand_cast>>(threads, wide);
}

}  // namespace bench
