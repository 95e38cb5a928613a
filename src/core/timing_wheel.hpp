#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// What a timing wheel keeps. Lifetime: longer than it is in the wheel.
class wheel_entry {
 public:
  wheel_entry() noexcept = default;
  wheel_entry(const wheel_entry&) = delete;
  wheel_entry& operator=(const wheel_entry&) = delete;

  /// When it is due; of one that was taken out, when it was.
  [[nodiscard]] steady_time when() const noexcept { return when_; }

 protected:
  ~wheel_entry() = default;

 private:
  friend class timing_wheel;
  static constexpr std::uint16_t nowhere = 0xFFFF;

  wheel_entry* previous_ = nullptr;  // of a circle; the first one's is the last
  wheel_entry* next_ = nullptr;
  steady_time when_{};
  std::uint64_t order_ = 0;  // of insertion
  std::uint16_t place_ = nowhere;
};

/// Entries by the time at which they are due, exactly: by time, then in the order of insertion. A hierarchical timing
/// wheel: a level has 64 slots, each of which spans all of the level below; the lowest span 65,536 ns. An entry lies on
/// the level of the highest digit in which its time differs from the time the wheel has reached, and moves to lower
/// ones when the wheel reaches its slot; on the way out of the lowest those of a slot are sorted.
///
/// No thread, no clock, no allocation. Complexity: `insert` and `erase` O(1), as long as a time that the wheel has
/// reached already is one of the latest of those; an entry moves at most 7 times, whatever the time does. Size: 8 KiB.
/// Source: George Varghese and Tony Lauck, "Hashed and Hierarchical Timing Wheels" (SOSP 1987), scheme 7.
class timing_wheel {
 public:
  struct taken {
    wheel_entry* entry = nullptr;  ///< due, and not in the wheel any more
    bool more = false;             ///< some work was done; it must go on before it is known whether one is due
  };

  timing_wheel() noexcept = default;
  timing_wheel(const timing_wheel&) = delete;
  timing_wheel& operator=(const timing_wheel&) = delete;
  ~timing_wheel() = default;

  /// Requires: `entry` is in no wheel.
  void insert(wheel_entry& entry, steady_time when) noexcept;

  /// Returns whether the entry was in the wheel.
  bool erase(wheel_entry& entry) noexcept;

  /// Takes the first entry that is due at `now`, or moves a bounded number towards it.
  [[nodiscard]] taken take_due(steady_time now) noexcept;

  /// A time at which `take_due` has something to do: never later than the first entry is due, and earlier only when
  /// one was erased that was due before those near it. Of an empty wheel `steady_time::max()`. Complexity: O(1).
  [[nodiscard]] steady_time next() const noexcept;

  /// When the first entry is due. Complexity: linear in the entries of its slot.
  [[nodiscard]] std::optional<steady_time> first_due() const noexcept;

  /// Takes any entry; null when there is none.
  [[nodiscard]] wheel_entry* take_any() noexcept;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned slots = 1U << digit_bits;
  static constexpr unsigned lowest_bits = 16;
  static constexpr unsigned levels = (64 - lowest_bits) / digit_bits;
  static constexpr std::uint16_t front_place = levels * slots;

  struct slot {
    wheel_entry* first = nullptr;
    steady_time earliest{};  ///< no entry is due before; unspecified of an empty one
  };
  struct position {
    unsigned level;
    unsigned digit;
  };

  [[nodiscard]] static bool before(const wheel_entry& a, const wheel_entry& b) noexcept;
  static void link(wheel_entry*& first, wheel_entry& entry, wheel_entry* next) noexcept;
  static void unlink(wheel_entry*& first, wheel_entry& entry) noexcept;
  [[nodiscard]] static wheel_entry* sorted(wheel_entry* first) noexcept;
  [[nodiscard]] static wheel_entry* merged(wheel_entry* a, wheel_entry* b) noexcept;

  void file(wheel_entry& entry, bool sort_now) noexcept;
  void insert_in_front(wheel_entry& entry) noexcept;
  void take_out(wheel_entry& entry) noexcept;
  void note_empty(unsigned place) noexcept;
  void move_slot_to_front(position at) noexcept;
  [[nodiscard]] bool reach(position at) noexcept;
  [[nodiscard]] std::optional<position> first_slot() const noexcept;
  [[nodiscard]] slot& at(position p) noexcept { return wheel_[p.level * slots + p.digit]; }
  [[nodiscard]] const slot& at(position p) const noexcept { return wheel_[p.level * slots + p.digit]; }
  [[nodiscard]] std::uint64_t begin_of(position p) const noexcept;

  std::array<slot, std::size_t{levels} * slots> wheel_{};
  std::array<std::uint64_t, levels> occupied_{};  // a bit for each slot that is not empty
  wheel_entry* front_ = nullptr;                  // sorted: what lies in the span that was reached, and before
  std::uint64_t reached_ = 0;                     // in units of the lowest span
  std::uint16_t draining_ = front_place;          // the slot whose entries move to lower levels; this: none
  std::uint64_t inserted_ = 0;
  std::size_t size_ = 0;
};

}  // namespace troupe::internal
