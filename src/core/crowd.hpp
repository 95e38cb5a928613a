#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "troupe/detail/message.hpp"
#include "troupe/spi/clock.hpp"

namespace troupe::internal {

/// How fast an actor works off what waits for it, measured while there is a crowd. Pure.
class pace_meter {
 public:
  /// `popped`: how many requests were ever begun; wraps around. Requires: `now` does not go back.
  void observe(steady_time now, std::uint32_t popped) noexcept {
    const std::uint32_t begun = popped - popped_;
    if (at_ != steady_time{} && (begun == 0 || (begun < 16 && now - at_ < std::chrono::milliseconds(10)))) return;
    if (at_ != steady_time{}) {
      const auto each = std::max<std::int64_t>(1, (now - at_).count() / begun);
      each_ = each_ == 0 ? each : each_ + (each - each_) / 4;
    }
    at_ = now;
    popped_ = popped;
  }
  /// Time per request in nanoseconds; 0: not known yet.
  [[nodiscard]] std::int64_t each() const noexcept { return each_; }
  void pause() noexcept { at_ = {}; }  ///< there is no crowd any more: what follows is not its pace

 private:
  steady_time at_{};
  std::uint32_t popped_ = 0;
  std::int64_t each_ = 0;
};

/// How long a refused caller is told to wait: until half of what waits is worked off.
[[nodiscard]] inline std::chrono::milliseconds retry_hint(std::int64_t waiting, std::int64_t each_ns) noexcept {
  constexpr std::int64_t most = 60'000;
  const std::int64_t half = std::max<std::int64_t>(1, waiting / 2);
  if (each_ns > most * 1'000'000 / half) return std::chrono::milliseconds(most);
  return std::chrono::milliseconds(std::clamp<std::int64_t>(half * each_ns / 1'000'000, 1, most));
}

/// Who may still queue at an actor that many wait for. Each message that comes to a crowd has a seat, counted for its
/// sender: one may have as many as 4 times what is free. So a sender that floods the actor leaves a fifth free, two
/// leave a ninth, and whoever sends little finds a seat. Senders are told apart by two parts of their hash, of six
/// bits: one that shares either with a flooder is not refused for it. Thread-safety: any thread, unless said otherwise.
/// Lifetime: as long as the actor's place. Source: dynamic thresholds, Choudhury and Hahne 1998; the two hashes are
/// stochastic fair BLUE's, Feng et al. 2001.
class crowd {
 public:
  explicit crowd(std::int64_t seats, steady_time now) noexcept
      : seats_max_(seats), since_(now.time_since_epoch().count()) {}

  /// Takes a seat for a message that is to be pushed; false when its sender has its share, or none is free.
  [[nodiscard]] bool admit(detail::message& m) noexcept {
    const std::int64_t most = share * (seats_max_ - taken());
    const std::int64_t has =
        std::min(first(m).load(std::memory_order_relaxed), second(m).load(std::memory_order_relaxed));
    if (has >= most) return false;
    m.seated = true;
    add(m, 1);
    return true;
  }

  /// A message does not wait any more: gives its seat back, if it has one. Strand.
  void leave(detail::message& m) noexcept {
    ++left_;
    if (!m.seated) return;
    m.seated = false;
    add(m, -1);
  }

  [[nodiscard]] std::int64_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }

  /// Whether pushers ask for a seat; set by the strand.
  [[nodiscard]] bool is_there() const noexcept { return is_there_.load(std::memory_order_relaxed); }

  /// The strand's: what it has seen.
  void observe(bool is_there, steady_time now) noexcept {
    if (is_there) {
      pace_.observe(now, left_);
      each_ns_.store(pace_.each(), std::memory_order_relaxed);
    } else {
      pace_.pause();
    }
    is_there_.store(is_there, std::memory_order_relaxed);
  }

  /// Time per message in nanoseconds. Before any was observed: at least since there is a crowd, as nothing was done.
  [[nodiscard]] std::int64_t each_ns(steady_time now) const noexcept {
    if (const std::int64_t known = each_ns_.load(std::memory_order_relaxed); known != 0) return known;
    return std::max<std::int64_t>(now.time_since_epoch().count() - since_, 1);
  }

 private:
  static constexpr std::int64_t share = 4;

  [[nodiscard]] std::atomic<std::int32_t>& first(const detail::message& m) noexcept {
    return first_[m.from >> 5U & 63U];
  }
  [[nodiscard]] std::atomic<std::int32_t>& second(const detail::message& m) noexcept { return second_[m.from >> 10U]; }
  void add(const detail::message& m, std::int32_t by) noexcept {
    first(m).fetch_add(by, std::memory_order_relaxed);
    second(m).fetch_add(by, std::memory_order_relaxed);
    taken_.fetch_add(by, std::memory_order_relaxed);
  }

  const std::int64_t seats_max_;
  const std::int64_t since_;  // nanoseconds of the steady clock
  std::atomic<bool> is_there_{true};
  std::atomic<std::int64_t> each_ns_{0};
  std::atomic<std::int64_t> taken_{0};
  std::array<std::atomic<std::int32_t>, 64> first_{};
  std::array<std::atomic<std::int32_t>, 64> second_{};
  std::uint32_t left_ = 0;  // strand: messages that left, ever; wraps around
  pace_meter pace_;         // strand
};

}  // namespace troupe::internal
