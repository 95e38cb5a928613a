#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "countdown.hpp"
#include "memory.hpp"
#include "memory/footprint.hpp"
#include "messages/ids.hpp"

// An Asio strand per actor, found by its id in a map.

namespace bench {
namespace {

using asio_strand = boost::asio::strand<boost::asio::io_context::executor_type>;

struct empty_object {
  explicit empty_object(const asio_strand& on) : strand(on) {}
  void work() noexcept {}
  asio_strand strand;
};
struct members_object : empty_object {
  using empty_object::empty_object;
  void work() noexcept { does.add(1); }
  numbers does;
};
struct timer_object : members_object {
  explicit timer_object(const asio_strand& on) : members_object(on), timer(on) {}
  void work() {
    does.add(1);
    timer.expires_after(std::chrono::hours(1));
    timer.async_wait([this](const boost::system::error_code& failure) {
      if (!failure) does.add(0);
    });
  }
  boost::asio::steady_timer timer;
};

template <class Object>
footprint footprint_of_strand(std::size_t actors, std::size_t threads) {
  boost::asio::io_context io(static_cast<int>(threads));
  auto keep = boost::asio::make_work_guard(io);
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back([&io] { io.run(); });
  countdown done;
  guarded_ids<std::shared_ptr<Object>> ids;
  const auto touch = [&](std::size_t first, std::size_t count) {
    done.begin(static_cast<std::int64_t>(count));
    for (std::size_t i = first; i < first + count; ++i) {
      const auto made = [&] { return std::make_shared<Object>(boost::asio::make_strand(io)); };
      const std::shared_ptr<Object> actor = ids.find_or_make(id_text(i).view(), made);
      boost::asio::post(actor->strand, [actor, &done] {
        actor->work();
        done.one_done();
      });
    }
    done.wait();
  };
  touch(actors, 1);  // what the context takes once
  const memory_meter meter;
  for (std::size_t i = 0; i < actors; i += 500) touch(i, std::min<std::size_t>(500, actors - i));
  const memory_taken idle = meter.taken(static_cast<double>(actors));
  io.stop();
  for (std::thread& worker : workers) worker.join();
  return {.idle = idle.resident_set, .idle_heap = idle.heap, .dormant = std::nullopt};
}

}  // namespace

std::optional<footprint> measure_strand(burden what, std::size_t actors, std::size_t threads) {
  switch (what) {
    case burden::nothing:
      return footprint_of_strand<empty_object>(actors, threads);
    case burden::members:
      return footprint_of_strand<members_object>(actors, threads);
    case burden::timer:
      return footprint_of_strand<timer_object>(actors, threads);
    case burden::cell:
    case burden::reminder:
      break;
  }
  return std::nullopt;
}

}  // namespace bench
