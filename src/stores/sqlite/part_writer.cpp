#include "stores/sqlite/part_writer.hpp"

#include "stores/rules/cell_content.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
part_writer::part_writer(sqlite_connection& connection, std::size_t compress_bytes_min)
    : compress_bytes_min_(compress_bytes_min),
      put_cell_(connection,
                "INSERT INTO cell(actor, name, schema, coding, content) VALUES(?1, ?2, ?3, ?4, ?5)"
                " ON CONFLICT(actor, name) DO UPDATE SET schema = ?3, coding = ?4, content = ?5"),
      drop_cell_(connection, "DELETE FROM cell WHERE actor = ?1 AND name = ?2"),
      add_entry_(connection, "INSERT INTO entry(actor, log, sequence, at, value) VALUES(?1, ?2, ?3, ?4, ?5)"),
      drop_entries_(connection, "DELETE FROM entry WHERE actor = ?1 AND log = ?2 AND sequence < ?3"),
      put_item_(connection,
                "INSERT INTO item(actor, key, value, version, expires) VALUES(?1, ?2, ?3, ?4, ?5)"
                " ON CONFLICT(actor, key) DO UPDATE SET value = ?3, version = ?4, expires = ?5"),
      drop_item_(connection, "DELETE FROM item WHERE actor = ?1 AND key = ?2"),
      erase_cells_(connection, "DELETE FROM cell WHERE actor = ?1"),
      erase_entries_(connection, "DELETE FROM entry WHERE actor = ?1"),
      erase_items_(connection, "DELETE FROM item WHERE actor = ?1") {}

void part_writer::write_cells(std::int64_t id, const spi::turn_record& record, std::size_t large_cell_bytes) {
  for (const std::string& name : record.cells_dropped) {
    drop_cell_.bind(1, id);
    drop_cell_.bind_text(2, name);
    drop_cell_.run();
  }
  for (const spi::cell_image& cell : record.cells) {
    if (cell.kept || !is_large(cell, large_cell_bytes)) continue;
    const cell_content content = code_cell(cell.json, compress_bytes_min_);
    put_cell_.bind(1, id);
    put_cell_.bind_text(2, cell.name);
    put_cell_.bind(3, std::int64_t{cell.schema});
    put_cell_.bind(4, static_cast<std::int64_t>(content.coding));
    content.coding == cell_coding::plain ? put_cell_.bind_text(5, cell.json) : put_cell_.bind_blob(5, content.bytes);
    put_cell_.run();
  }
}

void part_writer::write_logs(std::int64_t id, const std::vector<spi::log_changes>& logs) {
  for (const spi::log_changes& log : logs) {
    for (const spi::log_entry_image& entry : log.added) {
      add_entry_.bind(1, id);
      add_entry_.bind_text(2, log.head.name);
      add_entry_.bind(3, entry.sequence);
      add_entry_.bind(4, milliseconds_of(entry.at));
      add_entry_.bind_text(5, entry.json);
      add_entry_.run();
    }
    if (log.head.first == log.first_before) continue;
    drop_entries_.bind(1, id);
    drop_entries_.bind_text(2, log.head.name);
    drop_entries_.bind(3, log.head.first);
    drop_entries_.run();
  }
}

void part_writer::write_items(std::int64_t id, const spi::item_changes& items) {
  if (items.erase_all) {
    erase_items_.bind(1, id);
    erase_items_.run();
  }
  for (const std::string& key : items.erased) {
    drop_item_.bind(1, id);
    drop_item_.bind_blob(2, key);
    drop_item_.run();
  }
  for (const spi::item_image& item : items.set) {
    put_item_.bind(1, id);
    put_item_.bind_blob(2, item.key);
    put_item_.bind_text(3, item.json);
    put_item_.bind(4, item.version);
    item.expires ? put_item_.bind(5, milliseconds_of(*item.expires)) : put_item_.bind_null(5);
    put_item_.run();
  }
}

void part_writer::erase(std::int64_t id) {
  for (sqlite_statement* statement : {&erase_cells_, &erase_entries_, &erase_items_}) {
    statement->bind(1, id);
    statement->run();
  }
}

}  // namespace troupe::internal
