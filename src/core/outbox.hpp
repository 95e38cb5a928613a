#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "troupe/core/durable.hpp"
#include "troupe/spi/durable_messages.hpp"

namespace troupe::internal {

/// A durable message that a turn sends; it gets its number when the turn is recorded.
struct unsent_message {
  actor_id to;
  std::string method;
  std::string arguments;
};

/// What became of one delivery of a message.
enum class delivery_end : std::uint8_t {
  arrived,      ///< it had its effect, now or earlier, or is a dead letter of its receiver
  early,        ///< one that was sent before it has not arrived yet
  hindered,     ///< store, runtime or receiver are not available; says nothing about the message
  failed,       ///< its handler failed
  unreachable,  ///< it did not get as far as its handler
};

/// The durable messages that an actor has sent and of which it does not know yet that they arrived. Decides what is
/// delivered when; does nothing itself. To each receiver messages go in their order: several may be under way, and
/// after a failure the first one alone until it has arrived. Receivers do not wait for each other. Only on the owning
/// strand.
class outbox {
 public:
  explicit outbox(const message_options& options) noexcept : options_(options) {}

  /// Takes over what is stored; pauses that are not over go on.
  void load(std::uint64_t stream, std::vector<spi::message_image> stored, steady_time now, wall_time wall_now);

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  [[nodiscard]] std::uint64_t stream() const noexcept { return stream_; }  ///< 0: nothing was ever sent
  void begin_stream(std::uint64_t stream) noexcept { stream_ = stream; }

  /// Takes messages that may leave when the record `record` is committed.
  void add(const std::vector<spi::message_image>& messages, std::uint64_t record);

  /// One delivery that is to be made now.
  struct departure {
    const spi::message_image* message = nullptr;  ///< valid until the next call
    std::uint64_t after = 0;  ///< the message to the same receiver that must have arrived before; 0: none
    std::string given_up{};   ///< not empty: it is to become a dead letter, for this reason
  };

  /// Takes what may leave when the records up to `committed` are durable. Counts it as under way.
  [[nodiscard]] std::vector<departure> take_ready(std::uint64_t committed, steady_time now);

  /// What must be done about a delivery that ended.
  struct verdict {
    std::optional<spi::message_image> dead{};  ///< taken out, which no record says yet: a dead letter of the sender
    bool counted = false;                      ///< it was a failure that counts
    bool buried = false;                       ///< it arrived as a dead letter of its receiver
    std::chrono::milliseconds pause{0};        ///< until the next delivery
  };

  /// A delivery has ended. One that is not under way (any more) changes nothing but that a message which arrived
  /// leaves. `random` is any number.
  verdict ended(const actor_id& to, std::uint64_t sequence, delivery_end how, const std::string& why, steady_time now,
                wall_time wall_now, std::uint64_t random);

  /// Takes out the messages to `to` with a number of at most `sequence`, which have arrived, and returns their numbers
  /// in order. No record says so yet.
  [[nodiscard]] std::vector<std::uint64_t> take_up_to(const actor_id& to, std::uint64_t sequence);

  /// When the next delivery after a pause is due; nullopt: no receiver is paused.
  [[nodiscard]] std::optional<steady_time> next_try() const noexcept;

  /// When the store is to wake the actor for its messages; nullopt: never.
  [[nodiscard]] std::optional<wall_time> due() const noexcept;

  /// What records do not say yet of messages that arrived or failed.
  [[nodiscard]] bool changed() const noexcept { return !dropped_.empty() || !updated_.empty(); }
  /// Says it in `changes`, as far as `room` bytes reach; the rest stays for a later record.
  void describe_changes(spi::message_changes& changes, std::size_t room) const;
  void forget_changes(const spi::message_changes& described);

 private:
  struct entry {
    spi::message_image image;
    std::uint64_t record = 0;  // must be committed before it leaves
    bool under_way = false;
    std::string given_up;  // why it becomes a dead letter
  };
  struct route {
    const actor_id* to = nullptr;  // the key in routes_
    std::deque<entry> queue;       // by sequence
    std::uint32_t failures = 0;    // in a row
    steady_time not_before{};
    bool one_at_a_time = false;            // after a failure, until something arrives
    bool listed = false;                   // in to_look_at_
    std::optional<wall_time> filed_due;    // in dues_
    std::optional<steady_time> filed_try;  // in tries_
  };
  using entries = std::deque<entry>;

  route& route_to(const actor_id& to);
  void look_at(route& r);
  void refile(route& r);
  void depart(route& r, std::uint64_t committed, std::vector<departure>& out);
  [[nodiscard]] std::chrono::milliseconds pause_after(std::uint32_t failures, std::uint64_t random) const;
  [[nodiscard]] static entries::iterator find(entries& queue, std::uint64_t sequence);
  entry take(route& r, entries::iterator at);
  void give_up(route& r, entries::iterator at, delivery_end how, const std::string& why, verdict& result);

  message_options options_;
  std::uint64_t stream_ = 0;
  std::size_t size_ = 0;
  std::size_t under_way_ = 0;
  std::map<actor_id, route> routes_;  // by receiver; empty ones leave when they are looked at
  std::vector<route*> to_look_at_;
  std::multiset<wall_time> dues_;             // of the first message of each route
  std::multimap<steady_time, route*> tries_;  // the routes that are paused
  std::vector<std::uint64_t> dropped_;
  std::map<std::uint64_t, route*> updated_;  // by sequence
};

}  // namespace troupe::internal
