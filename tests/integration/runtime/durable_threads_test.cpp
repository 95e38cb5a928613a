#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "integration/runtime/storm.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

struct arrivals {
  std::map<std::string, int> latest;  // by sender
  int all = 0;
  int out_of_order = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(arrivals, latest, all, out_of_order)

/// Takes numbered messages, refuses some at first, publishes each, and leaves memory now and then.
class collector : public actor {
 public:
  static constexpr std::string_view actor_type = "collector";

  void take(std::string from, int number) {
    if (number % 11 == 0 && is_first(std::string(key()) + "/" + from + "/" + std::to_string(number))) {
      throw error(errc::invalid_argument, "not yet");
    }
    arrivals& book = book_.edit();
    int& latest = book.latest[from];
    book.out_of_order += number == latest + 1 ? 0 : 1;
    latest = number;
    taken_.publish(++book.all);
    if (number % 7 == 0) deactivate();
  }
  subscription<int> watch() { return taken_.subscribe({.queue_max = 10'000}); }
  void leave() { deactivate(); }
  int all() const { return book_->all; }
  int out_of_order() const { return book_->out_of_order; }
  using methods = troupe::methods<&collector::take, &collector::watch, &collector::leave, &collector::all,
                                  &collector::out_of_order>;

 private:
  /// Known to the process, not to the actor, which may have left memory before the message comes again.
  static bool is_first(const std::string& message) {
    static std::mutex mutex;
    static std::set<std::string> seen;
    const std::scoped_lock lock(mutex);
    return seen.insert(message).second;
  }

  state<arrivals> book_{*this, "book"};
  event_stream<int> taken_;
};

class sender : public actor {
 public:
  static constexpr std::string_view actor_type = "sender";

  /// One more to each collector.
  int send(int collectors) {
    const int number = ++sent_.edit();
    for (int c = 0; c < collectors; ++c) {
      ref<collector>(std::to_string(c)).tell<&collector::take>(durable, std::string(key()), number);
    }
    if (number % 5 == 0) deactivate();
    return number;
  }
  int sent() const { return *sent_; }
  using methods = troupe::methods<&sender::send, &sender::sent>;

 private:
  state<int> sent_{*this, "sent"};
};

/// Takes events, which follow one another without a gap, until it has had enough or there are no more.
void follow(subscription<int> events, int enough) {
  int before = 0;
  for (int taken = 0; taken < enough; ++taken) {
    const std::optional<int> next = events.async_next(boost::asio::use_future).get();
    if (!next) {
      EXPECT_EQ(events.ended(), stream_end::left);
      return;
    }
    EXPECT_TRUE(before == 0 || *next == before + 1) << before << " " << *next;
    before = *next;
  }
}

TEST(DurableThreads, MessagesArriveInOrderOnceWhileActorsLeaveAndSubscribersComeAndGo) {
  constexpr int senders = 4;
  constexpr int collectors = 3;
  constexpr int messages = 60;
  runtime_options options = on_threads(4);
  options.resident_actors_max = 4;
  runtime rt(std::move(options));
  actor_type_options brief = options_of<sender>();
  brief.messages.first_pause = 1ms;
  brief.messages.longest_pause = 2ms;
  rt.host<sender>(brief);
  rt.host<collector>();

  std::atomic<bool> over{false};
  std::atomic<int> following{2};
  std::vector<std::jthread> subscribers;
  for (std::uint64_t s = 0; s < 2; ++s) {
    subscribers.emplace_back([&rt, &over, &following, s] {
      storm_draws draws(s);
      while (!over) {
        const auto whom = rt.ref<collector>(std::to_string(draws.below(collectors)));
        auto events = whom.call<&collector::watch>().get();
        follow(std::move(events), draws.below(20));
      }
      --following;
    });
  }
  std::vector<std::jthread> callers;
  for (int s = 0; s < senders; ++s) {
    callers.emplace_back([&, s] {
      for (int i = 1; i <= messages; ++i) {
        EXPECT_EQ(rt.ref<sender>("s" + std::to_string(s)).call<&sender::send>(collectors).get(), i);
      }
    });
  }
  callers.clear();
  for (int c = 0; c < collectors; ++c) {
    const auto one = rt.ref<collector>(std::to_string(c));
    while (one.call<&collector::all>().get() < senders * messages) {
      // Brings senders back whose outbox is not empty, before the runtime does.
      for (int i = 0; i < senders; ++i) rt.ref<sender>("s" + std::to_string(i)).call<&sender::sent>().get();
    }
    EXPECT_EQ(one.call<&collector::all>().get(), senders * messages) << "a message had its effect twice";
    EXPECT_EQ(one.call<&collector::out_of_order>().get(), 0);
  }
  over = true;
  while (following > 0) {
    // What ends a wait for an event that does not come.
    for (int c = 0; c < collectors; ++c) rt.ref<collector>(std::to_string(c)).call<&collector::leave>().get();
  }
  subscribers.clear();
  EXPECT_EQ(rt.counters().dead_letters, 0U);
}

}  // namespace
}  // namespace troupe
