#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/given_up_call.hpp"
#include "core/idle_queue.hpp"
#include "core/load_tally.hpp"
#include "core/mailbox.hpp"
#include "core/output_gate.hpp"
#include "core/persistence.hpp"
#include "core/queue_load.hpp"
#include "core/residency.hpp"
#include "troupe/core/actor.hpp"
#include "troupe/spi/executor.hpp"

namespace troupe::internal {

struct deadlock_probe;
struct probe_circle;
struct probe_hop;
class delivery_request;
class letter_request;
class reminder_request;
struct failed_tick;
struct due_reminder;
struct hosted_type;
class crowd;
class turn;
struct working_set;
enum class turn_kind : std::uint8_t;

/// One actor's place in the directory: its mailbox and, while it is activated, everything in `resident`.
///
/// It stays as long as it is activated, has messages or is referred to, so a reference never dangles and a message
/// that arrives during deactivation waits here for the next activation.
class activation final : public spi::runnable, public idle_entry {
 public:
  /// Requires: checked type and key. Starts with one reference, the caller's.
  [[nodiscard]] static activation* make(const hosted_type& type, std::string_view key, std::size_t hash);

  activation(const activation&) = delete;
  activation& operator=(const activation&) = delete;

  /// Who sends a message.
  struct sender {
    std::uint16_t hash = 0;  ///< tells senders apart
    queue_load::sender kind = queue_load::sender::actor;
  };
  [[nodiscard]] sender as_sender() const noexcept {
    return {static_cast<std::uint16_t>(hash_), queue_load::sender::actor};
  }

  // ---- any thread
  void push(detail::message& m) noexcept;
  void push_given_up(given_up_call call) noexcept;
  /// Pushes a request unless too much waits here or in the runtime: then it is completed with `errc::overloaded`.
  /// It is counted in `tally`, or at once without one.
  void offer(detail::request& r, const sender& by, load_tally* tally = nullptr) noexcept;
  void retain() noexcept;
  void release() noexcept;                             ///< the last one removes it from the directory
  void release_counted(std::uint32_t count) noexcept;  ///< so many at once

  [[nodiscard]] std::string_view key() const noexcept { return {key_bytes(), key_size_}; }
  [[nodiscard]] std::size_t hash() const noexcept { return hash_; }
  [[nodiscard]] const hosted_type& type() const noexcept { return *type_; }
  [[nodiscard]] std::string_view type_name() const noexcept;
  [[nodiscard]] inline actor_system& system() const noexcept;
  [[nodiscard]] actor_id id() const { return {std::string(type_name()), std::string(key())}; }
  [[nodiscard]] std::string display() const { return to_display(type_name(), key()); }

  // ---- on the strand
  void run() noexcept override;
  void on_turn_done(turn& t) noexcept;                           ///< the coroutine of a running turn has finished
  void on_commit_done() noexcept;                                ///< the ticket came back
  void on_load_done() noexcept;                                  ///< the load ticket came back
  void on_items_looked() noexcept;                               ///< the ticket of `look_for_items` came back
  void on_save_due() noexcept;                                   ///< a write-behind interval is over
  void on_expired(deactivation_reason reason) noexcept;          ///< the collector picked it
  void on_delivered(const delivery_request& delivery) noexcept;  ///< a durable message arrived, or not
  void on_try_due() noexcept;                                    ///< a pause after failed deliveries is over
  void on_receipts_due() noexcept;                               ///< receipts have waited long enough

  /// Sends a call of the running turn, behind the gate of earlier turns, and gives it up at `deadline`. Returns whether
  /// it is answered already.
  [[nodiscard]] bool send_call(detail::awaited_call& call, steady_time deadline) noexcept;
  /// Gives up a call that a turn of this actor waits for: it is answered soon.
  void give_up(detail::awaited_call& call, errc why) noexcept;
  /// Sends a request behind the gate of earlier turns.
  void send_gated(detail::request& r, activation& target) noexcept;
  [[nodiscard]] bool waits_at_gate() const noexcept;  ///< what it sends now would have to

