#include <algorithm>
#include <cstdint>
#include <iostream>
#include <stdexcept>

#include "commands/commands.hpp"
#include "commands/store_reader.hpp"
#include "console/output_file.hpp"
#include "console/run_files.hpp"
#include "reports/history_report.hpp"
#include "reports/stored_actor.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

history_report read(store_reader& store, const history_options& options) {
  const troupe::actor_id actor{options.side, options.key};
  const troupe::spi::actor_image image = store.load(actor);
  if (image.stamp.version == 0) {
    throw std::runtime_error("the store has no " + options.side + " " + printable(options.key));
  }
  const troupe::spi::log_head head = history_of(image);
  history_report report;
  report.side = options.side;
  report.key = options.key;
  report.held = account_of(image);
  report.first = head.first;
  report.next = head.next;
  const std::uint64_t newest = head.next - 1;
  const std::uint64_t last = options.from == 0 ? newest : std::min(newest, static_cast<std::uint64_t>(options.from));
  const std::uint64_t there = last < head.first ? 0 : last - head.first + 1;
  const std::uint64_t wanted = std::min(there, static_cast<std::uint64_t>(options.newest));
  store.for_each_entry(actor, last, wanted, [&](const auto& entry) {
    report.entries.push_back({entry.sequence, entry.at, trade_of(actor, entry)});
  });
  return report;
}

}  // namespace

exit_code run(const history_options& options) {
  check_distinct({.store = options.store, .json = options.json_file});
  store_reader store(options.store);
  output_file json(options.json_file);
  const history_report report = read(store, options);

  json.write(to_json_text(report));
  json.commit();
  std::cout << to_text(report);
  return exit_ok;
}

}  // namespace marketplace
