#include "stores/postgres/side_rows.hpp"

#include <algorithm>
#include <set>
#include <type_traits>

#include "stores/postgres/text_rules.hpp"
#include "stores/rules/cell_content.hpp"
#include "stores/rules/row_times.hpp"

namespace troupe::internal {
namespace {

constexpr pg_type int8 = pg_type::int8;
constexpr pg_type bytea = pg_type::bytea;
constexpr pg_type utf8 = pg_type::text;

/// As many entries of a log leave with their record, whatever else leaves with it.
constexpr std::uint64_t few_entries = 128;

std::vector<pg_array> arrays_of(std::initializer_list<pg_type> types) { return {types.begin(), types.end()}; }

/// Calls `put` with each image that none behind it replaces: one statement cannot write a row twice.
template <typename Images, typename Key, typename Put>
void for_last_of_each(const Images& images, Key key_of, Put put) {
  std::vector<bool> is_last(images.size(), true);
  if (images.size() > 1) {
    std::set<std::decay_t<decltype(key_of(images.front()))>> behind;
    for (std::size_t i = images.size(); i-- > 0;) is_last[i] = behind.insert(key_of(images[i])).second;
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (is_last[i]) put(images[i]);
  }
}

void append_call(const pg_statement& statement, std::vector<pg_array>& arrays, std::vector<pg_call>& calls) {
  if (arrays.front().size() == 0) return;
  pg_call& call = calls.emplace_back(pg_call{&statement, {}});
  for (pg_array& array : arrays) call.parameters.push_back(array.take());
}

void drop_numbers(std::int64_t id, const std::vector<std::uint64_t>& numbers, std::vector<pg_array>& arrays) {
  for (const std::uint64_t number : numbers) {
    arrays[0].add(id);
    arrays[1].add(number);
  }
}

}  // namespace

bool has_side_rows(const spi::turn_record& record, const pg_layout& layout) noexcept {
  if (!record.requests_dropped.empty() || !record.requests_added.empty() || record.messages ||
      !record.cells_dropped.empty() || (parts_of(record, layout) & part_cells) != 0) {
    return true;
  }
  const auto& items = record.items;
  if (items && (items->erase_all || !items->erased.empty() || !items->set.empty())) return true;
  return record.logs && std::any_of(record.logs->begin(), record.logs->end(), [](const spi::log_changes& log) {
           return !log.added.empty() || log.head.first != log.first_before;
         });
}

bool leaves_rows(const leftover_statements& leftover, const std::vector<pg_call>& calls,
                 const std::vector<pg_rows>& results) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const pg_statement* statement = calls[i].statement;
    const bool may = statement == &leftover.leave_entries || statement == &leftover.leave_items ||
                     statement == &leftover.renew_items;
    if (may && !results[i].tag().ends_with(" 0")) return true;
  }
  return false;
}

side_rows::side_rows(const pg_layout& layout)
    : layout_(layout), left_entries_(arrays_of({int8, utf8, int8, int8})), room_(layout.part_rows) {
  const pg_type document = document_type(layout.state);
  requests_ = {arrays_of({int8, bytea}), arrays_of({int8, bytea, document, int8, int8, int8})};
  messages_ = {arrays_of({int8, int8}), arrays_of({int8, int8, utf8, bytea, bytea, document, int8, int8, int8})};
  marks_ = {arrays_of({int8, utf8, bytea}), arrays_of({int8, utf8, bytea, int8, int8, int8})};
  letters_ = {arrays_of({int8, int8}),
              arrays_of({int8, int8, utf8, bytea, utf8, bytea, bytea, document, bytea, int8, int8, int8})};
  cells_ = {arrays_of({int8, utf8}), arrays_of({int8, utf8, int8, int8, bytea})};
  entries_ = {arrays_of({int8, utf8, int8, int8}), arrays_of({int8, utf8, int8, int8, document})};
  items_ = {arrays_of({int8, bytea}), arrays_of({int8, bytea, document, int8, int8})};
}

