#include "reminders/reminder_service.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "core/reminder_request.hpp"

namespace troupe::internal {
namespace {

constexpr std::size_t scan_page = 1000;

/// What fails when an actor does not get as far as what it is woken for. Which of the two it is, it alone knows.
std::string waking(const actor_id& actor) {
  return "waking " + to_string(actor) + " for a reminder or for messages that have not arrived";
}

}  // namespace

/// One for the life of the service: it is started every second, and that is to allocate nothing.
class reminder_service::look_alarm final : public alarm {
 public:
  std::weak_ptr<reminder_service> owner;
  void ring() noexcept override {
    if (const auto service = owner.lock()) service->ring();
  }
};

reminder_service::reminder_service(std::shared_ptr<spi::state_store> store, actor_system& system,
                                   reminder_options options)
    : store_(std::move(store)),
      system_(system),
      options_(options),
      due_(options.window),
      overdue_(options.overdue_per_second),
      look_(new look_alarm) {}

void reminder_service::start() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = false;
    static_cast<look_alarm&>(*look_).owner = weak_from_this();
    static_cast<void>(wall_clock_jumped());
  }
  look();
}

void reminder_service::stop() noexcept {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
}

void reminder_service::due_changed(const actor_id& actor, std::optional<wall_time> due) noexcept {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return;
  if (const auto under_way = firing_.find(actor); under_way != firing_.end()) {
    under_way->second = {true, due};
    return;
  }
  if (wall_clock_jumped()) next_scan_ = system_.now();  // the window is behind: what it does not take is read then
  file(actor, due);
  if (due) arrange_look();
}

void reminder_service::file(const actor_id& actor, std::optional<wall_time> due) {
  // It is the actor's earliest one: when that is yet to come, the one that failed is gone.
  if (!due || *due > system_.clock().wall_now()) settle(actor);
  if (!failing_.contains(actor)) due_.set(actor, due);
}

void reminder_service::put_off(const actor_id& actor) {
  failing& failure = failing_[actor];
  failure.in_a_row = std::min(failure.in_a_row + 1, 16U);
  failure.not_before =
      system_.now() +
      std::min<std::chrono::milliseconds>(options_.first_retry * (1 << (failure.in_a_row - 1)), options_.longest_retry);
  retries_.emplace(failure.not_before, actor);
  due_.set(actor, std::nullopt);
}

void reminder_service::settle(const actor_id& actor) {
  const auto found = failing_.find(actor);
  if (found == failing_.end()) return;
  retries_.erase({found->second.not_before, actor});
  failing_.erase(found);
}

/// Whether the wall clock was set forward, or went on while the steady one stood still. By less than a second: a scan
/// in time finds what that brings.
bool reminder_service::wall_clock_jumped() {
  const std::chrono::nanoseconds offset =
      system_.clock().wall_now().time_since_epoch() - system_.now().time_since_epoch();
  return offset - std::exchange(wall_offset_, offset) >= std::chrono::seconds(1);
}

void reminder_service::ring() {
  {
    const std::scoped_lock lock(mutex_);
    look_waits_ = false;  // or was started anew while it rang: then it is cancelled before it is started again
  }
  look();
}

void reminder_service::look() {
  std::vector<actor_id> ready;
  bool scan_now = false;
  bool gave_up = false;
  std::uint64_t number = 0;
  spi::due_query query;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    ready = take_ready(options_.firing_max - std::min(options_.firing_max, firing_.size()));
    for (const actor_id& actor : ready) firing_.emplace(actor, tick{});
    const steady_time now = system_.now();
    gave_up = scanning_ && now >= scan_limit_;
    if (gave_up) end_scan(false);
    if (wall_clock_jumped()) {
      if (scanning_) end_scan(true);
      next_scan_ = now;
    }
    scan_now = !scanning_ && (now >= next_scan_ || (due_.runs_low() && now >= not_before_));
    if (scan_now) {
      scanning_ = true;
      scan_limit_ = now + options_.scan_timeout;
      number = ++scan_number_;
      continues_ = now < next_scan_;
      query = due_.begin_scan(continues_ ? near_window::scan::rest : near_window::scan::all, system_.clock().wall_now(),
                              scan_page);
    }
  }
  if (gave_up) {
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(options_.scan_timeout);
    system_.log(log_level::warning,
                "the store could not be scanned for reminders: no answer for " + std::to_string(waited.count()) + " s");
  }
  for (const actor_id& actor : ready) fire(actor);
  if (scan_now) scan(number, query);
  const std::scoped_lock lock(mutex_);
  if (!stopped_) arrange_look();
}

