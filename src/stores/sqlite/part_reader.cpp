#include "stores/sqlite/part_reader.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/json_members.hpp"
#include "stores/rules/cell_content.hpp"
#include "stores/rules/key_range.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

/// What somebody else wrote must not reach a handler as something else than JSON.
std::string json_of(std::string_view text, const std::string& where) {
  if (const auto fault = check_json_value(text)) throw damaged_column(where + " is not JSON: " + to_string(*fault));
  return std::string(text);
}

spi::cell_image cell_of(const sqlite_statement& row) {
  spi::cell_image cell;
  cell.name = row.bytes(0);
  const std::string where = "the row of cell \"" + cell.name + "\" in table cell";
  const std::int64_t schema = row.integer(1);
  if (schema < 1 || schema > std::numeric_limits<std::uint32_t>::max()) {
    throw damaged_column(where + ": its schema version is not a whole number from 1");
  }
  cell.schema = static_cast<std::uint32_t>(schema);
  auto json = decode_cell(row.bits(2), row.bytes(3), decoded_cell_bytes_max);
  if (!json) throw damaged_column(where + ": its content is not what its coding says");
  cell.json = json_of(*json, where);
  cell.kept = true;
  return cell;
}

}  // namespace

part_reader::part_reader(sqlite_connection& connection)
    : cells_(connection, "SELECT name, schema, coding, content FROM cell WHERE actor = ?1"),
      entries_up_(connection,
                  "SELECT sequence, at, value FROM entry WHERE actor = ?1 AND log = ?2 AND sequence BETWEEN ?3 AND ?4"
                  " ORDER BY sequence LIMIT ?5"),
      entries_down_(connection,
                    "SELECT sequence, at, value FROM entry WHERE actor = ?1 AND log = ?2 AND sequence BETWEEN ?3 AND ?4"
                    " ORDER BY sequence DESC LIMIT ?5"),
      item_(connection, "SELECT key, value, version, expires FROM item WHERE actor = ?1 AND key = ?2"),
      items_(connection,
             "SELECT key, value, version, expires FROM item WHERE actor = ?1 AND key >= ?2 AND key < ?3"
             " ORDER BY key LIMIT ?4") {}

void part_reader::read_cells(std::int64_t id, std::string_view names, std::vector<spi::cell_image>& cells) {
  std::vector<std::string> wanted = unpack_names(names);
  const sqlite_reset reset(cells_);
  cells_.bind(1, id);
  while (cells_.step()) {
    const auto it = std::find(wanted.begin(), wanted.end(), cells_.bytes(0));
    if (it == wanted.end()) continue;
    wanted.erase(it);
    cells.push_back(cell_of(cells_));
  }
  if (!wanted.empty()) throw damaged_column("table cell has no row for the large cell \"" + wanted.front() + "\"");
  sort_cells(cells);
}

std::vector<spi::log_entry_image> part_reader::read_log(std::int64_t id, const spi::log_query& query,
                                                        const spi::log_head& head) {
  std::vector<spi::log_entry_image> entries;
  const std::uint64_t low = std::max(query.from, head.first);
  if (head.next == head.first || low > std::min(query.to, head.next - 1)) return entries;
  const std::uint64_t high = std::min(query.to, head.next - 1);
  sqlite_statement& rows = query.newest_first ? entries_down_ : entries_up_;
  const sqlite_reset reset(rows);
  rows.bind(1, id);
  rows.bind_text(2, query.log);
  rows.bind(3, low);
  rows.bind(4, high);
  rows.bind(5, static_cast<std::int64_t>(query.limit));
  std::size_t bytes = 0;
  std::uint64_t wanted = query.newest_first ? high : low;
  while (rows.step()) {
    spi::log_entry_image entry;
    entry.sequence = rows.bits(0);
    entry.at = time_of(rows.integer(1));
    if (entry.sequence != wanted) break;
    const std::string where =
        "entry " + std::to_string(entry.sequence) + " of log \"" + query.log + "\" in table entry";
    entry.json = json_of(rows.bytes(2), where);
    bytes += entry.json.size();
    if (bytes > query.bytes_max && !entries.empty()) return entries;
    entries.push_back(std::move(entry));
    wanted = query.newest_first ? wanted - 1 : wanted + 1;
  }
  const bool is_whole = entries.size() == std::min<std::uint64_t>(query.limit, high - low + 1);
  if (!is_whole) {
    throw damaged_column("table entry has no entry " + std::to_string(wanted) + " of log \"" + query.log + "\"");
  }
  return entries;
}

spi::item_image part_reader::item_of(const sqlite_statement& row) const {
  spi::item_image item;
  item.key = row.bytes(0);
  item.json = json_of(row.bytes(1), "the value of item " + to_display({}, item.key).substr(1) + " in table item");
  item.version = row.bits(2);
  if (!row.is_null(3)) item.expires = time_of(row.integer(3));
  return item;
}

spi::item_result part_reader::read_items(std::int64_t id, const spi::item_query& query) {
  spi::item_result result{spi::read_status::ok, {}, {}, false};
  std::vector<std::string> keys = query.keys;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const std::string& key : keys) {
    const sqlite_reset reset(item_);
    item_.bind(1, id);
    item_.bind_blob(2, key);
    if (item_.step()) result.items.push_back(item_of(item_));
  }
  if (!query.keys.empty()) return result;
  const key_range range = range_of(query);
  const sqlite_reset reset(items_);
  items_.bind(1, id);
  items_.bind_blob(2, range.lower);
  items_.bind_blob(3, range.end);
  items_.bind(4, static_cast<std::int64_t>(query.limit) + 1);
  std::size_t bytes = 0;
  while (items_.step()) {
    bytes += items_.bytes(0).size() + items_.bytes(1).size();
    result.more = result.items.size() == query.limit || (bytes > query.bytes_max && !result.items.empty());
    if (result.more) break;
    result.items.push_back(item_of(items_));
  }
  return result;
}

}  // namespace troupe::internal