  [[nodiscard]] bool runs_turn() const noexcept;  ///< also one that is suspended
  /// Goes on with code of a turn, or later if another one runs inside it.
  void resume(detail::wait_scope& scope, std::coroutine_handle<> suspended);
  [[nodiscard]] turn* own_turn() noexcept;  ///< the running turn, if the calling thread runs its code
  void mark_edited(detail::cell_base& cell);
  /// Has the running turn of `self` write the cells that were stored under an older schema; false: there are none.
  /// `declared` gets the cells of the class.
  static bool rewrite_old_cells(actor& self, std::vector<cell_schema>& declared);
  void request_deactivation(deactivation_reason reason) noexcept;  ///< from outside its turns
  void deactivate_with_turn();
  void keep_alive(std::chrono::milliseconds span) noexcept;
  void erase_with_turn();
  void send_with_turn(activation& target, std::string_view method, std::string arguments);
  // dead letters (activation_letters.cpp)
  void bury_with_turn(const spi::letter_image& letter);
  [[nodiscard]] bool has_room_for_letter() const;
  void take_letter_with_turn(letter_request& request);
  // reminders (activation_reminders.cpp, activation_ticks.cpp)
  /// Sets a reminder with the turn. A `method` gets `arguments`, a JSON array; without one it is `on_reminder`.
  void set_reminder(std::string_view name, const reminder_schedule& asked, std::string_view method = {},
                    std::string arguments = {});
  bool cancel_reminder(std::string_view name);  ///< returns whether there was one, as the next two do
  bool pause_reminder(std::string_view name);
  bool resume_reminder(std::string_view name);
  std::size_t cancel_reminders(std::string_view prefix);  ///< returns how many there were
  [[nodiscard]] const std::vector<spi::reminder_image>& reminders() const;
  /// Takes the earliest reminder that is due for the request, and starts its handler; null when none is to be started.
  [[nodiscard]] std::coroutine_handle<detail::task_promise_base> start_due_reminder(reminder_request& request);
  /// Notes with the turn that a tick failed, if it is still to be handled.
  void note_failed_tick(const failed_tick& failed);
  /// Lets the actor's other reminders come before one whose handler was hindered. Returns whether that is possible.
  [[nodiscard]] bool put_tick_aside(const failed_tick& failed) noexcept;

  // logs and items (activation_parts.cpp, log.cpp); all but the reads throw `std::logic_error` outside a turn
  [[nodiscard]] spi::log_head log_head_here(std::string_view name);
  void append_with_turn(const detail::log_base& log, std::string json);
  void trim_with_turn(std::string_view name, std::uint64_t first_min, std::uint64_t newest);
  /// Reads the entries numbered from `from` to before `end`.
  [[nodiscard]] task<std::vector<spi::log_entry_image>> read_log(std::string name, std::uint64_t from,
                                                                 std::uint64_t end);
  void change_item(std::string_view key, std::optional<spi::item_image> item);
  [[nodiscard]] std::uint64_t newest_record();
  /// The running turn has decided by an item as it was when `record` was the newest.
  void rely_on_item(std::string_view key, std::uint64_t record);
  [[nodiscard]] task<found_items> read_items(spi::item_query query, key_bounds keys);

  // ---- when nothing runs any more
  [[nodiscard]] bool is_resident() const noexcept { return static_cast<bool>(resident_); }
  void close() noexcept;          ///< ends the mailbox: what is pushed from now on is abandoned
  void drop_messages() noexcept;  ///< abandons whatever waits or is answered here
  void retire() noexcept;         ///< gives back the reference that an activated actor counts
  void drop_resident() noexcept;  ///< destroys the actor and its suspended coroutine

 private:
  void count_references() noexcept;

  activation(const hosted_type& type, std::size_t key_size, std::size_t hash) noexcept;
  ~activation();
  static void destroy(activation* self) noexcept;
  friend class directory;

  [[nodiscard]] char* key_bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] const char* key_bytes() const noexcept { return reinterpret_cast<const char*>(this + 1); }

  // bounds on what waits (activation_overload.cpp)
  static void count_queued(queue_load& load, std::uint32_t units, load_tally* tally) noexcept;
  [[nodiscard]] crowd* crowd_here() noexcept;
  /// Whether it is to run inside a turn that waits for it: it needs no room then. Any thread.
  [[nodiscard]] bool may_come_back(const detail::request& r) const noexcept;
  void refuse(detail::request& r, const std::function<std::exception_ptr()>& why) noexcept;
  [[nodiscard]] std::exception_ptr crowded_error(const crowd& here) const;
  [[nodiscard]] bool may_load() noexcept;  ///< the load may start now; else it starts later or the activation ends
  void let_next_load() noexcept;           ///< a load that was let in is over
  void offer_to_crowd(detail::request& r, const sender& by, crowd* here, load_tally* tally) noexcept;
  void join_line(detail::request& r) noexcept;
  void pass_line(detail::request& r) noexcept;  ///< a call that comes back: it does not wait in the line
  [[nodiscard]] detail::request* pop_waiting() noexcept;
  void leave_crowd(detail::request& r) noexcept;
  void balance() noexcept;

