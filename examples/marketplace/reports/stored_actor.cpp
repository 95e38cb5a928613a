#include "reports/stored_actor.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/account.hpp"

namespace marketplace {
namespace {

// An actor that has not bought or sold anything yet has no account.
account account_of(const troupe::spi::actor_image& image) {
  const auto cell = std::find_if(image.cells.begin(), image.cells.end(),
                                 [](const troupe::spi::cell_image& each) { return each.name == account_cell; });
  if (cell == image.cells.end()) return {};
  try {
    return nlohmann::json::parse(cell->json).get<account>();
  } catch (const nlohmann::json::exception& failure) {
    throw std::runtime_error("the account of " + image.actor.type + "/" + image.actor.key +
                             " cannot be read: " + failure.what());
  }
}

}  // namespace

void add_stored_actor(audit_report& report, const troupe::spi::actor_image& image) {
  const bool is_buyer = image.actor.type == "buyer";
  const bool is_seller = image.actor.type == "seller";
  if (!is_buyer && !is_seller) return;
  const account held = account_of(image);
  (is_buyer ? report.by_buyer : report.by_seller)[image.actor.key] = {held.units, held.pence};
}

}  // namespace marketplace
