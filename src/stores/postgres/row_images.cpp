#include "stores/postgres/row_images.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "base/json_members.hpp"
#include "stores/rules/cell_content.hpp"
#include "stores/rules/commit_rules.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

std::uint64_t bits(const pg_rows& rows, int row, int column) noexcept {
  return static_cast<std::uint64_t>(rows.integer(row, column));
}

std::string string_of(const pg_rows& rows, int row, int column) { return std::string(rows.bytes(row, column)); }

[[noreturn]] void damaged(const std::string& table, const std::string& what) {
  throw damaged_column("a row of table " + table + ": " + what);
}

std::uint32_t attempts_of(const pg_rows& rows, int row, int column, const std::string& table) {
  const std::int64_t attempts = rows.integer(row, column);
  if (attempts < 0 || attempts > std::numeric_limits<std::uint32_t>::max()) {
    damaged(table, "the number of attempts is out of range");
  }
  return static_cast<std::uint32_t>(attempts);
}

/// What somebody else wrote must not reach a handler as something else than an array.
std::string arguments_of(const pg_rows& rows, int row, const std::string& table) {
  std::string text = string_of(rows, row, load_document_1);
  if (!text.starts_with('[') || check_json_value(text)) damaged(table, "the arguments are no JSON array");
  return text;
}

/// What breaks a rule is refused here: later it would reach other actors, or spoil every commit of its own.
void check(const auto& image, const std::string& table) {
  if (const auto flaw = flaw_in(image)) damaged(table, *flaw);
}

void read_message(const pg_rows& rows, int row, spi::actor_image& image) {
  spi::message_image& message = image.messages.emplace_back();
  message.sequence = bits(rows, row, load_number_1);
  message.sent = time_of(rows.integer(row, load_number_2));
  message.attempts = attempts_of(rows, row, load_number_3, "message");
  message.not_before = time_of(rows.integer(row, load_number_4));
  message.to = {string_of(rows, row, load_text_1), string_of(rows, row, load_bytes_1)};
  message.method = string_of(rows, row, load_bytes_2);
  message.arguments = arguments_of(rows, row, "message");
  check(message, "message");
}

void read_mark(const pg_rows& rows, int row, spi::actor_image& image) {
  spi::mark_image& mark = image.marks.emplace_back();
  mark.stream = bits(rows, row, load_number_1);
  mark.sequence = bits(rows, row, load_number_2);
  mark.at = time_of(rows.integer(row, load_number_3));
  mark.from = {string_of(rows, row, load_text_1), string_of(rows, row, load_bytes_1)};
  check(mark, "mark");
}

void read_letter(const pg_rows& rows, int row, spi::actor_image& image) {
  spi::letter_image& letter = image.letters.emplace_back();
  letter.id = bits(rows, row, load_number_1);
  letter.attempts = attempts_of(rows, row, load_number_2, "letter");
  letter.sent = time_of(rows.integer(row, load_number_3));
  letter.died = time_of(rows.integer(row, load_number_4));
  letter.from = {string_of(rows, row, load_text_1), string_of(rows, row, load_bytes_1)};
  letter.to = {string_of(rows, row, load_text_2), string_of(rows, row, load_bytes_2)};
  letter.method = string_of(rows, row, load_bytes_3);
  letter.error = string_of(rows, row, load_bytes_4);
  letter.arguments = arguments_of(rows, row, "letter");
  check(letter, "letter");
}

/// The order in which an image lists what came in any order: requests oldest first, and so on.
auto place_of_part(const pg_rows& rows, int row) {
  const auto kind = rows.integer(row, load_kind);
  const bool by_name = kind == load_mark;
  return std::tuple(rows.integer(row, load_ordinal), kind, by_name ? rows.bytes(row, load_text_1) : std::string_view(),
                    by_name ? rows.bytes(row, load_bytes_1) : std::string_view(), rows.integer(row, load_number_1),
                    kind == load_request ? rows.integer(row, load_number_2) : 0,
                    kind == load_request ? rows.integer(row, load_number_3) : 0);
}

