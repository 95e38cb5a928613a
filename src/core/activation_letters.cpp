#include <algorithm>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/delivery_request.hpp"
#include "core/function_request.hpp"
#include "core/letter_request.hpp"
#include "core/resident.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

/// Whether it is a tick of a reminder that `on_reminder` could not handle.
bool is_tick(const spi::letter_image& letter, const hosted_type& type) {
  return letter.from == letter.to && letter.method == "on_reminder" && type.info.handles_reminders &&
         std::none_of(type.info.methods.begin(), type.info.methods.end(),
                      [](const auto& method) { return method.name == "on_reminder"; });
}

detail::request* make_tick_call(const spi::letter_image& letter) {
  const auto arguments = nlohmann::json::parse(letter.arguments);
  reminder_tick tick;
  tick.name = arguments.at(0).at("name").get<std::string>();
  tick.due = letter.sent;
  tick.data = arguments.at(0).at("data");
  tick.attempt = letter.attempts + 1;
  return new function_request(
      "on_reminder", [tick = std::move(tick)](actor& self) { return self.on_reminder(tick); },
      [](const std::exception_ptr&) {});
}

}  // namespace

bool activation::has_room_for_letter() const {
  const mail* known = resident_->store->messages();
  return known == nullptr || known->letter_count() < type_->info.options.messages.letters_max;
}

void activation::bury_with_turn(const spi::letter_image& letter) {
  const std::size_t held = resident_->store->need_messages().letter_count();
  if (!has_room_for_letter()) {
    throw error(errc::unavailable, "actor " + display() + " has " + std::to_string(held) +
                                       " dead letters, the limit (messages.letters_max): redrive or drop some");
  }
  spi::letter_image& buried = turn_messages(*own_turn()).buried.emplace_back(letter);
  buried.died = system().clock().wall_now();
}

void activation::take_letter_with_turn(letter_request& request) {
  const spi::letter_image& letter = request.letter();
  const mail* known = resident_->store->messages();
  if (known == nullptr || !known->has_letter(letter.id)) {
    throw error(errc::invalid_argument, "actor " + display() + " has no dead letter " + std::to_string(letter.id) +
                                            " any more: it was redriven or dropped");
  }
  if (request.what() == letter_request::action::redrive) {
    if (letter.to == id()) {
      request.handle_by(is_tick(letter, *type_) ? make_tick_call(letter)
                                                : make_call(*type_, letter.method, letter.arguments));
    } else {
      turn_messages(*own_turn()).sent.push_back({letter.to, letter.method, letter.arguments});
    }
  }
  turn_messages(*own_turn()).letter_taken = letter.id;
}

spi::letter_image activation::letter_of(const spi::message_image& message, const std::string& why) const {
  spi::letter_image letter;
  letter.from = id();
  letter.to = message.to;
  letter.method = message.method;
  letter.arguments = message.arguments;
  letter.error = why;
  letter.attempts = message.attempts;
  letter.sent = message.sent;
  letter.died = system().clock().wall_now();
  return letter;
}

}  // namespace troupe::internal
