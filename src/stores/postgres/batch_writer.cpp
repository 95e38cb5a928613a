#include "stores/postgres/batch_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "stores/rules/commit_rules.hpp"

namespace troupe::internal {
namespace {

/// How often a batch that loses against another transaction is tried.
constexpr int attempts_max = 4;

/// Erasures of one connection after which the oldest are forgotten.
constexpr std::size_t erasures_between_forgetting = 1024;

std::vector<const spi::turn_record*> records_of(const std::vector<pg_item*>& items) {
  std::vector<const spi::turn_record*> records;
  records.reserve(items.size());
  for (const pg_item* item : items) records.push_back(item->record);
  return records;
}

std::vector<pg_item*> unsettled(const std::vector<pg_item*>& items) {
  std::vector<pg_item*> left;
  std::copy_if(items.begin(), items.end(), std::back_inserter(left),
               [](const pg_item* item) { return !item->settled; });
  return left;
}

void settle_as(pg_item& item, spi::commit_status status, std::string message) {
  *item.result = {status, std::move(message)};
  item.settled = true;
}

/// The epoch of a lease; 0: nobody has ever taken it.
std::uint64_t epoch_in(const pg_rows& lease) {
  return lease.size() == 0 ? 0 : static_cast<std::uint64_t>(lease.integer(0, 0));
}

/// Where a record with the name stands; the items are sorted. Requires: it is there.
std::size_t find_name(const std::vector<pg_item*>& items, std::string_view type, std::string_view key) {
  const auto less = [&](const pg_item* item, std::pair<std::string_view, std::string_view> name) {
    return std::pair<std::string_view, std::string_view>(item->record->actor.type, item->record->actor.key) < name;
  };
  const auto it = std::lower_bound(items.begin(), items.end(), std::pair(type, key), less);
  return static_cast<std::size_t>(it - items.begin());
}

}  // namespace

batch_writer::batch_writer(const pg_place& place, held_lease& held)
    : place_(place.name), layout_(place.layout), held_lease_(held), statements_(place.layout.state) {}

void batch_writer::report(const std::vector<pg_item*>& items, spi::commit_status status,
                          const std::string& message) const {
  for (pg_item* item : items) settle_as(*item, status, "the store in " + place_ + ": " + message);
}

void batch_writer::write(pg_link& link, std::vector<pg_item*> items) {
  for (int attempt = 0; attempt < attempts_max && !items.empty(); ++attempt) {
    settle(link, items);
    items = unsettled(items);
  }
  report(items, spi::commit_status::unavailable, "others kept changing the actor while it was written");
}

/// What fails for a reason of its own leaves the batch: it is halved until the record is alone.
void batch_writer::settle(pg_link& link, std::vector<pg_item*> items) {
  int attempts_lost = 0;
  while (true) {
    try {
      transact(link, items);
      return;
    } catch (const pg_failure& failure) {
      link.roll_back();
      items = unsettled(items);
      if (items.empty()) return;
      const std::string what = describe(failure);
      switch (failure.kind()) {
        case pg_failure_kind::again:
          if (++attempts_lost < attempts_max) continue;
          report(items, spi::commit_status::unavailable, what);
          return;
        case pg_failure_kind::lost:
          has_left_ = has_left_ || commit_sent_;
          commit_sent_ ? report(items, spi::commit_status::unknown, "the commit may or may not have been done: " + what)
                       : report(items, spi::commit_status::unavailable, what);
          return;
        case pg_failure_kind::unavailable:
          report(items, spi::commit_status::unavailable, what);
          return;
        case pg_failure_kind::of_record:
        case pg_failure_kind::damaged:
          break;
      }
      if (items.size() == 1) {
        settle_as(*items.front(), spi::commit_status::rejected,
                  "the record of " + to_string(items.front()->record->actor) + " cannot be stored in " + place_ + ": " +
                      what);
        return;
      }
      const auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
      settle(link, {items.begin(), middle});
      items.erase(items.begin(), middle);
    }
  }
}

batch_writer::sorted_items batch_writer::sort(const std::vector<pg_item*>& items) const {
  sorted_items sorted;
  for (pg_item* item : items) {
    const spi::turn_record& record = *item->record;
    const bool is_new = record.expected.version == 0;
    auto& kind = record.erase ? (is_new ? sorted.others : sorted.removals) : (is_new ? sorted.inserts : sorted.updates);
    kind.push_back(item);
  }
  return sorted;
}

std::vector<pg_call> batch_writer::row_calls(const sorted_items& sorted, const std::vector<pg_item*>& items,
                                             const lease& held, bool is_single) {
  std::vector<pg_call> calls;
  if (!is_single) calls.push_back({&statements_.begin, {}});
  if (!held.host.empty()) {
    calls.push_back({&statements_.lease_lock, {held.host}});
    calls.push_back({&statements_.lease_read, {held.host}});
  }
  const int kinds = static_cast<int>(!sorted.updates.empty()) + static_cast<int>(!sorted.inserts.empty()) +
                    static_cast<int>(!sorted.removals.empty());
  // Several statements lock one after the other: without this, not in the order of the actors.
  if (kinds > 1) calls.push_back({&statements_.lock, name_arrays(records_of(items))});
  if (!sorted.updates.empty()) {
    const auto records = records_of(sorted.updates);
    const update_columns columns = columns_of(records, layout_);
    calls.push_back({&statements_.update(columns), update_arrays(records, columns, layout_)});
  }
  if (!sorted.inserts.empty()) {
    calls.push_back({&statements_.insert, insert_arrays(records_of(sorted.inserts), layout_)});
  }
  if (!sorted.removals.empty()) calls.push_back({&statements_.remove, remove_arrays(records_of(sorted.removals))});
  return calls;
}

batch_writer::written_row batch_writer::removed_row(const pg_rows& rows, int row) {
  written_row removed{rows.integer(row, 1), rows.integer(row, 2)};
  try {
    removed.logs = unpacker_.logs(rows.bytes(row, 3));
  } catch (const damaged_column&) {  // what is in `entry` of it goes all the same
  }
  return removed;
}

std::vector<batch_writer::written_row> batch_writer::written_of(const std::vector<pg_item*>& items,
                                                                const sorted_items& sorted,
                                                                const std::vector<pg_call>& calls,
                                                                const std::vector<pg_rows>& results) {
  std::vector<written_row> written(items.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const pg_statement* statement = calls[i].statement;
    const pg_rows& rows = results[i];
    const bool removes = statement == &statements_.remove;
    if (statement == &statements_.insert) {
      for (int row = 0; row < rows.size(); ++row) {
        written[find_name(items, rows.bytes(row, 1), rows.bytes(row, 2))].id = rows.integer(row, 0);
      }
    } else if (removes || statement->name.starts_with("update")) {
      const auto& kind = removes ? sorted.removals : sorted.updates;
      for (int row = 0; row < rows.size(); ++row) {
        const actor_id& actor = kind[static_cast<std::size_t>(rows.integer(row, 0) - 1)]->record->actor;
        written_row& one = written[find_name(items, actor.type, actor.key)];
        one.id = rows.integer(row, 1);
        if (removes) one = removed_row(rows, row);
      }
    }
  }
  return written;
}

void batch_writer::transact(pg_link& link, const std::vector<pg_item*>& items) {
  const sorted_items sorted = sort(items);
  const bool is_plain = (sorted.updates.size() == items.size() || sorted.inserts.size() == items.size()) &&
                        std::none_of(items.begin(), items.end(),
                                     [&](const pg_item* item) { return has_side_rows(*item->record, layout_); });
  while (true) {
    commit_sent_ = false;
    const lease held = held_lease_.get();
    const bool is_single = is_plain && held.host.empty();
    const std::vector<pg_call> calls = row_calls(sorted, items, held, is_single);
    commit_sent_ = is_single && link.is_open();  // the other half of a batch may have met the end of the connection
    const std::vector<pg_rows> results = link.run(calls);
    commit_sent_ = false;
    const std::vector<written_row> written = written_of(items, sorted, calls, results);
    if (is_single) {
      finish_single(link, items, written);
      return;
    }
    const std::uint64_t epoch = held.host.empty() ? 0 : epoch_in(results[2]);
    if (epoch == held.epoch) {
      finish(link, items, written);
      return;
    }
    link.roll_back();
    if (held_lease_.get() != held) continue;  // it was this store that took it: under the new lease, then
    for (pg_item* item : items) {
      settle_as(*item, spi::commit_status::conflict, lease_message(item->record->actor, held.host, held.epoch, epoch));
    }
    return;
  }
}

void batch_writer::finish_single(pg_link& link, const std::vector<pg_item*>& items,
                                 const std::vector<written_row>& written) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (written[i].id != 0) settle_as(*items[i], spi::commit_status::committed, {});
  }
  const auto rest = unsettled(items);
  if (rest.empty()) return;
  const std::array calls{pg_call{&statements_.held, held_arrays(records_of(rest))}};
  std::vector<pg_item*> absent;
  judge_rest(rest, link.run(calls).front(), absent);
}

