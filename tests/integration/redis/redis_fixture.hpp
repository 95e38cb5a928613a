#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "contract/clause_support.hpp"
#include "contract/store_client.hpp"
#include "support/redis_server.hpp"
#include "troupe/base/error.hpp"
#include "troupe/stores/redis.hpp"

namespace troupe::redis_test {

using contract::store_client;
using spi::commit_status;
using spi::read_status;
using testing_support::redis_server;

inline const actor_id acme{"seller", "acme"};

inline stores::redis_options options_of(const redis_server& server) {
  stores::redis_options options;
  options.port = server.port();
  return options;
}

/// The store is closed with the last client, and with the test.
inline store_client open(stores::redis_options options) {
  return store_client(stores::redis_store(std::move(options)));
}

inline store_client open(const redis_server& server) { return open(options_of(server)); }

/// Returns the error with which a store is refused.
inline error refusal_of(stores::redis_options options) {
  try {
    stores::redis_store(std::move(options))->close();
  } catch (const error& failure) {
    return failure;
  }
  ADD_FAILURE() << "the store was opened";
  return {errc::unavailable, "the store was opened"};
}

inline void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const std::string& word : words) EXPECT_NE(text.find(word), std::string::npos) << word << " is not in: " << text;
}

/// Commits as the runtime does: again after a pause while nobody can say what became of it, for at most 20 s.
inline spi::commit_result commit_until_clear(const store_client& client, const spi::turn_record& record) {
  spi::commit_result result;
  const auto is_clear = [&] {
    result = client.commit(record);
    return result.status != commit_status::unavailable && result.status != commit_status::unknown;
  };
  static_cast<void>(testing_support::wait_for(is_clear, std::chrono::seconds(20)));
  return result;
}

}  // namespace troupe::redis_test
