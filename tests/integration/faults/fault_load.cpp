#include "fault_load.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "bookkeeper.hpp"
#include "ledger.hpp"
#include "support/server_process.hpp"
#include "support/tcp_fault_proxy.hpp"

namespace troupe::fault_test {
namespace {

using namespace std::chrono_literals;

/// What is known of an operation when its call has ended.
enum class outcome : std::uint8_t { under_way, done, not_done, in_doubt };

struct operation {
  int actor = 0;
  outcome ended = outcome::under_way;
  std::uint8_t ends = 0;
};

std::uint64_t setting(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::stoull(text);
}

/// Memory of this process that is in use, in bytes.
std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Every fourth operation has an idempotency key, so that it may be made again when it is in doubt.
bool has_key(std::size_t operation) { return operation % 4 == 0; }
std::string key_of(std::size_t operation) { return "operation " + std::to_string(operation); }

/// Calls actors of one runtime, so many calls at a time, and keeps what became of each.
class load {
 public:
  load(runtime& rt, int actors) : runtime_(rt), actors_(actors) {}

  void begin(int calls) {
    for (int i = 0; i < calls; ++i) begin_next();
  }

  /// Waits until every call that is under way has ended; returns false when one does not.
  bool finish() {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    return ended_.wait_for(lock, 30s, [this] { return under_way_ == 0; });
  }

  /// Makes one more call, of one actor, and waits for it; returns whether it is acknowledged.
  bool call_and_wait(int actor) {
    const std::size_t number = add(actor);
    repeat(number);
    const std::lock_guard lock(mutex_);
    return operations_[number].ended == outcome::done;
  }

  /// Makes a call again that has a key, and waits for it.
  void repeat(std::size_t number) {
    const auto [target, key] = describe(number);
    try {
      target.with({.idempotency_key = key}).call<&ledger::note>(as_id(number)).get();
      end(number, nullptr);
    } catch (...) {
      end(number, std::current_exception());
    }
  }

  /// Once no call is under way.
  [[nodiscard]] const std::vector<operation>& operations() const noexcept { return operations_; }
  [[nodiscard]] const std::vector<std::string>& surprises() const noexcept { return surprises_; }
  [[nodiscard]] const std::map<std::string, std::size_t>& failures() const noexcept { return failures_; }
  [[nodiscard]] const std::string& last_error() const noexcept { return last_error_; }
  [[nodiscard]] std::size_t failed_reads() const noexcept { return failed_reads_; }

  [[nodiscard]] std::size_t count(outcome ended) const {
    return static_cast<std::size_t>(std::count_if(operations_.begin(), operations_.end(),
                                                  [&](const operation& one) { return one.ended == ended; }));
  }

 private:
  static std::int64_t as_id(std::size_t number) { return static_cast<std::int64_t>(number); }

  std::size_t add(std::optional<int> actor = {}) {
    const std::lock_guard lock(mutex_);
    const std::size_t number = operations_.size();
    operations_.push_back({actor.value_or(static_cast<int>(number % static_cast<std::size_t>(actors_)))});
    return number;
  }

  /// Returns whom an operation goes to, and its key. A call is under way from now on.
  std::pair<actor_ref<ledger>, std::string> describe(std::size_t number) {
    const std::lock_guard lock(mutex_);
    ++under_way_;
    return {runtime_.ref<ledger>(std::to_string(operations_[number].actor)),
            has_key(number) ? key_of(number) : std::string()};
  }

  void begin_next() {
    if (const std::lock_guard lock(mutex_); stopped_) return;
    const std::size_t number = add();
    const auto [target, key] = describe(number);
    // Loads have to be outlived as well as commits, and reads of the log.
    if (number % 31 == 30) runtime_.deactivate(target);
    if (number % 17 == 16) {
      static_cast<void>(describe(number));
      target.call<&ledger::latest>()([this](const std::exception_ptr& failure, std::int64_t) { end_read(failure); });
    }
    // Some callers do not wait for what the store does.
    const std::chrono::milliseconds timeout = number % 5 == 1 ? 150ms : 0ms;
    target.with({.idempotency_key = key, .timeout = timeout})
        .call<&ledger::note>(as_id(number))([this, number](const std::exception_ptr& failure, std::int64_t) {
          begin_next();
          end(number, failure);
        });
  }

