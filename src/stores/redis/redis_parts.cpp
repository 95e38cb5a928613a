#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "stores/redis/redis_answer.hpp"
#include "stores/redis/redis_image.hpp"
#include "stores/redis/redis_reads.hpp"
#include "stores/rules/key_range.hpp"

namespace troupe::internal {
namespace {

/// What a read of a part of an actor shares: who is asked, and whom it is of.
struct part_read {
  std::string place;
  actor_id actor;

  /// Makes the result of an answer: `fill` reads it into one that is ok.
  template <typename Result, typename Fill>
  [[nodiscard]] Result result_of(const redis_reply* reply, const redis_silence* silence, Fill fill) const {
    Result result;
    if (reply == nullptr) {
      result.message = silence->why;
      return result;
    }
    if (reply->is_error()) {
      const redis_error error = read_error(reply->text);
      if (error.fault == redis_fault::damaged) return damaged<Result>(error.text);
      result.message = place + ": " + error.text;
      return result;
    }
    try {
      fill(result, reply->items);
      result.status = spi::read_status::ok;
      return result;
    } catch (const damaged_field& fault) {
      return damaged<Result>(fault.what());
    }
  }

  template <typename Result>
  [[nodiscard]] Result damaged(const std::string& what) const {
    Result result;
    result.status = spi::read_status::damaged;
    result.message = "what " + place + " holds of " + to_string(actor) + " is damaged: " + what;
    return result;
  }
};

void fill_log(spi::log_result& result, const std::vector<redis_reply>& items, bool newest_first) {
  if (items.empty()) return;
  std::uint64_t sequence = 0;
  const std::string_view text = items.front().text;
  std::from_chars(text.data(), text.data() + text.size(), sequence);
  result.entries.reserve(items.size() - 1);
  for (std::size_t i = 1; i < items.size(); ++i) {
    result.entries.push_back(entry_of(sequence, items[i].text));
    sequence = newest_first ? sequence - 1 : sequence + 1;
  }
}

/// Of the keys asked for, those that are there.
void fill_keys(spi::item_result& result, const std::vector<redis_reply>& values, const std::vector<std::string>& keys) {
  for (std::size_t i = 0; i < std::min(values.size(), keys.size()); ++i) {
    if (values[i].what == redis_reply::kind::text) result.items.push_back(item_of(keys[i], values[i].text));
  }
}

void fill_page(spi::item_result& result, const std::vector<redis_reply>& items) {
  result.more = !items.empty() && items.front().number != 0;
  for (std::size_t i = 1; i + 1 < items.size(); i += 2) {
    result.items.push_back(item_of(items[i].text, items[i + 1].text));
  }
}

}  // namespace

void redis_reads::read_log(const spi::log_query& query, std::function<void(spi::log_result)> done) const {
  redis_call call;
  call.script = redis_script::read_log;
  call.command = {"2",
                  layout.actor_key(query.actor),
                  layout.log_key(query.actor, query.log),
                  query.log,
                  std::to_string(std::min(query.from, redis_sequence_max)),
                  std::to_string(std::min(query.to, redis_sequence_max)),
                  query.newest_first ? "down" : "up",
                  std::to_string(query.limit),
                  std::to_string(query.bytes_max)};
  client->call(layout.slot_of(redis_shard_of(query.actor)), std::move(call),
               [read = part_read{client->place(), query.actor}, down = query.newest_first, done = std::move(done)](
                   const redis_reply* reply, const redis_silence* silence) {
                 done(read.result_of<spi::log_result>(
                     reply, silence, [&](auto& result, const auto& items) { fill_log(result, items, down); }));
               });
}

void redis_reads::read_items(spi::item_query query, std::function<void(spi::item_result)> done) const {
  redis_call call;
  part_read read{client->place(), query.actor};
  std::sort(query.keys.begin(), query.keys.end());
  query.keys.erase(std::unique(query.keys.begin(), query.keys.end()), query.keys.end());
  if (query.keys.empty()) {
    const key_range range = range_of(query);
    call.script = redis_script::read_items;
    call.command = {"2",
                    layout.item_values_key(query.actor),
                    layout.item_names_key(query.actor),
                    "[" + range.lower,
                    "(" + range.end,
                    std::to_string(query.limit),
                    std::to_string(query.bytes_max)};
  } else {
    call.command = {"HMGET", layout.item_values_key(query.actor)};
    for (const std::string& key : query.keys) call.command.add(key);
  }
  client->call(layout.slot_of(redis_shard_of(query.actor)), std::move(call),
               [read = std::move(read), keys = std::move(query.keys), done = std::move(done)](
                   const redis_reply* reply, const redis_silence* silence) {
                 done(read.result_of<spi::item_result>(reply, silence, [&](auto& result, const auto& items) {
                   keys.empty() ? fill_page(result, items) : fill_keys(result, items, keys);
                 }));
               });
}

}  // namespace troupe::internal
