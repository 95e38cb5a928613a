#include "stores/postgres/postgres_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/key_prefix.hpp"
#include "stores/postgres/array_image.hpp"
#include "stores/postgres/text_rules.hpp"
#include "stores/rules/commit_rules.hpp"
#include "stores/rules/key_range.hpp"

namespace troupe::internal {
namespace {

spi::read_status status_of(const pg_failure& failure) noexcept {
  return failure.kind() == pg_failure_kind::damaged ? spi::read_status::damaged : spi::read_status::unavailable;
}

std::string number_of(std::uint64_t number) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  return pg_int8(static_cast<std::int64_t>(std::min(number, most)));
}

/// No stored name is one that is not text, and none an empty one.
std::string text_or_nothing(const std::string& name) { return is_storable_text(name) ? name : std::string(); }

}  // namespace

postgres_reader::postgres_reader(const pg_place& place, held_lease& held,
                                 const std::shared_ptr<const spi::clock>& clock,
                                 const std::shared_ptr<spi::entropy>& entropy)
    : place_(place),
      held_lease_(held),
      statements_(place.layout.state == stores::postgres_state::text),
      images_(place.name),
      links_(place, clock, entropy) {
  links_.connect();
  thread_ = std::thread([this] { run(); });
}

void postgres_reader::load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) {
  const auto shared = std::make_shared<decltype(done)>(std::move(done));
  post({[this, actors, shared](pg_link& link) { (*shared)(load_now(link, actors)); },
        [actors, shared](spi::read_status status, const std::string& message) {
          std::vector<spi::load_result> results;
          results.reserve(actors.size());
          for (const actor_id& actor : actors) results.push_back(load_of_nothing(actor, status, message));
          (*shared)(std::move(results));
        }});
}

std::vector<spi::load_result> postgres_reader::load_now(pg_link& link, std::span<const actor_id> actors) {
  pg_array types(pg_type::text);
  pg_array keys(pg_type::bytea);
  for (const actor_id& actor : actors) {
    types.add(std::string_view(text_or_nothing(actor.type)));
    keys.add(std::string_view(actor.key));
  }
  const std::array calls{pg_call{&statements_.load, {types.take(), keys.take()}}};
  try {
    return images_.loaded(actors, link.run(calls).front());
  } catch (const pg_failure& failure) {
    if (failure.kind() != pg_failure_kind::damaged) throw;
    if (actors.size() == 1) {
      return {load_of_nothing(actors[0], spi::read_status::damaged, images_.damage(actors[0], describe(failure)))};
    }
  }
  // One page that the server cannot read is no reason to withhold the others.
  std::vector<spi::load_result> results;
  for (const actor_id& actor : actors) {
    auto one = load_now(link, std::span(&actor, 1));
    results.push_back(std::move(one.front()));
  }
  return results;
}

pg_call postgres_reader::list_call(const spi::list_query& query) const {
  actor_id lower{query.type, query.type.empty() ? std::string() : query.key_prefix};
  // Nothing is between a key and the same key with a NUL behind it.
  if (query.after && *query.after >= lower) lower = {query.after->type, query.after->key + '\0'};
  const std::string limit = pg_int8(static_cast<std::int64_t>(query.limit));
  if (query.type.empty()) {
    const auto prefix_size = static_cast<std::int64_t>(query.key_prefix.size());
    return {&statements_.list_all, {lower.type, lower.key, query.key_prefix, pg_int8(prefix_size), limit}};
  }
  // Behind another type there is nothing left of this one.
  if (lower.type != query.type) lower.key = end_of_prefix({}, actor_key_bytes_max);
  return {&statements_.list_type, {query.type, lower.key, end_of_prefix(query.key_prefix, actor_key_bytes_max), limit}};
}

template <typename Result, typename Answer>
void postgres_reader::post(pg_call call, std::function<void(Result)> done, Answer answer) {
  const auto shared = std::make_shared<decltype(done)>(std::move(done));
  post({[call = std::move(call), shared, answer = std::move(answer)](pg_link& link) {
          (*shared)(answer(link.run(std::span(&call, 1)).front()));
        },
        [shared](spi::read_status status, const std::string& message) {
          Result result;
          result.status = status;
          result.message = message;
          (*shared)(std::move(result));
        }});
}

void postgres_reader::list(spi::list_query query, std::function<void(spi::list_result)> done) {
  post(list_call(query), std::move(done), [this](const pg_rows& rows) { return images_.listed(rows); });
}

