#include "runtime/parts.hpp"

#include <string>
#include <utility>

namespace troupe::internal {
namespace {

constexpr std::size_t messages_most = 100'000'000;
constexpr std::size_t bytes_most = std::size_t{1} << 40U;

overload_bounds bounds_of(const overload_limits& limits) {
  return {.queued = {.messages_max = static_cast<std::int64_t>(limits.queued_messages_max),
                     .bytes_max = static_cast<std::int64_t>(limits.queued_bytes_max)},
          .loads = {.under_way_max = limits.loads_max, .waiting_max = limits.loads_waiting_max}};
}

reminder_options options_of(const reminder_limits& limits) {
  return {.window = {.span = limits.window, .actors_max = limits.window_actors_max},
          .scan_interval = limits.window / 4,
          .firing_max = limits.firing_max,
          .overdue_per_second = limits.overdue_per_second};
}

}  // namespace

void check(const overload_limits& limits) {
  const auto refuse = [](const char* name, std::size_t value, const char* rule) {
    throw error(errc::invalid_argument,
                std::string("runtime option overload.") + name + " is " + std::to_string(value) + "; " + rule);
  };
  if (limits.queued_messages_max > messages_most) {
    refuse("queued_messages_max", limits.queued_messages_max, "at most 1,000,000,000 are allowed, 0 means no bound");
  }
  if (limits.queued_bytes_max > bytes_most) {
    refuse("queued_bytes_max", limits.queued_bytes_max, "at most 1 TiB is allowed, 0 means no bound");
  }
  if (limits.loads_max == 0) refuse("loads_max", limits.loads_max, "at least 1 is asked for");
}

void check(const reminder_limits& limits) {
  const auto need = [](bool in_range, const char* name, auto value, const char* range) {
    if (in_range) return;
    throw error(errc::invalid_argument, std::string("runtime option reminders.") + name + " is " +
                                            std::to_string(value) + "; " + range + " is asked for");
  };
  need(limits.window >= std::chrono::seconds(1) && limits.window <= std::chrono::hours(24), "window",
       limits.window.count(), "1,000 to 86,400,000 ms");
  need(limits.window_actors_max >= 1'000 && limits.window_actors_max <= 100'000'000, "window_actors_max",
       limits.window_actors_max, "1,000 to 100,000,000");
  need(limits.firing_max >= 1 && limits.firing_max <= 100'000, "firing_max", limits.firing_max, "1 to 100,000");
  need(limits.overdue_per_second <= 100'000'000, "overdue_per_second", limits.overdue_per_second,
       "at most 100,000,000, 0 being no bound,");
}

parts::parts(parts_options options)
    : options_(std::move(options)),
      system_(new actor_system({.clock = options_.clock,
                                .entropy = options_.entropy,
                                .executor = options_.executor,
                                .resident_max = options_.resident_max,
                                .overload = bounds_of(options_.overload),
                                .filters = options_.filters,
                                .log = options_.log,
                                .rules = options_.rules,
                                .on_send = options_.on_send})),
      gateway_(std::make_shared<store_gateway>(options_.store, options_.clock, system_->timers(), options_.retry)),
      reminders_(std::make_shared<reminder_service>(options_.store, *system_, options_of(options_.reminders))) {
  system_->connect(*gateway_, *reminders_);
}

parts::~parts() {
  halt();
  system_->drop();
}

void parts::start() {
  std::call_once(started_, [this] { reminders_->start(); });
}

void parts::drain(std::function<void()> drained) {
  std::call_once(started_, [] {});  // it is too late to begin
  reminders_->stop();
  system_->drain(std::move(drained));
}

void parts::halt() {
  if (std::exchange(halted_, true)) return;
  reminders_->stop();
  options_.executor->stop();
  gateway_->stop();
  options_.store->close();
  system_->halt();
  options_.executor->close();
}

runtime_counters read_counters(actor_system& system) {
  const atomic_counters& now = system.counters();
  const queue_load::reading queued = system.load().read();
  return {.turns = now.turns.read(),
          .replayed_replies = now.replayed_replies.load(std::memory_order_relaxed),
          .activations = now.activations.load(std::memory_order_relaxed),
          .deactivations = now.deactivations.load(std::memory_order_relaxed),
          .failed_activations = now.failed_activations.load(std::memory_order_relaxed),
          .conflicts = now.conflicts.load(std::memory_order_relaxed),
          .reminders_fired = now.reminders_fired.load(std::memory_order_relaxed),
          .resident_actors = system.resident(),
          .refused_messages = now.refused_messages.load(std::memory_order_relaxed),
          .dropped_tells = now.dropped_tells.load(std::memory_order_relaxed),
          .queued_messages = static_cast<std::uint64_t>(queued.messages),
          .queued_bytes = static_cast<std::uint64_t>(queued.bytes),
          .deliveries_failed = now.deliveries_failed.load(std::memory_order_relaxed),
          .dead_letters = now.dead_letters.load(std::memory_order_relaxed),
          .delayed_tells = system.delayed().waiting(),
          .dropped_delayed_tells = now.dropped_delayed_tells.load(std::memory_order_relaxed),
          .upgraded_cells = now.upgraded_cells.load(std::memory_order_relaxed),
          .deadlock_probes = now.deadlock_probes.load(std::memory_order_relaxed)};
}

void send_by_name(const detail::activation_ptr& target, std::string_view method, std::string_view arguments_json,
                  detail::call_settings options, detail::dynamic_reply done) {
  const hosted_type& type = target.get()->type();
  const std::string& name = type.info.name;
  std::string known;
  for (const auto& candidate : type.info.methods) {
    known += (known.empty() ? "" : ", ") + std::string(candidate.name);
    if (candidate.name != method) continue;
    if (candidate.send == nullptr) {
      throw error(errc::not_encodable, "method " + name + "." + std::string(method) +
                                           ": a parameter or its result has no JSON conversion, so it cannot be "
                                           "called by name");
    }
    if (options.delay().count() != 0) detail::throw_delayed_call();
    if (options.timeout.count() < 0) throw error(errc::invalid_argument, "the timeout of a call is negative");
    if (options.idempotency_key().size() > idempotency_key_bytes_max) {
      throw error(errc::too_large,
                  "the idempotency key has more than " + std::to_string(idempotency_key_bytes_max) + " bytes");
    }
    try {
      candidate.send(target, arguments_json, std::move(options), std::move(done));
      return;
    } catch (const error& failure) {
      throw error(failure.kind(), "method " + name + "." + std::string(method) + ": " + failure.what());
    }
  }
  throw error(errc::unknown_method, "actor type \"" + name + "\" has no method \"" +
                                        std::string(method.substr(0, 100)) +
                                        "\"; it has: " + (known.empty() ? "none" : known));
}

}  // namespace troupe::internal
