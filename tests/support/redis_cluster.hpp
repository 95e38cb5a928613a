#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.hpp"

namespace troupe::testing_support {

/// Three masters that share the slots of a cluster. Thread-safety: one thread.
class redis_cluster {
 public:
  static constexpr std::size_t masters = 3;

  /// Returns when all of them say that the cluster is served. Throws `std::runtime_error` when it is not.
  redis_cluster();

  [[nodiscard]] redis_server& master(std::size_t n) { return *servers_.at(n); }

  /// Returns the master that serves a slot at the start.
  [[nodiscard]] std::size_t owner_of(unsigned slot) const noexcept;

  /// Runs a command on every master.
  void run_everywhere(const std::vector<std::string>& words);

 private:
  std::vector<std::unique_ptr<redis_server>> servers_;
};

}  // namespace troupe::testing_support
