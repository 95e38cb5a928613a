// What a runtime does when more is asked of it than it can do: messages are offered at 1, 2, 5 and 10 times the rate it
// manages, whatever becomes of those before (open loop), by a client outside and by actors. Shows what was answered,
// how fast, what was refused, and the most memory that was in use.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <unistd.h>

#include "histogram.hpp"
#include "program.hpp"
#include "troupe/troupe.hpp"

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using troupe::actor_ref;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(steady::now().time_since_epoch()).count();
}

/// What came of the messages of one level.
struct outcome {
  std::atomic<std::uint64_t> offered{0}, refused{0}, failed{0};
  bench::histogram latencies;  // of those that were handled: from when they were due to be sent

  void clear() {
    offered = refused = failed = 0;
    latencies.clear();
  }
};

/// Keeps a processor busy for a while with each message.
class worker : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "worker";
  static constexpr auto persistence = troupe::durability::none();

  worker(std::int64_t service_us, outcome& told) : service_us_(service_us), told_(told) {}

  std::int64_t work(std::int64_t sent_us) {
    const std::int64_t until = now_us() + service_us_;
    while (now_us() < until) ++spins_;
    return sent_us;
  }
  void work_told(std::int64_t sent_us) {
    work(sent_us);
    told_.latencies.add(now_us() - sent_us);
  }
  using methods = troupe::methods<&worker::work, &worker::work_told>;

 private:
  std::int64_t service_us_;
  outcome& told_;
  std::int64_t spins_ = 0;
};

using worker_refs = std::shared_ptr<const std::vector<actor_ref<worker>>>;

/// Tells workers at a rate, whatever becomes of it; what is late is sent at once.
class source : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "source";
  static constexpr auto persistence = troupe::durability::none();

  explicit source(outcome& told) : told_(told) {}

  void begin(worker_refs to, double per_second) {
    const std::int64_t start = now_us();
    std::int64_t sent = 0;
    ticks_.start(1ms, 1ms, [this, to, per_second, start, sent]() mutable {
      const auto due = static_cast<std::int64_t>(static_cast<double>(now_us() - start) * per_second / 1e6);
      told_.offered += static_cast<std::uint64_t>(due - sent);
      for (; sent < due; ++sent) {
        const auto due_us = start + static_cast<std::int64_t>(static_cast<double>(sent) * 1e6 / per_second);
        (*to)[static_cast<std::size_t>(sent) % to->size()].tell<&worker::work_told>(due_us);
      }
    });
  }
  void end() { ticks_.stop(); }
  using methods = troupe::methods<&source::begin, &source::end>;

 private:
  outcome& told_;
  troupe::timer ticks_{*this, troupe::timer_keeps_alive::yes};
};

struct options {
  std::int64_t service_us = 100;
  std::size_t actors = 100;
  std::size_t threads = 0;
  std::size_t mailbox = 100;
  double seconds = 3;
  std::vector<double> levels{1, 2, 5, 10};
  double least = 0;
  std::string json;
};

void pause(std::chrono::microseconds span) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, span);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// One runtime with its workers, and a client that makes calls and has a thread of its own for the answers.
class stage {
 public:
  explicit stage(const options& o) : rt_({.threads = o.threads}) {
    auto type = troupe::options_of<worker>();
    type.mailbox_max = o.mailbox;
    rt_.host<worker>(type, [this, us = o.service_us] { return std::make_unique<worker>(us, told); });
    rt_.host<source>(troupe::options_of<source>(), [this] { return std::make_unique<source>(told); });
    auto made = std::make_shared<std::vector<actor_ref<worker>>>();
    for (std::size_t i = 0; i < o.actors; ++i) made->push_back(rt_.ref<worker>("w" + std::to_string(i)));
    for (auto& each : *made) each.call<&worker::work>(0).get();
    workers_ = std::move(made);
  }

  /// Calls handled in a second when as many are under way as there are actors, twice over: the rate that is called 1x.
  double capacity(double seconds) {
    told.clear();
    const std::int64_t start = now_us();
    std::size_t under_way = 0, next = 0;
    std::uint64_t answered = 0;
    while (static_cast<double>(now_us() - start) < seconds * 1e6) {
      for (; under_way < 2 * workers_->size(); ++under_way)
        call(now_us(), next++, [&](bool) { --under_way, ++answered; });
      client_.run_one_for(1ms);
      client_.restart();
    }
    const double rate = static_cast<double>(answered) * 1e6 / static_cast<double>(now_us() - start);
    drain(under_way);
    return rate;
  }

  /// Offers calls from outside at a rate. Returns the seconds it took and the most memory there was.
  std::pair<double, std::size_t> from_outside(double per_second, double seconds) {
    told.clear();
    const std::int64_t start = now_us();
    std::size_t under_way = 0, sent = 0, most = 0;
    double passed = 0;
    for (; passed < seconds; passed = static_cast<double>(now_us() - start) / 1e6) {
      const auto due = static_cast<std::size_t>(passed * per_second);
      for (std::size_t i = 0; sent < due && i < 256; ++i, ++sent) {
        const auto due_us = start + static_cast<std::int64_t>(static_cast<double>(sent) * 1e6 / per_second);
        ++under_way, ++told.offered;
        call(due_us, sent, [this, due_us, &under_way](bool ok) {
          --under_way;
          if (ok) told.latencies.add(now_us() - due_us);
        });
      }
      if (sent == due) pause(200us);
      client_.poll();
      client_.restart();
      if (sent % 64 == 0) most = std::max(most, resident_bytes());
    }
    drain(under_way);
    return {static_cast<double>(now_us() - start) / 1e6, std::max(most, resident_bytes())};
  }

