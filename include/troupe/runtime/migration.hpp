#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "troupe/base/actor_id.hpp"

namespace troupe {

/// An actor whose state could not be brought up to its class's schema. What is stored is as it was.
struct migration_failure {
  actor_id actor;
  std::string error;  ///< for people
};

/// What a migration has done so far.
struct migration_report {
  static constexpr std::size_t failures_max = 100;

  std::uint64_t seen = 0;                     ///< actors of the type that the store listed
  std::uint64_t rewritten = 0;                ///< had a cell of an older schema, which was written anew
  std::uint64_t failed = 0;                   ///< could not be loaded or written
  std::vector<migration_failure> failures{};  ///< the first `failures_max` of them
};

/// How stored actors are brought up to the schemas of their class, see `runtime::migrate`.
struct migration_options {
  /// Only actors whose keys begin so.
  std::string key_prefix{};

  /// How many actors are looked at, and brought up, at a time; 1 to 10,000.
  std::size_t actors_at_once = 256;

  /// Called on the calling thread after each of these groups; what it throws ends the migration. Empty: not called.
  std::function<void(const migration_report&)> progress{};
};

}  // namespace troupe
