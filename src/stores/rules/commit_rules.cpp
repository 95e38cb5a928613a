#include "stores/rules/commit_rules.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/json_members.hpp"

namespace troupe::internal {
namespace {

constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325U;
constexpr std::uint64_t fnv_prime = 0x100000001b3U;

/// Highest number of a message or dead letter: every database has signed integers of 64 bits.
constexpr std::uint64_t sequence_max = ~std::uint64_t{0} >> 1U;

/// FNV-1a: the hash is stored, so it must be the same in every build.
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t hash) noexcept {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * fnv_prime;
  return hash;
}

bool is_sequence(std::uint64_t number) noexcept { return number != 0 && number <= sequence_max; }

bool is_plain_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
           c == '-';
  });
}

std::optional<std::string> bad_json(std::string_view what, std::string_view name, std::string_view json) {
  const auto fault = check_json_value(json);
  if (!fault) return std::nullopt;
  return std::string(what) + " " + to_display({}, name).substr(1) + " is not JSON: " + to_string(*fault);
}

template <typename Images>
bool is_sorted_by_unique_name(const Images& images) {
  return std::adjacent_find(images.begin(), images.end(),
                            [](const auto& a, const auto& b) { return a.name >= b.name; }) == images.end();
}

std::optional<std::string> bad_cells(const spi::turn_record& record) {
  if (!is_sorted_by_unique_name(record.cells)) return "cells are not sorted by name, or a name repeats";
  for (const spi::cell_image& cell : record.cells) {
    if (!is_plain_name(cell.name)) return "a cell name breaks the rule: 1 to 64 bytes of [A-Za-z0-9_.-]";
    if (cell.kept) {
      if (!cell.json.empty()) return "cell " + cell.name + " is kept and written at once";
      continue;
    }
    if (cell.schema == 0) return "cell " + cell.name + " has schema version 0; versions begin at 1";
    if (auto bad = bad_json("cell", cell.name, cell.json)) return bad;
  }
  return std::nullopt;
}

std::optional<std::string> bad_log(const spi::log_changes& log) {
  const spi::log_head& head = log.head;
  if (!is_plain_name(head.name)) return "a log name breaks the rule: 1 to 64 bytes of [A-Za-z0-9_.-]";
  if (!is_sequence(log.first_before) || head.first < log.first_before || head.next < head.first ||
      !is_sequence(head.next)) {
    return "log " + head.name + " has impossible bounds";
  }
  std::uint64_t sequence = head.next - log.added.size();
  if (log.added.size() > head.next - head.first) return "log " + head.name + " adds entries that it does not have";
  for (const spi::log_entry_image& entry : log.added) {
    if (entry.sequence != sequence++) return "the entries added to log " + head.name + " are not consecutive";
    if (auto bad = bad_json("an entry of log", head.name, entry.json)) return bad;
  }
  return std::nullopt;
}

std::optional<std::string> bad_logs(const spi::turn_record& record) {
  if (!record.logs) return std::nullopt;
  const auto& logs = *record.logs;
  const auto unsorted = [](const auto& a, const auto& b) { return a.head.name >= b.head.name; };
  if (std::adjacent_find(logs.begin(), logs.end(), unsorted) != logs.end()) {
    return "logs are not sorted by name, or a name repeats";
  }
  for (const spi::log_changes& log : logs) {
    if (auto bad = bad_log(log)) return bad;
  }
  return std::nullopt;
}

bool is_item_key(std::string_view key) noexcept { return !key.empty() && key.size() <= spi::item_key_bytes_max; }

std::optional<std::string> bad_items(const spi::turn_record& record) {
  if (!record.items) return std::nullopt;
  if (record.items->erase_all && !record.items->erased.empty()) return "it erases all items and some";
  std::vector<std::string_view> keys;
  for (const spi::item_image& item : record.items->set) {
    if (!is_item_key(item.key)) {
      return "the key of an item is not 1 to " + std::to_string(spi::item_key_bytes_max) + " bytes long";
    }
    if (auto bad = bad_json("item", item.key, item.json)) return bad;
    keys.push_back(item.key);
  }
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return "the key of an item repeats";
  return std::nullopt;
}

