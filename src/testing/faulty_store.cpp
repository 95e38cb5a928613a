#include "troupe/testing/faulty_store.hpp"

#include <random>
#include <string>
#include <type_traits>
#include <utility>

#include "testing/held_set.hpp"

namespace troupe::testing {
namespace {

using commit_done = std::function<void(std::vector<spi::commit_result>)>;
using load_done = std::function<void(std::vector<spi::load_result>)>;

bool is_none(const fault& fault) { return fault.what == fault::outcome::none && fault.when == fault::hold::no; }

bool befalls(const fault& fault, const actor_id& actor) {
  return fault.what != fault::outcome::none && (!fault.only || fault.only(actor));
}

spi::commit_result result_of(fault::outcome outcome) {
  switch (outcome) {
    case fault::outcome::unavailable:
      return {spi::commit_status::unavailable, "planned fault: the store is unavailable"};
    case fault::outcome::conflict:
      return {spi::commit_status::conflict, "planned fault: a conflict"};
    case fault::outcome::lost_answer:
      return {spi::commit_status::unknown, "planned fault: the answer was lost"};
    case fault::outcome::lost_call:
      return {spi::commit_status::unknown, "planned fault: the call was lost"};
    case fault::outcome::none:
      break;
  }
  return {};
}

constexpr const char* read_failure = "planned fault: the store is unavailable";

spi::load_result failed_load(const actor_id& actor) {
  spi::load_result result;
  result.message = read_failure;
  result.image.actor = actor;
  return result;
}

template <typename Result>
Result failed_read() {
  Result result;
  result.message = read_failure;
  return result;
}

/// Commits those records of a batch that the fault lets through, and reports on all.
void commit_through(spi::state_store& store, const fault& fault, std::vector<spi::turn_record> records,
                    commit_done done) {
  struct batch {
    std::vector<std::size_t> passed;  ///< index of each record of `records` in the caller's batch
    std::vector<spi::turn_record> records;
    std::vector<spi::commit_result> results;
    commit_done done;
  };
  auto work = std::make_shared<batch>();
  work->results.resize(records.size());
  work->done = std::move(done);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const bool lost = befalls(fault, records[i].actor);
    if (lost) work->results[i] = result_of(fault.what);
    if (lost && fault.what != fault::outcome::lost_answer) continue;
    work->passed.push_back(i);
    work->records.push_back(std::move(records[i]));
  }
  store.async_commit(work->records, [work](std::vector<spi::commit_result> results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      spi::commit_result& reported = work->results[work->passed[i]];
      if (reported.message.empty()) reported = std::move(results[i]);
    }
    work->done(std::move(work->results));
  });
}

void load_through(spi::state_store& store, const fault& fault, std::vector<actor_id> actors, load_done done) {
  auto wanted = std::make_shared<std::vector<actor_id>>(std::move(actors));
  store.async_load(*wanted, [wanted, fault, done = std::move(done)](std::vector<spi::load_result> results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (befalls(fault, (*wanted)[i])) results[i] = failed_load((*wanted)[i]);
    }
    done(std::move(results));
  });
}

}  // namespace

fault_plan seeded_faults(std::uint64_t seed, fault_rates rates) {
  return [generator = std::mt19937_64(seed), rates](const operation_info& /*info*/) mutable {
    // The same in every standard library, which the distributions are not.
    auto drawn = static_cast<unsigned>(generator() % 1000);
    const auto falls_on = [&](unsigned rate) {
      const bool hit = drawn < rate;
      drawn -= hit ? 0 : rate;
      return hit;
    };
    fault chosen;
    if (falls_on(rates.unavailable)) {
      chosen.what = fault::outcome::unavailable;
    } else if (falls_on(rates.conflict)) {
      chosen.what = fault::outcome::conflict;
    } else if (falls_on(rates.lost_answer)) {
      chosen.what = fault::outcome::lost_answer;
    } else if (falls_on(rates.lost_call)) {
      chosen.what = fault::outcome::lost_call;
    } else if (falls_on(rates.held_before)) {
      chosen.when = fault::hold::before;
    } else if (falls_on(rates.held_after)) {
      chosen.when = fault::hold::after;
    }
    return chosen;
  };
}

faulty_store::faulty_store(std::shared_ptr<spi::state_store> beneath, fault_plan plan)
    : beneath_(std::move(beneath)), held_(std::make_shared<held_set>(std::move(plan))) {}

faulty_store::~faulty_store() { drop_all(); }

