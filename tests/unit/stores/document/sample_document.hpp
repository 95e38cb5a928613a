#pragma once

#include <string>

#include "stores/document/document.hpp"
#include "stores/document/document_sink.hpp"

namespace troupe::internal {

inline wall_time at_ms(std::int64_t milliseconds) { return wall_time(std::chrono::milliseconds(milliseconds)); }

/// A document with something in every list, and bytes in it that are no text.
inline document sample_document() {
  const actor_id other{"buyer", std::string("b\0\xff", 3)};
  document held;
  held.erasures = {{7, 70}};
  held.actor.due = at_ms(-5);
  spi::actor_image& image = held.actor.image;
  image.actor = {"seller", "ac/me"};
  image.epoch = 3;
  image.stamp = {(std::uint64_t{1} << 53U) + 1, 18446744073709551615U};
  image.cells = {{.name = "book", .schema = 2, .json = R"({"a":"\u0000"})", .kept = true},
                 {.name = "x", .json = "1", .kept = true}};
  image.reminders = {{std::string("r\xff"), at_ms(10), std::chrono::milliseconds(5), "null"},
                     {"s", at_ms(20), std::chrono::milliseconds(0), "[1]"}};
  image.requests = {{"k", "null", at_ms(1)}, {std::string(1, '\0'), "2", at_ms(2)}};
  image.stream = 9;
  image.messages = {{4, other, "take", "[1]", at_ms(1), 2, at_ms(3)}};
  image.marks = {{other, 5, 6, at_ms(7)}};
  image.letters = {{8, other, image.actor, "pay", "[]", "", 1, at_ms(2), at_ms(3)}};
  image.logs = {{"empty", 1, 1}, {"sales", 2, 4}};
  image.items_expire = at_ms(99);
  held.actor.logs["empty"];
  held.actor.logs["sales"] = {{2, {2, at_ms(20), "2"}}, {3, {3, at_ms(30), "3"}}};
  held.life = {5, 50};
  held.actor.items["i"] = {"i", "true", 1, at_ms(99)};
  return held;
}

/// Returns the JSON of a document.
[[nodiscard]] inline std::string text_of(const document& held) {
  json_sink sink;
  sink.begin_map();
  write_document(held, sink);
  sink.end_map();
  return sink.take();
}

}  // namespace troupe::internal
