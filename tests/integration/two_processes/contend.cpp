// contend TASK: hosts accounts on a store that other processes use as well, and calls them. TASK is JSON, see `task`.
//
// Says "ready", waits for a line on standard input, then calls accounts drawn at random for so many seconds. Each call
// notes an operation with a name of its own. Writes what became of each try to the output, a line each:
//   <operation> <account> ok <number of the operation>
//   <operation> <account> <code> <effect>
// and the runtime's counters as JSON to standard output. With "read" it calls nothing, but writes what each account
// holds: a line of JSON each.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <fstream>
#include <future>
#include <iostream>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "troupe/troupe.hpp"

namespace {

using steady = std::chrono::steady_clock;

struct task {
  std::string store;
  std::string output;
  bool read = false;
  int actors = 1000;
  std::string name;  ///< of this process
  std::uint64_t seed = 1;
  int seconds = 5;
  int callers = 64;  ///< calls under way

  /// Operations carry idempotency keys and are tried until they succeed; every fourth caller makes the same ones as its
  /// twin in the other processes.
  bool keys = false;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(task, store, output, read, actors, name, seed, seconds, callers, keys)

/// What an account holds: the two must agree.
struct holdings {
  std::int64_t count = 0;
  std::vector<std::string> operations;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(holdings, count, operations)

/// Counts operations in a cell and keeps their names in a log.
class account : public troupe::actor {
 public:
  static constexpr std::string_view actor_type = "account";
  static constexpr troupe::request_window requests{.count_max = 200};

  /// Returns the number of the operation, from 1.
  std::int64_t note(std::string operation) {
    operations_.append(operation);
    return ++count_.edit();
  }

  troupe::task<holdings> look() {
    holdings found;
    found.count = *count_;
    const auto all = co_await operations_.read(operations_.first(), operations_.next());
    for (const auto& entry : all) found.operations.push_back(entry.value);
    co_return found;
  }

  using methods = troupe::methods<&account::note, &account::look>;

 private:
  troupe::state<std::int64_t> count_{*this, "count"};
  troupe::log<std::string> operations_{*this, "operations"};
};

std::string name_of_account(std::uint64_t number) { return "acme-" + std::to_string(number); }

/// The code as the test reads it. A conflict must name the account that was asked.
std::string code_of(const troupe::error& failure, const std::string& account_name) {
  if (failure.kind() == troupe::errc::commit_unknown) return "commit_unknown";
  if (failure.kind() != troupe::errc::conflict) return "code-" + std::to_string(failure.code().value());
  const bool is_named =
      std::string_view(failure.what()).find("account/" + account_name + ":") != std::string_view::npos;
  return is_named ? "conflict" : "conflict-of-somebody-else";
}

/// Calls accounts, each caller on a thread of its own.
class contender {
 public:
  contender(troupe::runtime& runtime, task what) : runtime_(runtime), what_(std::move(what)), output_(what_.output) {}

  /// Calls for as many seconds as the task says.
  void call() {
    end_ = begin_ + std::chrono::seconds(what_.seconds);
    on_every_thread([this](int caller) {
      if (what_.keys && caller % 4 == 0) {
        call_as_twin(caller);
      } else {
        call_alone(caller);
      }
    });
  }

  /// Writes what the accounts hold.
  void look() {
    on_every_thread([this](int caller) {
      for (int number = caller; number < what_.actors; number += what_.callers) {
        const std::string name = name_of_account(static_cast<std::uint64_t>(number));
        nlohmann::json found = runtime_.ref<account>(name).call<&account::look>().get();
        found["account"] = name;
        write(found.dump());
      }
    });
  }

 private:
  static constexpr int tries_max = 1'000;

  template <class Work>
  void on_every_thread(Work work) {
    std::vector<std::future<void>> done;
    for (int caller = 0; caller < what_.callers; ++caller) done.push_back(std::async(std::launch::async, work, caller));
    for (std::future<void>& each : done) each.get();
    output_.close();
    if (!output_) throw std::runtime_error("cannot write " + what_.output);
  }

  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    output_ << line << '\n';
  }

  void wait_until(steady::time_point when) {
    std::unique_lock lock(mutex_);
    while (steady::now() < when) clock_.wait_until(lock, when);
  }

  void call_alone(int caller) {
    std::mt19937_64 random(what_.seed * 1'000'003 + static_cast<std::uint64_t>(caller));
    for (int number = 0; steady::now() < end_; ++number) {
      const std::string operation = what_.name + "-" + std::to_string(caller) + "-" + std::to_string(number);
      note(operation, random() % static_cast<std::uint64_t>(what_.actors));
    }
  }

  // All processes begin at the same moment, and so do the twins with each slice of time.
  void call_as_twin(int caller) {
    constexpr std::chrono::milliseconds slice{20};
    for (auto now = begin_; now < end_; now = steady::now()) {
      const auto number = (now - begin_) / slice;
      std::mt19937_64 random(static_cast<std::uint64_t>(number) * 1'000 + static_cast<std::uint64_t>(caller));
      const std::string operation = "twin-" + std::to_string(caller) + "-" + std::to_string(number);
      note(operation, random() % static_cast<std::uint64_t>(what_.actors));
      wait_until(begin_ + slice * (number + 1));
    }
  }

  void note(const std::string& operation, std::uint64_t number) {
    const std::string name = name_of_account(number);
    const std::string key = what_.keys ? operation : "";
    const auto target = runtime_.ref<account>(name).with({.idempotency_key = key});
    // Callers share what was thrown. The last one frees it here and not where a catch ends, as
    // tests/sanitizers/tsan.supp knows only this place.
    std::exception_ptr shared;
    for (int tries = 1;; ++tries) {
      try {
        const std::int64_t place = target.call<&account::note>(operation).get();
        write(operation + " " + name + " ok " + std::to_string(place));
        return;
      } catch (const troupe::error& failure) {
        shared = std::current_exception();
        const bool is_none = failure.effect() == troupe::effect::none;
        write(operation + " " + name + " " + code_of(failure, name) + (is_none ? " none" : " unknown"));
        if (!what_.keys || tries == tries_max || !troupe::may_succeed_later(failure.kind())) return;
        // A conflict is over when it is told; other troubles take a while.
        if (failure.kind() != troupe::errc::conflict) wait_until(steady::now() + std::chrono::milliseconds(20));
      }
    }
  }

  troupe::runtime& runtime_;
  const task what_;
  std::mutex mutex_;  // guards output_
  std::ofstream output_;
  std::condition_variable clock_;  // is never notified: it waits for a time
  const steady::time_point begin_ = steady::now();
  steady::time_point end_;
};

nlohmann::json to_json(const troupe::runtime_counters& counters) {
  return {{"turns", counters.turns},
          {"activations", counters.activations},
          {"failed_activations", counters.failed_activations},
          {"conflicts", counters.conflicts},
          {"replayed_replies", counters.replayed_replies}};
}

int run(task what) {
  troupe::runtime runtime{{.store = what.store}};
  runtime.host<account>();
  runtime.start();
  if (what.read) {
    contender(runtime, std::move(what)).look();
  } else {
    std::cout << "ready" << std::endl;
    std::string line;
    std::getline(std::cin, line);
    contender(runtime, std::move(what)).call();
    std::cout << to_json(runtime.counters()) << std::endl;
  }
  runtime.shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(nlohmann::json::parse(argc == 2 ? argv[1] : "").get<task>());
  } catch (const std::exception& failure) {
    std::cerr << "contend: " << failure.what() << std::endl;
    return 1;
  }
}