  /// Returns what an error says, which has to be one that a caller may get, with the effect that goes with its code.
  outcome judge(const std::exception_ptr& failure) {
    if (!failure) return outcome::done;
    try {
      std::rethrow_exception(failure);
    } catch (const error& found) {
      last_error_ = found.what();
      ++failures_[found.code().message() + (found.effect() == effect::unknown ? " (in doubt)" : "")];
      const bool is_doubtful = found.effect() == effect::unknown;
      const bool is_right = found.kind() == errc::timeout ||
                            (is_doubtful ? found.kind() == errc::commit_unknown
                                         : found.kind() == errc::unavailable || found.kind() == errc::conflict);
      if (!is_right && surprises_.size() < 5) surprises_.emplace_back(found.what());
      return is_doubtful ? outcome::in_doubt : outcome::not_done;
    } catch (const std::exception& found) {
      surprises_.emplace_back(found.what());
    }
    return outcome::in_doubt;
  }

  void end(std::size_t number, const std::exception_ptr& failure) {
    const std::lock_guard lock(mutex_);
    operation& one = operations_[number];
    const outcome now = judge(failure);
    // A call that is made again with its key may clear a doubt, and never takes back what was acknowledged.
    if (one.ended != outcome::in_doubt || now == outcome::done) one.ended = now;
    ++one.ends;
    leave();
  }

  void end_read(const std::exception_ptr& failure) {
    const std::lock_guard lock(mutex_);
    failed_reads_ += judge(failure) == outcome::done ? 0U : 1U;
    leave();
  }

  void leave() {
    if (--under_way_ == 0) ended_.notify_all();
  }

