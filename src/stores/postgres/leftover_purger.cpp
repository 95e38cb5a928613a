#include "stores/postgres/leftover_purger.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "stores/postgres/array_image.hpp"

namespace troupe::internal {
namespace {

/// How often the removal of a single row fails until what is behind it has its turn.
constexpr int failures_max = 3;

}  // namespace

leftover_purger::leftover_purger(const pg_place& place, const std::shared_ptr<const spi::clock>& clock,
                                 const std::shared_ptr<spi::entropy>& entropy)
    : part_rows_(place.layout.part_rows),
      entropy_(entropy),
      links_(place, clock, entropy),
      wanted_(place.has_leftovers) {
  thread_ = std::thread([this] { run(); });
}

void leftover_purger::wake() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  changed_.notify_all();
}

void leftover_purger::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || wanted_; });
      if (closing_) return;
      wanted_ = false;
    }
    purge();
    links_.close();
  }
}

/// A part that fails is tried again as a smaller one: it may have taken longer than a statement is allowed to.
void leftover_purger::purge() {
  std::size_t rows = part_rows_;
  back_off pauses;
  passed_ = 0;
  while (!is_closing()) {
    pg_link* link = links_.get();
    if (link == nullptr) {
      wait(links_.pause());
      continue;
    }
    try {
      if (purge_part(*link, rows)) {
        rows = std::min(part_rows_, rows * 2);
        pauses.reset();
        continue;
      }
      if (!is_anything_left(*link)) return;
      passed_ = 0;  // others are at it, and may end before they are done; or it could not be removed
    } catch (const pg_failure& failure) {
      link->roll_back();
      if (failure.kind() != pg_failure_kind::lost) note_failure(rows);
      rows = std::max<std::size_t>(1, rows / 2);
    }
    wait(pauses.next(entropy_->next()));
  }
}

void leftover_purger::note_failure(std::size_t rows) {
  if (rows > 1 || current_ == 0) return;
  failures_ = failing_ == current_ ? failures_ + 1 : 1;
  failing_ = current_;
  if (failures_ < failures_max) return;
  passed_ = current_;
  failures_ = 0;
}

bool leftover_purger::is_anything_left(pg_link& link) {
  const std::array look{pg_call{&statements_.any, {}}};
  return link.run(look).front().size() != 0;
}

bool leftover_purger::purge_part(pg_link& link, std::size_t rows) {
  current_ = 0;
  const std::array look{pg_call{&begin_, {}}, pg_call{&statements_.find, {pg_int8(passed_)}}};
  const std::vector<pg_rows> looked = link.run(look);
  const pg_rows& left = looked[1];
  if (left.size() == 0) {
    link.roll_back();
    return false;
  }
  current_ = left.integer(0, leftover_id);
  const auto column = [&](leftover_column which) { return std::string(left.bytes(0, which)); };
  const bool is_log = !left.is_null(0, leftover_log);
  const std::string limit = pg_int8(static_cast<std::int64_t>(rows));
  const std::array purge{
      is_log ? pg_call{&statements_.purge_entries,
                       {column(leftover_actor), column(leftover_log), column(leftover_first), column(leftover_next),
                        limit}}
             : pg_call{&statements_.purge_items, {column(leftover_actor), column(leftover_key), limit}}};
  const pg_rows gone = std::move(link.run(purge).front());
  pg_call note{&statements_.drop, {column(leftover_id)}};
  if (gone.integer(0, 0) >= static_cast<std::int64_t>(rows)) {  // there may be more
    note.statement = is_log ? &statements_.shorten_entries : &statements_.shorten_items;
    note.parameters.push_back(is_log ? pg_int8(gone.integer(0, 1) + 1) : std::string(gone.bytes(0, 1)));
  }
  const std::array finish{std::move(note), pg_call{&commit_, {}}};
  static_cast<void>(link.run(finish));
  return true;
}

bool leftover_purger::is_closing() {
  const std::lock_guard lock(mutex_);
  return closing_;
}

void leftover_purger::wait(std::chrono::milliseconds pause) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause, [this] { return closing_; });
}

void leftover_purger::close() {
  const std::lock_guard one_at_a_time(close_mutex_);
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace troupe::internal
