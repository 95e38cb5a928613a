#include "stores/postgres/text_rules.hpp"

#include <cstddef>

namespace troupe::internal {
namespace {

using fault = std::optional<std::string>;

/// Bytes of a UTF-8 sequence that begins with `first`; 0: none does.
std::size_t sequence_length(unsigned char first) noexcept {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

fault bad_party(const actor_id& actor) {
  if (is_storable_text(actor.type)) return std::nullopt;
  return "the type name of " + to_string(actor) + " is not UTF-8, or contains NUL";
}

fault bad_json(std::string_view json, const std::string& what) {
  if (is_storable_text(json)) return std::nullopt;
  return what + " is not UTF-8";
}

fault bad_names(const spi::message_changes& changes) {
  for (const spi::message_image& message : changes.sent_added) {
    if (auto bad = bad_party(message.to)) return bad;
  }
  for (const spi::mark_image& mark : changes.marks_set) {
    if (auto bad = bad_party(mark.from)) return bad;
  }
  for (const spi::letter_image& letter : changes.letters_added) {
    if (auto bad = bad_party(letter.from)) return bad;
    if (auto bad = bad_party(letter.to)) return bad;
  }
  return std::nullopt;
}

fault bad_cells(const spi::turn_record& record) {
  for (const spi::cell_image& cell : record.cells) {
    if (auto bad = bad_json(cell.json, "cell " + cell.name)) return bad;
  }
  if (!record.reminders) return std::nullopt;
  for (const spi::reminder_image& reminder : *record.reminders) {
    if (auto bad = bad_json(reminder.data, "the data of a reminder")) return bad;
    if (auto bad = bad_json(reminder.plan, "the plan of a reminder")) return bad;
  }
  return std::nullopt;
}

fault bad_mail(const spi::turn_record& record) {
  for (const spi::request_image& request : record.requests_added) {
    if (auto bad = bad_json(request.reply, "the reply to a request")) return bad;
  }
  if (!record.messages) return std::nullopt;
  for (const spi::message_image& message : record.messages->sent_added) {
    if (auto bad = bad_json(message.arguments, "what a message carries")) return bad;
  }
  for (const spi::letter_image& letter : record.messages->letters_added) {
    if (auto bad = bad_json(letter.arguments, "what a dead letter carries")) return bad;
  }
  return std::nullopt;
}

fault bad_parts(const spi::turn_record& record) {
  if (record.logs) {
    for (const spi::log_changes& log : *record.logs) {
      for (const spi::log_entry_image& entry : log.added) {
        if (auto bad = bad_json(entry.json, "an entry of log " + log.head.name)) return bad;
      }
    }
  }
  if (!record.items) return std::nullopt;
  for (const spi::item_image& item : record.items->set) {
    if (auto bad = bad_json(item.json, "the value of an item")) return bad;
  }
  return std::nullopt;
}

}  // namespace

bool is_storable_text(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(byte(i));
    if (length == 0 || byte(i) == 0 || text.size() - i < length) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0U) != 0x80) return false;
    }
    // Longer than needed, half of a surrogate pair, beyond Unicode.
    if ((byte(i) == 0xe0 && byte(i + 1) < 0xa0) || (byte(i) == 0xed && byte(i + 1) > 0x9f) ||
        (byte(i) == 0xf0 && byte(i + 1) < 0x90) || (byte(i) == 0xf4 && byte(i + 1) > 0x8f)) {
      return false;
    }
    i += length;
  }
  return true;
}

std::optional<std::string> text_refusal(const spi::turn_record& record, stores::postgres_state state) {
  auto bad = bad_party(record.actor);
  if (!bad && record.messages) bad = bad_names(*record.messages);
  if (state != stores::postgres_state::bytea) {
    if (!bad) bad = bad_cells(record);
    if (!bad) bad = bad_mail(record);
    if (!bad) bad = bad_parts(record);
  }
  if (bad) bad->insert(0, "the record of " + to_string(record.actor) + " cannot be stored: ");
  return bad;
}

}  // namespace troupe::internal
