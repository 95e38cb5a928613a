#include "runtime/storage_desk.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "core/activation.hpp"
#include "core/function_request.hpp"
#include "runtime/blocked_answer.hpp"
#include "troupe/detail/outside_call.hpp"

namespace troupe::internal {
namespace {

/// Runs a function as a turn of the actor and blocks until that is over.
void run_turn(parts& of, const actor_id& actor, std::function<task<void>(troupe::actor&)> run) {
  const auto target = of.system().find(actor.type, actor.key);
  detail::check_may_block(*target);
  const auto state = std::make_shared<blocked_answer<std::exception_ptr>>();
  const auto done = [state](std::exception_ptr failure) { state->answer(std::move(failure)); };
  detail::send_from_outside(*target, *new function_request("access to its storage", std::move(run), done));
  detail::wait_outside(*target, state->done);
  if (state->result) std::rethrow_exception(state->result);
}

task<void> find(actor& self, std::string key, std::shared_ptr<std::optional<stored_item<nlohmann::json>>> found) {
  storage items(self);
  *found = co_await items.find<nlohmann::json>(std::move(key));
}

task<void> list(actor& self, item_range range, std::shared_ptr<item_page<nlohmann::json>> page) {
  storage items(self);
  *page = co_await items.list<nlohmann::json>(range);
}

task<void> change(actor& self, std::vector<item_change> changes, std::shared_ptr<bool> done) {
  storage items(self);
  for (const item_change& one : changes) {
    if (!one.expected) continue;
    const std::optional<stored_item<nlohmann::json>> found = co_await items.find<nlohmann::json>(one.key);
    if ((found ? found->version : 0) != *one.expected) co_return;
  }
  for (const item_change& one : changes) {
    if (one.value) {
      items.set(one.key, *one.value, one.options);
    } else {
      items.erase(one.key);
    }
  }
  *done = true;
}

}  // namespace

std::optional<stored_item<nlohmann::json>> read_item(parts& of, const actor_id& actor, const std::string& key) {
  const auto found = std::make_shared<std::optional<stored_item<nlohmann::json>>>();
  run_turn(of, actor, [key, found](troupe::actor& self) { return find(self, key, found); });
  return std::move(*found);
}

item_page<nlohmann::json> list_items(parts& of, const actor_id& actor, const item_range& range) {
  const auto page = std::make_shared<item_page<nlohmann::json>>();
  run_turn(of, actor, [range, page](troupe::actor& self) { return list(self, range, page); });
  return std::move(*page);
}

bool change_items(parts& of, const actor_id& actor, const std::vector<item_change>& changes) {
  const auto done = std::make_shared<bool>(false);
  run_turn(of, actor, [changes, done](troupe::actor& self) { return change(self, changes, done); });
  return *done;
}

}  // namespace troupe::internal
