#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "troupe/base/codec.hpp"
#include "troupe/core/task.hpp"
#include "troupe/detail/log_base.hpp"

namespace troupe {

/// Options of a log. Every member has a usable default.
struct log_options {
  /// Entries that a log keeps: with each append past it the oldest leaves. Default 0: no bound.
  std::size_t entries_max = 0;
};

/// One entry of a log.
template <class T>
struct log_entry {
  std::uint64_t sequence = 0;  ///< 1 for the first entry ever, then one more each
  wall_time at{};              ///< when it was appended, by the runtime's clock
  T value{};
};

/// An append-only log of an actor's durable state: a history that grows for years, of which each turn writes what it
/// appends and nothing else. Entries are not loaded with the actor; they are read when they are asked for, by range or
/// newest first. Appends and trims are part of the turn's record: they commit and fail with it.
///
/// An entry is read as T, whatever program wrote it: give new members defaults. An actor has any number of logs.
///
/// Requires: T is default constructible and `encodable`; declared as a member of the actor, constructed with it; the
/// durability of the actor's type is not `none`. Thread-safety: the owning strand, in turns.
/// Errors of reads: `unavailable` (the store did not answer), `bad_state` (an entry cannot be read).
template <class T>
class log final : private detail::log_base {
  static_assert(encodable<T>,
                "an entry type needs a JSON conversion: NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(type, "
                "members...) beside it, or a specialisation of troupe::codec");

 public:
  using entries = std::vector<log_entry<T>>;

  /// `name` identifies the log in the store for ever: 1 to 64 bytes `[A-Za-z0-9_.-]`, unique among the actor's logs, a
  /// string that outlives the actor (a literal). Throws `error{errc::invalid_argument}` at the first activation.
  log(actor& owner, std::string_view name, log_options options = {}) : log_base(owner, name, options.entries_max) {}

  /// Number of the oldest entry, and the one that the next entry gets, this turn's changes included.
  [[nodiscard]] std::uint64_t first() const { return head().first; }
  [[nodiscard]] std::uint64_t next() const { return head().next; }

  [[nodiscard]] std::uint64_t size() const {
    const spi::log_head now = head();
    return now.next - now.first;
  }
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// Appends an entry. Throws `error{errc::not_encodable}`, and `std::logic_error` outside a turn of the owning actor.
  void append(const T& value) {
    std::string json;
    codec<T>::encode(value, json);
    append_json(std::move(json));
  }

  /// Reads the entries numbered from `from` to before `to`, ascending, as far as the log has them.
  [[nodiscard]] task<entries> read(std::uint64_t from, std::uint64_t to) {
    const std::vector<spi::log_entry_image> images = co_await read_images(from, to);
    co_return decoded(images);
  }

  /// Reads the latest `count` entries, newest first.
  [[nodiscard]] task<entries> newest(std::size_t count) {
    const std::vector<spi::log_entry_image> images = co_await read_newest(count);
    co_return decoded(images);
  }

  /// Drops all but the latest `count` entries.
  void keep_newest(std::size_t count) { keep(count); }

  /// Drops the entries numbered below `first`.
  void drop_before(std::uint64_t first) { drop_below(first); }

  /// Drops the entries that were appended before `when`; returns how many. Reads about as many entries as the
  /// logarithm of the log's size, provided that the clock was not set back between them.
  [[nodiscard]] task<std::uint64_t> drop_older(wall_time when) {
    const std::uint64_t before = first();
    const std::uint64_t from = co_await first_at_or_after(when);
    drop_below(from);
    co_return from > before ? from - before : 0;
  }

  /// Drops every entry. The next one goes on counting.
  void clear() { keep(0); }

 private:
  [[nodiscard]] entries decoded(const std::vector<spi::log_entry_image>& images) const {
    entries read;
    read.reserve(images.size());
    for (const spi::log_entry_image& image : images) {
      try {
        read.push_back({image.sequence, image.at, codec<T>::decode(image.json)});
      } catch (const std::exception& why) {
        fail_decoding(image.sequence, why.what());
      }
    }
    return read;
  }
};

}  // namespace troupe