/// The second round trip of a transaction: what goes with the rows that passed, and what is held of the others.
void batch_writer::finish(pg_link& link, const std::vector<pg_item*>& items, const std::vector<written_row>& written) {
  side_rows side(layout_);
  std::vector<pg_item*> rest;
  std::vector<pg_item*> erased;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (written[i].id == 0) {
      rest.push_back(items[i]);
    } else if (items[i]->record->erase) {
      side.erase(written[i].id, written[i].items, written[i].logs);
      erased.push_back(items[i]);
    } else {
      side.add(written[i].id, *items[i]->record);
    }
  }
  std::vector<pg_call> calls;
  side.append_calls(statements_, calls);
  if (!erased.empty()) calls.push_back({&statements_.remember, remember_arrays(records_of(erased))});
  if (!rest.empty()) calls.push_back({&statements_.held, held_arrays(records_of(rest))});
  calls.push_back({&statements_.commit, {}});
  commit_sent_ = true;
  const std::vector<pg_rows> results = link.run(calls);
  commit_sent_ = false;
  if (results.back().tag() != "COMMIT") throw pg_failure({}, "the server rolled the transaction back", false);
  has_left_ = has_left_ || leaves_rows(statements_.leftover, calls, results);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (written[i].id != 0) settle_as(*items[i], spi::commit_status::committed, {});
  }
  std::vector<pg_item*> absent;
  if (!rest.empty()) judge_rest(rest, results[results.size() - 2], absent);
  remember(link, absent);
  if (erased.empty()) return;
  if (erasures_until_forgetting_ > erased.size()) {
    erasures_until_forgetting_ -= erased.size();
    return;
  }
  erasures_until_forgetting_ = erasures_between_forgetting;
  const std::array forget{pg_call{&statements_.forget, {pg_int8(std::int64_t{erasures_remembered})}}};
  static_cast<void>(link.run(forget));
}