void faulty_store::set_plan(fault_plan plan) { held_->set_plan(std::move(plan)); }
std::vector<held_operation> faulty_store::held() const { return held_->held(); }
operation_counts faulty_store::counts() const { return held_->counts(); }
spi::store_limits faulty_store::limits() const noexcept { return beneath_->limits(); }
spi::store_capabilities faulty_store::capabilities() const noexcept { return beneath_->capabilities(); }
fault faulty_store::choose(operation_info info) { return held_->choose(info); }

bool faulty_store::release(std::uint64_t ticket) {
  const auto next = held_->take(ticket);
  if (next) next();
  return static_cast<bool>(next);
}

std::size_t faulty_store::release_all() {
  std::size_t released = 0;
  for (auto next = held_->take_first(); next; next = held_->take_first()) {
    next();
    ++released;
  }
  return released;
}

bool faulty_store::drop(std::uint64_t ticket) { return static_cast<bool>(held_->take(ticket)); }
std::size_t faulty_store::drop_all() { return held_->clear(); }

void faulty_store::async_load(std::span<const actor_id> actors, load_done done) {
  const fault fault = choose({.kind = store_operation::load, .actors = actors, .records = {}});
  if (is_none(fault)) {
    beneath_->async_load(actors, std::move(done));
    return;
  }
  std::vector<actor_id> copy(actors.begin(), actors.end());
  const held_operation what{0, store_operation::load, fault.when, copy};
  auto report = [held = held_, fault, what, done = std::move(done)](std::vector<spi::load_result> results) {
    held->run_or_hold(fault.when == fault::hold::after, what, [done, results = std::move(results)] { done(results); });
  };
  held_->run_or_hold(fault.when == fault::hold::before, what,
                     [store = beneath_, fault, copy = std::move(copy), report = std::move(report)] {
                       load_through(*store, fault, copy, report);
                     });
}

void faulty_store::async_commit(std::span<const spi::turn_record> records, commit_done done) {
  const fault fault = choose({.kind = store_operation::commit, .actors = {}, .records = records});
  if (is_none(fault)) {
    beneath_->async_commit(records, std::move(done));
    return;
  }
  std::vector<spi::turn_record> copy(records.begin(), records.end());
  held_operation what{0, store_operation::commit, fault.when, {}};
  for (const spi::turn_record& record : records) what.actors.push_back(record.actor);
  auto report = [held = held_, fault, what, done = std::move(done)](std::vector<spi::commit_result> results) {
    held->run_or_hold(fault.when == fault::hold::after, what, [done, results = std::move(results)] { done(results); });
  };
  held_->run_or_hold(fault.when == fault::hold::before, what,
                     [store = beneath_, fault, copy = std::move(copy), report = std::move(report)] {
                       commit_through(*store, fault, copy, report);
                     });
}

template <typename Query, typename Result>
void faulty_store::read(store_operation kind, void (spi::state_store::*operation)(Query, std::function<void(Result)>),
                        std::type_identity_t<Query> query, std::type_identity_t<std::function<void(Result)>> done) {
  const fault fault = choose({.kind = kind, .actors = {}, .records = {}});
  const held_operation what{0, kind, fault.when, {}};
  auto report = [held = held_, fault, what, done = std::move(done)](Result result) {
    if (fault.what != fault::outcome::none) result = failed_read<Result>();
    held->run_or_hold(fault.when == fault::hold::after, what, [done, result = std::move(result)] { done(result); });
  };
  held_->run_or_hold(fault.when == fault::hold::before, what,
                     [store = beneath_, operation, query = std::move(query), report = std::move(report)] {
                       ((*store).*operation)(query, report);
                     });
}

void faulty_store::async_list(spi::list_query query, std::function<void(spi::list_result)> done) {
  read(store_operation::list, &spi::state_store::async_list, std::move(query), std::move(done));
}

void faulty_store::async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) {
  read(store_operation::scan_due, &spi::state_store::async_scan_due, std::move(query), std::move(done));
}

void faulty_store::async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) {
  read(store_operation::read_log, &spi::state_store::async_read_log, std::move(query), std::move(done));
}

void faulty_store::async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) {
  read(store_operation::read_items, &spi::state_store::async_read_items, std::move(query), std::move(done));
}

void faulty_store::async_take_lease(std::string host, std::function<void(spi::lease_result)> done) {
  beneath_->async_take_lease(std::move(host), std::move(done));
}

void faulty_store::close() {
  release_all();
  beneath_->close();
}

}  // namespace troupe::testing
