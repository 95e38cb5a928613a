#include <string>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/delivery_request.hpp"
#include "core/letter_request.hpp"
#include "core/resident.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {

void activation::bury_with_turn(const spi::letter_image& letter) {
  const std::size_t held = resident_->store->need_messages().letter_count();
  if (held >= type_->info.options.messages.letters_max) {
    throw error(errc::unavailable, "actor " + display() + " has " + std::to_string(held) +
                                       " dead letters, the limit (messages.letters_max): redrive or drop some");
  }
  spi::letter_image& buried = turn_messages(*own_turn()).buried.emplace_back(letter);
  buried.died = system_->clock().wall_now();
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
      request.handle_by(make_call(*type_, letter.method, letter.arguments));
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
  letter.died = system_->clock().wall_now();
  return letter;
}

}  // namespace troupe::internal
