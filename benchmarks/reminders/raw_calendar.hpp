#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "troupe/spi/state_store.hpp"

namespace bench {

/// Actors with one reminder each, written by a store's driver without a runtime: batches as large as the store takes,
/// two of them under way. What a runtime on the store can reach at most.
class raw_calendar {
 public:
  /// Of actors of `type`; those numbered below `count` may be there from an earlier run.
  raw_calendar(troupe::spi::state_store& store, std::string type) : store_(store), type_(std::move(type)) {}

  /// Says when an actor's reminder is due, in milliseconds since 1970.
  using due_of = std::function<std::int64_t(std::size_t number)>;

  /// Reads how actors are stored: before a change, unless this object wrote them last.
  void load(const std::vector<std::size_t>& numbers);

  /// Writes the reminders of the actors, one record each. `fired`: as the turn of a tick does, with state.
  /// Throws `std::runtime_error` when one is not committed.
  void write(const std::vector<std::size_t>& numbers, const due_of& due, std::int64_t period_ms, bool fired);

  /// Those of the numbers that are not stored yet; after `load`.
  [[nodiscard]] std::vector<std::size_t> missing(const std::vector<std::size_t>& numbers) const;

  /// Neighbouring numbers have keys far apart, as the actors have whose reminders come due together.
  [[nodiscard]] static std::string key_of(std::size_t number) {
    return std::to_string(100'000'000 + number * 36'543'217 % 100'000'000);
  }

 private:
  [[nodiscard]] troupe::spi::turn_record record_of(std::size_t number, std::int64_t due, std::int64_t period_ms,
                                                   bool fired);
  void begin();
  void end(const std::string& failure);
  void wait_until(std::size_t at_most);

  troupe::spi::state_store& store_;
  const std::string type_;
  std::vector<troupe::spi::commit_stamp> stamps_;
  std::mutex mutex_;
  std::condition_variable landed_;
  std::size_t under_way_ = 0;  // guarded by mutex_
  std::string failure_;        // guarded by mutex_
};

}  // namespace bench
