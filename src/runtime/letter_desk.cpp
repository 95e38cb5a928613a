#include "runtime/letter_desk.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "runtime/blocked_answer.hpp"
#include "runtime/store_question.hpp"
#include "troupe/base/error.hpp"
#include "troupe/detail/outside_call.hpp"

namespace troupe::internal {
spi::actor_image read_actor(parts& of, const actor_id& actor) {
  refuse_on_own_thread(of, "dead letters of " + to_string(actor));
  const std::vector<actor_id> asked{actor};
  auto loaded = ask_store<spi::load_result>(of, [&](spi::state_store& store, auto done) {
    store.async_load(asked, [done](std::vector<spi::load_result> results) { done(std::move(results[0])); });
  });
  if (loaded.status != spi::read_status::ok) {
    throw error(loaded.status == spi::read_status::damaged ? errc::bad_state : errc::unavailable,
                "dead letters of " + to_string(actor) + " could not be read: " + loaded.message);
  }
  return std::move(loaded.image);
}

std::vector<dead_letter> page_of_letters(const spi::actor_image& keeper, std::uint64_t after, std::size_t limit) {
  std::vector<dead_letter> page;
  for (const spi::letter_image& letter : keeper.letters) {
    if (letter.id <= after) continue;
    if (page.size() == limit) break;
    page.push_back({letter.id, letter.from, letter.to, letter.method, letter.arguments, letter.error, letter.attempts,
                    letter.sent, letter.died});
  }
  return page;
}

void handle_letter(parts& of, const spi::actor_image& keeper, std::uint64_t id, letter_request::action what) {
  const auto letter =
      std::find_if(keeper.letters.begin(), keeper.letters.end(), [id](const auto& one) { return one.id == id; });
  if (letter == keeper.letters.end()) {
    throw error(errc::invalid_argument,
                "actor " + to_string(keeper.actor) + " has no dead letter " + std::to_string(id));
  }
  const auto target = of.system().find(keeper.actor.type, keeper.actor.key);
  detail::check_may_block(*target);
  const auto state = std::make_shared<blocked_answer<std::exception_ptr>>();
  detail::send_from_outside(*target, *new letter_request(what, *letter, [state](std::exception_ptr failure) {
    state->answer(std::move(failure));
  }));
  detail::wait_outside(*target, state->done);
  if (state->result) std::rethrow_exception(state->result);
}

}  // namespace troupe::internal
