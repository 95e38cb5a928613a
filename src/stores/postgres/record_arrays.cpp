#include "stores/postgres/record_arrays.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "stores/rules/cell_content.hpp"
#include "stores/rules/commit_rules.hpp"
#include "stores/rules/row_text.hpp"

namespace troupe::internal {
namespace {

/// The arrays of one statement, by the order in which they were begun. Built row by row.
class array_set {
 public:
  pg_array& begin(pg_type type) { return arrays_.emplace_back(type); }
  pg_array& at(std::size_t column) { return arrays_[column]; }

  [[nodiscard]] std::vector<std::string> take() {
    std::vector<std::string> images;
    images.reserve(arrays_.size());
    for (pg_array& array : arrays_) images.push_back(array.take());
    return images;
  }

 private:
  std::vector<pg_array> arrays_;
};

array_set made_of(std::initializer_list<pg_type> types) {
  array_set set;
  for (const pg_type type : types) set.begin(type);
  return set;
}

void add_time(pg_array& array, const std::optional<wall_time>& time) {
  time ? array.add(std::int64_t{time->time_since_epoch().count()}) : array.add_null();
}

void add_stream(pg_array& array, const spi::turn_record& record) {
  const std::uint64_t stream = record.messages ? record.messages->stream : 0;
  stream != 0 ? array.add(stream) : array.add_null();
}

std::optional<wall_time> expire_next_of(const spi::turn_record& record) {
  return record.items ? record.items->expire_next : std::nullopt;
}

/// Text that is packed anew for each record.
class packer {
 public:
  explicit packer(const pg_layout& layout) : layout_(layout) {}

  std::string_view state(const spi::turn_record& record) {
    pack_cells(record.cells, layout_.large_cell_bytes, anew());
    return scratch_;
  }
  std::string_view schemas(const spi::turn_record& record) {
    pack_schemas(record.cells, layout_.large_cell_bytes, anew());
    return scratch_;
  }
  std::string_view apart(const spi::turn_record& record) {
    pack_large_names(record.cells, layout_.large_cell_bytes, anew());
    return scratch_;
  }
  std::string_view reminders(const spi::turn_record& record) {
    anew();
    if (record.reminders) pack_reminders(*record.reminders, scratch_);
    return scratch_;
  }
  std::string_view logs(const spi::turn_record& record) {
    anew();
    if (record.logs) pack_logs(*record.logs, scratch_);
    return scratch_;
  }

 private:
  std::string& anew() {
    scratch_.clear();
    return scratch_;
  }

