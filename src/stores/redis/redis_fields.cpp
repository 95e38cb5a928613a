#include <algorithm>
#include <utility>

#include "stores/redis/redis_image.hpp"
#include "stores/redis/redis_packing.hpp"
#include "stores/rules/cell_content.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

/// A cell whose schema version is not 1 has it in front: `@4 {...}`; one that is compressed has schema and coding:
/// `#4 1 ...`. No JSON begins so.
std::string value_of(const spi::cell_image& cell, std::size_t compress_bytes_min) {
  const cell_content content = code_cell(cell.json, compress_bytes_min);
  if (content.coding == cell_coding::plain) {
    return cell.schema == 1 ? cell.json : "@" + std::to_string(cell.schema) + " " + cell.json;
  }
  std::string out = "#";
  pack(out, cell.schema);
  pack(out, static_cast<unsigned>(content.coding));
  return out.append(content.bytes);
}

/// The heads of all logs: a script reads it too, so that it is names and numbers only.
std::string value_of(const std::vector<spi::log_changes>& logs) {
  std::string out;
  for (const spi::log_changes& log : logs) {
    out.append(log.head.name).append(" ");
    pack(out, log.head.first);
    pack(out, log.head.next);
  }
  return out;
}

std::string value_of(const std::vector<spi::reminder_image>& reminders) {
  std::string out;
  for (const spi::reminder_image& reminder : reminders) {
    pack(out, reminder.name);
    pack(out, milliseconds_of(reminder.due));
    pack(out, reminder.period.count());
    pack(out, reminder.data);
  }
  return out;
}

/// Of those that have one only, so that most actors need no such field.
std::string plans_of(const std::vector<spi::reminder_image>& reminders) {
  std::string out;
  for (const spi::reminder_image& reminder : reminders) {
    if (reminder.plan == "null") continue;
    pack(out, reminder.name);
    pack(out, reminder.plan);
  }
  return out;
}

/// Several replies of one millisecond stay in their order: by the version that brought them, and their place in it.
std::string value_of(const spi::request_image& request, std::uint64_t version, std::size_t nth) {
  std::string out;
  pack(out, milliseconds_of(request.at));
  pack(out, version);
  pack(out, nth);
  return out.append(request.reply);
}

void pack_actor(std::string& out, const actor_id& actor) {
  pack(out, actor.type);
  pack(out, actor.key);
}

std::string value_of(const spi::message_image& message) {
  std::string out;
  pack_actor(out, message.to);
  pack(out, message.method);
  pack(out, milliseconds_of(message.sent));
  pack(out, message.attempts);
  pack(out, milliseconds_of(message.not_before));
  return out.append(message.arguments);
}

std::string value_of(const spi::mark_image& mark) {
  std::string out;
  pack(out, mark.stream);
  pack(out, mark.sequence);
  pack(out, milliseconds_of(mark.at));
  return out;
}

std::string value_of(const spi::letter_image& letter) {
  std::string out;
  pack_actor(out, letter.from);
  pack_actor(out, letter.to);
  pack(out, letter.method);
  pack(out, letter.error);
  pack(out, letter.attempts);
  pack(out, milliseconds_of(letter.sent));
  pack(out, milliseconds_of(letter.died));
  return out.append(letter.arguments);
}

std::string mark_field(const actor_id& from) { return "k:" + from.type + "/" + from.key; }

void add_messages(const spi::message_changes& changes, redis_fields& fields) {
  for (const std::uint64_t sequence : changes.sent_dropped) fields.deleted.push_back("m:" + std::to_string(sequence));
  for (const actor_id& from : changes.marks_dropped) fields.deleted.push_back(mark_field(from));
  for (const std::uint64_t id : changes.letters_dropped) fields.deleted.push_back("l:" + std::to_string(id));
  if (changes.stream != 0) fields.set.emplace_back("stream", std::to_string(changes.stream));
  for (const auto& message : changes.sent_added) {
    fields.set.emplace_back("m:" + std::to_string(message.sequence), value_of(message));
  }
  for (const auto& mark : changes.marks_set) fields.set.emplace_back(mark_field(mark.from), value_of(mark));
  for (const auto& letter : changes.letters_added) {
    fields.set.emplace_back("l:" + std::to_string(letter.id), value_of(letter));
  }
}

}  // namespace

std::string text_of(const spi::commit_stamp& stamp) {
  if (stamp.version == 0) return {};
  return std::to_string(stamp.version) + " " + std::to_string(stamp.writer);
}

redis_fields fields_of(const spi::turn_record& record, std::size_t compress_bytes_min) {
  redis_fields fields;
  for (const std::string& key : record.requests_dropped) fields.deleted.push_back("q:" + key);
  const auto put = [&](const char* field, std::string value) {
    if (value.empty()) {
      fields.deleted.emplace_back(field);
    } else {
      fields.set.emplace_back(field, std::move(value));
    }
  };
  for (const spi::cell_image& cell : record.cells) {
    if (!cell.kept) fields.set.emplace_back("c:" + cell.name, value_of(cell, compress_bytes_min));
  }
  if (record.reminders) {
    put("reminders", value_of(*record.reminders));
    put("plans", plans_of(*record.reminders));
  }
  if (record.logs) put("logs", value_of(*record.logs));
  if (record.items) {
    const auto& expire = record.items->expire_next;
    put("expire", expire ? std::to_string(milliseconds_of(*expire)) : std::string());
  }
  for (std::size_t i = 0; i < record.requests_added.size(); ++i) {
    const spi::request_image& request = record.requests_added[i];
    fields.set.emplace_back("q:" + request.key, value_of(request, record.next.version, i));
  }
  if (record.messages) add_messages(*record.messages, fields);
  if (fields.deleted.empty()) return fields;
  std::vector<std::string_view> set;
  set.reserve(fields.set.size());
  for (const auto& [name, value] : fields.set) set.push_back(name);
  std::sort(set.begin(), set.end());
  std::erase_if(fields.deleted, [&](const std::string& name) {
    return std::binary_search(set.begin(), set.end(), std::string_view(name));
  });
  return fields;
}

std::string value_of(const spi::log_entry_image& entry) {
  std::string out;
  pack(out, milliseconds_of(entry.at));
  return out.append(entry.json);
}

std::string value_of(const spi::item_image& item) {
  std::string out;
  pack(out, item.version);
  out.append(item.expires ? std::to_string(milliseconds_of(*item.expires)) : ".").append(" ");
  return out.append(item.json);
}

std::string cell_names_of(const spi::turn_record& record) {
  std::string names;
  for (const spi::cell_image& cell : record.cells) names.append(" ").append(cell.name);
  return names;
}

}  // namespace troupe::internal
