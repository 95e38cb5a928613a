#pragma once

#include <chrono>
#include <map>
#include <string>

#include "troupe/spi/clock.hpp"
#include "troupe/spi/turn_record.hpp"

namespace troupe::internal {

/// Reminders of an activation that are due and could not be handled, for reasons that no commit notes: until when the
/// actor's others come before them. By the steady clock; gone with the activation.
class put_aside {
 public:
  /// Puts one aside for `first`, and twice as long each time that it is put aside again, up to `longest`.
  void put(const spi::reminder_image& reminder, steady_time now, std::chrono::milliseconds first,
           std::chrono::milliseconds longest);

  [[nodiscard]] bool holds(const spi::reminder_image& reminder, steady_time now) const;

  /// When the reminder is to be looked at, as a wall time.
  [[nodiscard]] wall_time due(const spi::reminder_image& reminder, steady_time now, wall_time wall_now) const;

 private:
  struct entry {
    wall_time due{};  ///< of the reminder: one that was set anew is not meant
    steady_time until{};
    std::chrono::milliseconds pause{0};
  };

  [[nodiscard]] const entry* find(const spi::reminder_image& reminder) const;

  std::map<std::string, entry, std::less<>> entries_;  // by name; as many as an actor has reminders
};

}  // namespace troupe::internal
