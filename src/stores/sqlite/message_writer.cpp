#include "stores/sqlite/message_writer.hpp"

#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

/// Deletes by two parameters.
void remove(sqlite_statement& statement, std::int64_t id, std::uint64_t number) {
  statement.bind(1, id);
  statement.bind(2, number);
  statement.run();
}

}  // namespace

message_writer::message_writer(sqlite_connection& connection)
    : add_message_(connection,
                   "INSERT OR REPLACE INTO message"
                   "(actor, sequence, to_type, to_key, method, arguments, sent, attempts, not_before)"
                   " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      drop_message_(connection, "DELETE FROM message WHERE actor = ?1 AND sequence = ?2"),
      set_mark_(connection,
                "INSERT OR REPLACE INTO mark(actor, from_type, from_key, stream, sequence, at)"
                " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
      drop_mark_(connection, "DELETE FROM mark WHERE actor = ?1 AND from_type = ?2 AND from_key = ?3"),
      add_letter_(connection,
                  "INSERT OR REPLACE INTO letter"
                  "(actor, id, from_type, from_key, to_type, to_key, method, arguments, error, attempts, sent, died)"
                  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"),
      drop_letter_(connection, "DELETE FROM letter WHERE actor = ?1 AND id = ?2"),
      erase_messages_(connection, "DELETE FROM message WHERE actor = ?1"),
      erase_marks_(connection, "DELETE FROM mark WHERE actor = ?1"),
      erase_letters_(connection, "DELETE FROM letter WHERE actor = ?1") {}

void message_writer::write(std::int64_t id, const spi::message_changes& changes) {
  write_outbox(id, changes);
  write_marks(id, changes);
  write_letters(id, changes);
}

void message_writer::write_outbox(std::int64_t id, const spi::message_changes& changes) {
  for (const std::uint64_t sequence : changes.sent_dropped) remove(drop_message_, id, sequence);
  for (const spi::message_image& message : changes.sent_added) {
    add_message_.bind(1, id);
    add_message_.bind(2, message.sequence);
    add_message_.bind_text(3, message.to.type);
    add_message_.bind_blob(4, message.to.key);
    add_message_.bind_text(5, message.method);
    add_message_.bind_text(6, message.arguments);
    add_message_.bind(7, milliseconds_of(message.sent));
    add_message_.bind(8, std::int64_t{message.attempts});
    add_message_.bind(9, milliseconds_of(message.not_before));
    add_message_.run();
  }
}

void message_writer::write_marks(std::int64_t id, const spi::message_changes& changes) {
  for (const actor_id& from : changes.marks_dropped) {
    drop_mark_.bind(1, id);
    drop_mark_.bind_text(2, from.type);
    drop_mark_.bind_blob(3, from.key);
    drop_mark_.run();
  }
  for (const spi::mark_image& mark : changes.marks_set) {
    set_mark_.bind(1, id);
    set_mark_.bind_text(2, mark.from.type);
    set_mark_.bind_blob(3, mark.from.key);
    set_mark_.bind(4, mark.stream);
    set_mark_.bind(5, mark.sequence);
    set_mark_.bind(6, milliseconds_of(mark.at));
    set_mark_.run();
  }
}

void message_writer::write_letters(std::int64_t id, const spi::message_changes& changes) {
  for (const std::uint64_t letter : changes.letters_dropped) remove(drop_letter_, id, letter);
  for (const spi::letter_image& letter : changes.letters_added) {
    add_letter_.bind(1, id);
    add_letter_.bind(2, letter.id);
    add_letter_.bind_text(3, letter.from.type);
    add_letter_.bind_blob(4, letter.from.key);
    add_letter_.bind_text(5, letter.to.type);
    add_letter_.bind_blob(6, letter.to.key);
    add_letter_.bind_text(7, letter.method);
    add_letter_.bind_text(8, letter.arguments);
    add_letter_.bind_text(9, letter.error);
    add_letter_.bind(10, std::int64_t{letter.attempts});
    add_letter_.bind(11, milliseconds_of(letter.sent));
    add_letter_.bind(12, milliseconds_of(letter.died));
    add_letter_.run();
  }
}

void message_writer::erase(std::int64_t id) {
  for (sqlite_statement* statement : {&erase_messages_, &erase_marks_, &erase_letters_}) {
    statement->bind(1, id);
    statement->run();
  }
}

}  // namespace troupe::internal
