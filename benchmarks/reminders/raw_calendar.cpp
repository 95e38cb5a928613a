#include "raw_calendar.hpp"

#include <algorithm>
#include <stdexcept>

namespace bench {

using troupe::spi::commit_result;
using troupe::spi::commit_status;
using troupe::spi::turn_record;

void raw_calendar::load(const std::vector<std::size_t>& numbers) {
  if (!numbers.empty()) {
    stamps_.resize(std::max(*std::max_element(numbers.begin(), numbers.end()) + 1, stamps_.size()));
  }
  const std::size_t page = store_.limits().batch_records_max;
  for (std::size_t first = 0; first < numbers.size(); first += page) {
    auto names = std::make_shared<std::vector<troupe::actor_id>>();
    for (std::size_t i = first; i < std::min(first + page, numbers.size()); ++i) {
      names->push_back({type_, key_of(numbers[i])});
    }
    begin();
    store_.async_load(*names, [this, names, &numbers, first](const std::vector<troupe::spi::load_result>& loaded) {
      std::string failure;
      for (std::size_t i = 0; i < loaded.size(); ++i) {
        stamps_[numbers[first + i]] = loaded[i].image.stamp;
        if (loaded[i].status != troupe::spi::read_status::ok) failure = loaded[i].message;
      }
      end(failure);
    });
    wait_until(3);
  }
  wait_until(0);
}

std::vector<std::size_t> raw_calendar::missing(const std::vector<std::size_t>& numbers) const {
  std::vector<std::size_t> found;
  for (const std::size_t n : numbers) {
    if (stamps_.at(n).version == 0) found.push_back(n);
  }
  return found;
}

void raw_calendar::begin() {
  const std::scoped_lock lock(mutex_);
  ++under_way_;
}

void raw_calendar::end(const std::string& failure) {
  const std::scoped_lock lock(mutex_);
  if (!failure.empty()) failure_ = failure;
  --under_way_;
  landed_.notify_all();
}

turn_record raw_calendar::record_of(std::size_t number, std::int64_t due, std::int64_t period_ms, bool fired) {
  troupe::spi::commit_stamp& stamp = stamps_.at(number);
  turn_record record;
  record.actor = {type_, key_of(number)};
  record.expected = stamp;
  record.next = {stamp.version + 1, 77};
  if (fired) {
    record.cells.push_back({.name = "page", .json = "{\"ticks\":" + std::to_string(stamp.version) + "}"});
  } else if (stamp.version != 0) {
    record.keeps_cells = true;
  }
  stamp = record.next;
  troupe::spi::reminder_image reminder;
  reminder.name = "tick";
  reminder.due = troupe::wall_time(std::chrono::milliseconds(due));
  reminder.period = std::chrono::milliseconds(period_ms);
  reminder.data = "null";
  record.reminders = {{std::move(reminder)}};
  return record;
}

void raw_calendar::write(const std::vector<std::size_t>& numbers, const due_of& due, std::int64_t period_ms,
                         bool fired) {
  const std::size_t page = store_.limits().batch_records_max;
  for (std::size_t first = 0; first < numbers.size(); first += page) {
    auto batch = std::make_shared<std::vector<turn_record>>();
    for (std::size_t i = first; i < std::min(first + page, numbers.size()); ++i) {
      batch->push_back(record_of(numbers[i], due(numbers[i]), period_ms, fired));
    }
    begin();
    store_.async_commit(*batch, [this, batch](const std::vector<commit_result>& results) {
      std::string failure;
      for (const commit_result& result : results) {
        if (result.status != commit_status::committed) failure = result.message;
      }
      end(failure);
    });
    wait_until(1);
  }
  wait_until(0);
}

void raw_calendar::wait_until(std::size_t at_most) {
  std::unique_lock lock(mutex_);
  landed_.wait(lock, [&] { return under_way_ <= at_most; });
  if (failure_.empty()) return;
  landed_.wait(lock, [&] { return under_way_ == 0; });
  throw std::runtime_error("the store failed: " + failure_);
}

}  // namespace bench
