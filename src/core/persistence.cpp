#include "core/persistence.hpp"

#include <algorithm>
#include <utility>

#include "core/activation.hpp"
#include "core/later.hpp"
#include "core/record_merging.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

/// The bytes that a record may still get.
std::size_t room_in(const spi::turn_record& record, const spi::store_limits& limits) {
  return limits.record_bytes_max - std::min(limits.record_bytes_max, spi::bytes_of(record));
}

void check_entries(const spi::turn_record& record) {
  const std::size_t entries = entries_of(record);
  if (entries <= record_entries_max) return;
  throw error(errc::too_large, "actor " + to_string(record.actor) + ": its turn adds or takes away " +
                                   std::to_string(entries) + " messages, log entries, items and the like; at most " +
                                   std::to_string(record_entries_max) + " in one turn");
}

}  // namespace

void persistence::ticket::run() noexcept { owner->on_commit_done(); }

persistence::persistence(activation& owner, const actor_type_options& options, std::uint64_t writer)
    : writer_(writer), requests_(options.requests), options_(&options) {
  ticket_.owner = &owner;
}

mail& persistence::need_messages() {
  if (!mail_) {
    mail_ = std::make_unique<mail>(options_->messages);
    mail_->next_stream = writer_ == 0 ? 1 : writer_;
  }
  return *mail_;
}

