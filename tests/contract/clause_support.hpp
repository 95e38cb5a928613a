#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "contract/state_store_contract.hpp"

/// What the clauses are written with.
namespace troupe::contract {

/// The actor of the clauses that need only one.
inline const actor_id acme{"seller", "acme"};

/// Collects violations.
class checker {
 public:
  void expect(bool kept, std::string violation) {
    if (!kept) found_.push_back(std::move(violation));
  }

  void expect_status(const spi::commit_result& result, spi::commit_status status, const std::string& what);

  /// Expects exactly what a record left: stamp, epoch, cells, and the lists given.
  void expect_image(const spi::load_result& loaded, const spi::actor_image& image, const std::string& what);

  /// Expects that the store holds nothing.
  void expect_nothing(const spi::load_result& loaded, const std::string& what);

  [[nodiscard]] violations take() { return std::move(found_); }

 private:
  violations found_;
};

[[nodiscard]] std::string to_string(spi::commit_status status);
[[nodiscard]] std::string to_string(spi::read_status status);

/// Returns cells without what a store says of where they stand (`cell_image::kept`).
[[nodiscard]] std::vector<spi::cell_image> contents_of(std::vector<spi::cell_image> cells);

/// Returns the first difference, for people, but for where cells stand; empty: equal.
[[nodiscard]] std::string difference(const spi::actor_image& got, const spi::actor_image& wanted);

/// Returns milliseconds since the epoch as a time.
[[nodiscard]] inline wall_time at_ms(std::int64_t milliseconds) {
  return wall_time(std::chrono::milliseconds(milliseconds));
}

[[nodiscard]] spi::cell_image cell(std::string name, std::string json, std::uint32_t schema = 1);
[[nodiscard]] spi::reminder_image reminder(std::string name, std::int64_t due_ms, std::int64_t period_ms = 0,
                                           std::string data = "null");
[[nodiscard]] spi::request_image request(std::string key, std::int64_t handled_ms, std::string reply = "null");

/// Returns a record that takes `actor` from one stamp to the next, with one cell that tells the version.
[[nodiscard]] spi::turn_record turn(actor_id actor, spi::commit_stamp expected, spi::commit_stamp next);

/// Returns a record that makes an actor: version 1 of writer 11.
[[nodiscard]] spi::turn_record birth(actor_id actor);

/// Returns a record that erases an actor.
[[nodiscard]] spi::turn_record erasure(actor_id actor, spi::commit_stamp expected, spi::commit_stamp next);

/// Returns what a store holds after a record that made the actor.
[[nodiscard]] spi::actor_image image_of(const spi::turn_record& record);

}  // namespace troupe::contract
