#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stores/redis/redis_command.hpp"
#include "stores/redis/redis_layout.hpp"
#include "stores/redis/redis_reply.hpp"
#include "troupe/spi/state_store.hpp"

/// Records as one call of the commit script, and its answer.
namespace troupe::internal {

/// Most records of one script: 512 block the server for about 5 ms.
inline constexpr std::size_t redis_script_records_max = 512;

/// Bytes past which a script takes no further record.
inline constexpr std::size_t redis_script_bytes_max = std::size_t{8} << 20U;

/// Most words that the fields, entries and items of one record may take, and words past which a script takes no further
/// record. A command of Redis has at most 1,048,576.
inline constexpr std::size_t redis_record_words_max = 500'000;

/// Returns how many words of a command the lists of a record take.
[[nodiscard]] std::size_t redis_words_of(const spi::turn_record& record);

/// Returns why Redis could not hold a record that the rules of all stores allow; nothing: it could.
[[nodiscard]] std::optional<std::string> redis_refusal(const spi::turn_record& record);

/// A lease that the store holds.
struct redis_lease {
  std::string host;
  std::uint64_t epoch = 0;
};

/// Records that one script commits.
struct redis_batch {
  std::vector<const spi::turn_record*> records;
  std::optional<redis_lease> lease{};  ///< under which they are written
  unsigned lease_shard = 0;            ///< where the script finds it
  std::size_t compress_bytes_min = 0;  ///< cells from here on are compressed; 0: none
};

/// Returns the call of the commit script for these records, in their order. Requires: `refusal` let them pass.
[[nodiscard]] redis_command commit_call(const redis_layout& layout, const redis_batch& batch);

/// Returns what became of each record. `reply` is the answer to the script; `place` names the server in messages.
[[nodiscard]] std::vector<spi::commit_result> commit_results(const redis_batch& batch, const redis_reply& reply,
                                                             const std::string& place);

}  // namespace troupe::internal
