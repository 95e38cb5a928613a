#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "stores/document/document_cache.hpp"
#include "stores/document/document_logs.hpp"
#include "stores/document/shard_merge.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

enum class fetch_status {
  found,
  absent,
  damaged,  ///< `held` has what `read_document` could read, with version 0 if that was nothing
  failed,   ///< the database did not answer
};

struct document_fetch {
  fetch_status status = fetch_status::failed;
  std::string message{};  ///< when damaged or failed
  held_document held{};
};

/// What the database must hold for a write to be applied.
struct write_condition {
  bool exists = false;
  spi::commit_stamp stamp{};  ///< of the document that exists
  std::string tag{};          ///< and its tag
};

enum class write_status {
  written,
  superseded,  ///< not applied: the database holds something else
  rejected,    ///< not applied, and never will be
  failed,      ///< the database did not confirm it
};

struct document_write {
  write_status status = write_status::failed;
  std::string message{};
  std::string tag{};      ///< of what was written
  bool in_doubt = false;  ///< the write, or an earlier try of it, may have been applied in spite of the status
};

/// A page of an index, or why there is none.
struct page_result {
  spi::read_status status = spi::read_status::unavailable;
  std::string message{};
  shard_page page{};
};

/// The shards that a list has to look at.
struct shards_result {
  spi::read_status status = spi::read_status::unavailable;
  std::string message{};
  std::vector<std::string> shards{};
};

/// What was read of one chunk of a log.
struct chunk_fetch {
  fetch_status status = fetch_status::failed;
  std::string message{};  ///< when damaged or failed
  std::vector<spi::log_entry_image> entries{};
};

/// What a database of documents does for `document_store`. Every operation completes once.
/// Thread-safety: called, and completes, on the thread of its client. Arguments stay valid until the call returns.
class document_backend {
 public:
  virtual ~document_backend() = default;

  [[nodiscard]] virtual std::string_view name() const noexcept = 0;

  /// Reads documents as they are now; results come in the order of `actors`.
  virtual void fetch(std::vector<actor_id> actors, std::function<void(std::vector<document_fetch>)> done) = 0;

  /// Writes one document if the database holds what `condition` says.
  virtual void write(const document& content, const write_condition& condition,
                     std::function<void(document_write)> done) = 0;

  /// Writes a chunk of a log of `actor`; one of its name that is there already has the same entries, and stays.
  virtual void write_chunk(const actor_id& actor, const log_chunk& chunk, std::function<void(bool written)> done) = 0;

  virtual void read_chunk(const actor_id& actor, const chunk_place& chunk, std::function<void(chunk_fetch)> done) = 0;

  /// Removes a chunk, if that can be done.
  virtual void drop_chunk(const actor_id& actor, const std::string& name, std::function<void()> done) = 0;

  /// Names the shards that hold actors of a type; all types when it is empty.
  virtual void list_shards(const std::string& type, std::function<void(shards_result)> done) = 0;

  /// Reads names from one shard behind `after`, by type, then key; the due times are all zero.
  virtual void list_page(const std::string& shard, const spi::list_query& query, const std::optional<actor_id>& after,
                         std::size_t entries, std::function<void(page_result)> done) = 0;

  [[nodiscard]] virtual std::vector<std::string> due_shards() const = 0;

  /// Reads what is due from one shard behind `after`, by due time, then type, then key.
  virtual void due_page(const std::string& shard, wall_time until, const std::optional<spi::due_actor>& after,
                        std::size_t entries, std::function<void(page_result)> done) = 0;
};

}  // namespace troupe::internal
