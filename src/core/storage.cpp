#include "troupe/core/storage.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include "base/key_prefix.hpp"
#include "core/activation.hpp"
#include "core/actor_system.hpp"
#include "troupe/base/error.hpp"
#include "troupe/core/actor.hpp"

namespace troupe {
namespace {

constexpr std::size_t page_items_max = 1000;
constexpr std::chrono::milliseconds ttl_max = std::chrono::hours(24) * 365 * 100;

internal::activation& activated(internal::activation* where) {
  if (where == nullptr) throw std::logic_error("troupe::storage: used in the actor's constructor");
  return *where;
}

[[noreturn]] void refuse(const internal::activation& of, std::string_view key, const std::string& rule) {
  throw error(errc::invalid_argument,
              "actor " + of.display() + ": item " + to_display({}, key.substr(0, 200)).substr(1) + ": " + rule);
}

void check_key(const internal::activation& of, std::string_view key) {
  if (!key.empty() && key.size() <= spi::item_key_bytes_max) return;
  refuse(of, key, "a key has 1 to " + std::to_string(spi::item_key_bytes_max) + " bytes");
}

/// From a key to just behind it.
internal::key_bounds only(const std::string& key) { return {key, key + '\0', 1}; }

/// What a list asks for.
spi::item_query query_of(const item_range& range) {
  spi::item_query query;
  query.prefix = range.prefix.view();
  if (range.after) query.after = range.after->view();
  query.limit = range.limit + 1;
  return query;
}

/// The keys among which the answer is.
internal::key_bounds bounds_of(const spi::item_query& query) {
  internal::key_bounds bounds{query.prefix, internal::end_of_prefix(query.prefix, spi::item_key_bytes_max),
                              query.limit};
  // Nothing is between a key and the same key with a NUL behind it.
  if (query.after && *query.after >= bounds.lower) bounds.lower = *query.after + '\0';
  return bounds;
}

void check_range(const internal::activation& of, const item_range& range) {
  if (range.limit == 0 || range.limit > page_items_max) {
    throw error(errc::invalid_argument, "actor " + of.display() + ": a page of " + std::to_string(range.limit) +
                                            " items; 1 to " + std::to_string(page_items_max) + " is asked for");
  }
  if (!range.prefix.fits() || (range.after && !range.after->fits())) {
    throw error(errc::invalid_argument, "actor " + of.display() + ": a list of items by a key of more than " +
                                            std::to_string(spi::item_key_bytes_max) + " bytes; no key is as long");
  }
}

}  // namespace

storage::storage(actor& owner) : owner_(&owner) { owner.keeps_items_ = true; }

void storage::set_json(std::string_view key, std::string json, item_options options) {
  internal::activation& of = activated(owner_->activation_);
  check_key(of, key);
  if (options.ttl.count() < 0) refuse(of, key, "the ttl is negative; 0 means that it never expires");
  if (options.ttl > ttl_max) refuse(of, key, "the ttl is longer than 100 years; 0 means that it never expires");
  spi::item_image item;
  item.key = key;
  item.json = std::move(json);
  if (options.ttl.count() != 0) item.expires = of.system().clock().wall_now() + options.ttl;
  of.change_item(key, std::move(item));
}

void storage::erase(std::string_view key) {
  internal::activation& of = activated(owner_->activation_);
  check_key(of, key);
  of.change_item(key, std::nullopt);
}

task<std::optional<spi::item_image>> storage::find_image(std::string key) {
  internal::activation& of = activated(owner_->activation_);
  check_key(of, key);
  spi::item_query query;
  query.keys.push_back(key);
  internal::key_bounds bounds = only(key);
  internal::found_items found = co_await of.read_items(std::move(query), std::move(bounds));
  std::optional<spi::item_image> item;
  if (!found.items.empty()) item = std::move(found.items.begin()->second);
  co_return item;
}

task<bool> storage::exists(std::string key) {
  const std::optional<spi::item_image> found = co_await find_image(std::move(key));
  co_return found.has_value();
}

task<bool> storage::compare_and_set_json(std::string key, std::uint64_t expected, std::string json,
                                         item_options options) {
  internal::activation& of = activated(owner_->activation_);
  const std::uint64_t newest = of.newest_record();
  const std::optional<spi::item_image> found = co_await find_image(key);
  const bool matches = (found ? found->version : 0) == expected;
  if (matches) {
    set_json(key, std::move(json), options);
    of.rely_on_item(key, newest);
  }
  co_return matches;
}

task<bool> storage::compare_and_erase(std::string key, std::uint64_t expected) {
  internal::activation& of = activated(owner_->activation_);
  const std::uint64_t newest = of.newest_record();
  const std::optional<spi::item_image> found = co_await find_image(key);
  const bool matches = found && found->version == expected;
  if (matches) {
    erase(key);
    of.rely_on_item(key, newest);
  }
  co_return matches;
}

task<storage::listed> storage::list_images(item_range range) {
  internal::activation& of = activated(owner_->activation_);
  check_range(of, range);
  spi::item_query query = query_of(range);
  internal::key_bounds bounds = bounds_of(query);
  internal::found_items found = co_await of.read_items(std::move(query), std::move(bounds));
  listed page;
  page.next = std::move(found.read_up_to);
  for (auto& [key, item] : found.items) {
    if (page.items.size() == range.limit) {
      page.next = page.items.back().key;
      break;
    }
    page.items.push_back(*std::move(item));
  }
  co_return page;
}

void storage::fail_decoding(const std::string& key, const char* why) const {
  throw error(errc::bad_state, "actor " + activated(owner_->activation_).display() + ": item " +
                                   to_display({}, key).substr(1) + " " + why);
}

}  // namespace troupe
