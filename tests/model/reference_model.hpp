#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::model {

/// Identifies one effect: whatever a turn adds to an actor's state. Unique within a seed.
using effect_id = std::uint64_t;

/// Order of the driver's actions within a seed.
using moment = std::uint64_t;

/// What an actor's state showed: its effects in order, and the second cell that must always agree with them.
struct view {
  std::vector<effect_id> effects;
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
};

/// How an attempt to have an effect ended, as its caller was told.
enum class outcome { open, done, nothing, unknown };

/// Whose acknowledgements survive what.
enum class promise {
  acknowledged,  ///< an acknowledged effect is durable
  orderly,       ///< durable when neither crash nor store failure came
  none,          ///< never stored
};

/// What is known of an effect before it happens.
struct effect_facts {
  std::size_t actor = 0;
  bool never = false;        ///< its turn always throws
  bool keyed = false;        ///< attempts share an idempotency key
  bool stored = false;       ///< its turn is committed before the reply whatever the actor's durability
  bool erases = false;       ///< its turn erases the actor, so it leaves nothing itself
  bool spontaneous = false;  ///< may happen without an attempt: told to the actor, or a tick
  bool posted = false;       ///< by a durable message: follows when its cause is stored
  std::uint64_t sender = 0;  ///< effects of one sender on one actor keep their order; 0: no order
  effect_id cause = 0;       ///< the effect of another actor whose turn sent this one; 0: none
};

/// What a seed's actors promise, in plain code: knows what was asked and answered, and finds what must not be.
///
/// Time is the driver's counter of actions: an effect is excused when an erase of its actor may have come after it.
class reference_model {
 public:
  struct setting {
    std::vector<promise> actors;  ///< by number
    bool calm = true;             ///< no crash, no fault, no second writer: nothing may be lost or fail
    bool contended = false;       ///< two runtimes write the same actors: what one has in memory may be stale
  };

  explicit reference_model(setting given) : options_(std::move(given)) {}

  [[nodiscard]] effect_id add(const effect_facts& facts);
  /// An effect the driver did not number itself, such as a tick.
  void add(effect_id id, const effect_facts& facts);

  /// An attempt begins; returns its number.
  [[nodiscard]] std::size_t begin(effect_id id);
  void end(effect_id id, std::size_t attempt, outcome how);
  /// When `id` is acknowledged, this tick follows; `cancelled` says that none of an actor need come any more.
  void expect_tick(effect_id id, effect_id tick);
  void cancelled(std::size_t actor) { cancelled_.insert(actor); }

  /// The turn of `outer` has `inner` as well: nobody sees the one without the other.
  void in_one_turn(effect_id outer, effect_id inner) { together_[outer] = inner; }

  /// Something asked for at `asked` showed the state of an actor to the outside. `lasting`: it may not be lost again.
  void shown(std::size_t actor, const view& what, moment asked, bool lasting);

  /// A keyed effect was acknowledged with this reply.
  void replied(effect_id id, const view& reply);

  /// The state of every actor in the store, when nothing runs. `over`: at the very end, when nothing is under way.
  void stored(const std::vector<view>& actors, bool over);

  [[nodiscard]] moment now() const noexcept { return now_; }
  moment tick() noexcept { return ++now_; }

  /// Reports a broken rule; the first one counts.
  void violated(const std::string& rule);
  [[nodiscard]] const std::string& violation() const noexcept { return violation_; }
  [[nodiscard]] bool calm() const noexcept { return options_.calm; }

  /// Whether an erase of the actor may come after `since`, or came.
  [[nodiscard]] bool maybe_erased(std::size_t actor, moment since) const;
  [[nodiscard]] bool ever_erased(std::size_t actor) const { return maybe_erased(actor, 0); }

 private:
  struct attempt {
    moment began = 0;
    moment ended = 0;  // 0: open
    outcome how = outcome::open;
  };
  struct effect {
    effect_facts facts;
    std::uint64_t order = 0;
    std::vector<attempt> attempts;
    std::vector<effect_id> reply;
    bool replied = false;
  };

  void check(std::size_t actor, const view& what, bool lasting);
  void check_required(const std::vector<view>& actors, bool over);
  void check_causes(const std::vector<view>& actors);
  void check_arrivals(const std::vector<view>& actors);
  void check_shown(const std::vector<view>& actors);
  [[nodiscard]] bool may_repeat(effect_id id) const;
  [[nodiscard]] bool possible(const effect& e) const;
  [[nodiscard]] std::string name(std::size_t actor, effect_id id) const;

  setting options_;
  std::map<effect_id, effect> effects_;
  std::map<std::size_t, std::vector<effect_id>> erases_;         // by actor
  std::map<std::pair<std::size_t, effect_id>, moment> exposed_;  // latest moment it was asked for
  std::map<effect_id, effect_id> ticks_;                         // by the effect that scheduled it
  std::map<effect_id, effect_id> together_;                      // outer to inner, of one actor and turn
  std::set<std::size_t> cancelled_;
  effect_id last_id_ = 0;
  moment now_ = 1;
  std::string violation_;
};

}  // namespace troupe::model
