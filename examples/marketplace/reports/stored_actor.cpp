#include "reports/stored_actor.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "reports/text.hpp"

namespace marketplace {
namespace {

[[noreturn]] void fail(const std::string& what, const troupe::actor_id& actor, const std::string& why) {
  throw std::runtime_error(what + " of " + actor.type + "/" + printable(actor.key) + " cannot be read: " + why);
}

}  // namespace

bool is_trader(const troupe::actor_id& actor) { return actor.type == "buyer" || actor.type == "seller"; }

account account_of(const troupe::spi::actor_image& image) {
  const auto cell = std::find_if(image.cells.begin(), image.cells.end(),
                                 [](const troupe::spi::cell_image& each) { return each.name == account_cell; });
  if (cell == image.cells.end()) return {};
  if (cell->schema > account_schema) {
    fail("the account", image.actor, "it is of schema version " + std::to_string(cell->schema));
  }
  try {
    nlohmann::json row = nlohmann::json::parse(cell->json);
    return (cell->schema == 1 ? with_history_from_now_on(std::move(row)) : row).get<account>();
  } catch (const nlohmann::json::exception& failure) {
    fail("the account", image.actor, failure.what());
  }
}

troupe::spi::log_head history_of(const troupe::spi::actor_image& image) {
  const auto found = std::find_if(image.logs.begin(), image.logs.end(),
                                  [](const troupe::spi::log_head& each) { return each.name == history_log; });
  return found == image.logs.end() ? troupe::spi::log_head{.name = history_log} : *found;
}

trade trade_of(const troupe::actor_id& actor, const troupe::spi::log_entry_image& entry) {
  try {
    return nlohmann::json::parse(entry.json).get<trade>();
  } catch (const nlohmann::json::exception& failure) {
    fail("entry " + std::to_string(entry.sequence) + " of the history", actor, failure.what());
  }
}

}  // namespace marketplace
