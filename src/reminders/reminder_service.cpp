#include "reminders/reminder_service.hpp"

#include <algorithm>
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

class reminder_service::look_alarm final : public alarm {
 public:
  look_alarm(std::shared_ptr<reminder_service> service, std::uint64_t number)
      : service_(std::move(service)), number_(number) {}
  void ring() noexcept override { service_->look_for(number_); }

 private:
  std::shared_ptr<reminder_service> service_;
  std::uint64_t number_;
};

reminder_service::reminder_service(std::shared_ptr<spi::state_store> store, actor_system& system,
                                   reminder_options options)
    : store_(std::move(store)), system_(system), options_(options) {}

void reminder_service::start() {
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = false;
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
  file(actor, due);
  if (due) arrange_look();
}

void reminder_service::file(const actor_id& actor, std::optional<wall_time> due) {
  // It is the actor's earliest one: when that is yet to come, the one that failed is gone.
  if (!due || *due > system_.clock().wall_now()) failing_.erase(actor);
  if (due) due = after_pause(actor, *due);
  if (due && *due > horizon_) due.reset();  // a later scan finds it
  due_.set(actor, due);
}

wall_time reminder_service::after_pause(const actor_id& actor, wall_time due) const {
  const auto found = failing_.find(actor);
  return found == failing_.end() ? due : std::max(due, found->second.not_before);
}

void reminder_service::look_for(std::uint64_t number) {
  {
    const std::scoped_lock lock(mutex_);
    if (number != look_number_) return;
    look_.reset();
  }
  look();
}

void reminder_service::look() {
  std::vector<actor_id> ready;
  bool scan_now = false;
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return;
    const std::size_t room = options_.firing_max - std::min(options_.firing_max, firing_.size());
    ready = due_.take_due(system_.clock().wall_now(), room);
    for (const actor_id& actor : ready) firing_.emplace(actor, tick{});
    const steady_time now = system_.now();
    if (scanning_ && now >= scan_limit_) scanning_ = false;
    scan_now = !scanning_ && now >= next_scan_;
    if (scan_now) {
      scanning_ = true;
      scan_limit_ = now + options_.scan_interval;
      number = ++scan_number_;
    }
  }
  for (const actor_id& actor : ready) fire(actor);
  if (scan_now) scan(number, std::nullopt);
  const std::scoped_lock lock(mutex_);
  if (!stopped_) arrange_look();
}

void reminder_service::fire(const actor_id& actor) {
  try {
    const auto place = system_.find(actor.type, actor.key);
    auto* request = new reminder_request(
        [self = shared_from_this(), actor](const std::exception_ptr& failure, reminder_request::found what) {
          const bool is_reminder = what == reminder_request::found::reminder;
          if (failure) {
            self->system_.log_failure(is_reminder ? "a reminder of " + to_string(actor) : waking(actor), failure);
          }
          self->fired(actor, failure == nullptr);
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
    failing_.erase(actor);
    if (ended.heard) file(actor, ended.due);
  } else {
    const wall_time now = system_.clock().wall_now();
    failing& failure = failing_[actor];
    failure.in_a_row = std::min(failure.in_a_row + 1, 16U);
    failure.not_before = now + std::min<std::chrono::milliseconds>(options_.first_retry * (1 << (failure.in_a_row - 1)),
                                                                   options_.longest_retry);
    file(actor, ended.heard ? ended.due : now);
  }
  arrange_look();
}

void reminder_service::scan(std::uint64_t number, std::optional<spi::due_actor> after) {
  const wall_time until = system_.clock().wall_now() + options_.window;
  {
    // From here on changes up to `until` are kept, so that none falls between the scan's reading and its end.
    const std::scoped_lock lock(mutex_);
    horizon_ = std::max(horizon_, until);
  }
  store_->async_scan_due(
      {until, std::move(after), scan_page},
      [self = shared_from_this(), number](const spi::due_result& page) { self->scanned(number, page); });
}

void reminder_service::scanned(std::uint64_t number, const spi::due_result& page) {
  const bool ok = page.status == spi::read_status::ok;
  const bool more = ok && page.actors.size() == scan_page;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || number != scan_number_ || !scanning_) return;
    for (const auto& found : page.actors) {
      if (!firing_.contains(found.actor))
        due_.add(found.actor, after_pause(found.actor, std::max(found.due, wall_time{})));
    }
    if (!more) {
      scanning_ = false;
      next_scan_ = system_.now() + (ok ? options_.scan_interval : options_.first_retry);
      arrange_look();
    }
  }
  if (!ok) system_.log(log_level::warning, "the store could not be scanned for reminders: " + page.message);
  if (more) scan(number, page.actors.back());
}

void reminder_service::arrange_look() {
  const steady_time now = system_.now();
  steady_time when = scanning_ ? scan_limit_ : std::max(next_scan_, now);
  if (const auto next = due_.next(); next && firing_.size() < options_.firing_max) {
    when = std::min(when, now + std::max<std::chrono::nanoseconds>(*next - system_.clock().wall_now(), {}));
  }
  if (look_) {
    if (look_->first <= when) return;
    system_.timers().cancel(*look_);
  }
  look_ = system_.timers().start(when, std::make_shared<look_alarm>(shared_from_this(), ++look_number_));
}

}  // namespace troupe::internal
