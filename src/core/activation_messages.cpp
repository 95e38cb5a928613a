#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/delivery_request.hpp"
#include "core/later.hpp"
#include "core/resident.hpp"
#include "core/strand_alarm.hpp"

namespace troupe::internal {
namespace {

/// How long a receipt may wait for a record that takes it along.
constexpr std::chrono::milliseconds receipt_delay{100};

/// How soon an actor that leaves memory while messages are under way is woken for them.
constexpr std::chrono::milliseconds wake_delay{1'000};

}  // namespace

bool activation::is_stored_type() const noexcept {
  return type_->info.options.persistence.what() != durability::kind::none;
}

bool activation::needs_store(const detail::request& r) const noexcept {
  return r.special && (r.needs_store || r.durable || !r.idempotency_key().empty());
}

void activation::hand_over_messages(turn& from, turn& to) {
  if (!from.messages) return;
  auto& sent = turn_messages(to).sent;
  std::move(from.messages->sent.begin(), from.messages->sent.end(), std::back_inserter(sent));
  from.messages.reset();
}

message_effects& activation::turn_messages(turn& t) {
  t.plain = false;
  t.has_extras = true;
  if (!t.messages) t.messages = std::make_unique<message_effects>();
  return *t.messages;
}

void activation::send_with_turn(activation& target, std::string_view method, std::string arguments) {
  turn* t = own_turn();
  const auto refuse = [&](errc code, const std::string& why) {
    throw error(code, "a durable message from " + display() + " to " + target.display() + ": " + why);
  };
  if (t == nullptr || t->kind == turn_kind::on_deactivate) {
    throw std::logic_error(
        "troupe: tell(durable) outside a turn, or in on_deactivate, has no commit to go with; send it in the turn of a "
        "message, or make a call with an idempotency key");
  }
  check_may_change(*t, "troupe: tell(durable)");
  if (&target.system() != &system()) refuse(errc::invalid_argument, "the receiver belongs to another runtime");
  if (!is_stored_type())
    refuse(errc::invalid_argument, "the durability of the sender's type is none, so nothing keeps it");
  if (!target.is_stored_type()) {
    refuse(errc::invalid_argument, "the durability of the receiver's type is none, so it cannot tell what it has got");
  }
  if (arguments.size() > durable_message_bytes_max) {
    refuse(errc::too_large, "its arguments have " + std::to_string(arguments.size()) + " bytes, the limit is " +
                                std::to_string(durable_message_bytes_max));
  }
  const mail* known = resident_->store ? resident_->store->messages() : nullptr;
  std::size_t waiting = known != nullptr ? known->out.size() : 0;
  for_each_turn([&](const turn& each) { waiting += each.messages ? each.messages->sent.size() : 0; });
  if (waiting >= type_->info.options.messages.outbox_max) {
    refuse(errc::overloaded, std::to_string(waiting) +
                                 " messages of this actor have not arrived yet, the limit (messages.outbox_max); try "
                                 "again later, or see what holds up their receivers");
  }
  turn_messages(*t).sent.push_back({target.id(), std::string(method), std::move(arguments)});
}

bool activation::admit(delivery_request& delivery) noexcept {
  if (!system().rules().receipts) return true;
  const mail* known = resident_->store->messages();
  const delivery_name& name = delivery.name_of_delivery();
  auto judgement = name.after == 0 ? receipts::judgement::fresh : receipts::judgement::early;
  if (known != nullptr) judgement = known->in.judge(name);
  if (judgement == receipts::judgement::fresh) return true;
  if (judgement == receipts::judgement::repeated) {
    // Its effect may be in a record whose commit is still under way.
    settle({.sequence = known->in.record_of(name.from), .reply = &delivery, .since = system().coarse_now()});
  } else {
    delivery.come_later();
    delivery.complete(nullptr);
  }
  return false;
}

void activation::receive_with_turn(turn& t, const delivery_request& delivery) {
  if (system().rules().receipts) turn_messages(t).received = delivery.name_of_delivery();
}

mail* activation::outgoing_mail() const noexcept {
  if (!resident_ || !resident_->store) return nullptr;
  if (resident_->where != phase::active && resident_->where != phase::reloading) return nullptr;
  return resident_->store->messages();
}

void activation::pump_outbox() noexcept {
  mail* post = outgoing_mail();
  if (post == nullptr || post->out.empty() || system().draining()) return;
  struct failure {
    actor_id to;
    std::uint64_t sequence;
    std::string why;
  };
  std::vector<failure> failures;
  for (const outbox::departure& d : post->out.take_ready(resident_->store->committed(), system().now())) {
    try {
      depart(d, post->out.stream());
    } catch (...) {
      failures.push_back({d.message->to, d.message->sequence, reason_of(std::current_exception())});
    }
  }
  for (const failure& f : failures) end_delivery(f.to, f.sequence, delivery_end::unreachable, f.why);
  arrange_try();
}

void activation::depart(const outbox::departure& d, std::uint64_t stream) {
  const spi::message_image& message = *d.message;
  const detail::activation_ptr target = system().find(message.to.type, message.to.key);
  if (!target.get()->is_stored_type()) {
    throw error(errc::invalid_argument, "actor " + target.get()->display() +
                                            ": the durability of its type is none, so it cannot tell what it has got");
  }
  detail::request* call = nullptr;
  spi::letter_image letter;
  if (d.given_up.empty()) {
    call = make_call(target.get()->type(), message.method, message.arguments);
  } else {
    letter = letter_of(message, d.given_up);
  }
  retain();
  auto* request = new delivery_request(detail::activation_ptr(this), {id(), stream, message.sequence, d.after},
                                       message.to, call, std::move(letter));
  system().observe_send(*this, *target.get(), *request);
  target.get()->push(*request);
}

void activation::on_delivered(const delivery_request& delivery) noexcept {
  const mail* post = outgoing_mail();
  const delivery_name& name = delivery.name_of_delivery();
  if (post == nullptr || post->out.stream() != name.stream) return;  // it is delivered again by the next activation
  end_delivery(delivery.to(), name.sequence, delivery.end(), delivery.why());
  pump_outbox();
}

void activation::end_delivery(const actor_id& to, std::uint64_t sequence, delivery_end how,
                              const std::string& why) noexcept {
  mail& post = *resident_->store->messages();
  // With no room for a dead letter it goes on trying: full is not lost.
  const bool is_full = post.letter_count() >= type_->info.options.messages.letters_max;
  if (how == delivery_end::unreachable && is_full) how = delivery_end::hindered;
  outbox::verdict verdict = post.out.ended(to, sequence, how, why, system().now(), system().clock().wall_now(),
                                           how == delivery_end::arrived ? 0 : system().random());
  if (verdict.counted) system().counters().deliveries_failed.fetch_add(1, std::memory_order_relaxed);
  if (verdict.dead || verdict.buried) system().counters().dead_letters.fetch_add(1, std::memory_order_relaxed);
  if (verdict.counted || verdict.buried) log_delivery(to, verdict, why);
  if (verdict.dead) post.keep_undeliverable(sequence, letter_of(*verdict.dead, why));
  if (post.changed()) arrange_receipts();
}

void activation::log_delivery(const actor_id& to, const outbox::verdict& verdict,
                              const std::string& why) const noexcept {
  std::string line = "a durable message from " + display() + " to " + to_string(to);
  if (verdict.buried) {
    line += " is a dead letter of its receiver now";
  } else if (verdict.dead) {
    line += " could not be delivered and is a dead letter of its sender now: " + why;
  } else {
    line += " failed: " + why;
  }
  system().log(log_level::warning, line);
}

void activation::arrange_try() noexcept {
  const auto next = resident_->store->messages()->out.next_try();
  if (!next || (seldom().activation.next_try && *seldom().activation.next_try <= *next)) return;
  seldom().activation.next_try = next;
  system().timers().start(*next, make_strand_alarm(*this, &activation::on_try_due));
}

void activation::on_try_due() noexcept {
  if (!resident_) return;
  seldom().activation.next_try.reset();
  pump_outbox();
}

void activation::arrange_receipts() noexcept {
  if (std::exchange(seldom().activation.receipts_timer, true)) return;
  system().timers().start(later(system().now(), receipt_delay), make_strand_alarm(*this, &activation::on_receipts_due));
}

void activation::on_receipts_due() noexcept {
  if (!resident_) return;
  seldom().activation.receipts_timer = false;
  const mail* post = outgoing_mail();
  if (post == nullptr || !post->changed()) return;
  if (resident_->where == phase::reloading) {
    arrange_receipts();  // what is read must not change meanwhile
  } else if (resident_->store->is_over() && !resident_->used) {
    resident_->leave = deactivation_reason::requested;  // the actor was erased: nothing of it remains
  } else {
    record_mail(false);
  }
}

void activation::record_mail(bool leaves) noexcept {
  const mail* post = resident_->store->messages();
  const bool is_over = post != nullptr && leaves && resident_->store->is_over();
  if (post == nullptr || (!post->changed() && !is_over)) return;
  try {
    message_effects nothing;
    resident_->store->record_messages(id(), system().port().limits(), nothing, system().clock().wall_now(), leaves);
  } catch (...) {
    fail_activation(std::current_exception());
    return;
  }
  if (post->changed() && !leaves) arrange_receipts();  // it was more than one record may say
  resident_->store->flush(system().port());
}

std::uint64_t activation::record_when_loaded(std::unique_ptr<message_effects> messages) noexcept {
  if (resident_->late_load) {
    // Another turn of this actor has asked for the load, and is recorded with it.
    if (!work_->late_messages) work_->late_messages = std::make_unique<message_effects>();
    auto& sent = work_->late_messages->sent;
    std::move(messages->sent.begin(), messages->sent.end(), std::back_inserter(sent));
    return resident_->store->recorded() + 1;
  }
  resident_->store = std::make_unique<persistence>(*this, type_->info.options, system().random());
  resident_->late_load = true;
  work_->late_messages = std::move(messages);
  begin_load(phase::reloading);
  return resident_->store->recorded() + 1;
}

void activation::record_loaded() noexcept {
  const auto messages = std::move(work_->late_messages);
  try {
    static_cast<void>(resident_->store->record_turn(id(), resident_->self->cells_, system().port().limits(),
                                                    {.messages = messages.get()}, system().clock().wall_now()));
  } catch (...) {
    fail_activation(std::current_exception());
    return;
  }
  resident_->store->flush(system().port());
}

void activation::announce_outbox() noexcept {
  if (!resident_->store || resident_->where == phase::failed || system().draining()) return;
  const mail* post = resident_->store->messages();
  if (post == nullptr || post->out.empty()) return;
  wall_time due = std::max(*post->out.due(), system().clock().wall_now() + wake_delay);
  if (const auto reminder = next_due()) due = std::min(due, *reminder);
  if (const auto expiry = resident_->store->items_expire()) due = std::min(due, *expiry);
  system().reminders().due_changed(id(), due);
}

}  // namespace troupe::internal
