#include "stores/sqlite/record_writer.hpp"

#include "stores/sqlite/row_text.hpp"

namespace troupe::internal {

record_writer::record_writer(sqlite_connection& connection)
    : connection_(connection),
      find_(connection, "SELECT id, version, writer, epoch, next_due, stream FROM actor WHERE type = ?1 AND key = ?2"),
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
      delete_actor_(connection, "DELETE FROM actor WHERE id = ?1"),
      delete_requests_(connection, "DELETE FROM request WHERE actor = ?1"),
      add_request_(connection,
                   "INSERT OR REPLACE INTO request(actor, key, reply, at, version, nth)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      drop_request_(connection, "DELETE FROM request WHERE actor = ?1 AND key = ?2"),
      find_erasure_(connection, "SELECT 1 FROM erasure WHERE writer = ?1 AND version = ?2 AND actor_hash = ?3"),
      add_erasure_(connection, "INSERT INTO erasure(writer, version, actor_hash) VALUES(?1, ?2, ?3)"),
      forget_erasures_(connection, "DELETE FROM erasure WHERE id <= ?1"),
      messages_(connection) {}

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
      } else {
        const bool is_new = row.stamp.version == 0;
        const std::int64_t id = is_new ? insert(record) : row.id;
        if (!is_new) update(id, record);
        write_requests(id, record);
        if (record.messages) write_messages(id, row, record);
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
  } else if (record.erase) {
    row.erased_by_record = remembers_erasure(record);
  }
  return row;
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
  pack_cells(record.cells, state_);
  pack_schemas(record.cells, schemas_);
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

void record_writer::write_messages(std::int64_t id, const held_row& before, const spi::turn_record& record) {
  const spi::message_changes& changes = *record.messages;
  const std::uint64_t stream = changes.stream != 0 ? changes.stream : before.stream;
  const bool due_is_there = before.stamp.version == 0 || record.reminders || changes.due == before.due;
  if (stream != before.stream || !due_is_there) {
    bind_due(update_due_, 1, changes.due);
    stream != 0 ? update_due_.bind(2, stream) : update_due_.bind_null(2);
    update_due_.bind(3, id);
    update_due_.run();
  }
  messages_.write(id, changes);
}

void record_writer::erase(const held_row& row, const spi::turn_record& record) {
  if (row.stamp.version != 0) {
    messages_.erase(row.id);
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