  // run loop (activation_loop.cpp)
  void take_in() noexcept;  ///< what came, if it is time for it
  void take_in(const message_batch& batch) noexcept;
  /// Handles the only message there is, if it can go the short way. Returns whether the strand rests again.
  [[nodiscard]] bool run_only() noexcept;
  void go_straight(int& budget) noexcept;  ///< handles what came without a stay in the line
  void drain(int& budget) noexcept;
  [[nodiscard]] bool is_quiet() const noexcept;  ///< active, nothing runs, and nothing waits in line
  /// Begins a call on the calling thread, if the actor has nothing to do; or at least takes it. False: neither.
  [[nodiscard]] bool take_at_once(detail::awaited_call& call) noexcept;
  void queue_behind_turn(detail::request& r) noexcept;  ///< a call of another actor
  void on_call_queued(const detail::request& r) noexcept;
  [[nodiscard]] bool take_step() noexcept;
  [[nodiscard]] life_facts facts() noexcept;

  // turns that overlap (activation_overlap.cpp)
  [[nodiscard]] reentrancy mode_of(const detail::request& r) const noexcept;
  [[nodiscard]] bool may_begin_beside() noexcept;
  [[nodiscard]] bool next_fits() noexcept;  ///< the next of the line may begin beside the turns that run
  /// Whether `r` must wait until `t` has ended, whatever else stands in line before it.
  [[nodiscard]] bool is_held_up_by(const turn& t, const detail::request& r) const noexcept;
  [[nodiscard]] detail::request* take_next(turn*& outer) noexcept;
  [[nodiscard]] turn* turn_that_waits_for(const detail::request& r) noexcept;
  [[nodiscard]] bool comes_back(const detail::request& r) noexcept;
  void refuse_returning(const std::exception_ptr& why) noexcept;
  [[nodiscard]] turn& claim_turn();
  [[nodiscard]] turn& claim_beside();
  void note_begun(turn& t) noexcept;
  void note_ended(turn& t) noexcept;
  [[nodiscard]] turn* turn_numbered(std::uint64_t serial) noexcept;
  [[nodiscard]] std::exception_ptr refuse_inside(const detail::request& r) const noexcept;
  void begin_inside(turn& t, turn& outer) noexcept;
  void end_inside(turn& t, std::exception_ptr failure) noexcept;
  void resume_later(std::uint64_t serial) noexcept;
  /// Throws `std::logic_error` in a read_only turn, and in one inside it; `what` begins the text.
  void check_may_change(turn& t, const char* what) const;
  void keep_before_edit(turn& t, detail::revertible& what);
  [[nodiscard]] std::exception_ptr check_conflict(const turn& t) const noexcept;
  [[nodiscard]] std::shared_ptr<const detail::chain_link> chain_of(turn& t);

  // context and filters (activation_around.cpp)
  void begin_around(turn& t);  ///< throws what a filter throws
  void end_around(turn& t, const std::exception_ptr& failure) noexcept;

  // turns (activation_turns.cpp)
  void begin_next() noexcept;
  void begin(detail::request& r, turn* outer = nullptr) noexcept;
  /// Loads what is stored of the actor, of which nothing was needed so far; `r` begins then.
  void load_before(detail::request& r) noexcept;
  void begin_request(detail::request& r, turn* outer, steady_time now) noexcept;
  /// Whether a request of a plain type is nothing but its arguments.
  [[nodiscard]] static bool is_plain(const detail::request& r) noexcept { return !r.special && r.context.empty(); }
  /// The same for such a request, when the actor is quiet. Returns whether it certainly is so again.
  bool begin_plain(detail::request& r, steady_time now) noexcept;
  [[nodiscard]] bool replay_reply(turn& t) noexcept;
  void begin_hook(turn_kind kind, const std::function<task<void>()>& hook) noexcept;
  /// Runs what `begin` gives as the turn: a coroutine, or null when it has run to its end.
  template <class Begin>
  void run_turn(turn& t, Begin begin) noexcept;
  void end_turn(turn& t, std::exception_ptr failure) noexcept;
  /// Whether nothing is left of a turn that did not fail but its answer and its tells, which wait for nothing.
  [[nodiscard]] bool is_done_with(const turn& t) const noexcept;
  void end_plain(turn& t) noexcept;

  // what turns leave (activation_records.cpp)
  [[nodiscard]] std::exception_ptr record_turn(turn& t, std::uint64_t& gate) noexcept;
  /// Begins to erase an actor of which nothing was loaded; returns the record it will be.
  [[nodiscard]] std::uint64_t erase_what_is_stored() noexcept;
  void undo_turn(turn& t) noexcept;

