#include "core/actor_system.hpp"

#include <array>
#include <limits>
#include <utility>

#include <boost/asio/system_executor.hpp>

#include "core/activation.hpp"
#include "core/later.hpp"
#include "core/tell_strand.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t expired_per_look = 1024;
constexpr std::size_t evicted_at_once = 32;
constexpr std::int64_t no_look = std::numeric_limits<std::int64_t>::max();

std::atomic<std::uint64_t> systems_made{0};

/// Stands in for the executor of a runtime that is over: references to its actors may live on. Every mailbox is closed
/// by then, so nothing is left to run.
class stopped_executor final : public spi::executor {
 public:
  void submit(spi::runnable&) noexcept override {}
  [[nodiscard]] boost::asio::execution_context& context() noexcept override { return context_; }
  [[nodiscard]] boost::asio::any_io_executor io_executor() override { return boost::asio::system_executor(); }
  void wake_at(steady_time, std::function<void()>) override {}
  [[nodiscard]] bool on_own_thread() const noexcept override { return false; }
  void wait(const std::atomic<bool>& done) override { done.wait(false, std::memory_order_acquire); }
  void stop() override {}
  void close() override {}

 private:
  boost::asio::execution_context context_;
};

void tell_expired(const std::vector<detail::activation_ptr>& picked, deactivation_reason reason) {
  for (const auto& place : picked) {
    tell_strand(*place, [reason](activation& a) { a.on_expired(reason); });
  }
}

