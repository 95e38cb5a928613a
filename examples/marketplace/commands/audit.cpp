#include <filesystem>
#include <future>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <troupe/spi/state_store.hpp>
#include <troupe/troupe.hpp>

#include "commands/commands.hpp"
#include "console/output_file.hpp"
#include "console/run_files.hpp"
#include "reports/audit_report.hpp"
#include "reports/stored_actor.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

// Opening an SQLite store would make the file, or one of an empty file, and then find it balanced because it is empty.
void check_exists(const std::string& store) {
  const std::string file = file_of_store(store);
  if (file.empty()) return;
  std::error_code failure;
  const std::filesystem::file_status status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status)) {
    throw std::runtime_error("there is no file " + printable(file) + " to audit");
  }
  if (!std::filesystem::is_regular_file(status)) return;  // the library refuses it
  if (std::filesystem::file_size(file, failure) == 0) {
    throw std::runtime_error("the file " + printable(file) + " is empty: no store to audit");
  }
}

troupe::spi::list_result list_page(troupe::spi::state_store& store, troupe::spi::list_query query) {
  std::promise<troupe::spi::list_result> page;
  store.async_list(std::move(query), [&](troupe::spi::list_result result) { page.set_value(std::move(result)); });
  return page.get_future().get();
}

audit_report read_all(troupe::spi::state_store& store) {
  audit_report report;
  troupe::spi::list_query query;
  while (true) {
    const troupe::spi::list_result page = list_page(store, query);
    if (page.status != troupe::spi::read_status::ok) throw std::runtime_error(page.message);
    for (const troupe::spi::actor_image& image : page.actors) add_stored_actor(report, image);
    if (page.actors.size() < query.limit) return report;
    query.after = page.actors.back().actor;
  }
}

}  // namespace

exit_code run(const audit_options& options) {
  check_distinct({.store = options.store, .json = options.json_file});
  check_exists(options.store);
  output_file json(options.json_file);
  const std::shared_ptr<troupe::spi::state_store> store = troupe::open_store(options.store);
  const audit_report report = read_all(*store);
  store->close();

  json.write(to_json_text(report));
  json.commit();
  std::cout << to_text(report);
  return report.balances() ? exit_ok : exit_failure;
}

}  // namespace marketplace
