// What a message costs in memory: actors without state, no store, no options on the calls. Every round runs each case
// once, so that a disturbance of the machine touches all of them; the figures are the median, least and most of the
// rounds. benchmarks/compare.sh runs this program of two revisions side by side, round by round (--on-request).

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "countdown.hpp"
#include "program.hpp"
#include "rounds.hpp"
#include "troupe/troupe.hpp"

namespace {

using bench::countdown;
using bench::measured;
using troupe::actor_ref;
using troupe::task;

/// Answers at once.
class echo : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "echo";
  static constexpr auto idle_timeout = std::chrono::milliseconds(0);

  std::int64_t add(std::int64_t value) { return sum_ += value; }

  using methods = troupe::methods<&echo::add>;

 private:
  std::int64_t sum_ = 0;
};

/// Counts what it is told.
class sink : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "sink";
  static constexpr auto idle_timeout = std::chrono::milliseconds(0);

  explicit sink(countdown& told) : told_(told) {}
  void hit() { told_.one_done(); }

  using methods = troupe::methods<&sink::hit>;

 private:
  countdown& told_;
};

/// Makes the calls and tells that are measured.
class driver : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "driver";
  static constexpr auto idle_timeout = std::chrono::milliseconds(0);

  task<std::int64_t> await_calls(actor_ref<echo> callee, std::int64_t count) {
    std::int64_t last = 0;
    for (std::int64_t i = 0; i < count; ++i) last = co_await callee.call<&echo::add>(1);
    co_return last;
  }
  void tell_one(actor_ref<sink> target, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) target.tell<&sink::hit>();
  }
  void tell_each(std::shared_ptr<const std::vector<actor_ref<sink>>> targets) {
    for (const auto& target : *targets) target.tell<&sink::hit>();
  }

  using methods = troupe::methods<&driver::await_calls, &driver::tell_one, &driver::tell_each>;
};

/// One runtime with the actors of all cases, in memory before the first round.
struct stage {
  stage(std::size_t threads, std::size_t wide) : rt{{.threads = threads}} {
    rt.host<echo>();
    rt.host<driver>();
    rt.host<sink>(troupe::options_of<sink>(), [this] { return std::make_unique<sink>(told); });
    main_echo.emplace(rt.ref<echo>("main"));
    main_sink.emplace(rt.ref<sink>("main"));
    main_driver.emplace(rt.ref<driver>("main"));
    auto sinks = std::make_shared<std::vector<actor_ref<sink>>>();
    for (std::size_t i = 0; i < wide; ++i) {
      echoes.push_back(rt.ref<echo>("e" + std::to_string(i)));
      sinks->push_back(rt.ref<sink>("s" + std::to_string(i)));
    }
    all_sinks = std::move(sinks);
    told.begin(static_cast<std::int64_t>(wide) + 1);
    main_driver->call<&driver::tell_one>(*main_sink, 1).get();
    main_driver->call<&driver::tell_each>(all_sinks).get();
    told.wait();
    for (auto& e : echoes) e.call<&echo::add>(0).get();
    main_echo->call<&echo::add>(0).get();
  }

  countdown told;
  countdown answered;
  std::atomic<std::int64_t> failed{0};
  std::optional<actor_ref<echo>> main_echo;
  std::optional<actor_ref<sink>> main_sink;
  std::optional<actor_ref<driver>> main_driver;
  std::vector<actor_ref<echo>> echoes;
  std::shared_ptr<const std::vector<actor_ref<sink>>> all_sinks;
  troupe::runtime rt;  // ends before what its actors refer to
};

struct options {
  std::int64_t operations = 300'000;
  std::size_t rounds = 7;
  std::size_t wide = 10'000;
  std::int64_t window = 1'000;
  std::string only;
  std::string json;
  bool on_request = false;
};

void await_calls(stage& on, std::int64_t operations) {
  const std::int64_t before = on.main_echo->call<&echo::add>(0).get();
  const std::int64_t last = on.main_driver->call<&driver::await_calls>(*on.main_echo, operations).get();
  if (last != before + operations) throw std::runtime_error("await: calls were lost");
}

void tells(stage& on, std::int64_t operations, std::int64_t window) {
  for (std::int64_t sent = 0; sent < operations; sent += window) {
    on.told.begin(window);
    on.main_driver->call<&driver::tell_one>(*on.main_sink, window).get();
    on.told.wait();
  }
}