std::vector<actor_id> reminder_service::take_ready(std::size_t room) {
  std::vector<actor_id> ready;
  const steady_time now = system_.now();
  while (!retries_.empty() && retries_.begin()->first <= now && ready.size() < room) {
    ready.push_back(std::move(retries_.extract(retries_.begin()).value().second));
  }
  take_due(ready, room - ready.size());
  return ready;
}

void reminder_service::take_due(std::vector<actor_id>& ready, std::size_t room) {
  const wall_time now = system_.clock().wall_now();
  const auto add = [&ready](std::vector<actor_id> more) {
    ready.insert(ready.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return more.size();
  };
  held_back_ = false;
  if (!overdue_.is_bounded()) {
    add(due_.take_due(now, room));
    return;
  }
  const wall_time overdue = now - options_.overdue_by;
  const std::size_t taken = add(due_.take_due(overdue, std::min(room, overdue_.ready(system_.now()))));
  overdue_.take(taken);
  if (const auto next = due_.next(); next && *next <= overdue) {
    held_back_ = taken < room;
  } else {
    add(due_.take_due(now, room - taken));
  }
}

void reminder_service::fire(const actor_id& actor) {
  try {
    const auto place = system_.find(actor.type, actor.key);
    auto* request = new reminder_request(
        [self = shared_from_this(), actor](const std::exception_ptr& failure, reminder_request::found what) {
          using found = reminder_request::found;
          if (failure) {
            const bool is_reminder = what != found::nothing_yet;
            self->system_.log_failure(is_reminder ? "a reminder of " + to_string(actor) : waking(actor), failure);
          }
          self->fired(actor, failure == nullptr || what == found::failure);
        });
    place.get()->push(*request);
  } catch (const std::exception& e) {
    system_.log(log_level::warning, waking(actor) + " failed: " + e.what());
    fired(actor, false);
  }
}

void reminder_service::fired(const actor_id& actor, bool ok) {
  const std::scoped_lock lock(mutex_);
  const auto under_way = firing_.find(actor);
  const tick ended = under_way->second;
  firing_.erase(under_way);
  if (stopped_) return;
  if (ok) {
    settle(actor);
  } else {
    put_off(actor);
  }
  if (ended.heard) file(actor, ended.due);
  arrange_look();
}

void reminder_service::scan(std::uint64_t number, const spi::due_query& query) {
  store_->async_scan_due(query, [self = shared_from_this(), number, query = query](spi::due_result page) mutable {
    self->scanned(number, std::move(query), std::move(page));
  });
}

void reminder_service::scanned(std::uint64_t number, spi::due_query query, spi::due_result page) {
  const bool ok = page.status == spi::read_status::ok;
  bool more = ok && page.actors.size() == query.limit;
  const wall_time read_to = page.actors.empty() ? query.until : page.actors.back().due;
  if (more) query.after = page.actors.back();
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || number != scan_number_ || !scanning_) return;
    std::erase_if(page.actors, [this](const spi::due_actor& found) {
      return firing_.contains(found.actor) || failing_.contains(found.actor);
    });
    for (spi::due_actor& found : page.actors) found.due = std::max(found.due, wall_time{});
    more = due_.take(page.actors, read_to) && more;
    scan_limit_ = system_.now() + options_.scan_timeout;
    if (!more) end_scan(ok);
    arrange_look();
  }
  if (!ok) system_.log(log_level::warning, "the store could not be scanned for reminders: " + page.message);
  if (more) scan(number, query);
}

void reminder_service::end_scan(bool ok) {
  const steady_time now = system_.now();
  scanning_ = false;
  due_.end_scan();
  const steady_time retry = now + options_.first_retry;
  if (!ok) {
    next_scan_ = not_before_ = retry;
  } else if (!continues_) {
    next_scan_ = now + options_.scan_interval;
  }
}

void reminder_service::arrange_look() {
  const steady_time now = system_.now();
  steady_time when = scanning_ ? scan_limit_ : std::max(next_scan_, now);
  if (!scanning_ && due_.runs_low()) when = std::min(when, std::max(not_before_, now));
  if (firing_.size() < options_.firing_max) {
    if (!retries_.empty()) when = std::min(when, std::max(retries_.begin()->first, now));
    if (const auto next = due_.next()) {
      steady_time due = now + std::max<std::chrono::nanoseconds>(*next - system_.clock().wall_now(), {});
      if (held_back_) due = std::max(due, overdue_.next());
      when = std::min(when, due);
    }
  }
  when = std::min(when, now + options_.longest_sleep);
  if (look_waits_ && look_->when() <= when) return;
  alarm_ptr again = look_;
  system_.timers().cancel(again);
  system_.timers().start(when, look_);
  look_waits_ = true;
}

}  // namespace troupe::internal
