#include <algorithm>
#include <array>
#include <map>

#include "contract/clause_support.hpp"

// Cells that a store keeps apart because they are large.
namespace troupe::contract {
namespace {

using spi::commit_status;

/// A cell that counts as large in every store that takes records of 64 KiB.
spi::cell_image large(std::string name, char fill, std::uint32_t schema = 1) {
  return cell(std::move(name), "\"" + std::string(20'000, fill) + "\"", schema);
}

spi::cell_image kept(std::string name) {
  spi::cell_image image;
  image.name = std::move(name);
  image.kept = true;
  return image;
}

spi::turn_record nth(std::uint64_t version, std::vector<spi::cell_image> cells, std::vector<std::string> dropped = {}) {
  auto record = turn(acme, version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 11}, {version, 11});
  record.cells = std::move(cells);
  record.cells_dropped = std::move(dropped);
  return record;
}

/// Commits a record and expects the cells behind it.
void expect_cells(checker& check, const store_client& client, const spi::turn_record& record,
                  std::vector<spi::cell_image> cells, const std::string& what) {
  check.expect_status(client.commit(record), commit_status::committed, what);
  auto image = image_of(record);
  image.cells = std::move(cells);
  check.expect_image(client.load(acme), image, what);
}

violations keeps_large_cells_that_are_kept(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto book = large("book", 'b', 7);
  const auto tail = large("tail", 't');
  const auto small = cell("head", "1");
  expect_cells(check, client, nth(1, {book, small, tail}), {book, small, tail}, "an insert with large cells");
  expect_cells(check, client, nth(2, {kept("book"), cell("head", "2"), kept("tail")}), {book, cell("head", "2"), tail},
               "an update that keeps large cells");
  const auto changed = large("book", 'c', 8);
  expect_cells(check, client, nth(3, {changed, cell("head", "2"), kept("tail")}), {changed, cell("head", "2"), tail},
               "an update of one of two large cells");
  auto silent = nth(4, {});
  silent.keeps_cells = true;
  expect_cells(check, client, silent, {changed, cell("head", "2"), tail}, "a record that keeps all cells");
  check.expect(contents_of(client.list({}).actors.at(0).cells) == std::vector{changed, cell("head", "2"), tail},
               "a list shows large cells otherwise than a load");
  return check.take();
}

violations moves_cells_that_grow_and_shrink(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto book = large("book", 'b');
  const auto tail = large("tail", 't');
  expect_cells(check, client, nth(1, {cell("book", "1")}), {cell("book", "1")}, "a small cell");
  expect_cells(check, client, nth(2, {book}), {book}, "a cell that has grown");
  expect_cells(check, client, nth(3, {cell("book", "2", 3), tail}, {"book"}), {cell("book", "2", 3), tail},
               "a cell that has shrunk, and a new large one");
  expect_cells(check, client, nth(4, {cell("book", "2"), kept("tail")}), {cell("book", "2"), tail},
               "one of each, kept");
  expect_cells(check, client, nth(5, {cell("book", "2")}, {"tail", "never"}), {cell("book", "2")},
               "a large cell that is gone");
  expect_cells(check, client, nth(6, {book, tail}, {"book"}), {book, tail}, "a drop and a write of one cell");
  return check.take();
}

violations writes_large_cells_with_their_record_alone(store_place& place) {
  checker check;
  const store_client client(place.open());
  const auto first = nth(1, {large("book", 'b')});
  check.expect_status(client.commit(first), commit_status::committed, "an insert");
  auto loser = nth(2, {large("book", 'x'), large("more", 'm')});
  loser.expected = {1, 12};
  check.expect_status(client.commit(loser), commit_status::conflict, "a record that lost");
  check.expect_image(client.load(acme), image_of(first), "after a record that lost");
  auto lookalike = first;
  lookalike.cells = {large("book", 'x')};
  check.expect_status(client.commit(lookalike), commit_status::committed, "a record with the stamp that is held");
  check.expect_image(client.load(acme), image_of(first), "after a record with the stamp that is held");
  check.expect_status(client.commit(erasure(acme, {1, 11}, {2, 11})), commit_status::committed, "an erasure");
  check.expect_nothing(client.load(acme), "after an erasure");
  auto reborn = nth(1, {cell("head", "1")});
  reborn.next.writer = 12;
  check.expect_status(client.commit(reborn), commit_status::committed, "a new insert");
  check.expect_image(client.load(acme), image_of(reborn), "after a rebirth");
  return check.take();
}

/// Turns of hosts that have the actor one after the other. Each keeps what the store says to stand apart, and writes
/// the other cells.
class turns_of_hosts {
 public:
  explicit turns_of_hosts(checker& check) : check_(check) {}

  void edit(const store_client& client, const std::vector<spi::cell_image>& edited, const std::string& what) {
    const auto held = client.load(acme).image;
    auto record = nth(held.stamp.version + 1, {});
    for (const spi::cell_image& cell : edited) cells_[cell.name] = cell;
    for (auto& [name, cell] : cells_) {
      const bool is_edited = std::any_of(edited.begin(), edited.end(), [&](const auto& e) { return e.name == name; });
      const bool was_apart = stands_apart(held, name);
      if (!is_edited && was_apart) {
        record.cells.push_back(kept(name));
        continue;
      }
      cell.kept = cell.json.size() >= client.store().limits().large_cell_bytes;
      if (was_apart && !cell.kept) record.cells_dropped.push_back(name);
      record.cells.push_back({.name = name, .schema = cell.schema, .json = cell.json});
    }
    finish(client, record, what);
  }

  void drop(const store_client& client, const std::string& name, const std::string& what) {
    if (stands_apart(client.load(acme).image, name)) dropped_.push_back(name);
    cells_.erase(name);
    edit(client, {}, what);
  }

 private:
  [[nodiscard]] static bool stands_apart(const spi::actor_image& held, const std::string& name) {
    return std::any_of(held.cells.begin(), held.cells.end(), [&](const auto& c) { return c.name == name && c.kept; });
  }

  void finish(const store_client& client, spi::turn_record& record, const std::string& what) {
    record.cells_dropped.insert(record.cells_dropped.end(), dropped_.begin(), dropped_.end());
    dropped_.clear();
    std::vector<spi::cell_image> wanted;
    for (const auto& [name, cell] : cells_) wanted.push_back(cell);
    expect_cells(check_, client, record, wanted, what);
    check_.expect(client.load(acme).image.cells == wanted, what + ": a load says otherwise where cells stand");
    const auto listed = client.list({}).actors;
    check_.expect(listed.size() == 1 && listed[0].cells == wanted, what + ": a list says otherwise where cells stand");
  }

  checker& check_;
  std::map<std::string, spi::cell_image> cells_;  // `kept`: it stands apart
  std::vector<std::string> dropped_;
};

violations says_which_cells_stand_apart(store_place& place) {
  checker check;
  const store_client client(place.open());
  turns_of_hosts turns(check);
  turns.edit(client, {cell("head", "1"), cell("left", "\"small\"", 3), large("book", 'b')}, "an insert");
  turns.edit(client, {cell("head", "2")}, "an update that edits a small cell");
  turns.edit(client, {cell("left", "7", 4)}, "an update that edits another small cell");
  turns.edit(client, {cell("book", "3")}, "a cell that shrinks");
  turns.edit(client, {cell("head", "3")}, "an update behind it");
  turns.edit(client, {large("head", 'h')}, "a cell that grows");
  turns.edit(client, {cell("book", "4")}, "an update behind that");
  turns.drop(client, "left", "a small cell that is gone");
  return check.take();
}

violations leaves_cells_where_they_were_written(store_place& place) {
  checker check;
  const store_client low(place.open_with(50));
  const store_client high(place.open_with(200));
  const auto book = [](char fill) { return cell("book", "\"" + std::string(100, fill) + "\"", 6); };
  turns_of_hosts turns(check);
  turns.edit(low, {book('a'), cell("head", "1")}, "an insert under a low limit");
  turns.edit(high, {cell("head", "2")}, "an update under a higher limit");
  turns.edit(low, {cell("head", "3")}, "an update under the low limit again");
  turns.edit(high, {book('b')}, "a cell that is written anew under the higher limit");
  turns.edit(high, {cell("head", "4")}, "an update behind it");
  turns.edit(low, {cell("head", "5")}, "an update under a lowered limit");
  turns.edit(low, {cell("head", "6")}, "an update behind that");
  turns.drop(high, "book", "a cell that is gone, under the higher limit");
  turns.edit(high, {book('c')}, "the cell anew");
  return check.take();
}

}  // namespace

std::span<const clause> cell_clauses() {
  static constexpr std::array clauses{
      clause{"KeepsLargeCellsThatAreKept", keeps_large_cells_that_are_kept},
      clause{"MovesCellsThatGrowAndShrink", moves_cells_that_grow_and_shrink},
      clause{"WritesLargeCellsWithTheirRecordAlone", writes_large_cells_with_their_record_alone},
      clause{"SaysWhichCellsStandApart", says_which_cells_stand_apart},
      clause{"LeavesCellsWhereTheyWereWritten", leaves_cells_where_they_were_written},
  };
  return clauses;
}

}  // namespace troupe::contract
