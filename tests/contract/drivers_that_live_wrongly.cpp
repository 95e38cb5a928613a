#include <map>

#include "contract/broken_places.hpp"
#include "contract/clause_support.hpp"

namespace troupe::contract {
namespace {

using commit_done = std::function<void(std::vector<spi::commit_result>)>;
using load_done = std::function<void(std::vector<spi::load_result>)>;

/// Fences by the stamps it has seen itself: blind to other stores on the same place.
class store_that_trusts_its_memory final : public tampered_store {
 public:
  using tampered_store::tampered_store;

  void async_commit(std::span<const spi::turn_record> records, commit_done done) override {
    std::vector<spi::turn_record> forced(records.begin(), records.end());
    std::vector<bool> allowed;
    for (auto& record : forced) {
      const auto seen = seen_.find(record.actor);
      allowed.push_back(seen == seen_.end() || seen->second == record.expected);
      if (!allowed.back()) continue;
      seen_[record.actor] = record.next;
      record.cells = {cell("version", std::to_string(record.next.version))};
      good().async_load(std::span(&record.actor, 1), [&](std::vector<spi::load_result> held) {
        record.expected = held[0].image.stamp;
        record.next.version = record.expected.version + 1;
      });
    }
    good().async_commit(forced, [&](std::vector<spi::commit_result> results) {
      for (std::size_t i = 0; i < results.size(); ++i) {
        if (!allowed[i]) results[i] = {spi::commit_status::conflict, "not what I remember"};
      }
      done(std::move(results));
    });
  }

 private:
  std::map<actor_id, spi::commit_stamp> seen_;
};

/// Reads what it has read before from a cache that nobody clears.
class store_that_caches_reads final : public tampered_store {
 public:
  using tampered_store::tampered_store;

  void async_load(std::span<const actor_id> actors, load_done done) override {
    std::vector<spi::load_result> results;
    for (const actor_id& actor : actors) {
      if (!cache_.contains(actor)) {
        good().async_load(std::span(&actor, 1), [&](auto loaded) { cache_[actor] = std::move(loaded[0]); });
      }
      results.push_back(cache_[actor]);
    }
    done(std::move(results));
  }

 private:
  std::map<actor_id, spi::load_result> cache_;
};

class store_that_answers_twice final : public tampered_store {
 public:
  using tampered_store::tampered_store;

  void async_commit(std::span<const spi::turn_record> records, commit_done done) override {
    good().async_commit(records, [&](std::vector<spi::commit_result> results) {
      done(results);
      done(results);
    });
  }
};

class store_that_never_closes final : public tampered_store {
 public:
  using tampered_store::tampered_store;
  void close() override {}
};

/// Keeps commits for later, and there is no later.
class store_that_drops_its_queue final : public tampered_store {
 public:
  using tampered_store::tampered_store;
  void async_commit(std::span<const spi::turn_record> records, commit_done done) override {
    queue_.push_back({records.size(), std::move(done)});
  }
  void close() override {
    for (auto& [size, done] : queue_) {
      done(std::vector<spi::commit_result>(size, {spi::commit_status::unavailable, "closing"}));
    }
    queue_.clear();
    tampered_store::close();
  }

 private:
  std::vector<std::pair<std::size_t, commit_done>> queue_;
};

/// Forgets everything between two stores.
class forgetful_place final : public store_place {
 public:
  [[nodiscard]] std::shared_ptr<spi::state_store> open() override {
    return stores::memory_store({nullptr, record_bytes_max});
  }
};

}  // namespace

std::vector<broken_driver> drivers_that_live_wrongly() {
  const auto last_wins = [](spi::turn_record& record, const spi::actor_image& held) {
    if (held.stamp.version == 0) return;
    record.expected = held.stamp;
    record.next.version = held.stamp.version + 1;
  };
  return {
      tampered("LetsTheLastBatchWin", "SettlesOverlappingBatches", {.record = last_wins}),
      broken_class<store_that_trusts_its_memory>("FencesByItsOwnMemory", "LetsExactlyOneOfTwoStoresWin"),
      broken_class<store_that_caches_reads>("CachesReads", "ShowsACommitToEveryLaterRead"),
      broken_class<store_that_answers_twice>("AnswersTwice", "CompletesEveryOperationOnce"),
      broken_class<store_that_drops_its_queue>("DropsItsQueue", "FinishesWhatWasBegunBeforeClose"),
      broken_class<store_that_never_closes>("NeverCloses", "IsUnavailableAfterClose"),
      {"ForgetsAtClose", "GivesTheSameAfterReopening", [] { return std::make_unique<forgetful_place>(); }},
  };
}

std::unique_ptr<store_place> untampered_place() { return tampered("Nothing", "", {}).make_place(); }

std::vector<broken_driver> broken_drivers() {
  std::vector<broken_driver> all;
  for (const auto& part : {drivers_that_commit_wrongly(), drivers_that_read_wrongly(), drivers_that_live_wrongly(),
                           drivers_that_lose_messages(), drivers_that_lose_parts()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

}  // namespace troupe::contract
