#include "core/persistence.hpp"

#include <algorithm>
#include <utility>

#include "core/activation.hpp"
#include "core/later.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

std::size_t bytes_of(const spi::turn_record& record) {
  std::size_t bytes = 0;
  for (const auto& cell : record.cells) bytes += cell.name.size() + cell.json.size();
  if (record.reminders) {
    for (const auto& reminder : *record.reminders) bytes += reminder.name.size() + reminder.data.size();
  }
  for (const auto& request : record.requests_added) bytes += request.key.size() + request.reply.size();
  return bytes;
}

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

void persistence::ticket::run() noexcept { owner->on_commit_done(); }

persistence::persistence(activation& owner, request_window window, std::uint64_t writer)
    : writer_(writer), requests_(window) {
  ticket_.owner = &owner;
}

void persistence::adopt(spi::actor_image image, detail::cell_base* cells) {
  strangers_.clear();
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    cell->present = false;
    cell->forget();
  }
  for (auto& stored : image.cells) {
    auto* cell = cells;
    while (cell != nullptr && cell->name() != stored.name) cell = cell->next;
    if (cell == nullptr) {
      strangers_.push_back(std::move(stored));
      continue;
    }
    try {
      cell->decode(stored.json, stored.schema);
    } catch (const std::exception& failure) {
      throw error(errc::bad_state, "the stored state of cell \"" + stored.name + "\" " + failure.what());
    } catch (...) {
      throw error(errc::bad_state, "the stored state of cell \"" + stored.name + "\" cannot be read");
    }
    cell->present = true;
  }
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    if (!cell->present) cell->reset_value();
  }
  stamp_ = image.stamp;
  epoch_ = image.epoch;
  reminders_.images = std::move(image.reminders);
  for (auto& reminder : reminders_.images) {
    // What somebody else wrote must not overflow the sums that are made of it.
    reminder.due = std::clamp(reminder.due, wall_time{}, wall_time{} + reminder_span_max);
    reminder.period = std::clamp(reminder.period, std::chrono::milliseconds{}, reminder_span_max);
  }
  reminders_before_.reset();
  reminders_touched_ = false;
  requests_.load(std::move(image.requests));
  announced_due.reset();
  unsaved = false;
}

std::vector<spi::cell_image> persistence::encode_cells(const actor_id& actor, detail::cell_base* cells) const {
  std::vector<spi::cell_image> images = strangers_;
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    if (!cell->present) continue;
    spi::cell_image& image = images.emplace_back();
    image.name = cell->name();
    image.schema = cell->schema();
    try {
      cell->encode(image.json);
    } catch (const std::exception& failure) {
      throw error(errc::not_encodable,
                  "actor " + to_string(actor) + ", cell \"" + image.name + "\": " + failure.what());
    }
  }
  std::sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return images;
}

std::uint64_t persistence::record_turn(const actor_id& actor, detail::cell_base* cells, const spi::store_limits& limits,
                                       std::optional<spi::request_image> request, bool erase) {
  spi::turn_record record;
  record.actor = actor;
  record.epoch = epoch_;
  record.expected = stamp_;
  record.next = {stamp_.version + 1, writer_};
  record.erase = erase;
  if (!erase) {
    record.cells = encode_cells(actor, cells);
    if (reminders_changed()) record.reminders = reminders_.images;
    if (request) record.requests_added.push_back(*request);
    if (const std::size_t bytes = bytes_of(record); bytes > limits.record_bytes_max) {
      throw error(errc::too_large, "actor " + to_string(actor) + ": its state would take " + std::to_string(bytes) +
                                       " bytes, the store's limit is " + std::to_string(limits.record_bytes_max) +
                                       "; split the actor or keep less in it");
    }
    if (request) record.requests_dropped = requests_.add(std::move(*request), recorded_ + 1);
  } else {
    reminders_.images.clear();
  }
  reminders_before_.reset();
  reminders_touched_ = false;
  unsaved = false;
  stamp_ = record.next;
  ++recorded_;
  if (!queued_.empty() && fits(*queued_.back().record, record, limits)) {
    merge(*queued_.back().record, std::move(record));
    queued_.back().sequence = recorded_;
  } else {
    queued_.push_back({std::make_unique<spi::turn_record>(std::move(record)), recorded_});
  }
  return recorded_;
}

bool persistence::fits(const spi::turn_record& queued, const spi::turn_record& more, const spi::store_limits& limits) {
  std::size_t replies = 0;
  for (const auto& request : queued.requests_added) replies += request.key.size() + request.reply.size();
  std::size_t reminders = 0;
  if (queued.reminders && !more.reminders) {
    for (const auto& reminder : *queued.reminders) reminders += reminder.name.size() + reminder.data.size();
  }
  return bytes_of(more) + replies + reminders <= limits.record_bytes_max;
}

void persistence::merge(spi::turn_record& queued, spi::turn_record&& more) {
  queued.next = more.next;
  queued.cells = std::move(more.cells);
  queued.erase = more.erase;
  if (more.erase) {
    queued.reminders.reset();
    queued.requests_added.clear();
    queued.requests_dropped.clear();
    return;
  }
  if (more.reminders) queued.reminders = std::move(more.reminders);
  // A key that came and went while the record waited never reaches the store; one that it replaces itself stays.
  std::erase_if(queued.requests_added, [&](const auto& added) {
    return std::find(more.requests_dropped.begin(), more.requests_dropped.end(), added.key) !=
           more.requests_dropped.end();
  });
  append(queued.requests_dropped, std::move(more.requests_dropped));
  append(queued.requests_added, std::move(more.requests_added));
}

void persistence::flush(persistence_port& port) noexcept {
  if (in_flight_ || queued_.empty()) return;
  ticket_.record = std::move(queued_.front().record);
  flying_ = queued_.front().sequence;
  queued_.erase(queued_.begin());
  in_flight_ = true;
  port.commit(ticket_);
}

spi::commit_result persistence::finish_commit() {
  in_flight_ = false;
  if (ticket_.result.status == spi::commit_status::committed) committed_ = flying_;
  return std::move(ticket_.result);
}

std::vector<spi::reminder_image>& persistence::change_reminders() {
  if (!reminders_before_) reminders_before_ = reminders_.images;
  return reminders_.images;
}

void persistence::put_back_reminders() noexcept {
  reminders_touched_ = false;
  if (!reminders_before_) return;
  reminders_.images = std::move(*reminders_before_);
  reminders_before_.reset();
}

namespace {

struct kept_reminders final : detail::kept_value {
  explicit kept_reminders(std::vector<spi::reminder_image> copied) : images(std::move(copied)) {}
  std::vector<spi::reminder_image> images;
};

}  // namespace

std::unique_ptr<detail::kept_value> persistence::reminder_list::copy() const {
  return std::make_unique<kept_reminders>(images);
}

void persistence::reminder_list::exchange(detail::kept_value& other) noexcept {
  images.swap(static_cast<kept_reminders&>(other).images);
}

std::optional<wall_time> persistence::next_due() const noexcept {
  std::optional<wall_time> next;
  for (const auto& reminder : reminders_before_ ? *reminders_before_ : reminders_.images) {
    if (!next || reminder.due < *next) next = reminder.due;
  }
  return next;
}

}  // namespace troupe::internal
