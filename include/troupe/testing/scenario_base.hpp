#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include <boost/assert/source_location.hpp>

#include "troupe/base/codec.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

/// An expectation of a scenario that was not met. `what()` shows the step, and what was expected and found as JSON; it
/// begins with the place of the step, where its parameters leave room for that (not in `when` and `then_sends`).
class scenario_failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A value as JSON text, by its codec; a string literal as a string.
template <class T>
[[nodiscard]] std::string json_of(const T& value) {
  using plain = std::conditional_t<std::is_convertible_v<const T&, const char*>, std::string, T>;
  std::string json;
  codec<plain>::encode(value, json);
  return json;
}

/// The part of a scenario that does not depend on the actor's class: what was given, what happened, how it compares.
class scenario_base {
 public:
  scenario_base(const scenario_base&) = delete;
  scenario_base& operator=(const scenario_base&) = delete;

  /// The runtime beneath, e.g. for its faults and its log.
  [[nodiscard]] test_runtime& runtime() noexcept { return runtime_; }

 protected:
  using place = boost::source_location;

  scenario_base(actor_id subject, test_options options);

  /// Throws `scenario_failure` when the last `when` failed and no `then` followed, unless an exception is in flight.
  ~scenario_base() noexcept(false);

  /// Notes where the `given` stands that comes.
  void given_at(const place& where);
  /// Notes where the `then` stands that comes. Throws `std::logic_error` when there was no `when`.
  void then_at(const place& where);

  /// A cell that the actor's class does not have is refused, here or, if the class is not hosted yet, by `begin`.
  void add_cell(const actor_id& actor, spi::cell_image cell);
  /// A cell as an older program wrote it: the class may have it no more.
  void add_old_cell(const actor_id& actor, spi::cell_image cell);
  void add_reminder(spi::reminder_image reminder);
  void set_time(wall_time wall);

  /// Puts what was given on the disk, once; notes where messages, log and stored state stand.
  void begin(std::string step, const place& where = {});
  void answered(std::exception_ptr failure, std::optional<std::string> reply_json);
  void pass_time(std::string step, std::chrono::nanoseconds span, const place& where);
  void fire(std::string_view reminder, const place& where);

  void expect_success() const;
  void expect_reply(const std::string& json) const;
  void expect_failure(std::string_view text) const;
  /// `matches`: the exception is of that type.
  void expect_thrown(const std::type_info& type, bool matches, std::string_view text) const;
  void expect_state(const actor_id& actor, std::string_view cell, const std::optional<std::string>& json) const;
  void expect_sent(const actor_id& to, std::string_view method, const std::string& arguments_json);
  void expect_nothing_more_sent() const;
  void expect_reminder(std::string_view name, std::chrono::milliseconds due_in, std::chrono::milliseconds period,
                       const std::optional<std::string>& data_json) const;
  void expect_no_reminder(std::string_view name) const;
  void expect_unchanged() const;
  [[noreturn]] void fail(const std::string& expected, const std::string& found) const;
  [[nodiscard]] std::string outcome() const;

  const actor_id subject_;
  test_runtime runtime_;
  std::exception_ptr failure_;  // what the call threw

 private:
  struct given_actor {
    actor_id actor;
    std::vector<spi::cell_image> cells;
    std::vector<spi::reminder_image> reminders;
  };
  struct named_cell {
    actor_id actor;
    std::string cell;
    place where;
  };

  [[nodiscard]] given_actor& entry_of(const actor_id& actor);
  void require_given() const;
  void require_cell(const actor_id& actor, std::string_view cell, const place& where) const;
  /// Throws when the last `when` failed and nothing has been said of it.
  void require_examined();
  void look_around();

  const int exceptions_before_;  // in flight when the scenario began
  place where_{};                // of the step that is being made; line 0: not known
  bool examined_ = true;         // a `then` followed the last `when`
  std::vector<given_actor> given_;
  std::vector<named_cell> given_cells_;      // whose names are checked once everything is hosted
  std::vector<named_cell> old_cells_;        // that the class need not have
  std::string step_;                         // what the last `when` did, for people; empty before the first
  bool called_ = false;                      // it was a call
  std::optional<std::string> reply_;         // of the call, as JSON; nullopt: none, or it has no encoding
  std::optional<std::string> tick_failure_;  // how a reminder or timer tick failed, as the log tells
  std::vector<sent_message> sent_;           // by the subject, since the last `when`; matched ones are taken out
  std::size_t sent_before_ = 0;
  std::size_t log_before_ = 0;
  spi::actor_image stored_before_;
};

}  // namespace troupe::testing
