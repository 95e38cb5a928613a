#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "troupe/troupe.hpp"

namespace troupe::testing {

using keys = std::vector<std::string>;

/// Keeps numbers by key.
class cupboard : public actor {
 public:
  static constexpr std::string_view actor_type = "cupboard";

  void set(std::string key, int value, int ttl_ms) {
    items_.set(key, value, {.ttl = std::chrono::milliseconds(ttl_ms)});
  }
  void erase_item(std::string key) { items_.erase(key); }
  task<int> get(std::string key) {
    const std::optional<int> value = co_await items_.get<int>(key);
    co_return value.value_or(-1);
  }
  task<std::uint64_t> version(std::string key) {
    const std::optional<stored_item<int>> found = co_await items_.find<int>(key);
    co_return found ? found->version : 0;
  }
  task<bool> exists(std::string key) { return items_.exists(std::move(key)); }
  void set_two_and_fail(int value) {
    items_.set("a", value);
    items_.set("b", value);
    throw std::runtime_error("no deal");
  }
  task<int> set_and_get(std::string key, int value) {
    items_.set(key, value);
    const std::optional<int> seen = co_await items_.get<int>(key);
    co_return *seen;
  }
  task<bool> swap_in(std::string key, std::uint64_t expected, int value) {
    return items_.compare_and_set(std::move(key), expected, value);
  }
  task<bool> take_out(std::string key, std::uint64_t expected) {
    return items_.compare_and_erase(std::move(key), expected);
  }
  void set_many(int count) {
    for (int i = 0; i < count; ++i) items_.set("many/" + std::to_string(10'000 + i), i);
  }
  void fill(int from, int count, int ttl_ms) {
    for (int i = from; i < from + count; ++i) {
      items_.set(std::to_string(i), i, {.ttl = std::chrono::milliseconds(ttl_ms)});
    }
  }
  task<keys> list(std::string prefix, int limit) {
    keys found;
    item_range range{.prefix = prefix, .limit = static_cast<std::size_t>(limit)};
    for (bool more = true; more;) {
      const item_page<int> page = co_await items_.list<int>(range);
      for (const auto& item : page.items) found.push_back(item.key);
      more = page.next.has_value();
      range.after = page.next;
    }
    co_return found;
  }
  /// Writes its ranges where it waits for the pages.
  task<keys> list_at_once(std::string prefix, std::string after) {
    keys found;
    const item_page<int> all = co_await items_.list<int>();
    found.push_back(std::to_string(all.items.size()));
    const item_page<int> page = co_await items_.list<int>({.prefix = prefix, .after = after, .limit = 1});
    for (const auto& item : page.items) found.push_back(item.key);
    const item_page<int> rest = co_await items_.list<int>({.prefix = prefix, .after = page.next});
    for (const auto& item : rest.items) found.push_back(item.key);
    co_return found;
  }
  task<keys> change_and_list() {
    items_.set("b/2", 2);
    items_.erase("b/1");
    items_.set("c", 3);
    const keys seen = co_await list("b/", 1);
    co_return seen;
  }
  task<std::string> text_of(std::string key) {
    const std::optional<std::string> value = co_await items_.get<std::string>(key);
    co_return value.value_or("");
  }
  void forget() { erase(); }
  using methods =
      troupe::methods<&cupboard::set, &cupboard::erase_item, &cupboard::get, &cupboard::version, &cupboard::exists,
                      &cupboard::set_two_and_fail, &cupboard::set_and_get, &cupboard::swap_in, &cupboard::take_out,
                      &cupboard::set_many, &cupboard::fill, &cupboard::list, &cupboard::list_at_once,
                      &cupboard::change_and_list, &cupboard::text_of, &cupboard::forget>;

 private:
  storage items_{*this};
};

class Storage : public ::testing::Test {
 protected:
  Storage() { rt.host<cupboard>(); }

  [[nodiscard]] actor_ref<cupboard> one() { return rt.ref<cupboard>("one"); }
  void set(const std::string& key, int value, int ttl_ms = 0) { one().call<&cupboard::set>(key, value, ttl_ms).get(); }
  [[nodiscard]] int get(const std::string& key) { return one().call<&cupboard::get>(key).get(); }

  test_runtime rt;
};

}  // namespace troupe::testing
