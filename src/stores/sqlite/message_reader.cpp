#include "stores/sqlite/message_reader.hpp"

#include <limits>

#include "base/json_members.hpp"
#include "stores/rules/commit_rules.hpp"
#include "stores/rules/row_text.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

actor_id actor_of(const sqlite_statement& row, int column) {
  return {std::string(row.bytes(column)), std::string(row.bytes(column + 1))};
}

[[noreturn]] void damaged(const std::string& table, std::int64_t number, const std::string& what) {
  throw damaged_column("row " + std::to_string(number) + " of table " + table + ": " + what);
}

std::uint32_t attempts_of(const sqlite_statement& row, int column, const std::string& table) {
  const std::int64_t attempts = row.integer(column);
  if (attempts < 0 || attempts > std::numeric_limits<std::uint32_t>::max()) {
    damaged(table, row.integer(0), "the number of attempts is out of range");
  }
  return static_cast<std::uint32_t>(attempts);
}

/// What breaks a rule is refused here: later it would reach other actors, or spoil every commit of its own.
void check(const auto& image, const std::string& table, std::int64_t number) {
  if (const auto flaw = flaw_in(image)) damaged(table, number, *flaw);
}

/// What somebody else wrote must not reach a handler as something else than an array.
std::string arguments_of(const sqlite_statement& row, int column, const std::string& table) {
  std::string text(row.bytes(column));
  if (!text.starts_with('[') || check_json_value(text)) {
    damaged(table, row.integer(0), "the arguments are no JSON array");
  }
  return text;
}

}  // namespace

message_reader::message_reader(sqlite_connection& connection)
    : messages_(connection,
                "SELECT sequence, to_type, to_key, method, arguments, sent, attempts, not_before"
                " FROM message WHERE actor = ?1 ORDER BY sequence"),
      marks_(connection,
             "SELECT from_type, from_key, stream, sequence, at"
             " FROM mark WHERE actor = ?1 ORDER BY from_type, from_key"),
      letters_(connection,
               "SELECT id, from_type, from_key, to_type, to_key, method, arguments, error, attempts, sent, died"
               " FROM letter WHERE actor = ?1 ORDER BY id") {}

void message_reader::read(std::int64_t id, spi::actor_image& image) {
  {
    const sqlite_reset reset(messages_);
    messages_.bind(1, id);
    while (messages_.step()) {
      spi::message_image& message = image.messages.emplace_back();
      message.sequence = messages_.bits(0);
      message.to = actor_of(messages_, 1);
      message.method = messages_.bytes(3);
      message.arguments = arguments_of(messages_, 4, "message");
      message.sent = time_of(messages_.integer(5));
      message.attempts = attempts_of(messages_, 6, "message");
      message.not_before = time_of(messages_.integer(7));
      check(message, "message", messages_.integer(0));
    }
  }
  {
    const sqlite_reset reset(marks_);
    marks_.bind(1, id);
    while (marks_.step()) {
      spi::mark_image& mark = image.marks.emplace_back();
      mark.from = actor_of(marks_, 0);
      mark.stream = marks_.bits(2);
      mark.sequence = marks_.bits(3);
      mark.at = time_of(marks_.integer(4));
      if (const auto flaw = flaw_in(mark)) {
        throw damaged_column("the row of " + to_string(mark.from) + " in table mark: " + *flaw);
      }
    }
  }
  const sqlite_reset reset(letters_);
  letters_.bind(1, id);
  while (letters_.step()) {
    spi::letter_image& letter = image.letters.emplace_back();
    letter.id = letters_.bits(0);
    letter.from = actor_of(letters_, 1);
    letter.to = actor_of(letters_, 3);
    letter.method = letters_.bytes(5);
    letter.arguments = arguments_of(letters_, 6, "letter");
    letter.error = letters_.bytes(7);
    letter.attempts = attempts_of(letters_, 8, "letter");
    letter.sent = time_of(letters_.integer(9));
    letter.died = time_of(letters_.integer(10));
    check(letter, "letter", letters_.integer(0));
  }
}

}  // namespace troupe::internal
