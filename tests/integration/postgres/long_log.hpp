#pragma once

#include <cstdint>
#include <string>

#include "postgres_fixture.hpp"

namespace troupe::postgres_test {

/// The actor whose log `sales` gets long.
inline const actor_id acme{"seller", "acme"};

/// Leaves entries `first` to before `next` in the log, of which the last `added` are new.
inline spi::turn_record trimmed(std::uint64_t version, std::uint64_t first_before, std::uint64_t first,
                                std::uint64_t next, std::uint64_t added) {
  auto record = contract::turn(acme, {version - 1, 11}, {version, 11});
  spi::log_changes log{{"sales", first, next}, first_before, {}};
  for (std::uint64_t i = next - added; i < next; ++i) log.added.push_back({i, {}, std::to_string(i)});
  record.logs = {{log}};
  return record;
}

}  // namespace troupe::postgres_test