std::optional<std::string> bad_reminders(const spi::turn_record& record) {
  if (!record.reminders) return std::nullopt;
  if (!is_sorted_by_unique_name(*record.reminders)) return "reminders are not sorted by name, or a name repeats";
  for (const spi::reminder_image& reminder : *record.reminders) {
    if (reminder.name.empty() || reminder.name.size() > 128) return "a reminder name is not 1 to 128 bytes long";
    if (auto bad = bad_json("the data of reminder", reminder.name, reminder.data)) return bad;
    if (auto bad = bad_json("the plan of reminder", reminder.name, reminder.plan)) return bad;
  }
  return std::nullopt;
}

std::optional<std::string> bad_requests(const spi::turn_record& record) {
  for (const spi::request_image& request : record.requests_added) {
    if (request.key.empty() || request.key.size() > 128) return "an idempotency key is not 1 to 128 bytes long";
    if (auto bad = bad_json("the reply to request", request.key, request.reply)) return bad;
  }
  return std::nullopt;
}

std::optional<std::string> bad_party(const actor_id& actor) {
  if (actor.type.empty() || actor.type.size() > actor_type_bytes_max || actor.key.empty() ||
      actor.key.size() > actor_key_bytes_max) {
    return "a sender or receiver of a message breaks the rule for names of actors";
  }
  return std::nullopt;
}

/// What messages and dead letters have in common.
std::optional<std::string> bad_envelope(const auto& message, std::uint64_t number) {
  if (!is_sequence(number)) return "a message is numbered " + std::to_string(number);
  if (auto bad = bad_party(message.to)) return bad;
  if (message.method.empty() || message.method.size() > spi::method_name_bytes_max) {
    return "a method name is not 1 to " + std::to_string(spi::method_name_bytes_max) + " bytes long";
  }
  return std::nullopt;
}

std::optional<std::string> bad_message(const auto& message) {
  if (auto bad = flaw_in(message)) return bad;
  if (!message.arguments.starts_with('[')) return "the arguments of " + message.method + " are no JSON array";
  return bad_json("the arguments of message", message.method, message.arguments);
}

std::optional<std::string> bad_messages(const spi::turn_record& record) {
  if (!record.messages) return std::nullopt;
  for (const spi::message_image& message : record.messages->sent_added) {
    if (auto bad = bad_message(message)) return bad;
  }
  for (const spi::mark_image& mark : record.messages->marks_set) {
    if (auto bad = flaw_in(mark)) return bad;
  }
  for (const spi::letter_image& letter : record.messages->letters_added) {
    if (auto bad = bad_message(letter)) return bad;
    if (letter.error.size() > spi::letter_error_bytes_max) return "the error of a dead letter is too long";
  }
  return std::nullopt;
}

std::optional<std::string> bad_frame(const spi::turn_record& record, const spi::store_limits& limits) {
  if (record.actor.type.empty() || record.actor.type.size() > actor_type_bytes_max) {
    return "its type name is not 1 to " + std::to_string(actor_type_bytes_max) + " bytes long";
  }
  if (record.actor.key.empty() || record.actor.key.size() > actor_key_bytes_max) {
    return "its key is not 1 to " + std::to_string(actor_key_bytes_max) + " bytes long";
  }
  if (record.next.version <= record.expected.version) return "its next version is not above the expected one";
  if (record.erase &&
      (!record.cells.empty() || record.keeps_cells || !record.cells_dropped.empty() || record.reminders ||
       !record.requests_added.empty() || record.messages || record.logs || record.items || record.wake)) {
    return "it erases and writes at once";
  }
  if (record.keeps_cells && (!record.cells.empty() || !record.cells_dropped.empty())) {
    return "it keeps the cells and writes them at once";
  }
  const std::size_t bytes = spi::bytes_of(record);
  if (bytes > limits.record_bytes_max) {
    return "it has " + std::to_string(bytes) + " bytes, over the limit of " + std::to_string(limits.record_bytes_max);
  }
  return std::nullopt;
}

