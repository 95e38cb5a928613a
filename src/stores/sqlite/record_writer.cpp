#include "stores/sqlite/record_writer.hpp"

#include <algorithm>

#include "stores/rules/row_text.hpp"

namespace troupe::internal {

record_writer::record_writer(sqlite_connection& connection, const stores::sqlite_options& options)
    : connection_(connection),
      large_cell_bytes_(options.large_cell_bytes),
      find_(connection,
            "SELECT id, version, writer, epoch, next_due, stream, apart FROM actor WHERE type = ?1 AND key = ?2"),
      insert_(connection,
              "INSERT INTO actor(version, writer, epoch, state, schema, reminders, next_due, type, key)"
              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      update_(connection,
              "UPDATE actor SET version = ?1, writer = ?2, epoch = ?3, state = ?4, schema = ?5 WHERE id = ?6"),
      update_with_reminders_(connection,
                             "UPDATE actor SET version = ?1, writer = ?2, epoch = ?3, state = ?4, schema = ?5,"
                             " reminders = ?6, next_due = ?7 WHERE id = ?8"),
      update_stamp_(connection, "UPDATE actor SET version = ?1, writer = ?2, epoch = ?3 WHERE id = ?4"),
      update_reminders_(connection, "UPDATE actor SET reminders = ?1, next_due = ?2 WHERE id = ?3"),
      update_due_(connection, "UPDATE actor SET next_due = ?1, stream = ?2 WHERE id = ?3"),
      update_apart_(connection, "UPDATE actor SET apart = ?1 WHERE id = ?2"),
      update_logs_(connection, "UPDATE actor SET logs = ?1 WHERE id = ?2"),
      update_items_(connection, "UPDATE actor SET items_expire = ?1 WHERE id = ?2"),
      delete_actor_(connection, "DELETE FROM actor WHERE id = ?1"),
      delete_requests_(connection, "DELETE FROM request WHERE actor = ?1"),
      add_request_(connection,
                   "INSERT OR REPLACE INTO request(actor, key, reply, at, version, nth)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      drop_request_(connection, "DELETE FROM request WHERE actor = ?1 AND key = ?2"),
      find_erasure_(connection, "SELECT 1 FROM erasure WHERE writer = ?1 AND version = ?2 AND actor_hash = ?3"),
      add_erasure_(connection, "INSERT INTO erasure(writer, version, actor_hash) VALUES(?1, ?2, ?3)"),
      forget_erasures_(connection, "DELETE FROM erasure WHERE id <= ?1"),
      messages_(connection),
      parts_(connection, options.compress_bytes_min) {}

spi::commit_result record_writer::write(const spi::turn_record& record) {
  const held_row row = find(record);
  switch (judge(row, record)) {
    case commit_verdict::conflict:
      return {spi::commit_status::conflict, conflict_message(row, record)};
    case commit_verdict::repeated:
      break;
    case commit_verdict::apply:
      if (record.erase) {
        erase(row, record);
      } else if (const auto* cell = wrongly_kept_cell(row, record)) {
        return {spi::commit_status::rejected, wrongly_kept(record.actor, cell->name)};
      } else {
        const bool is_new = row.stamp.version == 0;
        const std::int64_t id = is_new ? insert(record) : row.id;
        if (!is_new) update(id, record);
        write_requests(id, record);
        if (record.messages) messages_.write(id, *record.messages);
        write_wake(id, row, record);
        write_parts(id, row, record);
      }
  }
  return {spi::commit_status::committed, {}};
}

record_writer::held_row record_writer::find(const spi::turn_record& record) {
  held_row row;
  const sqlite_reset reset(find_);
  find_.bind_text(1, record.actor.type);
  find_.bind_blob(2, record.actor.key);
  if (find_.step()) {
    row.id = find_.integer(0);
    row.stamp = {find_.bits(1), find_.bits(2)};
    row.epoch = find_.bits(3);
    if (!find_.is_null(4)) row.due = wall_time(std::chrono::milliseconds(find_.integer(4)));
    row.stream = find_.bits(5);
    row.apart = find_.bytes(6);
  } else if (record.erase) {
    row.erased_by_record = remembers_erasure(record);
  }
  return row;
}

/// A cell that the record keeps though `cell` has no row of it: it would be lost.
const spi::cell_image* record_writer::wrongly_kept_cell(const held_row& row, const spi::turn_record& record) {
  const auto at = std::find_if(record.cells.begin(), record.cells.end(), [&](const spi::cell_image& cell) {
    return cell.kept && row.apart.find("\"" + cell.name + "\"") == std::string::npos;
  });
  return at == record.cells.end() ? nullptr : &*at;
}

bool record_writer::remembers_erasure(const spi::turn_record& record) {
  const erasure wanted = erasure_of(record);
  const sqlite_reset reset(find_erasure_);
  find_erasure_.bind(1, wanted.writer);
  find_erasure_.bind(2, wanted.version);
  find_erasure_.bind(3, wanted.actor_hash);
  return find_erasure_.step();
}

void record_writer::bind_cells(sqlite_statement& statement, int parameter, const spi::turn_record& record) {
  state_.clear();
  schemas_.clear();
  pack_cells(record.cells, large_cell_bytes_, state_);
  pack_schemas(record.cells, large_cell_bytes_, schemas_);
  statement.bind_text(parameter, state_);
  schemas_.empty() ? statement.bind_null(parameter + 1) : statement.bind_text(parameter + 1, schemas_);
}

void record_writer::bind_reminders(sqlite_statement& statement, int parameter, const spi::turn_record& record) {
  reminders_.clear();
  if (record.reminders) pack_reminders(*record.reminders, reminders_);
  reminders_.empty() ? statement.bind_null(parameter) : statement.bind_text(parameter, reminders_);
  bind_due(statement, parameter + 1, due_after(record, std::nullopt));
}

void record_writer::bind_due(sqlite_statement& statement, int parameter, const std::optional<wall_time>& due) {
  due ? statement.bind(parameter, std::int64_t{due->time_since_epoch().count()}) : statement.bind_null(parameter);
}

std::int64_t record_writer::insert(const spi::turn_record& record) {
  insert_.bind(1, record.next.version);
  insert_.bind(2, record.next.writer);
  insert_.bind(3, record.epoch);
  bind_cells(insert_, 4, record);
  bind_reminders(insert_, 6, record);
  insert_.bind_text(8, record.actor.type);
  insert_.bind_blob(9, record.actor.key);
  insert_.run();
  return sqlite3_last_insert_rowid(connection_.get());
}

void record_writer::update(std::int64_t id, const spi::turn_record& record) {
  if (record.keeps_cells) {
    update_kept_cells(id, record);
    return;
  }
  sqlite_statement& update = record.reminders ? update_with_reminders_ : update_;
  update.bind(1, record.next.version);
  update.bind(2, record.next.writer);
  update.bind(3, record.epoch);
  bind_cells(update, 4, record);
  if (record.reminders) bind_reminders(update, 6, record);
  update.bind(record.reminders ? 8 : 6, id);
  update.run();
}

void record_writer::update_kept_cells(std::int64_t id, const spi::turn_record& record) {
  update_stamp_.bind(1, record.next.version);
  update_stamp_.bind(2, record.next.writer);
  update_stamp_.bind(3, record.epoch);
  update_stamp_.bind(4, id);
  update_stamp_.run();
  if (!record.reminders) return;
  bind_reminders(update_reminders_, 1, record);
  update_reminders_.bind(3, id);
  update_reminders_.run();
}

void record_writer::write_wake(std::int64_t id, const held_row& before, const spi::turn_record& record) {
  const std::uint64_t named = record.messages ? record.messages->stream : 0;
  const std::uint64_t stream = named != 0 ? named : before.stream;
  const bool rewritten = before.stamp.version == 0 || record.reminders;  // with the row, by the reminders alone
  const auto due = due_after(record, before.due);
  if (stream == before.stream && (!record.wake || (!rewritten && due == before.due))) return;
  bind_due(update_due_, 1, due);
  stream != 0 ? update_due_.bind(2, stream) : update_due_.bind_null(2);
  update_due_.bind(3, id);
  update_due_.run();
}

void record_writer::write_parts(std::int64_t id, const held_row& before, const spi::turn_record& record) {
  if (!record.keeps_cells) {
    parts_text_.clear();
    pack_large_names(record.cells, large_cell_bytes_, parts_text_);
    if (parts_text_ != before.apart) {
      parts_text_.empty() ? update_apart_.bind_null(1) : update_apart_.bind_text(1, parts_text_);
      update_apart_.bind(2, id);
      update_apart_.run();
    }
    if (!parts_text_.empty() || !record.cells_dropped.empty()) parts_.write_cells(id, record, large_cell_bytes_);
  }
  if (record.logs) {
    parts_text_.clear();
    pack_logs(*record.logs, parts_text_);
    parts_text_.empty() ? update_logs_.bind_null(1) : update_logs_.bind_text(1, parts_text_);
    update_logs_.bind(2, id);
    update_logs_.run();
    parts_.write_logs(id, *record.logs);
  }
  if (record.items) {
    bind_due(update_items_, 1, record.items->expire_next);
    update_items_.bind(2, id);
    update_items_.run();
    parts_.write_items(id, *record.items);
  }
}

void record_writer::erase(const held_row& row, const spi::turn_record& record) {
  if (row.stamp.version != 0) {
    messages_.erase(row.id);
    parts_.erase(row.id);
    delete_requests_.bind(1, row.id);
    delete_requests_.run();
    delete_actor_.bind(1, row.id);
    delete_actor_.run();
  }
  const erasure done = erasure_of(record);
  add_erasure_.bind(1, done.writer);
  add_erasure_.bind(2, done.version);
  add_erasure_.bind(3, done.actor_hash);
  add_erasure_.run();
  const std::int64_t last = sqlite3_last_insert_rowid(connection_.get());
  forget_erasures_.bind(1, last - static_cast<std::int64_t>(erasures_remembered));
  forget_erasures_.run();
}

void record_writer::write_requests(std::int64_t id, const spi::turn_record& record) {
  for (const std::string& key : record.requests_dropped) {
    drop_request_.bind(1, id);
    drop_request_.bind_blob(2, key);
    drop_request_.run();
  }
  std::int64_t nth = 0;
  for (const spi::request_image& request : record.requests_added) {
    add_request_.bind(1, id);
    add_request_.bind_blob(2, request.key);
    add_request_.bind_text(3, request.reply);
    add_request_.bind(4, std::int64_t{request.at.time_since_epoch().count()});
    add_request_.bind(5, record.next.version);
    add_request_.bind(6, nth++);
    add_request_.run();
  }
}

}  // namespace troupe::internal
