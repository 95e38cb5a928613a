#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "integration/runtime/storm.hpp"
#include "ledger.hpp"
#include "support/server_process.hpp"

namespace troupe::fault_test {

/// Options of a runtime that does not wait for its store for long.
inline runtime_options on_store(std::shared_ptr<spi::state_store> store,
                                std::chrono::milliseconds store_timeout = std::chrono::milliseconds(1500)) {
  runtime_options options = on_threads(2);
  options.store_instance = std::move(store);
  options.store_timeout = store_timeout;
  return options;
}

/// Has ledgers note one operation after the other, and keeps what was said of each.
class bookkeeper {
 public:
  explicit bookkeeper(runtime& rt, int actors = 3) : runtime_(rt), actors_(actors) { rt.host<ledger>(); }

  /// One more operation, of the actor whose turn it is; nothing: it is acknowledged.
  std::optional<error> note() { return note(static_cast<int>(next_ % actors_)); }

  /// One more operation, of one actor.
  std::optional<error> note(int actor) {
    const std::int64_t operation = next_++;
    try {
      ref(actor).call<&ledger::note>(operation).get();
    } catch (const error& failure) {
      (failure.effect() == effect::none ? refused_ : doubtful_)[actor].push_back(operation);
      return failure;
    }
    acknowledged_[actor].push_back(operation);
    return std::nullopt;
  }

  /// So many operations, all of which have to be acknowledged.
  void note_all(int count) {
    for (int i = 0; i < count; ++i) {
      const auto failure = note();
      ASSERT_FALSE(failure) << failure->what();
    }
  }

  /// Operations until one is not acknowledged, at most `tries`; returns the error.
  std::optional<error> note_until_refused(int tries = 5000) {
    for (int i = 0; i < tries; ++i) {
      if (auto failure = note()) return failure;
    }
    return std::nullopt;
  }

  /// Operations until each actor acknowledges one; returns false when that takes more than 20 s.
  bool goes_on() {
    for (int actor = 0; actor < actors_; ++actor) {
      if (!testing_support::wait_for([&] { return !note(actor); }, std::chrono::seconds(20))) return false;
    }
    return true;
  }

  /// What was acknowledged after `kept`, a copy of `acknowledged` at some moment, is gone and known to be.
  [[nodiscard]] const auto& acknowledged() const noexcept { return acknowledged_; }
  void go_back_to(std::map<int, std::vector<std::int64_t>> kept) { acknowledged_ = std::move(kept); }

  [[nodiscard]] actor_ref<ledger> ref(int actor) { return runtime_.ref<ledger>(std::to_string(actor)); }

  [[nodiscard]] std::int64_t acknowledged_of(int actor) {
    return static_cast<std::int64_t>(acknowledged_[actor].size());
  }

  /// The operations that a store holds.
  std::map<int, std::vector<std::int64_t>> read(const std::shared_ptr<spi::state_store>& store) {
    runtime reader(on_store(store));
    reader.host<ledger>();
    std::map<int, std::vector<std::int64_t>> found;
    for (int actor = 0; actor < actors_; ++actor) {
      pages held = read_pages(reader.ref<ledger>(std::to_string(actor)));
      EXPECT_EQ(held.count, static_cast<std::int64_t>(held.operations.size())) << "half a turn of actor " << actor;
      EXPECT_EQ(std::adjacent_find(held.operations.begin(), held.operations.end()), held.operations.end()) << "twice";
      found[actor] = std::move(held.operations);
    }
    return found;
  }

  /// Compares what a store holds with what was said.
  void expect_stored(const std::shared_ptr<spi::state_store>& store) {
    for (const auto& [actor, operations] : read(store)) {
      std::vector<std::int64_t> known;
      for (const std::int64_t operation : operations) {
        EXPECT_FALSE(contains(refused_[actor], operation)) << operation << " was refused";
        if (!contains(doubtful_[actor], operation)) known.push_back(operation);
      }
      EXPECT_EQ(known, acknowledged_[actor]) << "actor " << actor;
    }
  }

 private:
  static bool contains(const std::vector<std::int64_t>& in, std::int64_t operation) {
    return std::find(in.begin(), in.end(), operation) != in.end();
  }

  runtime& runtime_;
  const int actors_;
  std::int64_t next_ = 0;
  std::map<int, std::vector<std::int64_t>> acknowledged_;
  std::map<int, std::vector<std::int64_t>> refused_;
  std::map<int, std::vector<std::int64_t>> doubtful_;
};

inline void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << " is not in: " << text;
}

/// Expects an error after which nothing happened because the store cannot do it now.
inline void expect_unavailable(const std::optional<error>& failure, const std::vector<std::string>& words) {
  ASSERT_TRUE(failure) << "every operation was acknowledged";
  EXPECT_EQ(failure->kind(), errc::unavailable) << failure->what();
  EXPECT_EQ(failure->effect(), effect::none);
  expect_words(failure->what(), words);
}

}  // namespace troupe::fault_test
