#include "stores/redis/redis_commit.hpp"

#include <array>
#include <charconv>

#include "stores/redis/redis_answer.hpp"
#include "stores/redis/redis_image.hpp"
#include "stores/rules/commit_rules.hpp"

namespace troupe::internal {
namespace {

/// The shards of a call, numbered in the order in which they come up.
class shard_numbers {
 public:
  shard_numbers() { numbers_.fill(redis_shard_count); }

  unsigned number_of(unsigned shard) {
    if (numbers_[shard] == redis_shard_count) {
      numbers_[shard] = static_cast<unsigned>(shards_.size());
      shards_.push_back(shard);
    }
    return numbers_[shard];
  }

  [[nodiscard]] const std::vector<unsigned>& shards() const noexcept { return shards_; }

 private:
  std::array<unsigned, redis_shard_count> numbers_{};
  std::vector<unsigned> shards_;
};

void add_erasure(redis_command& call, const spi::turn_record& record) {
  const erasure name = erasure_of(record);
  call.add(std::to_string(name.writer) + "/" + std::to_string(name.version) + "/" + std::to_string(name.actor_hash));
  call.add(redis_erasures_per_shard);
}

std::string due_word(const spi::turn_record& record) {
  if (!record.wake && !record.reminders) return "=";
  const auto due = due_after(record, std::nullopt);
  return due ? std::to_string(redis_score_of(*due)) : std::string();
}

void add_list(redis_command& call, const std::vector<std::string>& words) {
  call.add(words.size());
  for (const std::string& word : words) call.add(word);
}

void add_logs(redis_command& call, const std::vector<spi::log_changes>& logs) {
  call.add(logs.size());
  for (const spi::log_changes& log : logs) {
    call.add(log.head.name);
    call.add(log.head.first - log.first_before);
    call.add(log.added.size());
    for (const spi::log_entry_image& entry : log.added) call.add(value_of(entry));
  }
}

void add_items(redis_command& call, const spi::item_changes& items) {
  call.add(items.erase_all ? "*" : "+");
  add_list(call, items.erased);
  call.add(items.set.size());
  for (const spi::item_image& item : items.set) call.add(item.key).add(value_of(item));
}

void add_write(redis_command& call, const spi::turn_record& record, std::size_t compress_bytes_min) {
  const redis_fields fields = fields_of(record, compress_bytes_min);
  call.add(due_word(record));
  call.add(record.keeps_cells ? std::string("=") : cell_names_of(record));
  add_list(call, fields.deleted);
  call.add(fields.set.size());
  for (const auto& [field, value] : fields.set) call.add(field).add(value);
  record.logs ? add_logs(call, *record.logs) : void(call.add("="));
  record.items ? add_items(call, *record.items) : void(call.add("="));
}

void add_record(redis_command& call, const spi::turn_record& record, unsigned shard_number,
                std::size_t compress_bytes_min) {
  call.add(shard_number);
  call.add(record.erase ? "e" : "w");
  call.add(text_of(record.expected));
  call.add(text_of(record.next));
  call.add(record.epoch);
  call.add(redis_member_of(record.actor));
  record.erase ? add_erasure(call, record) : add_write(call, record, compress_bytes_min);
}

/// What became of the records when the script saw that the lease was taken.
std::vector<spi::commit_result> lease_results(const redis_batch& batch, std::string_view epoch) {
  std::uint64_t taken = 0;
  std::from_chars(epoch.data(), epoch.data() + epoch.size(), taken);
  std::vector<spi::commit_result> results;
  for (const spi::turn_record* record : batch.records) {
    results.push_back(
        {spi::commit_status::conflict, lease_message(record->actor, batch.lease->host, batch.lease->epoch, taken)});
  }
  return results;
}

spi::commit_result result_of(const spi::turn_record& record, const redis_reply& answer, const std::string& place) {
  if (answer.what == redis_reply::kind::number) return {spi::commit_status::committed, {}};
  if (answer.what == redis_reply::kind::text && answer.text.starts_with('C')) {
    held_actor held;
    if (const auto head = read_head(answer.text.substr(1))) {
      held.stamp = head->stamp;
      held.epoch = head->epoch;
    }
    return {spi::commit_status::conflict, conflict_message(held, record)};
  }
  if (answer.what == redis_reply::kind::text && answer.text.starts_with('E')) {
    return commit_failure(read_error(answer.text.substr(1)), place, record.actor);
  }
  return {spi::commit_status::unknown, place + " gave an answer to the commit of " + to_string(record.actor) +
                                           " that this version does not understand"};
}

}  // namespace

std::size_t redis_words_of(const spi::turn_record& record) {
  std::size_t words = record.cells.size() * 2 + record.requests_dropped.size() + record.requests_added.size() * 2;
  if (const auto& messages = record.messages) {
    words += messages->sent_dropped.size() + messages->marks_dropped.size() + messages->letters_dropped.size() +
             2 * (messages->sent_added.size() + messages->marks_set.size() + messages->letters_added.size());
  }
  if (record.logs) {
    for (const spi::log_changes& log : *record.logs) words += 3 + log.added.size();
  }
  if (record.items) words += record.items->erased.size() + 2 * record.items->set.size();
  return words;
}

std::optional<std::string> redis_refusal(const spi::turn_record& record) {
  const auto refused = [&](const std::string& why) {
    return "the record of " + to_string(record.actor) + " cannot be stored: " + why;
  };
  // Both would end the name of the type too early.
  if (record.actor.type.find_first_of(std::string_view("/\0", 2)) != std::string::npos) {
    return refused("the name of its type has a slash or a NUL byte");
  }
  if (const std::size_t words = redis_words_of(record); words > redis_record_words_max) {
    return refused("it changes " + std::to_string(words) + " fields, entries and items, over the limit of " +
                   std::to_string(redis_record_words_max));
  }
  if (record.logs) {
    for (const spi::log_changes& log : *record.logs) {
      if (log.head.next > redis_sequence_max) return refused("log " + log.head.name + " is numbered beyond 2^53");
    }
  }
  return std::nullopt;
}

redis_command commit_call(const redis_layout& layout, const redis_batch& batch) {
  shard_numbers numbers;
  redis_command call;
  for (const spi::turn_record* record : batch.records) numbers.number_of(redis_shard_of(record->actor));
  call.add(batch.records.size() + 3 * numbers.shards().size() + (batch.lease ? 1 : 0));
  for (const spi::turn_record* record : batch.records) call.add(layout.actor_key(record->actor));
  for (const unsigned shard : numbers.shards()) {
    call.add(layout.due_key(shard)).add(layout.index_key(shard)).add(layout.erased_key(shard));
  }
  if (batch.lease) call.add(layout.lease_key(batch.lease_shard, batch.lease->host));
  call.add(batch.records.size());
  call.add(batch.lease ? std::to_string(batch.lease->epoch) : std::string());
  for (const spi::turn_record* record : batch.records) {
    add_record(call, *record, numbers.number_of(redis_shard_of(record->actor)), batch.compress_bytes_min);
  }
  return call;
}

std::vector<spi::commit_result> commit_results(const redis_batch& batch, const redis_reply& reply,
                                               const std::string& place) {
  if (batch.lease && reply.what == redis_reply::kind::text && reply.text.starts_with('L')) {
    return lease_results(batch, reply.text.substr(1));
  }
  const auto& records = batch.records;
  std::vector<spi::commit_result> results;
  results.reserve(records.size());
  static const redis_reply nothing;
  redis_error error = reply.is_error() ? read_error(reply.text) : redis_error{};
  // Raised inside the script, where earlier records may have been written.
  if (error.text.find("user_script") != std::string::npos && error.fault != redis_fault::killed) {
    error.fault = redis_fault::other;
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    results.push_back(reply.is_error()
                          ? commit_failure(error, place, records[i]->actor)
                          : result_of(*records[i], i < reply.items.size() ? reply.items[i] : nothing, place));
  }
  return results;
}

}  // namespace troupe::internal