void check_options(const message_options& options, const auto& refuse) {
  const auto in_range = [&](std::size_t value, std::size_t most, const std::string& name) {
    if (value >= 1 && value <= most) return;
    refuse("messages." + name + " is " + std::to_string(value) + "; 1 to " + std::to_string(most) + " is asked for");
  };
  in_range(options.attempts_max, 1'000, "attempts_max");
  in_range(options.outbox_max, 1'000'000, "outbox_max");
  in_range(options.letters_max, 100'000, "letters_max");
  in_range(options.senders_max, 1'000'000, "senders_max");
  if (options.first_pause.count() < 1) refuse("messages.first_pause is below 1 ms");
  if (options.longest_pause < options.first_pause) refuse("messages.longest_pause is shorter than first_pause");
  if (options.longest_pause > std::chrono::hours(24)) refuse("messages.longest_pause is longer than a day");
  if (options.senders_age_max.count() < 0) refuse("messages.senders_age_max is negative; 0 means no bound");
  if (options.senders_age_max > span_max) refuse("messages.senders_age_max is longer than 100 years; 0 means no bound");
}

void check_options(const detail::actor_type_info& info) {
  const auto refuse = [&](const std::string& rule) {
    throw error(errc::invalid_argument, "actor type \"" + info.name + "\": " + rule);
  };
  const actor_type_options& options = info.options;
  if (options.idle_timeout.count() < 0) refuse("idle_timeout is negative; 0 means never");
  if (options.idle_timeout > span_max) refuse("idle_timeout is longer than 100 years; 0 means never");
  if (options.persistence.interval().count() < 0) refuse("the write_behind interval is negative");
  if (options.persistence.interval() > span_max) refuse("the write_behind interval is longer than 100 years");
  if (options.requests.count_max < 1 || options.requests.count_max > 100'000) {
    refuse("requests.count_max is " + std::to_string(options.requests.count_max) + "; 1 to 100,000 is asked for");
  }
  const std::size_t mailbox = options.mailbox_max;
  if (mailbox != 0 && (mailbox < mailbox_bound_least || mailbox > mailbox_bound_most)) {
    refuse("mailbox_max is " + std::to_string(mailbox) + "; 16 to 1,000,000 is asked for, 0 means no bound");
  }
  if (options.state_max.actor_bytes != 0 && options.state_max.actor_bytes < options.state_max.cell_bytes) {
    refuse("state_max.actor_bytes is smaller than state_max.cell_bytes; 0 means no limit");
  }
  if (options.requests.age_max.count() < 0) refuse("requests.age_max is negative; 0 means no bound");
  if (options.reentrant == reentrancy::read_only)
    refuse("reentrant is read_only, which is for methods: read_only<...>");
  if (options.call_chain_depth_max < 1 || options.call_chain_depth_max > 1000) {
    refuse("call_chain_depth_max is " + std::to_string(options.call_chain_depth_max) + "; 1 to 1,000 is asked for");
  }
  const quarantine_policy& policy = options.quarantine;
  if (policy.failures_max > 1000) refuse("quarantine.failures_max is more than 1,000; 0 means never");
  if (policy.first_pause.count() < 1 || policy.pause_max < policy.first_pause ||
      policy.pause_max > std::chrono::hours(24)) {
    refuse("the pauses of quarantine are 1 ms to 24 h, the first not longer than the longest");
  }
  if (options.call_timeout.count() < 1) refuse("call_timeout is less than 1 ms; no_timeout means as long as it takes");
  if (options.requests.age_max > span_max) refuse("requests.age_max is longer than 100 years; 0 means no bound");
  check_options(options.messages, refuse);
  check_filters(options.filters, "actor type \"" + info.name + "\": ");
}

}  // namespace

void check_filters(const filter_list& filters, const std::string& whose) {
  const auto null = std::find(filters.begin(), filters.end(), nullptr);
  if (null == filters.end()) return;
  throw error(errc::invalid_argument, whose + "filters[" + std::to_string(null - filters.begin()) + "] is null");
}

actor_system::actor_system(system_parts parts)
    : number_(systems_made.fetch_add(1, std::memory_order_relaxed) + 1),
      parts_(std::move(parts)),
      executor_(parts_.executor.get()),
      timers_([this](steady_time when) { executor().wake_at(when, [this] { timers_.ring_due(now()); }); }),
      overload_(parts_.overload),
      next_look_(no_look) {}

void actor_system::connect(persistence_port& port, reminder_port& reminders) noexcept {
  port_ = &port;
  reminders_ = &reminders;
}

void actor_system::host(detail::actor_type_info info) {
  check_actor_type(info.name);
  check_options(info);
  const std::unique_lock lock(types_mutex_);
  if (types_.contains(info.name)) {
    throw error(errc::invalid_argument, "actor type \"" + info.name + "\" is hosted already");
  }
  auto type = std::make_unique<hosted_type>();
  type->system = this;
  type->filters = parts_.filters;
  type->filters.insert(type->filters.end(), info.options.filters.begin(), info.options.filters.end());
  type->crowd_from = crowd_from(info.options.mailbox_max);
  type->index = idle_.add_type(info.options.idle_timeout);
  for (const auto& method : info.methods) {
    const reentrancy mode = method.traits.mode.value_or(info.options.reentrant);
    type->overlaps = type->overlaps || mode != reentrancy::none;
    type->comes_back = type->comes_back || mode == reentrancy::call_chain;
  }
  type->plain = !type->overlaps && type->filters.empty();
  if (info.options.call_timeout != no_timeout) {
    type->call_timeout = std::min<std::chrono::milliseconds>(info.options.call_timeout, span_max);
  }
  type->info = std::move(info);
  std::string name = type->info.name;
  types_.emplace(std::move(name), std::move(type));
}

const hosted_type& actor_system::type_named(std::string_view type) const {
  const std::shared_lock lock(types_mutex_);
  if (const auto found = types_.find(type); found != types_.end()) return *found->second;
  std::string known;
  for (const auto& [name, unused] : types_) known += (known.empty() ? "" : ", ") + name;
  throw error(errc::unknown_type, "actor type \"" + std::string(type.substr(0, actor_type_bytes_max)) +
                                      "\" is not hosted here; hosted: " + (known.empty() ? "none" : known) +
                                      "; call runtime::host for it first");
}

detail::activation_ptr actor_system::find(std::string_view type, const std::type_info& cpp_type, std::string_view key) {
  // Types are never taken out, so what a thread has looked up of a runtime stays true.
  struct known_type {
    std::uint64_t system = 0;
    const std::type_info* cpp_type = nullptr;
    const hosted_type* hosted = nullptr;
  };
  static constinit thread_local std::array<known_type, 16> known{};
  known_type& seen = known[(reinterpret_cast<std::uintptr_t>(&cpp_type) >> 4U ^ number_) % known.size()];
  if (seen.system != number_ || seen.cpp_type != &cpp_type) {
    const hosted_type& hosted = type_named(type);
    if (hosted.info.cpp_type != std::type_index(cpp_type)) {
      throw error(errc::unknown_type, "actor type \"" + std::string(type) + "\" is hosted by another class");
    }
    seen = {number_, &cpp_type, &hosted};
  }
  check_actor_key(type, key);
  return detail::activation_ptr(directory_.find_or_make(*this, *seen.hosted, key));
}

detail::activation_ptr actor_system::find(std::string_view type, std::string_view key) {
  const hosted_type& hosted = type_named(type);
  check_actor_key(type, key);
  return detail::activation_ptr(directory_.find_or_make(*this, hosted, key));
}

void actor_system::log(log_level level, std::string_view line) const noexcept {
  if (parts_.log) parts_.log(level, line);
}

void actor_system::log_failure(const std::string& what, const std::exception_ptr& failure) const noexcept {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    log(log_level::warning, what + " failed: " + e.what());
  } catch (...) {
    log(log_level::warning, what + " failed with an exception that is not a std::exception");
  }
}