  runtime& runtime_;
  const int actors_;
  std::mutex mutex_;
  std::condition_variable ended_;
  // Guarded by mutex_.
  std::vector<operation> operations_;
  std::vector<std::string> surprises_;
  std::string last_error_;
  std::map<std::string, std::size_t> failures_;
  int under_way_ = 0;
  std::size_t failed_reads_ = 0;
  bool stopped_ = false;
};

/// Compares what one actor holds with what was said of its operations.
void expect_pages(int actor, const pages& held, const std::vector<operation>& operations) {
  const std::string name = "actor " + std::to_string(actor);
  EXPECT_EQ(held.count, static_cast<std::int64_t>(held.operations.size())) << name << ": half a turn";
  std::vector<int> times(operations.size(), 0);
  for (const std::int64_t number : held.operations) ++times.at(static_cast<std::size_t>(number));
  for (std::size_t number = 0; number < operations.size(); ++number) {
    const operation& one = operations[number];
    if (one.actor != actor) {
      EXPECT_EQ(times[number], 0) << name << ", operation " << number << " of another one";
    } else if (one.ended == outcome::done) {
      EXPECT_EQ(times[number], 1) << name << ", operation " << number << " was acknowledged";
    } else if (one.ended == outcome::not_done) {
      EXPECT_EQ(times[number], 0) << name << ", operation " << number << " was refused";
    } else {
      EXPECT_LE(times[number], 1) << name << ", operation " << number << " was in doubt";
    }
  }
}

/// Repeats in order what is in doubt and has a key.
void settle(load& calls) {
  for (std::size_t number = 0; number < calls.operations().size(); ++number) {
    if (!has_key(number) || calls.operations()[number].ended == outcome::done) continue;
    calls.repeat(number);
    EXPECT_EQ(calls.operations()[number].ended, outcome::done) << "operation " << number << ", made again with its key";
  }
}

void expect_every_kind_of_fault(const testing_support::tcp_fault_counts& counts) {
  EXPECT_GT(counts.cut, 0U);
  EXPECT_GT(counts.refused, 0U);
  EXPECT_GT(counts.answers_lost, 0U);
  EXPECT_GT(counts.answers_torn, 0U);
  EXPECT_GT(counts.silenced, 0U);
}

}  // namespace

void expect_that_faults_are_outlived(const fault_load_options& options) {
  const std::uint64_t seed = setting("TROUPE_FAULT_SEED", 1);
  const std::chrono::seconds length(
      setting("TROUPE_FAULT_SECONDS", static_cast<std::uint64_t>(options.length.count())));
  SCOPED_TRACE("TROUPE_FAULT_SEED=" + std::to_string(seed));
  testing_support::tcp_fault_proxy proxy(options.server_port);
  // Shorter than what a fault may last: some calls fail.
  runtime rt(on_store(options.open(proxy.port()), 400ms));
  auto type = options_of<ledger>();
  type.call_timeout = 1s;
  rt.host<ledger>(type);
  load calls(rt, options.actors);
  for (int actor = 0; actor < options.actors; ++actor) {
    // A server that was just started may be slow at first.
    ASSERT_TRUE(testing_support::wait_for([&] { return calls.call_and_wait(actor); }, 20s)) << calls.last_error();
  }

  const std::size_t before = resident_bytes();
  calls.begin(options.calls_under_way);
  proxy.storm(seed, length);
  const auto healed = std::chrono::steady_clock::now();
  ASSERT_TRUE(calls.finish()) << "a call has not ended";
  for (const operation& one : calls.operations()) ASSERT_EQ(one.ends, 1) << "each call ends once";
  const std::size_t after = resident_bytes();
  const testing_support::tcp_fault_counts counts = proxy.counts();

  const auto left = [&] { return healed + options.recovery - std::chrono::steady_clock::now(); };
  for (int actor = 0; actor < options.actors; ++actor) {
    ASSERT_TRUE(testing_support::wait_for([&] { return calls.call_and_wait(actor); },
                                          std::chrono::ceil<std::chrono::milliseconds>(left())))
        << "actor " << actor << " does not commit again: " << calls.last_error();
  }
  const auto recovered = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - healed);
  const std::size_t in_doubt = calls.count(outcome::in_doubt);
  const std::size_t refused = calls.count(outcome::not_done);
  settle(calls);
  const std::size_t done = calls.count(outcome::done);
  std::cout << "[  faults  ] seed " << seed << ": " << calls.operations().size() << " operations, " << refused
            << " refused, " << in_doubt << " in doubt, " << calls.failed_reads() << " reads failed, " << done
            << " done in the end; " << counts.connections << " connections, at most " << counts.most_connections
            << " at a time; well after " << recovered.count() << " ms; "
            << (static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before)) / 1024 << " KiB more memory\n";

  for (const auto& [what, times] : calls.failures()) std::cout << "[  faults  ] " << times << " x " << what << "\n";

  EXPECT_EQ(calls.surprises(), std::vector<std::string>());
  expect_every_kind_of_fault(counts);
  EXPECT_GT(in_doubt + refused, 0U) << "no fault met a call";
  EXPECT_LE(counts.most_connections, options.connections_max);
  EXPECT_LE(proxy.open_connections(), options.connections_max);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(after, before + (std::size_t{48} << 20U));
#endif
  // What the store holds, not what the actors remember, decides.
  rt.shutdown();
  runtime reader(on_store(options.open(options.server_port)));
  reader.host<ledger>();
  for (int actor = 0; actor < options.actors; ++actor) {
    expect_pages(actor, read_pages(reader.ref<ledger>(std::to_string(actor))), calls.operations());
  }
}

}  // namespace troupe::fault_test
