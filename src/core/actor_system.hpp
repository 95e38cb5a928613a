#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/activation.hpp"
#include "core/atomic_counters.hpp"
#include "core/call_watch.hpp"
#include "core/current_strand.hpp"
#include "core/delayed_tells.hpp"
#include "core/directory.hpp"
#include "core/idle_collector.hpp"
#include "core/load_admission.hpp"
#include "core/overload.hpp"
#include "core/ports.hpp"
#include "core/quarantine.hpp"
#include "core/tick_pool.hpp"
#include "core/timer_service.hpp"
#include "troupe/base/log_sink.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/core/call_filter.hpp"
#include "troupe/spi/clock.hpp"
#include "troupe/spi/entropy.hpp"
#include "troupe/spi/executor.hpp"

namespace troupe::internal {

using filter_list = std::vector<std::shared_ptr<call_filter>>;

/// Throws `error{errc::invalid_argument}` for a null entry; the message begins with `whose` and names it by its index.
void check_filters(const filter_list& filters, const std::string& whose);

/// A class the runtime hosts.
struct hosted_type {
  detail::actor_type_info info;
  actor_system* system = nullptr;                                     ///< that hosts it
  std::size_t index = 0;                                              ///< in the idle collector, and unique
  steady_time::duration call_timeout = steady_time::duration::max();  ///< of its options; max: as long as it takes
  bool overlaps = false;         ///< turns of some of its methods may overlap others
  bool plain = false;            ///< none of that, and no filters
  bool comes_back = false;       ///< a chain of calls may come back to some of its methods
  std::uint16_t crowd_from = 0;  ///< messages from which senders ask for a seat
  filter_list filters;           ///< the runtime's, then the type's
};

/// Rules that a test may switch off to prove that it would notice. Always on otherwise.
struct turn_rules {
  bool rollback = true;  ///< a turn that throws leaves no trace in memory
  bool gate = true;      ///< replies and messages wait for the commit
  bool threads = true;   ///< threads outside are senders of their own; otherwise one, whatever its addresses are
  bool receipts = true;  ///< a durable message that comes again is not taken again
};

/// Told of each message an actor sends, when it leaves. For tests; null costs a comparison.
using send_observer = std::function<void(const activation& from, const activation& to, const detail::request& what)>;

/// What an actor system is made of.
struct system_parts {
  std::shared_ptr<spi::clock> clock;
  std::shared_ptr<spi::entropy> entropy;
  std::shared_ptr<spi::executor> executor;  ///< stopped before `halt`
  std::size_t resident_max = 0;             ///< 0: no cap
  overload_bounds overload;
  filter_list filters;
  log_sink log;
  turn_rules rules;
  send_observer on_send;
};

/// The actors of one runtime and what they share: the types, the directory, time, and the way to the store.
/// Lives until the runtime has let go of it and the last reference to an actor is gone.
/// Thread-safety: any thread, unless said otherwise.
class actor_system {
 public:
  explicit actor_system(system_parts parts);
  actor_system(const actor_system&) = delete;
  actor_system& operator=(const actor_system&) = delete;

  /// Before the first message. The ports outlive every turn.
  void connect(persistence_port& port, reminder_port& reminders) noexcept;

  /// Hosts a class. Throws `error{errc::invalid_argument}` for a bad or taken name or an option out of range.
  void host(detail::actor_type_info info);

  /// Finds an actor. Throws `errc::unknown_type`, or for a bad key, or when the name belongs to another class.
  [[nodiscard]] detail::activation_ptr find(std::string_view type, const std::type_info& cpp_type,
                                            std::string_view key);
  /// The same by name alone.
  [[nodiscard]] detail::activation_ptr find(std::string_view type, std::string_view key);
  [[nodiscard]] const hosted_type& type_named(std::string_view type) const;