void side_rows::add(std::int64_t id, const spi::turn_record& record) {
  add_requests(id, record);
  add_cells(id, record);
  if (record.logs) add_entries(id, *record.logs);
  if (record.items) add_items(id, *record.items);
  if (!record.messages) return;
  add_messages(id, *record.messages);
  add_marks(id, *record.messages);
  add_letters(id, *record.messages);
}

void side_rows::add_requests(std::int64_t id, const spi::turn_record& record) {
  for (const std::string& key : record.requests_dropped) {
    requests_.dropped[0].add(id);
    requests_.dropped[1].add(std::string_view(key));
  }
  std::int64_t nth = 0;
  for_last_of_each(
      record.requests_added, [](const auto& request) -> const std::string& { return request.key; },
      [&](const spi::request_image& request) {
        auto& put = requests_.put;
        put[0].add(id);
        put[1].add(std::string_view(request.key));
        put[2].add(std::string_view(request.reply));
        put[3].add(milliseconds_of(request.at));
        put[4].add(record.next.version);
        put[5].add(nth++);
      });
}

void side_rows::add_messages(std::int64_t id, const spi::message_changes& changes) {
  drop_numbers(id, changes.sent_dropped, messages_.dropped);
  for_last_of_each(
      changes.sent_added, [](const auto& message) { return message.sequence; },
      [&](const spi::message_image& message) {
        auto& put = messages_.put;
        put[0].add(id);
        put[1].add(message.sequence);
        put[2].add(std::string_view(message.to.type));
        put[3].add(std::string_view(message.to.key));
        put[4].add(std::string_view(message.method));
        put[5].add(std::string_view(message.arguments));
        put[6].add(milliseconds_of(message.sent));
        put[7].add(std::int64_t{message.attempts});
        put[8].add(milliseconds_of(message.not_before));
      });
}

void side_rows::add_marks(std::int64_t id, const spi::message_changes& changes) {
  for (const actor_id& from : changes.marks_dropped) {
    if (!is_storable_text(from.type)) continue;  // no mark can be of it
    marks_.dropped[0].add(id);
    marks_.dropped[1].add(std::string_view(from.type));
    marks_.dropped[2].add(std::string_view(from.key));
  }
  for_last_of_each(
      changes.marks_set, [](const auto& mark) -> const actor_id& { return mark.from; },
      [&](const spi::mark_image& mark) {
        auto& put = marks_.put;
        put[0].add(id);
        put[1].add(std::string_view(mark.from.type));
        put[2].add(std::string_view(mark.from.key));
        put[3].add(mark.stream);
        put[4].add(mark.sequence);
        put[5].add(milliseconds_of(mark.at));
      });
}

void side_rows::add_letters(std::int64_t id, const spi::message_changes& changes) {
  drop_numbers(id, changes.letters_dropped, letters_.dropped);
  for_last_of_each(
      changes.letters_added, [](const auto& letter) { return letter.id; },
      [&](const spi::letter_image& letter) {
        auto& put = letters_.put;
        put[0].add(id);
        put[1].add(letter.id);
        put[2].add(std::string_view(letter.from.type));
        put[3].add(std::string_view(letter.from.key));
        put[4].add(std::string_view(letter.to.type));
        put[5].add(std::string_view(letter.to.key));
        put[6].add(std::string_view(letter.method));
        put[7].add(std::string_view(letter.arguments));
        put[8].add(std::string_view(letter.error));
        put[9].add(std::int64_t{letter.attempts});
        put[10].add(milliseconds_of(letter.sent));
        put[11].add(milliseconds_of(letter.died));
      });
}