  // what leaves, some of it behind the gate (activation_outputs.cpp)
  template <class Push>
  pushed push_by(const Push& push) noexcept;
  pushed push_counted(detail::request& r, unsigned crowd_from) noexcept;
  pushed push_run(detail::message& oldest, unsigned crowd_from) noexcept;
  void settle(gated_output output) noexcept;
  void send_all(outgoing_list& messages) noexcept;
  void send_run(detail::request& first, outgoing_list& others, load_tally& tally) noexcept;
  void deliver(gated_output output) noexcept;
  void fail(gated_output output, const std::exception_ptr& why) const noexcept;

  // calls that end before their answer (activation_calls.cpp)
  /// What a turn that fails is answered with: whether nothing happened depends on the calls that it made.
  [[nodiscard]] std::exception_ptr after_calls(const turn& t, std::exception_ptr failure) const noexcept;
  void watch_calls(steady_time deadline) noexcept;
  void stop_watch() noexcept;
  void on_watch_rings() noexcept;
  void on_given_up(const given_up_call& call) noexcept;
  [[nodiscard]] bool give_up_waiting(const given_up_call& call) noexcept;
  [[nodiscard]] detail::request* take_waiting(const given_up_call& call, std::size_t& ahead) noexcept;
  [[nodiscard]] const detail::request* find_waiting(const given_up_call& call) const noexcept;
  void give_up_running(turn& t, const given_up_call& call) noexcept;
  /// What a call is told that ends in the queue, with `ahead` others in front of it.
  [[nodiscard]] std::exception_ptr expired(const detail::request& r, errc why, std::size_t ahead) noexcept;
  template <class Visit>
  void for_each_turn(Visit visit);

  // circles of calls (activation_deadlock.cpp)
  void on_blocked_behind(turn& t) noexcept;  ///< a call of another actor waits until `t` has ended
  void look_later(turn& t) noexcept;         ///< when its pause is over
  void on_look_due() noexcept;
  void on_held_up() noexcept;  ///< nothing more can begin now
  /// Whether requests of the line begin beside the turns that run, so that `r` does not wait for these yet.
  [[nodiscard]] bool may_be_next(const detail::request& r) noexcept;
  /// The turns that must end before a request of the queue may begin.
  template <class Visit>
  void for_each_turn_before(const detail::request& r, Visit visit);
  void look_for_circle(turn& t, steady_time now) noexcept;
  std::size_t send_probe(const turn& t, const deadlock_probe& probe) noexcept;
  /// Counts the message.
  template <class Function>
  void tell_searcher(activation& target, Function function) noexcept;
  void on_probe(const deadlock_probe& probe) noexcept;
  void follow(turn& t, const deadlock_probe& probe) noexcept;
  void on_probe_stopped(std::uint64_t turn, std::uint64_t round) noexcept;  ///< a stronger one was there
  /// Calls `visit` with each turn that must end before the call of a hop, which came here, is answered.
  template <class Visit>
  void for_each_turn_needed(probe_hop& hop, Visit visit);
  /// The way of a probe that came back, once more: from `t` on, which is to wait still.
  void see_again(const turn& t, probe_circle circle) noexcept;
  void on_seen_again(probe_circle& circle) noexcept;
  void break_circle(const std::vector<probe_hop>& circle) noexcept;
  void on_deadlock(const given_up_call& call, const std::exception_ptr& why) noexcept;

  // life (activation_life.cpp)
  void activate() noexcept;
  void start() noexcept;
  void erase_loaded() noexcept;
  void begin_load(phase next) noexcept;
  void look_for_items() noexcept;  ///< of an actor that may be what is left of an erased one
  void after_hook(turn_kind kind, const std::exception_ptr& failure) noexcept;
  void begin_deactivation() noexcept;
  void vanish() noexcept;

  // commits, and what becomes of the activation when one fails (activation_commits.cpp)
  /// Discards what is in memory: outputs up to record `flying` fail with `why`, later ones with `later`.
  void fail_activation(const std::exception_ptr& why, const std::exception_ptr& later) noexcept;
  /// The same for a reason of its own: a record in flight may still be committed.
  void fail_activation(const std::exception_ptr& why) noexcept;
  void count_conflict() const noexcept;  ///< a message is answered that its turn was lost to another writer
  void fail_waiting(const std::exception_ptr& why) noexcept;
  void save_later() noexcept;
  void save_now() noexcept;
  void announce_due() noexcept;
  [[nodiscard]] std::optional<wall_time> next_due() const noexcept;  ///< when a reminder is to be looked at
  [[nodiscard]] bool saves_every_turn() const noexcept;
  [[nodiscard]] bool uses_store() const noexcept;

