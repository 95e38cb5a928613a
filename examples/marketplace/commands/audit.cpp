#include <iostream>

#include "commands/commands.hpp"
#include "commands/store_reader.hpp"
#include "console/output_file.hpp"
#include "console/run_files.hpp"
#include "reports/audit_report.hpp"
#include "reports/stored_actor.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

void add(audit_report& report, store_reader& store, const troupe::spi::actor_image& image) {
  const account held = account_of(image);
  const bool is_buyer = image.actor.type == "buyer";
  const std::string& key = image.actor.key;
  const std::string own = json_text(key);
  const troupe::spi::log_head head = history_of(image);
  history_sum history;
  store.for_each_entry(image.actor, head.next - 1, head.next - head.first, [&](const auto& entry) {
    const trade made = trade_of(image.actor, entry);
    history.add(made, is_buyer ? own : made.with, is_buyer ? made.with : own);
  });
  if (is_buyer) {
    report.add_buyer(key, held, history);
  } else {
    report.add_seller(key, held, history);
  }
}

}  // namespace

exit_code run(const audit_options& options) {
  check_distinct({.store = options.store, .json = options.json_file});
  store_reader store(options.store);
  output_file json(options.json_file);
  audit_report report;
  store.for_each_trader([&](const troupe::spi::actor_image& image) { add(report, store, image); });

  json.write(to_json_text(report));
  json.commit();
  std::cout << to_text(report);
  return report.balances() && report.histories_agree() ? exit_ok : exit_failure;
}

}  // namespace marketplace