void side_rows::add_cells(std::int64_t id, const spi::turn_record& record) {
  for (const std::string& name : record.cells_dropped) {
    if (!is_storable_text(name)) continue;  // no cell can be called so
    cells_.dropped[0].add(id);
    cells_.dropped[1].add(std::string_view(name));
  }
  for (const spi::cell_image& cell : record.cells) {
    if (cell.kept || !is_large(cell, layout_.large_cell_bytes)) continue;
    const cell_content content = code_cell(cell.json, layout_.compress_bytes_min);
    auto& put = cells_.put;
    put[0].add(id);
    put[1].add(std::string_view(cell.name));
    put[2].add(std::int64_t{cell.schema});
    put[3].add(static_cast<std::int64_t>(content.coding));
    put[4].add(std::string_view(content.coding == cell_coding::plain ? cell.json : content.bytes));
  }
}

void side_rows::add_entries(std::int64_t id, const std::vector<spi::log_changes>& logs) {
  for (const spi::log_changes& log : logs) {
    for (const spi::log_entry_image& entry : log.added) {
      auto& put = entries_.put;
      put[0].add(id);
      put[1].add(std::string_view(log.head.name));
      put[2].add(entry.sequence);
      put[3].add(milliseconds_of(entry.at));
      put[4].add(std::string_view(entry.json));
    }
    drop_entries(id, log.head.name, log.first_before, log.head.first);
  }
}

void side_rows::drop_entries(std::int64_t id, const std::string& log, std::uint64_t first, std::uint64_t next) {
  if (first >= next) return;
  const std::uint64_t count = next - first;
  const bool fits = count <= std::min<std::uint64_t>(few_entries, layout_.part_rows) || count <= room_;
  if (fits) room_ -= std::min(room_, count);
  auto& rows = fits ? entries_.dropped : left_entries_;
  rows[0].add(id);
  rows[1].add(std::string_view(log));
  rows[2].add(first);
  rows[3].add(next);
}

void side_rows::add_items(std::int64_t id, const spi::item_changes& changes) {
  if (changes.erase_all) without_items_.add(id);
  for (const std::string& key : changes.erased) {
    items_.dropped[0].add(id);
    items_.dropped[1].add(std::string_view(key));
  }
  for (const spi::item_image& item : changes.set) {
    auto& put = items_.put;
    put[0].add(id);
    put[1].add(std::string_view(item.key));
    put[2].add(std::string_view(item.json));
    put[3].add(item.version);
    item.expires ? put[4].add(milliseconds_of(*item.expires)) : put[4].add_null();
  }
}

void side_rows::erase(std::int64_t id, std::int64_t items, const std::optional<std::vector<spi::log_head>>& logs) {
  erased_.add(id);
  erased_items_.add(items);
  if (!logs) {
    without_logs_.add(id);
    return;
  }
  for (const spi::log_head& log : *logs) drop_entries(id, log.name, log.first, log.next);
}

void side_rows::append_calls(const write_statements& statements, std::vector<pg_call>& calls) {
  const std::string part = pg_int8(static_cast<std::int64_t>(layout_.part_rows));
  if (erased_.size() != 0) {
    const std::string ids = erased_.take();
    const std::string items = erased_items_.take();
    for (const auto* side :
         {&statements.requests, &statements.messages, &statements.marks, &statements.letters, &statements.cells}) {
      calls.push_back({&side->erase, {ids}});
    }
    calls.push_back({&statements.items.erase, {items, part}});
    calls.push_back({&statements.leftover.leave_items, {items}});
  }
  if (without_logs_.size() != 0) calls.push_back({&statements.entries.erase, {without_logs_.take()}});
  const auto append = [&](const side_statements& side, side_rows::table& rows) {
    append_call(side.drop, rows.dropped, calls);
    append_call(side.put, rows.put, calls);
  };
  append(statements.requests, requests_);
  append(statements.messages, messages_);
  append(statements.marks, marks_);
  append(statements.letters, letters_);
  append(statements.cells, cells_);
  append_call(statements.leftover.leave_entries, left_entries_, calls);
  append(statements.entries, entries_);
  if (without_items_.size() != 0) {
    const std::string ids = without_items_.take();
    calls.push_back({&statements.leftover.empty_items, {ids, part}});
    calls.push_back({&statements.leftover.renew_items, {ids}});
  }
  append(statements.items, items_);
}

}  // namespace troupe::internal