void outside(stage& on, std::int64_t operations, std::int64_t window) {
  countdown& answered = on.answered;
  std::atomic<std::int64_t>& failed = on.failed;
  for (std::int64_t sent = 0; sent < operations; sent += window) {
    answered.begin(window);
    for (std::int64_t i = 0; i < window; ++i) {
      on.main_echo->call<&echo::add>(1)([&](const std::exception_ptr& failure, std::int64_t) {
        if (failure) ++failed;
        answered.one_done();
      });
    }
    answered.wait();
  }
  if (failed != 0) throw std::runtime_error("outside: calls failed");
}

void fan_out_calls(stage& on, std::int64_t operations) {
  countdown& answered = on.answered;
  std::atomic<std::int64_t>& failed = on.failed;
  const auto wide = static_cast<std::int64_t>(on.echoes.size());
  for (std::int64_t sent = 0; sent < operations; sent += wide) {
    answered.begin(wide);
    for (auto& target : on.echoes) {
      target.call<&echo::add>(1)([&](const std::exception_ptr& failure, std::int64_t) {
        if (failure) ++failed;
        answered.one_done();
      });
    }
    answered.wait();
  }
  if (failed != 0) throw std::runtime_error("fan-out: calls failed");
}

void fan_out_tells(stage& on, std::int64_t operations) {
  const auto wide = static_cast<std::int64_t>(on.echoes.size());
  for (std::int64_t sent = 0; sent < operations; sent += wide) {
    on.told.begin(wide);
    on.main_driver->call<&driver::tell_each>(on.all_sinks).get();
    on.told.wait();
  }
}

std::vector<measured> make_cases(stage& one, stage& two, const options& o) {
  const auto whole = [&](std::int64_t step) { return std::max<std::int64_t>(1, o.operations / step) * step; };
  const std::int64_t windows = whole(o.window);
  const std::int64_t fans = whole(static_cast<std::int64_t>(o.wide));
  const std::int64_t window = o.window;
  std::vector<measured> all;
  const auto add = [&](std::string name, std::string says, std::int64_t operations, std::function<void()> run) {
    if (o.only.empty() || name.find(o.only) != std::string::npos) {
      all.push_back({std::move(name), std::move(says), std::move(run), operations, {}, {}});
    }
  };
  const auto add_both = [&](stage& on, const std::string& threads) {
    add("await/" + threads, "an actor awaits calls of an idle one", o.operations,
        [&on, count = o.operations] { await_calls(on, count); });
    add("tell/" + threads, "an actor tells another, window by window", windows,
        [&on, windows, window] { tells(on, windows, window); });
    add("outside/" + threads, "calls from outside with a completion handler, window by window", windows,
        [&on, windows, window] { outside(on, windows, window); });
    add("fan_call/" + threads, "calls from outside to many actors", fans, [&on, fans] { fan_out_calls(on, fans); });
    add("fan_tell/" + threads, "an actor tells many actors", fans, [&on, fans] { fan_out_tells(on, fans); });
  };
  add_both(one, "1");
  add_both(two, "2");
  return all;
}

int run(const options& o) {
  stage one(1, o.wide);
  stage two(2, o.wide);
  std::vector<measured> all = make_cases(one, two, o);
  if (all.empty()) throw std::invalid_argument("no case has \"" + o.only + "\" in its name");
  for (measured& c : all) c.run();  // not counted: memory and caches get warm
  if (o.on_request) {
    bench::serve(all);
    return 0;
  }
  for (std::size_t round = 0; round < o.rounds; ++round) {
    for (measured& c : all) bench::measure(c);
  }
  bench::report(all, {{"benchmark", "calls"}, {"operations", o.operations}, {"rounds", o.rounds}}, o.json);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("What a message between actors in memory costs, in nanoseconds.");
  app.add_option("--operations", o.operations, "operations per case and round")
      ->check(CLI::Range(1L, 1'000'000'000L))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "rounds; each runs every case once")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--wide", o.wide, "actors of a fan-out")->check(CLI::Range(1, 1'000'000))->capture_default_str();
  app.add_option("--window", o.window, "messages under way at once to one actor")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--only", o.only, "run only cases with this in their name");
  app.add_option("--json", o.json, "write the figures to this file as JSON");
  app.add_flag("--on-request", o.on_request,
               "print the names of the cases as a JSON line; then for each name read from standard input run one round "
               "and print its time and its processor time, in nanoseconds per operation");
  return bench::run_program(app, "bench_calls", argc, argv, [&] { return run(o); });
}