void postgres_reader::scan_due(spi::due_query query, std::function<void(spi::due_result)> done) {
  const auto number = [](wall_time time) { return pg_int8(std::int64_t{time.time_since_epoch().count()}); };
  const actor_id behind = query.after ? query.after->actor : actor_id{};
  pg_call call{
      &statements_.due,
      {number(query.until), query.after ? number(query.after->due) : pg_int8(std::numeric_limits<std::int64_t>::min()),
       behind.type, behind.key, pg_int8(static_cast<std::int64_t>(query.limit))}};
  post(std::move(call), std::move(done), [this](const pg_rows& rows) { return images_.due(rows); });
}

void postgres_reader::read_log(spi::log_query query, std::function<void(spi::log_result)> done) {
  pg_call call{query.newest_first ? &statements_.entries_down : &statements_.entries_up,
               {text_or_nothing(query.actor.type), query.actor.key, text_or_nothing(query.log), number_of(query.from),
                number_of(query.to), number_of(query.limit), number_of(query.bytes_max)}};
  post(std::move(call), std::move(done),
       [this, query = std::move(query)](const pg_rows& rows) { return images_.entries(query, rows); });
}

void postgres_reader::read_items(spi::item_query query, std::function<void(spi::item_result)> done) {
  pg_call call{&statements_.items_by_prefix, {text_or_nothing(query.actor.type), query.actor.key}};
  if (query.keys.empty()) {
    const key_range range = range_of(query);
    for (const std::string& parameter : {range.lower, range.end, number_of(query.limit), number_of(query.bytes_max)}) {
      call.parameters.push_back(parameter);
    }
  } else {
    pg_array keys(pg_type::bytea);
    for (const std::string& key : query.keys) keys.add(std::string_view(key));
    call.statement = &statements_.items_by_key;
    call.parameters.push_back(keys.take());
  }
  post(std::move(call), std::move(done),
       [this, query = std::move(query)](const pg_rows& rows) { return images_.items(query, rows); });
}

void postgres_reader::take_lease(std::string host, std::function<void(spi::lease_result)> done) {
  const auto shared = std::make_shared<decltype(done)>(std::move(done));
  post({[this, host = std::move(host), shared](pg_link& link) {
          const pg_statement begin{{}, "BEGIN"};
          const pg_statement commit{{}, "COMMIT"};
          const std::array calls{pg_call{&begin, {}}, pg_call{&statements_.lease_lock, {host}},
                                 pg_call{&statements_.lease_raise, {host}}, pg_call{&commit, {}}};
          const lease taken = held_lease_.set([&] {
            const auto results = link.run(calls);
            return lease{host, static_cast<std::uint64_t>(results[2].integer(0, 0))};
          });
          (*shared)({spi::read_status::ok, {}, taken.epoch});
        },
        [shared](spi::read_status status, const std::string& message) {
          (*shared)({status, "the lease was not taken: " + message, 0});
        }});
}

void postgres_reader::post(job read) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.push_back(std::move(read));
      changed_.notify_one();
      return;
    }
  }
  read.fail(spi::read_status::unavailable, "the store in " + place_.name + " is closed");
}

bool postgres_reader::take(job& next) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
  if (queue_.empty()) return false;
  next = std::move(queue_.front());
  queue_.pop_front();
  return true;
}

void postgres_reader::run() {
  job next;
  while (take(next)) run(next);
}

void postgres_reader::run(const job& read) {
  for (int attempt = 0;; ++attempt) {
    pg_link* link = links_.get();
    if (link == nullptr) {
      fail_all(read);
      return;
    }
    try {
      read.work(*link);
      return;
    } catch (const pg_failure& failure) {
      link->roll_back();
      const bool may_pass = failure.kind() == pg_failure_kind::lost || failure.kind() == pg_failure_kind::again;
      if (may_pass && attempt == 0) continue;  // the connection was closed while nobody used it, say
      read.fail(status_of(failure), "the store in " + place_.name + ": " + describe(failure));
      return;
    }
  }
}

/// All that waits has waited for the same attempt to connect.
void postgres_reader::fail_all(const job& first) {
  std::deque<job> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.swap(queue_);
  }
  first.fail(spi::read_status::unavailable, links_.problem());
  for (const job& read : waiting) read.fail(spi::read_status::unavailable, links_.problem());
}

void postgres_reader::close() {
  const std::lock_guard one_at_a_time(close_mutex_);
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  links_.close();
}

}  // namespace troupe::internal