/// The rows by actor and part.
std::vector<int> order_of(const pg_rows& rows) {
  std::vector<int> order(static_cast<std::size_t>(rows.size()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  const auto less = [&](int a, int b) { return place_of_part(rows, a) < place_of_part(rows, b); };
  if (!std::is_sorted(order.begin(), order.end(), less)) std::sort(order.begin(), order.end(), less);
  return order;
}

/// What somebody else wrote must not reach a handler as something else than JSON.
std::string json_of(std::string text, const std::string& where) {
  if (const auto fault = check_json_value(text)) throw damaged_column(where + " is not JSON: " + to_string(*fault));
  return text;
}

void read_cell(const pg_rows& rows, int row, spi::actor_image& image, std::vector<std::string>& apart) {
  const auto wanted = std::find(apart.begin(), apart.end(), rows.bytes(row, load_text_1));
  if (wanted == apart.end()) return;  // the cell is small now, or gone
  spi::cell_image cell;
  cell.name = *wanted;
  apart.erase(wanted);
  const std::string where = "the row of cell \"" + cell.name + "\" in table cell";
  const std::int64_t schema = rows.integer(row, load_number_1);
  if (schema < 1 || schema > std::numeric_limits<std::uint32_t>::max()) {
    throw damaged_column(where + ": its schema version is not a whole number from 1");
  }
  cell.schema = static_cast<std::uint32_t>(schema);
  auto json = decode_cell(bits(rows, row, load_number_2), rows.bytes(row, load_bytes_1), decoded_cell_bytes_max);
  if (!json) throw damaged_column(where + ": its content is not what its coding says");
  cell.json = json_of(*std::move(json), where);
  cell.kept = true;
  image.cells.push_back(std::move(cell));
}

}  // namespace

row_images::row_images(std::string place) : place_(std::move(place)) {}

void row_images::read_part(const pg_rows& rows, int row, spi::actor_image& image, std::vector<std::string>& apart) {
  switch (rows.integer(row, load_kind)) {
    case load_actor:
      image.stamp = {bits(rows, row, load_number_1), bits(rows, row, load_number_2)};
      image.epoch = bits(rows, row, load_number_3);
      image.stream = bits(rows, row, load_number_4);
      if (!rows.is_null(row, load_number_5)) image.items_expire = time_of(rows.integer(row, load_number_5));
      image.cells = unpacker_.cells(rows.bytes(row, load_document_1), rows.bytes(row, load_text_1));
      image.reminders = unpacker_.reminders(rows.bytes(row, load_document_2));
      image.logs = unpacker_.logs(rows.bytes(row, load_text_3));
      if (!rows.bytes(row, load_text_2).empty()) apart = unpack_names(rows.bytes(row, load_text_2));
      break;
    case load_request:
      image.requests.push_back({string_of(rows, row, load_bytes_1), string_of(rows, row, load_document_1),
                                time_of(rows.integer(row, load_number_1))});
      break;
    case load_message:
      read_message(rows, row, image);
      break;
    case load_mark:
      read_mark(rows, row, image);
      break;
    case load_letter:
      read_letter(rows, row, image);
      break;
    default:
      read_cell(rows, row, image, apart);
  }
}

std::size_t row_images::read_actor(const pg_rows& rows, const std::vector<int>& order, std::size_t from,
                                   spi::actor_image& image) {
  std::vector<std::string> apart;
  const std::int64_t ordinal = rows.integer(order[from], load_ordinal);
  std::size_t i = from;
  for (; i < order.size() && rows.integer(order[i], load_ordinal) == ordinal; ++i) {
    read_part(rows, order[i], image, apart);
  }
  if (!apart.empty()) throw damaged_column("table cell has no row for the large cell \"" + apart.front() + "\"");
  sort_cells(image.cells);
  return i;
}

std::vector<spi::load_result> row_images::loaded(std::span<const actor_id> actors, const pg_rows& rows) {
  std::vector<spi::load_result> results;
  results.reserve(actors.size());
  for (const actor_id& actor : actors) results.push_back(load_of_nothing(actor, spi::read_status::ok));
  const std::vector<int> order = order_of(rows);
  for (std::size_t i = 0; i < order.size();) {
    const std::int64_t ordinal = rows.integer(order[i], load_ordinal);
    spi::load_result& result = results[static_cast<std::size_t>(ordinal - 1)];
    try {
      i = read_actor(rows, order, i, result.image);
    } catch (const damaged_column& fault) {
      const actor_id actor = result.image.actor;
      result = load_of_nothing(actor, spi::read_status::damaged, damage(actor, fault.what()));
      while (i < order.size() && rows.integer(order[i], load_ordinal) == ordinal) ++i;
    }
  }
  return results;
}

spi::list_result row_images::listed(const pg_rows& rows) {
  spi::list_result result{spi::read_status::ok, {}, {}};
  const std::vector<int> order = order_of(rows);
  for (std::size_t i = 0; i < order.size();) {
    const std::int64_t ordinal = rows.integer(order[i], load_ordinal);
    spi::actor_image& image = result.actors.emplace_back();
    image.actor = {string_of(rows, order[i], load_text_4), string_of(rows, order[i], load_bytes_1)};
    try {
      i = read_actor(rows, order, i, image);
      image.stream = 0;  // of what a load shows, a list shows stamp, epoch, cells and reminders
      image.logs.clear();
      image.items_expire.reset();
    } catch (const damaged_column& fault) {
      if (result.status == spi::read_status::ok) result.message = damage(image.actor, fault.what());
      result.status = spi::read_status::damaged;
      image = load_of_nothing(image.actor, spi::read_status::damaged).image;
      while (i < order.size() && rows.integer(order[i], load_ordinal) == ordinal) ++i;
    }
  }
  return result;
}

spi::log_result row_images::entries(const spi::log_query& query, const pg_rows& rows) {
  spi::log_result result{spi::read_status::ok, {}, {}};
  try {
    if (rows.size() != 0) read_entries(query, rows, result.entries);
  } catch (const damaged_column& fault) {
    return {spi::read_status::damaged, damage(query.actor, fault.what()), {}};
  }
  return result;
}

void row_images::read_entries(const spi::log_query& query, const pg_rows& rows,
                              std::vector<spi::log_entry_image>& entries) {
  const std::vector<spi::log_head> heads = unpacker_.logs(rows.bytes(0, entry_logs));
  const auto head = std::find_if(heads.begin(), heads.end(), [&](const auto& each) { return each.name == query.log; });
  if (head == heads.end() || head->first == head->next) return;
  const std::uint64_t low = std::max(query.from, head->first);
  const std::uint64_t high = std::min(query.to, head->next - 1);
  if (low > high) return;
  std::uint64_t found = 0;
  std::uint64_t wanted = query.newest_first ? high : low;
  for (int row = 1; row < rows.size(); ++row) {
    spi::log_entry_image entry;
    entry.sequence = bits(rows, row, entry_sequence);
    if (entry.sequence < low || entry.sequence > high) continue;  // it was dropped, or never added
    if (entry.sequence != wanted) break;
    entry.at = time_of(rows.integer(row, entry_at));
    entry.json = json_of(string_of(rows, row, entry_value),
                         "entry " + std::to_string(entry.sequence) + " of log \"" + query.log + "\" in table entry");
    entries.push_back(std::move(entry));
    found = bits(rows, row, entry_found);
    wanted = query.newest_first ? wanted - 1 : wanted + 1;
  }
  const std::uint64_t due = std::min<std::uint64_t>(query.limit, high - low + 1);
  const bool is_cut = static_cast<int>(entries.size()) == rows.size() - 1 && found >= due;  // by the bytes of a page
  if (entries.size() != due && !is_cut) {
    throw damaged_column("table entry has no entry " + std::to_string(wanted) + " of log \"" + query.log + "\"");
  }
}

spi::item_result row_images::items(const spi::item_query& query, const pg_rows& rows) const {
  spi::item_result result{spi::read_status::ok, {}, {}, false};
  try {
    for (int row = 0; row < rows.size(); ++row) {
      spi::item_image item;
      item.key = string_of(rows, row, item_key);
      item.json = json_of(string_of(rows, row, item_value),
                          "the value of item " + to_display({}, item.key).substr(1) + " in table item");
      item.version = bits(rows, row, item_version);
      if (!rows.is_null(row, item_expires)) item.expires = time_of(rows.integer(row, item_expires));
      result.items.push_back(std::move(item));
      result.more = query.keys.empty() && rows.integer(row, item_found) > row + 1;
    }
  } catch (const damaged_column& fault) {
    return {spi::read_status::damaged, damage(query.actor, fault.what()), {}, false};
  }
  return result;
}

spi::due_result row_images::due(const pg_rows& rows) const {
  spi::due_result result{spi::read_status::ok, {}, {}};
  for (int row = 0; row < rows.size(); ++row) {
    result.actors.push_back({{string_of(rows, row, 0), string_of(rows, row, 1)}, time_of(rows.integer(row, 2))});
  }
  return result;
}

std::string row_images::damage(const actor_id& actor, const std::string& fault) const {
  return "what the store in " + place_ + " holds of " + to_string(actor) + " is damaged: " + fault;
}

}  // namespace troupe::internal