  // logs and items (activation_parts.cpp)
  [[nodiscard]] turn& turn_with_parts(const char* what);
  [[nodiscard]] part_effects& effects_on_parts(const char* what);
  static void hand_over_parts(turn& from, turn& to);
  /// Calls `visit` with the effects of the turns around `t`, outermost first, and with its own.
  template <class Visit>
  void for_each_effect(const turn& t, Visit visit) const;
  [[nodiscard]] log_view view_log(const turn& t, std::string_view name) const;
  void put_changed_items(const turn& t, const key_bounds& keys, item_overlay& overlay);
  [[nodiscard]] task<void> purge_items();  ///< erases the items that have expired
  [[nodiscard]] const spi::reminder_image* find_reminder(std::string_view name) const;
  [[nodiscard]] std::vector<spi::reminder_image>& reminders_to_change();
  void put_reminder(spi::reminder_image image);
  [[nodiscard]] std::optional<due_reminder> first_due_reminder(wall_time now);
  void put_reminder_aside(const spi::reminder_image& reminder, std::chrono::milliseconds first);
  [[nodiscard]] std::logic_error unhandled_reminder() const;

  // durable messages (activation_messages.cpp)
  [[nodiscard]] bool is_stored_type() const noexcept;
  [[nodiscard]] static message_effects& turn_messages(turn& t);
  static void hand_over_messages(turn& from, turn& to);
  [[nodiscard]] bool needs_store(const detail::request& r) const noexcept;
  /// What is stored of the actor is known here.
  [[nodiscard]] bool is_loaded() const noexcept;
  /// Whether a delivery is to run now; completes one that is not.
  [[nodiscard]] bool admit(delivery_request& delivery) noexcept;
  void receive_with_turn(turn& t, const delivery_request& delivery);
  [[nodiscard]] mail* outgoing_mail() const noexcept;
  void pump_outbox() noexcept;  ///< delivers what is committed and may leave
  void depart(const outbox::departure& d, std::uint64_t stream);
  [[nodiscard]] spi::letter_image letter_of(const spi::message_image& message, const std::string& why) const;
  void end_delivery(const actor_id& to, std::uint64_t sequence, delivery_end how, const std::string& why) noexcept;
  void log_delivery(const actor_id& to, const outbox::verdict& verdict, const std::string& why) const noexcept;
  void arrange_try() noexcept;
  void arrange_receipts() noexcept;
  void record_mail(bool leaves) noexcept;
  /// Begins to record messages of an actor of which nothing was loaded; returns the record it will be.
  [[nodiscard]] std::uint64_t record_when_loaded(std::unique_ptr<message_effects> messages) noexcept;
  void record_loaded() noexcept;
  void announce_outbox() noexcept;  ///< has the actor woken for what has not arrived, when it leaves memory

  struct seldom_needed;
  struct detached;
  [[nodiscard]] detached detach() noexcept;  ///< it is not activated any more
  [[nodiscard]] seldom_needed& seldom();     ///< made when first asked for
  [[nodiscard]] crowd* known_crowd() const noexcept;
  void claim_work();
  /// Gives back what the strand needs to work, unless something is left there; if so, returns false.
  [[nodiscard]] bool spare_work() noexcept;
  [[nodiscard]] bool spare_plain_work() noexcept;  ///< the same after `begin_plain` has said that it is quiet

  // What a message touches lies together. The base has where it is in the idle collector.
  mailbox_word inbox_;                           // any thread
  std::atomic<std::uint32_t> references_{1};     // any thread
  const std::uint32_t hash_;                     // constant after construction
  const hosted_type* const type_;                // constant after construction
  working_set* work_ = nullptr;                  // strand: null while it has nothing to do
  residency resident_;                           // strand
  std::atomic<seldom_needed*> seldom_{nullptr};  // any thread: made when first needed, then kept
  std::uint32_t serials_ = 0;                    // strand: of turns and of calls made
  const std::uint16_t key_size_;                 // constant after construction
  bool counted_ = false;                         // once closed: `references_` has one for the strand
};

/// Before a message leaves a turn, or (null) the outside: gives it the turn's context, if it has none of its own, and
/// shows it to filters. Throws what they throw.
void pass_on(const turn* from, const activation& target, detail::request& r);

}  // namespace troupe::internal
