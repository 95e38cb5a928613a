#include "bell_audit.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "bell.hpp"
#include "contract/store_client.hpp"
#include "core/reminder_rules.hpp"

namespace troupe::bell_test {
namespace {

/// One bell, as the store has it.
class stored_bell {
 public:
  stored_bell(const contract::store_client& client, int number, audit& found)
      : number_(number), id_{"bell", std::to_string(number)}, found_(found) {
    const auto loaded = client.load(id_);
    if (loaded.status != spi::read_status::ok) fault(loaded.message);
    image_ = loaded.image;
    for (const auto& cell : image_.cells) {
      if (cell.name == "book") book_ = codec<book>::decode(cell.json);
    }
    read_log(client);
  }

  void check(const std::vector<outage>& outages, bool ended) {
    if (!book_) {
      if (!image_.reminders.empty() || !heard_.empty()) fault("has reminders or ticks, and no state");
      return;
    }
    ++found_.begun;
    for (const auto& letter : image_.letters) fault("gave a tick up: " + letter.error);
    for (const strike& each : strikes) {
      check_strike(each, ended);
      if (each.missed == missed_ticks::once) check_outages(each, outages);
    }
    check_echoes();
    if (ended && !image_.reminders.empty()) fault("still has " + image_.reminders.front().name);
  }

 private:
  void fault(const std::string& what) { found_.faults.push_back("bell " + id_.key + ": " + what); }

  void read_log(const contract::store_client& client) {
    for (std::uint64_t from = 1;;) {
      const auto page = client.read_log({.actor = id_, .log = "heard", .from = from});
      if (page.status != spi::read_status::ok) fault(page.message);
      if (page.entries.empty()) return;
      for (const auto& entry : page.entries) {
        auto tick = nlohmann::json::parse(entry.json).get<heard_tick>();
        heard_[tick.name].push_back(std::move(tick));
        ++found_.handled;
      }
      from = page.entries.back().sequence + 1;
    }
  }

  [[nodiscard]] std::optional<internal::planned_reminder> reminder(std::string_view name) const {
    for (const auto& each : image_.reminders) {
      if (each.name == name) return internal::planned_reminder(each);
    }
    return std::nullopt;
  }

  /// Each due time is there once, by itself or in the tick that covers it, and the reminder goes on behind the last.
  void check_strike(const strike& of, bool ended) {
    const std::string name(of.name);
    const auto& ticks = heard_[name];
    std::int64_t next = book_->first;
    std::uint64_t covered = 0;
    for (const heard_tick& tick : ticks) {
      if (tick.due != next) {
        fault(name + ": " + at(tick.due) + " was heard where " + at(next) + " was due");
        next = tick.due;
      }
      if (of.missed == missed_ticks::all && tick.missed != 0) fault(name + ": " + at(tick.due) + " covers others");
      next += (tick.missed + std::int64_t{1}) * of.period(number_).count();
      covered += tick.missed + std::uint64_t{1};
    }
    if (book_->ticks[name] != ticks.size()) {
      fault(name + ": the state has " + std::to_string(book_->ticks[name]) + " ticks, the log " +
            std::to_string(ticks.size()));
    }
    if (const auto stored = reminder(name)) {
      if (in_milliseconds(stored->tick()) != next) {
        fault(name + ": is stored for " + at(in_milliseconds(stored->tick())) + ", and " + at(next) + " comes next");
      }
      const std::uint64_t left = stored->plan.left.value_or(0);
      if (left + (of.repetitions == 0 ? 0 : covered) != of.repetitions) {
        fault(name + ": has " + std::to_string(left) + " ticks left after " + std::to_string(covered));
      }
    } else if (of.repetitions != 0) {
      if (covered != of.repetitions) fault(name + ": is over after " + std::to_string(covered) + " ticks");
    } else if (!ended || book_->cancelled[name] != next) {
      fault(name + ": is gone, and " + at(next) + " comes next");
    }
  }

  /// All ticks of a reminder that came due in one outage are covered by one tick, once it has been handled.
  void check_outages(const strike& of, const std::vector<outage>& outages) {
    const std::int64_t period = of.period(number_).count();
    const auto& ticks = heard_[std::string(of.name)];
    auto covers = ticks.begin();
    for (const outage& each : outages) {
      if (each.from < book_->first) continue;
      const std::int64_t due = book_->first + ((each.from - book_->first) / period + 1) * period;
      if (due > each.to) continue;
      const std::int64_t last = book_->first + ((each.to - book_->first) / period) * period;
      while (covers != ticks.end() && covers->due + covers->missed * period < due) ++covers;
      if (covers == ticks.end()) return;
      const std::int64_t end = covers->due + covers->missed * period;
      const auto left_out = std::next(covers) == ticks.end() && !reminder(of.name);  // its repetitions were over
      if (end < last && !left_out) {
        fault(std::string(of.name) + ": an outage missed " + at(due) + " to " + at(last) + ", and the tick of " +
              at(covers->due) + " covers only what is due until " + at(end));
      }
      if (end > due) ++found_.covered;
    }
  }

  /// Reminders that fire once were set with the ticks that asked for them, and are either stored or have been handled.
  void check_echoes() {
    std::uint64_t asked = 0;
    for (const heard_tick& tick : heard_[std::string(strikes[0].name)]) {
      if ((tick.due - book_->first) / strikes[0].period(number_).count() % ticks_per_echo == 0) ++asked;
    }
    if (asked != book_->echoes) {
      fault("asked for " + std::to_string(asked) + " echoes and set " + std::to_string(book_->echoes));
    }
    std::map<std::string, std::size_t> places;
    for (const auto& [name, ticks] : heard_) {
      if (name.find('/') != std::string::npos) places[name] += ticks.size();
    }
    for (const auto& each : image_.reminders) {
      if (each.name.find('/') != std::string::npos) ++places[each.name];
    }
    for (std::uint64_t number = 1; number <= book_->echoes; ++number) {
      const std::string name = echo_name(number);
      if (places[name] != 1) fault(name + ": is there " + std::to_string(places[name]) + " times");
      places.erase(name);
    }
    for (const auto& [name, times] : places) fault(name + ": nobody has set it");
  }

  /// A due time, in ms since the bell's first.
  [[nodiscard]] std::string at(std::int64_t due) const { return std::to_string(due - book_->first); }

  int number_;
  actor_id id_;
  audit& found_;
  spi::actor_image image_;
  std::optional<book> book_;
  std::map<std::string, std::vector<heard_tick>> heard_;
};

}  // namespace

audit look(const std::string& store, const std::vector<outage>& outages, bool ended) {
  audit found;
  const auto opened = open_store(store);
  const contract::store_client client(opened);
  for (int number = 0; number < bells; ++number) stored_bell(client, number, found).check(outages, ended);
  opened->close();
  return found;
}

}  // namespace troupe::bell_test
