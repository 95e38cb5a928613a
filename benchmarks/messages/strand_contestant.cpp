#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "messages/script.hpp"

// A bare Asio strand per actor: what one builds by hand without an actor library.

namespace bench {
namespace {

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
  void produce(std::uint32_t by, std::uint32_t to, std::int64_t count) {
    post(by, [=, this](script& s) { s.produce(*this, to, count); });
  }
  void spread(std::uint32_t by, group to, std::int64_t each, bool hard) {
    post(by, [=, this](script& s) { s.spread(*this, to, each, hard); });
  }
  void volley(std::uint32_t by, std::int64_t trips, group with) {
    post(by, [=, this](script& s) { s.volley(*this, trips, with); });
  }
  void ping(std::uint32_t to, std::uint32_t from) {
    post(to, [this, from](script& s) { s.ping(*this, from); });
  }
  void pong(std::uint32_t to) {
    post(to, [this](script& s) { s.pong(*this); });
  }
  void ask(std::int64_t count) { volley(0, count, {1, 1}); }
  void create(std::int64_t count) {
    post(producers.first, [=, this](script&) {
      for (std::int64_t i = 0; i < count; ++i) {
        add(static_cast<std::uint32_t>(actors_.size()));
        item(static_cast<std::uint32_t>(actors_.size() - 1));
      }
    });
  }

 private:
  struct strand_actor {
    boost::asio::strand<boost::asio::io_context::executor_type> strand;
    script does;
  };

  void add(std::uint32_t index) {
    actors_.push_back(std::make_unique<strand_actor>(strand_actor{boost::asio::make_strand(io_), {index, done_}}));
  }
  template <class Function>
  void post(std::uint32_t to, Function function) {
    strand_actor* actor = actors_[to].get();
    boost::asio::post(actor->strand, [actor, function] { function(actor->does); });
  }

  countdown& done_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_{io_.get_executor()};
  std::vector<std::unique_ptr<strand_actor>> actors_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<contestant> make_strand(std::size_t threads, std::size_t wide) {
  return std::make_unique<played<strand_cast>>(threads, wide);
}

}  // namespace bench