void actor_system::on_resident() noexcept {
  const std::size_t now_resident = resident_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (parts_.resident_max == 0 || now_resident <= parts_.resident_max) return;
  const std::size_t surplus = now_resident - parts_.resident_max;
  tell_expired(idle_.take_coldest(std::min(surplus, evicted_at_once)), deactivation_reason::evicted);
}

void actor_system::on_vanished() noexcept {
  counters_.deactivations.fetch_add(1, std::memory_order_relaxed);
  resident_.fetch_sub(1, std::memory_order_relaxed);
}

void actor_system::on_dormant() noexcept {
  if (awake_.fetch_sub(1, std::memory_order_seq_cst) == 1 && draining_.load(std::memory_order_seq_cst)) tell_drained();
}

void actor_system::tell_drained() noexcept {
  std::function<void()> drained;
  {
    const std::scoped_lock lock(drain_mutex_);
    drained.swap(drained_);
  }
  if (drained) drained();
}

void actor_system::file_idle(activation& entry) noexcept {
  if (const auto next = idle_.insert(entry)) arrange_look(*next);
}

void actor_system::arrange_look(steady_time when) noexcept {
  const std::int64_t tick = idle_ticks(when);
  std::int64_t pending = next_look_.load(std::memory_order_relaxed);
  while (tick < pending) {
    if (next_look_.compare_exchange_weak(pending, tick, std::memory_order_relaxed)) {
      timers_.start(when, make_alarm([this, tick] { look_for_idle(tick); }));
      return;
    }
  }
}

void actor_system::look_for_idle(std::int64_t tick) noexcept {
  // A look that was brought forward leaves its first alarm behind: only the one that is waited for counts.
  if (!next_look_.compare_exchange_strong(tick, no_look, std::memory_order_relaxed)) return;
  const auto expired = idle_.take_expired(now(), expired_per_look);
  tell_expired(expired, deactivation_reason::idle);
  if (const auto next = idle_.next_expiry()) arrange_look(std::max(*next, now() + std::chrono::milliseconds(1)));
}

void actor_system::drain(std::function<void()> drained) {
  accepting_.store(false);
  {
    const std::scoped_lock lock(drain_mutex_);
    drained_ = std::move(drained);
  }
  draining_.store(true);
  delayed_.close();
  for (activation* place : directory_.snapshot()) {
    tell_strand(*place, [](activation&) {});  // it looks at draining() when it comes to rest
    place->release();
  }
  if (awake_.load(std::memory_order_seq_cst) == 0) tell_drained();
}

void actor_system::log_dropped(const std::vector<activation*>& places) const noexcept {
  constexpr std::size_t named_max = 5;
  std::string names;
  std::size_t dropped = 0;
  for (const activation* place : places) {
    if (!place->is_resident()) continue;
    if (++dropped <= named_max) names += (names.empty() ? "" : ", ") + place->display();
  }
  if (dropped == 0) return;
  if (dropped > named_max) names += " and " + std::to_string(dropped - named_max) + " more";
  log(log_level::warning, "shutdown: dropped with what they were doing: " + names);
}

void actor_system::halt() noexcept {
  accepting_.store(false);
  const bool was_asked_to_end = draining_.exchange(true);
  {
    const std::scoped_lock lock(drain_mutex_);
    drained_ = nullptr;
  }
  nobody_ = std::make_unique<stopped_executor>();
  executor_.store(nobody_.get(), std::memory_order_release);
  timers_.clear();
  delayed_.close();
  halted_.store(true, std::memory_order_seq_cst);
  const auto places = directory_.snapshot();  // a place that is not in it was made closed
  for (activation* place : places) place->close();
  if (was_asked_to_end) {
    log_dropped(places);
    delayed_.log_dropped();
  }
  for (activation* place : places) place->drop_messages();
  for (activation* place : places) place->drop_resident();
  for (activation* place : places) {
    place->retire();
    place->release();
  }
  // A factory may hold references to actors, and those hold this system, which holds the factory.
  std::vector<std::function<std::unique_ptr<actor>()>> factories;
  const std::unique_lock lock(types_mutex_);
  for (auto& [name, type] : types_) factories.push_back(std::exchange(type->info.make, nullptr));
}

void actor_system::drop() noexcept {
  if (holders_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

}  // namespace troupe::internal
