#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "troupe/spi/state_store.hpp"

namespace bench {

/// Commits batches of records to a store as fast as it takes them, without a runtime: each record is the next turn of
/// an actor drawn at random, with a version to check and one cell. What a runtime on the store can reach at most.
class raw_commits {
 public:
  /// Uses actors of type "raw", which it makes where they are missing; a later object on the same store goes on where
  /// this one ended.
  raw_commits(troupe::spi::state_store& store, std::size_t actors, std::size_t state_bytes);

  /// Keeps `in_flight` batches of `batch` records under way for `span`. Returns records per second.
  /// Throws `std::runtime_error` when one is not committed.
  double run(std::size_t batch, std::size_t in_flight, std::chrono::milliseconds span);

 private:
  struct flight {
    std::vector<troupe::spi::turn_record> records;
    std::vector<std::size_t> actors;
  };

  void fill(flight& batch, std::size_t size);
  void describe(flight& batch) const;
  void launch(const std::shared_ptr<flight>& batch, std::size_t size);

  troupe::spi::state_store& store_;
  const std::string filler_;
  std::mt19937_64 random_{1};  // guarded by mutex_, as all below
  std::mutex mutex_;
  std::condition_variable landed_;
  std::vector<troupe::spi::commit_stamp> stamps_;
  std::vector<bool> busy_;
  std::size_t under_way_ = 0;
  std::size_t committed_ = 0;
  bool over_ = false;
  std::string failure_;
};

}  // namespace bench