  [[nodiscard]] class directory& directory() noexcept { return directory_; }
  [[nodiscard]] idle_collector& idle() noexcept { return idle_; }
  [[nodiscard]] timer_service& timers() noexcept { return timers_; }
  [[nodiscard]] tick_pool& ticks() noexcept { return ticks_; }
  [[nodiscard]] class quarantine& quarantine() noexcept { return quarantine_; }
  [[nodiscard]] spi::executor& executor() const noexcept { return *executor_.load(std::memory_order_acquire); }
  [[nodiscard]] const spi::clock& clock() const noexcept { return *parts_.clock; }
  [[nodiscard]] steady_time now() const noexcept { return parts_.clock->steady_now(); }
  [[nodiscard]] steady_time coarse_now() const noexcept { return parts_.clock->coarse_now(); }
  /// Of a strand of this system that runs: the time of a few messages ago at most.
  [[nodiscard]] steady_time recent_now() const noexcept {
    constexpr int uses_max = 8;
    if (time_here.uses-- <= 0) time_here = {coarse_now(), uses_max - 1};
    return time_here.at;
  }
  [[nodiscard]] call_watch& calls() noexcept { return calls_; }
  [[nodiscard]] delayed_tells& delayed() noexcept { return delayed_; }
  [[nodiscard]] std::uint64_t random() noexcept { return parts_.entropy->next(); }
  [[nodiscard]] persistence_port& port() const noexcept { return *port_; }
  [[nodiscard]] reminder_port& reminders() const noexcept { return *reminders_; }
  [[nodiscard]] const turn_rules& rules() const noexcept { return parts_.rules; }
  [[nodiscard]] atomic_counters& counters() noexcept { return counters_; }
  [[nodiscard]] std::size_t resident() const noexcept { return resident_.load(std::memory_order_relaxed); }
  /// Counts the looks for circles of calls; the number of the one that begins now.
  [[nodiscard]] std::uint64_t begin_look() noexcept { return looks_.fetch_add(1, std::memory_order_relaxed) + 1; }
  [[nodiscard]] std::uint64_t looks_begun() const noexcept { return looks_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool observes_sends() const noexcept { return static_cast<bool>(parts_.on_send); }
  void observe_send(const activation& from, const activation& to, const detail::request& what) const {
    if (parts_.on_send) parts_.on_send(from, to, what);
  }

  [[nodiscard]] const filter_list& filters() const noexcept { return parts_.filters; }

  // ---- what may wait
  [[nodiscard]] queue_load& load() noexcept { return overload_.load; }
  [[nodiscard]] load_admission& loads() noexcept { return overload_.loads; }
  [[nodiscard]] overload_state& overload() noexcept { return overload_; }
  /// The calling thread as a sender.
  [[nodiscard]] activation::sender outside_sender() const noexcept {
    const std::uint64_t h = parts_.rules.threads ? reinterpret_cast<std::uintptr_t>(&this_strand) : 0;
    return {static_cast<std::uint16_t>(h * 0xd6e8feb86659fd93U >> 32U), queue_load::sender::outside};
  }
  /// Counts a tell that was dropped; reports it together with others, once a second.
  void on_dropped_tell(const activation& target, std::string_view method) noexcept;
  void log(log_level level, std::string_view line) const noexcept;
  void log_failure(const std::string& what, const std::exception_ptr& failure) const noexcept;

  // ---- told by activations
  void on_resident() noexcept;  ///< one more in memory: makes room when it is one too many
  void on_vanished() noexcept;  ///< one less
  void on_awake() noexcept { awake_.fetch_add(1, std::memory_order_relaxed); }  ///< one more in memory or with messages
  void on_dormant() noexcept;                                                   ///< one less
  void file_idle(activation& entry) noexcept;

  // ---- shutdown, by the runtime
  [[nodiscard]] bool accepting() const noexcept { return accepting_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }
  /// Refuses calls from outside, lets what was accepted finish, and deactivates every actor that has nothing to do.
  /// `drained` is called once, from any thread, when none is left in memory and none has messages.
  void drain(std::function<void()> drained);
  [[nodiscard]] bool halted() const noexcept { return halted_.load(std::memory_order_seq_cst); }
  /// Requires: nothing runs any more. Destroys what is left in memory; calls that wait outside get `shutting_down`.
  void halt() noexcept;

  void hold() noexcept { holders_.fetch_add(1, std::memory_order_relaxed); }
  void drop() noexcept;  ///< the last one destroys the system

 private:
  ~actor_system() = default;
  void look_for_idle(std::int64_t tick) noexcept;
  void arrange_look(steady_time when) noexcept;
  void tell_drained() noexcept;
  void log_dropped(const std::vector<activation*>& places) const noexcept;

  const std::uint64_t number_;             // unlike that of any other that ever was
  system_parts parts_;                     // constant after construction
  std::atomic<spi::executor*> executor_;   // one that drops everything after halt
  std::unique_ptr<spi::executor> nobody_;  // that one
  persistence_port* port_ = nullptr;       // constant after connect
  reminder_port* reminders_ = nullptr;     // constant after connect
  mutable std::shared_mutex types_mutex_;
  std::map<std::string, std::unique_ptr<hosted_type>, std::less<>> types_;  // guarded by types_mutex_
  class directory directory_;
  idle_collector idle_;
  tick_pool ticks_;
  timer_service timers_;
  class quarantine quarantine_ {
    *this
  };
  call_watch calls_{*this};
  overload_state overload_;
  atomic_counters counters_;
  delayed_tells delayed_{*this};
  std::atomic<std::uint64_t> looks_{0};
  std::atomic<std::size_t> resident_{0};
  std::atomic<std::size_t> awake_{0};  // activations that are in memory or have messages
  std::atomic<std::size_t> holders_{1};
  std::atomic<std::int64_t> next_look_;  // idle ticks; the pending look for idle actors
  std::atomic<bool> accepting_{true};
  std::atomic<bool> draining_{false};
  std::atomic<bool> halted_{false};
  std::mutex drain_mutex_;
  std::function<void()> drained_;  // guarded by drain_mutex_; null once called
};

inline actor_system& activation::system() const noexcept { return *type_->system; }

}  // namespace troupe::internal