/// Judges what no statement has changed by what the store holds of it. What could be applied now stays unsettled; the
/// erasure of what is absent, as it expects, goes to `absent`.
void batch_writer::judge_rest(const std::vector<pg_item*>& rest, const pg_rows& held, std::vector<pg_item*>& absent) {
  for (int row = 0; row < held.size(); ++row) {
    pg_item& item = *rest[static_cast<std::size_t>(held.integer(row, held_ordinal) - 1)];
    held_actor actor;
    if (!held.is_null(row, held_version)) {
      actor.stamp = {static_cast<std::uint64_t>(held.integer(row, held_version)),
                     static_cast<std::uint64_t>(held.integer(row, held_writer))};
      actor.epoch = static_cast<std::uint64_t>(held.integer(row, held_epoch));
    } else {
      actor.erased_by_record = held.integer(row, held_erased) != 0;
    }
    switch (judge(actor, *item.record)) {
      case commit_verdict::repeated:
        has_left_ = true;  // perhaps, when it was done first, and its answer was lost
        settle_as(item, spi::commit_status::committed, {});
        break;
      case commit_verdict::conflict:
        settle_as(item, spi::commit_status::conflict, conflict_message(actor, *item.record));
        break;
      case commit_verdict::apply:
        if (item.record->erase && actor.stamp.version == 0) absent.push_back(&item);
        break;
    }
  }
}

void batch_writer::remember(pg_link& link, const std::vector<pg_item*>& erased) {
  if (erased.empty()) return;
  const std::array calls{pg_call{&statements_.remember, remember_arrays(records_of(erased))}};
  commit_sent_ = true;
  static_cast<void>(link.run(calls));
  commit_sent_ = false;
  for (pg_item* item : erased) settle_as(*item, spi::commit_status::committed, {});
}

}  // namespace troupe::internal