  const pg_layout& layout_;
  std::string scratch_;
};

bool sets_due(const spi::turn_record& record) noexcept { return record.wake || record.reminders; }

}  // namespace

pg_type document_type(stores::postgres_state state) noexcept {
  return state == stores::postgres_state::bytea ? pg_type::bytea : pg_type::text;
}

std::int64_t parts_of(const spi::turn_record& record, const pg_layout& layout) noexcept {
  std::int64_t parts = 0;
  const auto add = [&](bool added, pg_part part) {
    if (added) parts |= part;
  };
  add(!record.requests_added.empty(), part_requests);
  add(std::any_of(record.cells.begin(), record.cells.end(),
                  [&](const auto& cell) { return !cell.kept && is_large(cell, layout.large_cell_bytes); }),
      part_cells);
  if (!record.messages) return parts;
  add(!record.messages->sent_added.empty(), part_messages);
  add(!record.messages->marks_set.empty(), part_marks);
  add(!record.messages->letters_added.empty(), part_letters);
  return parts;
}

update_columns columns_of(record_span records, const pg_layout& layout) noexcept {
  update_columns columns = 0;
  const auto need = [&](bool needed, update_column column) {
    if (needed) columns |= static_cast<unsigned>(column);
  };
  for (const spi::turn_record* record : records) {
    need(record->keeps_cells, update_column::kept_cells);
    for (const spi::cell_image& cell : record->cells) {
      need(cell.schema != 1, update_column::schemas);
      need(is_large(cell, layout.large_cell_bytes), update_column::apart);
    }
    need(record->reminders.has_value(), update_column::reminders);
    need(sets_due(*record), update_column::due);
    need(record->messages && record->messages->stream != 0, update_column::stream);
    need(parts_of(*record, layout) != 0, update_column::parts);
    need(record->logs.has_value(), update_column::logs);
    need(record->items.has_value(), update_column::items);
  }
  return columns;
}

std::vector<std::string> update_arrays(record_span records, update_columns columns, const pg_layout& layout) {
  const pg_type document = document_type(layout.state);
  array_set set = made_of({pg_type::text, pg_type::bytea, pg_type::int8, pg_type::int8, pg_type::int8, pg_type::int8,
                           pg_type::int8, document});
  constexpr std::size_t first_optional = 8;
  const auto begin = [&](update_column column, std::initializer_list<pg_type> types) {
    if (!has(columns, column)) return;
    for (const pg_type type : types) set.begin(type);
  };
  begin(update_column::schemas, {pg_type::text});
  begin(update_column::apart, {pg_type::text});
  begin(update_column::reminders, {document});
  begin(update_column::due, {pg_type::boolean, pg_type::int8});
  begin(update_column::stream, {pg_type::int8});
  begin(update_column::parts, {pg_type::int8});
  begin(update_column::logs, {pg_type::text});
  begin(update_column::items, {pg_type::boolean, pg_type::int8});
  packer pack(layout);
  for (const spi::turn_record* record : records) {
    set.at(0).add(std::string_view(record->actor.type));
    set.at(1).add(std::string_view(record->actor.key));
    std::size_t column = 2;
    for (const std::uint64_t number : {record->expected.version, record->expected.writer, record->next.version,
                                       record->next.writer, record->epoch}) {
      set.at(column++).add(number);
    }
    record->keeps_cells ? set.at(column).add_null() : set.at(column).add(pack.state(*record));
    column = first_optional;
    if (has(columns, update_column::schemas)) set.at(column++).add(pack.schemas(*record));
    if (has(columns, update_column::apart)) set.at(column++).add(pack.apart(*record));
    if (has(columns, update_column::reminders)) {
      record->reminders ? set.at(column).add(pack.reminders(*record)) : set.at(column).add_null();
      ++column;
    }
    if (has(columns, update_column::due)) {
      set.at(column++).add(sets_due(*record));
      add_time(set.at(column++), due_after(*record, std::nullopt));
    }
    if (has(columns, update_column::stream)) add_stream(set.at(column++), *record);
    if (has(columns, update_column::parts)) set.at(column++).add(parts_of(*record, layout));
    if (has(columns, update_column::logs)) {
      record->logs ? set.at(column).add(pack.logs(*record)) : set.at(column).add_null();
      ++column;
    }
    if (has(columns, update_column::items)) {
      set.at(column++).add(record->items.has_value());
      add_time(set.at(column++), expire_next_of(*record));
    }
  }
  return set.take();
}

std::vector<std::string> insert_arrays(record_span records, const pg_layout& layout) {
  const pg_type document = document_type(layout.state);
  array_set set =
      made_of({pg_type::text, pg_type::bytea, pg_type::int8, pg_type::int8, pg_type::int8, document, pg_type::text,
               pg_type::text, document, pg_type::int8, pg_type::int8, pg_type::int8, pg_type::text, pg_type::int8});
  packer pack(layout);
  for (const spi::turn_record* record : records) {
    set.at(0).add(std::string_view(record->actor.type));
    set.at(1).add(std::string_view(record->actor.key));
    set.at(2).add(record->next.version);
    set.at(3).add(record->next.writer);
    set.at(4).add(record->epoch);
    set.at(5).add(pack.state(*record));
    set.at(6).add(pack.schemas(*record));
    set.at(7).add(pack.apart(*record));
    set.at(8).add(pack.reminders(*record));
    add_time(set.at(9), due_after(*record, std::nullopt));
    add_stream(set.at(10), *record);
    set.at(11).add(parts_of(*record, layout));
    set.at(12).add(pack.logs(*record));
    add_time(set.at(13), expire_next_of(*record));
  }
  return set.take();
}

std::vector<std::string> remove_arrays(record_span records) {
  array_set set = made_of({pg_type::text, pg_type::bytea, pg_type::int8, pg_type::int8, pg_type::int8});
  for (const spi::turn_record* record : records) {
    set.at(0).add(std::string_view(record->actor.type));
    set.at(1).add(std::string_view(record->actor.key));
    set.at(2).add(record->expected.version);
    set.at(3).add(record->expected.writer);
    set.at(4).add(record->epoch);
  }
  return set.take();
}

std::vector<std::string> held_arrays(record_span records) {
  array_set set = made_of({pg_type::text, pg_type::bytea, pg_type::int8, pg_type::int8, pg_type::int8});
  for (const spi::turn_record* record : records) {
    const erasure wanted = erasure_of(*record);
    set.at(0).add(std::string_view(record->actor.type));
    set.at(1).add(std::string_view(record->actor.key));
    set.at(2).add(wanted.writer);
    set.at(3).add(wanted.version);
    set.at(4).add(wanted.actor_hash);
  }
  return set.take();
}

std::vector<std::string> remember_arrays(record_span records) {
  array_set set = made_of({pg_type::int8, pg_type::int8, pg_type::int8});
  for (const spi::turn_record* record : records) {
    const erasure made = erasure_of(*record);
    set.at(0).add(made.writer);
    set.at(1).add(made.version);
    set.at(2).add(made.actor_hash);
  }
  return set.take();
}

std::vector<std::string> name_arrays(record_span records) {
  array_set set = made_of({pg_type::text, pg_type::bytea});
  for (const spi::turn_record* record : records) {
    set.at(0).add(std::string_view(record->actor.type));
    set.at(1).add(std::string_view(record->actor.key));
  }
  return set.take();
}

}  // namespace troupe::internal
