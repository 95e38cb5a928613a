#include "troupe/core/event_stream.hpp"

#include <exception>
#include <stdexcept>
#include <string>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/current_strand.hpp"
#include "core/turn.hpp"
#include "troupe/core/event_delivery.hpp"

namespace troupe::detail {

activation_ptr publishing_turn(const char* what) {
  internal::turn* turn = internal::this_turn;
  if (turn == nullptr) {
    throw std::logic_error(std::string("troupe::event_stream: ") + what + "() outside a turn of its actor");
  }
  turn->owner().retain();
  return activation_ptr(&turn->owner());
}

void check_stream_limit(const char* name, std::size_t value, std::size_t most) {
  if (value >= 1 && value <= most) return;
  throw error(errc::invalid_argument,
              std::string(name) + " is " + std::to_string(value) + "; it is 1 to " + std::to_string(most));
}

void report_uncopied() noexcept {
  const internal::activation& publisher = *internal::this_strand;
  publisher.system().log_failure(
      "the copy of an event of " + publisher.display() + " for a subscriber, who is dropped,",
      std::current_exception());
}

void report_undelivered(internal::activation& publisher, const actor_id& subscriber, std::string_view method,
                        const std::exception_ptr& failure) noexcept {
  publisher.system().log_failure(
      "an event of " + publisher.display() + " for " + to_string(subscriber) + ", \"" + std::string(method) + "\",",
      failure);
}

}  // namespace troupe::detail
