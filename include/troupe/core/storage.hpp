#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "troupe/base/codec.hpp"
#include "troupe/core/task.hpp"
#include "troupe/fwd.hpp"
#include "troupe/spi/actor_items.hpp"

namespace troupe {

/// Options of one item.
struct item_options {
  /// From the turn on, after which the item does not count any more; up to 100 years. Default 0: it never expires.
  std::chrono::milliseconds ttl{0};
};

/// One item of an actor's storage.
template <class T>
struct stored_item {
  std::string key;
  T value{};
  std::uint64_t version = 0;           ///< changes each time the item is set; never 0
  std::optional<wall_time> expires{};  ///< nullopt: never
};

/// A key, or the beginning of one, in a range. It holds its text in place, so that a range has nothing to destroy:
/// g++ 12 destroys an aggregate that is written into a `co_await` twice.
class item_bound {
 public:
  constexpr item_bound() noexcept = default;

  /// Keeps up to 512 bytes; with more, which no key has, a list fails with `invalid_argument`.
  constexpr item_bound(std::string_view text) noexcept : size_(text.size()) {
    if (fits()) std::copy(text.begin(), text.end(), bytes_.begin());
  }
  constexpr item_bound(const std::string& text) noexcept : item_bound(std::string_view(text)) {}
  constexpr item_bound(const char* text) noexcept : item_bound(std::string_view(text)) {}

  /// Whether it is no longer than a key may be.
  [[nodiscard]] constexpr bool fits() const noexcept { return size_ <= spi::item_key_bytes_max; }

  /// The text; empty when it does not fit.
  [[nodiscard]] constexpr std::string_view view() const noexcept {
    return fits() ? std::string_view(bytes_.data(), size_) : std::string_view();
  }

 private:
  std::array<char, spi::item_key_bytes_max> bytes_{};
  std::size_t size_ = 0;
};

/// Which items to list.
struct item_range {
  item_bound prefix{};                ///< of the keys; empty: all of them
  std::optional<item_bound> after{};  ///< continue behind this key
  std::size_t limit = 100;            ///< items, 1 to 1,000
};
static_assert(std::is_trivially_destructible_v<item_range>);

/// A page of items, by key, bytewise.
template <class T>
struct item_page {
  std::vector<stored_item<T>> items;
  std::optional<std::string> next{};  ///< `item_range::after` of the next page; nullopt: this is the last one
};

/// One change of an actor's storage from outside.
struct item_change {
  std::string key{};
  std::optional<nlohmann::json> value{};    ///< nullopt: the item is removed
  std::optional<std::uint64_t> expected{};  ///< only if the item has this version; 0: if there is none
  item_options options{};                   ///< of an item that is set
};

/// Values that an actor keeps by key, beside its cells: for state that is too large, or too many things, to be loaded
/// with the actor and written as a whole. Items are read when they are asked for, and each is written by itself.
///
/// What a turn sets and erases is part of its record: several keys change together, and not at all when the turn fails.
/// The turn itself, and the actor's later ones, see the changes at once. The handles of one actor share its items, so
/// choose keys with a prefix for each use.
///
/// Requires: declared as a member of the actor, constructed with it; the durability of its type is not `none`.
/// Thread-safety: the owning strand, in turns.
/// Errors: `invalid_argument` (a key that is not 1 to 512 bytes long, a range's that is longer, a ttl or limit out of
/// range), `not_encodable`;
/// of reads: `unavailable` (the store did not answer), `bad_state` (an item cannot be read as T).
class storage {
 public:
  explicit storage(actor& owner);
  storage(const storage&) = delete;
  storage& operator=(const storage&) = delete;

  /// Sets an item, new or not.
  template <encodable T>
  void set(std::string_view key, const T& value, item_options options = {}) {
    std::string json;
    codec<T>::encode(value, json);
    set_json(key, std::move(json), options);
  }

  /// Removes an item; nothing happens when there is none.
  void erase(std::string_view key);

  /// Reads the value of an item; nullopt: there is none.
  template <encodable T>
  [[nodiscard]] task<std::optional<T>> get(std::string key) {
    std::optional<stored_item<T>> found = co_await find<T>(std::move(key));
    std::optional<T> value;
    if (found) value.emplace(std::move(found->value));
    co_return value;
  }

  /// Reads an item with its version and when it expires.
  template <encodable T>
  [[nodiscard]] task<std::optional<stored_item<T>>> find(std::string key) {
    std::optional<spi::item_image> image = co_await find_image(std::move(key));
    std::optional<stored_item<T>> found;
    if (image) found.emplace(decoded<T>(std::move(*image)));
    co_return found;
  }

  [[nodiscard]] task<bool> exists(std::string key);

  /// Sets an item if it has the version `expected`; 0: if there is none. Returns whether it did. Only other turns of
  /// the same actor can come between: where methods overlap, or when the version was handed out and comes back with a
  /// call.
  template <encodable T>
  [[nodiscard]] task<bool> compare_and_set(std::string key, std::uint64_t expected, T value,
                                           item_options options = {}) {
    std::string json;
    codec<T>::encode(value, json);
    return compare_and_set_json(std::move(key), expected, std::move(json), options);
  }

  /// Removes an item if it has the version `expected`. Returns whether it did.
  [[nodiscard]] task<bool> compare_and_erase(std::string key, std::uint64_t expected);

  /// Lists items.
  template <encodable T>
  [[nodiscard]] task<item_page<T>> list(item_range range = {}) {
    listed images = co_await list_images(range);
    item_page<T> page;
    for (spi::item_image& image : images.items) page.items.push_back(decoded<T>(std::move(image)));
    page.next = std::move(images.next);
    co_return page;
  }

 private:
  struct listed {
    std::vector<spi::item_image> items;
    std::optional<std::string> next;
  };

  void set_json(std::string_view key, std::string json, item_options options);
  [[nodiscard]] task<std::optional<spi::item_image>> find_image(std::string key);
  [[nodiscard]] task<bool> compare_and_set_json(std::string key, std::uint64_t expected, std::string json,
                                                item_options options);
  [[nodiscard]] task<listed> list_images(item_range range);
  [[noreturn]] void fail_decoding(const std::string& key, const char* why) const;

  template <class T>
  [[nodiscard]] stored_item<T> decoded(spi::item_image image) const {
    try {
      return {image.key, codec<T>::decode(image.json), image.version, image.expires};
    } catch (const std::exception& why) {
      fail_decoding(image.key, why.what());
    }
  }

  actor* owner_;
};

}  // namespace troupe
