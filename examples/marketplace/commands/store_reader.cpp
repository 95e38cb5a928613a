#include "commands/store_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <troupe/troupe.hpp>

#include "actors/trade.hpp"
#include "console/run_files.hpp"
#include "reports/stored_actor.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

namespace spi = troupe::spi;

// Opening an SQLite store would make the file, or one of an empty file, and then find it balanced because it is empty.
void check_exists(const std::string& store) {
  const std::string file = file_of_store(store);
  if (file.empty()) return;
  std::error_code failure;
  const std::filesystem::file_status status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status)) {
    throw std::runtime_error("there is no file " + printable(file) + " to read");
  }
  if (!std::filesystem::is_regular_file(status)) return;  // the library refuses it
  if (std::filesystem::file_size(file, failure) == 0) {
    throw std::runtime_error("the file " + printable(file) + " is empty: no store to read");
  }
}

template <class Result, class Begin>
Result wait_for(Begin begin) {
  std::promise<Result> answer;
  begin([&](Result result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

}  // namespace

store_reader::store_reader(const std::string& uri) {
  check_exists(uri);
  store_ = troupe::open_store(uri);
}

store_reader::~store_reader() { store_->close(); }

void store_reader::for_each_trader(const std::function<void(const spi::actor_image&)>& use) {
  spi::list_query query;
  query.limit = store_->limits().batch_records_max;
  while (true) {
    const auto page = wait_for<spi::list_result>([&](auto done) { store_->async_list(query, std::move(done)); });
    if (page.status != spi::read_status::ok) throw std::runtime_error(page.message);
    std::vector<troupe::actor_id> traders;
    for (const spi::actor_image& image : page.actors) {
      if (is_trader(image.actor)) traders.push_back(image.actor);
    }
    // A list does not say which entries an actor has; what is loaded is of one moment.
    for (const spi::load_result& loaded : load_all(traders)) use(loaded.image);
    if (page.actors.size() < query.limit) return;
    query.after = page.actors.back().actor;
  }
}

spi::actor_image store_reader::load(const troupe::actor_id& actor) { return load_all({actor}).at(0).image; }

std::vector<spi::load_result> store_reader::load_all(const std::vector<troupe::actor_id>& actors) {
  using results = std::vector<spi::load_result>;
  if (actors.empty()) return {};
  results loaded = wait_for<results>([&](auto done) { store_->async_load(actors, std::move(done)); });
  for (const spi::load_result& each : loaded) {
    if (each.status != spi::read_status::ok) throw std::runtime_error(each.message);
  }
  return loaded;
}

void store_reader::for_each_entry(const troupe::actor_id& actor, std::uint64_t last, std::uint64_t count,
                                  const std::function<void(const spi::log_entry_image&)>& use) {
  spi::log_query query{.actor = actor, .log = history_log, .to = last, .newest_first = true};
  const std::uint64_t page_max = query.limit;
  for (std::uint64_t left = count; left > 0;) {
    query.limit = static_cast<std::size_t>(std::min(left, page_max));
    const auto page = wait_for<spi::log_result>([&](auto done) { store_->async_read_log(query, std::move(done)); });
    if (page.status != spi::read_status::ok) throw std::runtime_error(page.message);
    for (const spi::log_entry_image& entry : page.entries) use(entry);
    if (page.entries.empty() || page.entries.back().sequence == 1) return;
    left -= page.entries.size();
    query.to = page.entries.back().sequence - 1;
  }
}

}  // namespace marketplace