  /// Offers tells of one actor at a rate.
  std::pair<double, std::size_t> from_actors(double per_second, double seconds) {
    told.clear();
    const std::uint64_t dropped = rt_.counters().dropped_tells;
    const std::int64_t start = now_us();
    const auto sender = rt_.ref<source>("s");
    sender.call<&source::begin>(workers_, per_second).get();
    std::size_t most = 0;
    while (static_cast<double>(now_us() - start) < seconds * 1e6) {
      most = std::max(most, resident_bytes());
      pause(1ms);
    }
    sender.with({.timeout = troupe::no_timeout}).call<&source::end>().get();
    while (told.latencies.count() + rt_.counters().dropped_tells - dropped < told.offered) {
      pause(1ms);
    }
    told.refused = rt_.counters().dropped_tells - dropped;
    return {static_cast<double>(now_us() - start) / 1e6, most};
  }

  outcome told;

 private:
  template <class Done>
  void call(std::int64_t due_us, std::size_t which, Done done) {
    (*workers_)[which % workers_->size()].call<&worker::work>(due_us)(boost::asio::bind_executor(
        client_.get_executor(), [this, done = std::move(done)](const std::exception_ptr& failure, std::int64_t) {
          if (failure) count(failure);
          done(!failure);
        }));
  }
  void count(const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const troupe::error& e) {
      ++(e.kind() == troupe::errc::overloaded ? told.refused : told.failed);
    } catch (...) {
      ++told.failed;
    }
  }
  void drain(const std::size_t& under_way) {
    while (under_way > 0) {
      client_.run_one_for(10ms);
      client_.restart();
    }
  }

  boost::asio::io_context client_{1};
  worker_refs workers_;
  troupe::runtime rt_;
};

int run(options o) {
  if (o.threads == 0) o.threads = std::max(1U, std::thread::hardware_concurrency() - 1);
  stage on(o);
  const double capacity = on.capacity(o.seconds);
  std::cout << "capacity: " << static_cast<std::int64_t>(capacity) << " messages/s of " << o.service_us << " us, "
            << o.actors << " actors, mailboxes of " << o.mailbox << ", " << o.threads << " worker threads\n"
            << "senders  offered     goodput/s  of peak  refused   p50 ms   p99 ms  memory MiB\n";
  nlohmann::json report{{"benchmark", "overload"}, {"capacity_per_second", capacity}, {"service_us", o.service_us},
                        {"actors", o.actors},      {"mailbox_max", o.mailbox},        {"threads", o.threads}};
  double worst = 1;
  for (const bool outside : {true, false}) {
    double peak = 0;
    for (const double level : o.levels) {
      const auto [took, memory] =
          outside ? on.from_outside(level * capacity, o.seconds) : on.from_actors(level * capacity, o.seconds);
      const double goodput = static_cast<double>(on.told.latencies.count()) / took;
      const double offered = static_cast<double>(on.told.offered) / o.seconds;
      const double refused = static_cast<double>(on.told.refused) / static_cast<double>(on.told.offered);
      peak = std::max(peak, goodput);
      worst = std::min(worst, goodput / peak);
      const double p50 = static_cast<double>(on.told.latencies.quantile(0.5)) / 1000;
      const double p99 = static_cast<double>(on.told.latencies.quantile(0.99)) / 1000;
      const double mib = static_cast<double>(memory) / 1048576;
      std::cout << std::left << std::setw(8) << (outside ? "outside" : "actor") << std::right << std::fixed
                << std::setprecision(0) << std::setw(4) << level << "x " << std::setw(9) << offered << "/s"
                << std::setw(10) << goodput << std::setprecision(2) << std::setw(9) << goodput / peak << std::setw(9)
                << refused << std::setprecision(1) << std::setw(9) << p50 << std::setw(9) << p99 << std::setw(12) << mib
                << std::endl;
      report["levels"].push_back({{"senders", outside ? "outside" : "actor"},
                                  {"level", level},
                                  {"offered_per_second", offered},
                                  {"goodput_per_second", goodput},
                                  {"refused_share", refused},
                                  {"failed", on.told.failed.load()},
                                  {"p50_ms", p50},
                                  {"p99_ms", p99},
                                  {"memory_mib", mib}});
      if (on.told.failed != 0) throw std::runtime_error("calls failed other than by overload");
    }
  }
  if (!o.json.empty()) {
    std::ofstream file(o.json);
    file << report.dump(2) << "\n";
    if (!file.flush()) throw std::runtime_error("cannot write " + o.json);
  }
  if (worst >= o.least) return 0;
  std::cerr << "bench_overload: goodput fell to " << worst << " of its peak\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app("What a runtime does when more is asked of it than it can do.");
  app.add_option("--service", o.service_us, "microseconds a message keeps a processor busy")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--actors", o.actors, "actors that are called")->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--threads", o.threads, "worker threads; 0: one less than there are cores")
      ->check(CLI::Range(0, 1'000))
      ->capture_default_str();
  app.add_option("--mailbox", o.mailbox, "bound of each mailbox; 0: none")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--seconds", o.seconds, "length of each level")
      ->check(CLI::Range(0.1, 1'000.0))
      ->capture_default_str();
  app.add_option("--levels", o.levels, "offered load in multiples of the capacity")->capture_default_str();
  app.add_option("--least", o.least, "fail when the goodput falls below this share of its peak");
  app.add_option("--json", o.json, "write the figures to this file as JSON");
  return bench::run_program(app, "bench_overload", argc, argv, [&] { return run(o); });
}
