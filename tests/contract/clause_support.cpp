#include "contract/clause_support.hpp"

#include <sstream>

namespace troupe::contract {
namespace {

template <typename Images>
std::string names_of(const Images& images) {
  std::string names;
  for (const auto& image : images) names += to_display("", image.name) + " ";
  return names;
}

template <typename Images>
std::string keys_of(const Images& images) {
  std::string keys;
  for (const auto& image : images) keys += to_display("", image.key) + " ";
  return keys;
}

template <typename Images>
std::string numbers_of(const Images& images) {
  std::string numbers;
  for (const auto& image : images) numbers += std::to_string(image.sequence) + " ";
  return numbers;
}

std::string describe(const spi::commit_stamp& stamp) {
  return std::to_string(stamp.version) + ":" + std::to_string(stamp.writer);
}

}  // namespace

std::string to_string(spi::commit_status status) {
  switch (status) {
    case spi::commit_status::committed:
      return "committed";
    case spi::commit_status::conflict:
      return "conflict";
    case spi::commit_status::rejected:
      return "rejected";
    case spi::commit_status::unavailable:
      return "unavailable";
    case spi::commit_status::unknown:
      return "unknown";
  }
  return "no status";
}

std::string to_string(spi::read_status status) {
  switch (status) {
    case spi::read_status::ok:
      return "ok";
    case spi::read_status::damaged:
      return "damaged";
    case spi::read_status::unavailable:
      return "unavailable";
  }
  return "no status";
}

std::vector<spi::cell_image> contents_of(std::vector<spi::cell_image> cells) {
  for (spi::cell_image& cell : cells) cell.kept = false;
  return cells;
}

std::string difference(const spi::actor_image& got, const spi::actor_image& wanted) {
  std::ostringstream out;
  if (got.actor != wanted.actor) {
    out << "actor " << to_string(got.actor) << " instead of " << to_string(wanted.actor);
  } else if (got.stamp != wanted.stamp) {
    out << "stamp " << describe(got.stamp) << " instead of " << describe(wanted.stamp);
  } else if (got.epoch != wanted.epoch) {
    out << "epoch " << got.epoch << " instead of " << wanted.epoch;
  } else if (contents_of(got.cells) != contents_of(wanted.cells)) {
    out << "other cells: " << names_of(got.cells) << "instead of " << names_of(wanted.cells);
  } else if (got.reminders != wanted.reminders) {
    out << "other reminders: " << names_of(got.reminders) << "instead of " << names_of(wanted.reminders);
  } else if (got.requests != wanted.requests) {
    out << "other requests: " << keys_of(got.requests) << "instead of " << keys_of(wanted.requests);
  } else if (got.stream != wanted.stream) {
    out << "stream " << got.stream << " instead of " << wanted.stream;
  } else if (got.messages != wanted.messages) {
    out << "another outbox: " << numbers_of(got.messages) << "instead of " << numbers_of(wanted.messages);
  } else if (got.marks != wanted.marks) {
    out << "other marks: " << numbers_of(got.marks) << "instead of " << numbers_of(wanted.marks);
  } else if (got.letters != wanted.letters) {
    out << "other dead letters: " << got.letters.size() << " instead of " << wanted.letters.size();
  } else if (got.logs != wanted.logs) {
    out << "other logs: " << names_of(got.logs) << "instead of " << names_of(wanted.logs);
  } else if (got.items_expire != wanted.items_expire) {
    out << "items expire at another time";
  }
  return out.str();
}

void checker::expect_status(const spi::commit_result& result, spi::commit_status status, const std::string& what) {
  expect(result.status == status,
         what + ": " + to_string(result.status) + " instead of " + to_string(status) + " " + result.message);
  expect(result.message.empty() == (result.status == spi::commit_status::committed),
         what + ": a message belongs to every result but committed; it is \"" + result.message + "\"");
}

void checker::expect_image(const spi::load_result& loaded, const spi::actor_image& image, const std::string& what) {
  expect(loaded.status == spi::read_status::ok, what + ": " + to_string(loaded.status) + " " + loaded.message);
  expect(loaded.message.empty(), what + ": a result that is ok has the message " + loaded.message);
  const std::string found = difference(loaded.image, image);
  expect(found.empty(), what + ": " + found);
}

void checker::expect_nothing(const spi::load_result& loaded, const std::string& what) {
  spi::actor_image nothing;
  nothing.actor = loaded.image.actor;
  expect_image(loaded, nothing, what);
}

spi::cell_image cell(std::string name, std::string json, std::uint32_t schema) {
  return {.name = std::move(name), .schema = schema, .json = std::move(json)};
}

spi::reminder_image reminder(std::string name, std::int64_t due_ms, std::int64_t period_ms, std::string data) {
  return {std::move(name), at_ms(due_ms), std::chrono::milliseconds(period_ms), std::move(data)};
}

spi::request_image request(std::string key, std::int64_t handled_ms, std::string reply) {
  return {std::move(key), std::move(reply), at_ms(handled_ms)};
}

spi::turn_record turn(actor_id actor, spi::commit_stamp expected, spi::commit_stamp next) {
  spi::turn_record record;
  record.actor = std::move(actor);
  record.expected = expected;
  record.next = next;
  record.cells = {cell("state", "{\"version\":" + std::to_string(next.version) + "}")};
  return record;
}

spi::turn_record birth(actor_id actor) { return turn(std::move(actor), {}, {1, 11}); }

spi::turn_record erasure(actor_id actor, spi::commit_stamp expected, spi::commit_stamp next) {
  spi::turn_record record;
  record.actor = std::move(actor);
  record.expected = expected;
  record.next = next;
  record.erase = true;
  return record;
}

spi::actor_image image_of(const spi::turn_record& record) {
  spi::actor_image image;
  image.actor = record.actor;
  image.epoch = record.epoch;
  image.stamp = record.next;
  image.cells = record.cells;
  if (record.reminders) image.reminders = *record.reminders;
  image.requests = record.requests_added;
  if (record.messages) {
    image.stream = record.messages->stream;
    image.messages = record.messages->sent_added;
    image.marks = record.messages->marks_set;
    image.letters = record.messages->letters_added;
  }
  if (record.logs) {
    for (const spi::log_changes& log : *record.logs) image.logs.push_back(log.head);
  }
  if (record.items) image.items_expire = record.items->expire_next;
  return image;
}

}  // namespace troupe::contract
