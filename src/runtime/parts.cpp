#include "runtime/parts.hpp"

#include <string>
#include <utility>

namespace troupe::internal {

parts::parts(parts_options options)
    : options_(std::move(options)),
      system_(new actor_system({.clock = options_.clock,
                                .entropy = options_.entropy,
                                .executor = options_.executor,
                                .resident_max = options_.resident_max,
                                .log = options_.log,
                                .rules = options_.rules,
                                .on_send = options_.on_send})),
      gateway_(std::make_shared<store_gateway>(options_.store, options_.clock, system_->timers(), options_.retry)),
      reminders_(std::make_shared<reminder_service>(options_.store, *system_, options_.reminders)) {
  system_->connect(*gateway_, *reminders_);
}

parts::~parts() {
  halt();
  system_->drop();
}

void parts::start() {
  std::call_once(started_, [this] { reminders_->start(); });
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
  return {.turns = now.turns.load(std::memory_order_relaxed),
          .replayed_replies = now.replayed_replies.load(std::memory_order_relaxed),
          .activations = now.activations.load(std::memory_order_relaxed),
          .deactivations = now.deactivations.load(std::memory_order_relaxed),
          .failed_activations = now.failed_activations.load(std::memory_order_relaxed),
          .reminders_fired = now.reminders_fired.load(std::memory_order_relaxed),
          .resident_actors = system.resident()};
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