std::size_t persistence::adopt(spi::actor_image image, detail::cell_base* cells, steady_time now, wall_time wall_now) {
  const std::size_t upgraded = cells_.load(std::move(image.cells), cells);
  if (image.stamp != stamp_) {
    mail_.reset();
    const bool has_messages = !image.messages.empty() || !image.marks.empty() || !image.letters.empty();
    bool is_rest = has_messages && cells_.all_declared() && image.marks.empty() && image.reminders.empty() &&
                   image.requests.empty() && !image.items_expire;
    for (const auto& log : image.logs) is_rest = is_rest && log.first == log.next;
    for (auto* cell = cells; cell != nullptr; cell = cell->next) is_rest = is_rest && !cell->present;
    perhaps_only_outbox_ = is_rest;
    only_outbox_ = false;
    if (has_messages || image.stream != 0) need_messages().load(image, now, wall_now);
  }
  parts_.reset();
  if (!image.logs.empty() || image.items_expire) {
    parts_ = std::make_unique<kept_parts>();
    parts_->logs.load(image.logs);
    parts_->items.load(image.items_expire);
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
  return upgraded;
}

void persistence::describe_parts(const part_effects& effects, spi::turn_record& record) {
  if (!parts_) parts_ = std::make_unique<kept_parts>();
  if (!effects.logs.empty()) record.logs = parts_->logs.describe(effects.logs);
  if (effects.changes_items()) record.items = parts_->items.describe(effects.items, record.next.version);
}

void persistence::apply_parts(const spi::turn_record& record, bool alone) {
  if (record.logs) parts_->logs.apply(*record.logs, recorded_ + 1);
  if (record.items) parts_->items.apply(*record.items, recorded_ + 1, alone);
}

spi::turn_record persistence::begin_record(const actor_id& actor) const {
  spi::turn_record record;
  record.actor = actor;
  record.epoch = epoch_;
  record.expected = stamp_;
  record.next = {std::max(stamp_.version, told_version_) + 1, writer_};
  return record;
}

void persistence::check_size(const spi::turn_record& record, const spi::store_limits& limits) {
  if (const std::size_t bytes = spi::bytes_of(record); bytes > limits.record_bytes_max) {
    throw error(errc::too_large, "actor " + to_string(record.actor) + ": its state would take " +
                                     std::to_string(bytes) + " bytes, the store's limit is " +
                                     std::to_string(limits.record_bytes_max) + "; split the actor or keep less in it");
  }
}

std::uint64_t persistence::record_turn(const actor_id& actor, detail::cell_base* cells, const spi::store_limits& limits,
                                       turn_effects effects, wall_time now) {
  spi::turn_record record = begin_record(actor);
  message_effects none;
  message_effects& messages = effects.messages != nullptr ? *effects.messages : none;
  if (effects.messages != nullptr) static_cast<void>(need_messages());
  if (effects.erase && mail_ && (!mail_->out.empty() || !messages.sent.empty())) {
    erase_all_but_outbox(record, cells, limits, messages, now);
  } else if (effects.erase) {
    record.erase = true;
    reminders_.images.clear();
    parts_.reset();
  } else {
    auto& request = effects.request;
    cells_.describe(cells, limits, options_->state_max, record);
    if (reminders_changed()) record.reminders = reminders_.images;
    if (request) record.requests_added.push_back(*request);
    if (effects.parts != nullptr) describe_parts(*effects.parts, record);
    if (mail_) record.messages = mail_->describe(messages, record.next.version, now, room_in(record, limits));
    check_size(record, limits);
    check_entries(record);
    only_outbox_ = only_outbox_ && record.cells.empty() && reminders_.images.empty() && !request &&
                   !messages.received && effects.parts == nullptr;
    if (request) record.requests_dropped = requests_.add(std::move(*request), recorded_ + 1);
    if (mail_) mail_->apply(messages, *record.messages, now, recorded_ + 1);
    apply_parts(record, effects.alone);
    cells_.apply(cells, limits, record, effects.alone);
  }
  if (record.messages || record.items || (record.reminders && items_expire())) {
    record.wake = {due_with(reminders_.images)};
  }
  reminders_before_.reset();
  reminders_touched_ = false;
  unsaved = false;
  return finish_record(std::move(record), limits);
}

void persistence::leave_unsaved(const actor_id& actor, detail::cell_base* cells, const spi::store_limits& limits) {
  if (const auto record = cells_.check(cells, limits, options_->state_max, actor)) {
    check_size(*record, limits);
    kept_cells::note_sizes(cells, *record);
  }
  unsaved = true;
}

void persistence::erase_all_but_outbox(spi::turn_record& record, detail::cell_base* cells,
                                       const spi::store_limits& limits, message_effects& messages, wall_time now) {
  record.messages = mail_->describe(messages, record.next.version, now, room_in(record, limits));
  check_size(record, limits);
  mail_->apply(messages, *record.messages, now, recorded_ + 1);
  mail_->leave_only_outbox(record.actor, *record.messages);
  record.requests_dropped = requests_.clear();
  record.reminders.emplace();
  reminders_.images.clear();
  cells_.drop_all(cells, record);
  only_outbox_ = true;
  if (mail_->out.empty()) {
    // It had sent messages to itself alone, and they have arrived.
    spi::turn_record whole = begin_record(record.actor);
    whole.erase = true;
    record = std::move(whole);
    parts_.reset();
  } else {
    // An actor that was loaded may have items of which nobody here knows.
    if (!parts_) parts_ = std::make_unique<kept_parts>();
    if (!parts_->logs.empty()) record.logs = parts_->logs.describe_emptied();
    record.items.emplace().erase_all = true;
    apply_parts(record, true);
  }
}

bool persistence::is_over() const noexcept { return only_outbox_ && mail_->out.empty() && mail_->letter_count() == 0; }

void persistence::record_messages(const actor_id& actor, const spi::store_limits& limits, message_effects& messages,
                                  wall_time now, bool erase_if_empty) {
  spi::turn_record record = begin_record(actor);
  if (erase_if_empty && is_over()) {
    record.erase = true;
  } else {
    record.keeps_cells = true;
    record.messages = mail_->describe(messages, record.next.version, now, room_in(record, limits));
    check_size(record, limits);
    mail_->apply(messages, *record.messages, now, recorded_ + 1);
    record.wake = {due_with(reminders_before_ ? *reminders_before_ : reminders_.images)};
  }
  static_cast<void>(finish_record(std::move(record), limits));
}

std::uint64_t persistence::finish_record(spi::turn_record&& record, const spi::store_limits& limits) {
  stamp_ = record.next;
  ++recorded_;
  if (!queued_.empty() && may_merge(*queued_.back().record, record, limits)) {
    merge_records(*queued_.back().record, std::move(record));
    queued_.back().sequence = recorded_;
  } else {
    queued_.push_back({std::make_unique<spi::turn_record>(std::move(record)), recorded_});
  }
  return recorded_;
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
  if (ticket_.result.status == spi::commit_status::committed) {
    committed_ = flying_;
    if (parts_) {
      parts_->logs.forget(committed_);
      parts_->items.forget(committed_);
    }
  }
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

std::optional<wall_time> persistence::next_due(const put_aside& later, steady_time now, wall_time wall_now) const {
  std::optional<wall_time> next;
  for (const auto& reminder : reminders_before_ ? *reminders_before_ : reminders_.images) {
    const wall_time due = later.due(reminder, now, wall_now);
    if (!next || due < *next) next = due;
  }
  return next;
}

std::optional<wall_time> persistence::next_due() const noexcept {
  std::optional<wall_time> next;
  for (const auto& reminder : reminders_before_ ? *reminders_before_ : reminders_.images) {
    if (!next || reminder.due < *next) next = reminder.due;
  }
  return next;
}

std::optional<wall_time> persistence::due_with(const std::vector<spi::reminder_image>& reminders) const noexcept {
  std::optional<wall_time> next = mail_ ? mail_->out.due() : std::nullopt;
  if (const auto expiry = items_expire(); expiry && (!next || *expiry < *next)) next = expiry;
  for (const auto& reminder : reminders) {
    if (!next || reminder.due < *next) next = reminder.due;
  }
  return next;
}

}  // namespace troupe::internal
