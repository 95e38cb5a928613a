#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "troupe/base/codec.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::testing {

/// An expectation of a scenario that was not met. `what()` shows the step, and what was expected and found as JSON.
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
  scenario_base(actor_id subject, test_options options);
  ~scenario_base();

  void add_cell(const actor_id& actor, spi::cell_image cell);
  void add_reminder(spi::reminder_image reminder);
  void set_time(wall_time wall);

  /// Puts what was given on the disk, once; notes where messages, log and stored state stand.
  void begin(std::string step);
  void answered(std::exception_ptr failure, std::optional<std::string> reply_json);
  void pass_time(std::string step, std::chrono::nanoseconds span);
  void fire(std::string_view reminder);

  void expect_success() const;
  void expect_reply(const std::string& json) const;
  void expect_failure(std::string_view text) const;
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

  [[nodiscard]] given_actor& entry_of(const actor_id& actor);
  void require_given() const;
  void require_when() const;
  void look_around();

  std::vector<given_actor> given_;
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