std::string describe(const spi::commit_stamp& stamp) {
  if (stamp.version == 0) return "no state";
  return "version " + std::to_string(stamp.version) + " of writer " + std::to_string(stamp.writer);
}

}  // namespace

std::optional<std::string> flaw_in(const spi::message_image& message) {
  return bad_envelope(message, message.sequence);
}

std::optional<std::string> flaw_in(const spi::mark_image& mark) {
  if (!is_sequence(mark.sequence)) return "a mark is at " + std::to_string(mark.sequence);
  return bad_party(mark.from);
}

std::optional<std::string> flaw_in(const spi::letter_image& letter) {
  if (auto bad = bad_envelope(letter, letter.id)) return bad;
  return bad_party(letter.from);
}

commit_verdict judge(const held_actor& held, const spi::turn_record& record) noexcept {
  const bool exists = held.stamp.version != 0;
  if (exists && held.stamp == record.next) return commit_verdict::repeated;
  if (!exists && record.erase && held.erased_by_record) return commit_verdict::repeated;
  const bool matches = record.expected.version == 0 ? !exists : held.stamp == record.expected;
  return matches && held.epoch <= record.epoch ? commit_verdict::apply : commit_verdict::conflict;
}

std::string conflict_message(const held_actor& held, const spi::turn_record& record) {
  if (held.epoch > record.epoch) {
    return to_string(record.actor) + " was written in ownership epoch " + std::to_string(held.epoch) +
           ", this record is of epoch " + std::to_string(record.epoch);
  }
  return to_string(record.actor) + " holds " + describe(held.stamp) + ", expected was " + describe(record.expected);
}

std::string wrongly_kept(const actor_id& actor, std::string_view cell) {
  return "the record of " + to_string(actor) + " cannot be stored: it keeps the cell " + std::string(cell) +
         ", which does not stand apart in what is stored";
}

std::string lease_message(const actor_id& actor, std::string_view host, std::uint64_t held, std::uint64_t taken) {
  return "the record of " + to_string(actor) + " was written under the lease \"" + std::string(host) + "\" in epoch " +
         std::to_string(held) + ", which somebody has taken since (epoch " + std::to_string(taken) + ")";
}

std::optional<std::string> refused_lease(std::string_view host) {
  if (!host.empty() && host.size() <= lease_name_bytes_max) return std::nullopt;
  return "the name of a lease has 1 to " + std::to_string(lease_name_bytes_max) + " bytes";
}

std::optional<std::string> refusal(const spi::turn_record& record, const spi::store_limits& limits) {
  auto bad = bad_frame(record, limits);
  if (!bad) bad = bad_cells(record);
  if (!bad) bad = bad_reminders(record);
  if (!bad) bad = bad_requests(record);
  if (!bad) bad = bad_messages(record);
  if (!bad) bad = bad_logs(record);
  if (!bad) bad = bad_items(record);
  if (bad) bad->insert(0, "the record of " + to_string(record.actor) + " cannot be stored: ");
  return bad;
}

std::optional<wall_time> due_after(const spi::turn_record& record, std::optional<wall_time> held) noexcept {
  if (record.wake) return record.wake->at;
  if (!record.reminders) return held;
  std::optional<wall_time> earliest;
  for (const spi::reminder_image& reminder : *record.reminders) {
    if (!earliest || reminder.due < *earliest) earliest = reminder.due;
  }
  return earliest;
}

spi::load_result load_of_nothing(const actor_id& actor, spi::read_status status, std::string message) {
  spi::load_result result;
  result.status = status;
  result.message = std::move(message);
  result.image.actor = actor;
  return result;
}

std::uint64_t hash_of(const actor_id& actor) noexcept {
  std::uint64_t hash = hash_bytes(actor.type, fnv_offset);
  hash = hash_bytes(std::string_view("\0", 1), hash);
  return hash_bytes(actor.key, hash);
}

erasure erasure_of(const spi::turn_record& record) noexcept {
  return {record.next.writer, record.next.version, hash_of(record.actor)};
}

}  // namespace troupe::internal
