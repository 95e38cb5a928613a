#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "stores/document/document_backend.hpp"
#include "stores/document/document_cache.hpp"
#include "stores/http/http_client.hpp"
#include "troupe/spi/state_store.hpp"

namespace troupe::internal {

/// A store that keeps each actor as one document, which is written as a whole and only if it is what it was.
///
/// What it saw last of a document is remembered, so that most commits are one write. A record that does not fit what
/// is remembered is judged again by what the database holds.
class document_store final : public spi::state_store {
 public:
  /// `place` names the database for people.
  document_store(std::unique_ptr<document_backend> backend, std::unique_ptr<http_client> client,
                 spi::store_limits limits, std::size_t cache_bytes, std::string place);
  ~document_store() override { close_client(); }

  document_store(const document_store&) = delete;
  document_store& operator=(const document_store&) = delete;

  [[nodiscard]] std::string_view name() const noexcept override { return backend_->name(); }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }
  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override {
    return {.host_leases = false, .consistent_scans = false, .durable = true};
  }
  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override;
  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override;
  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override;
  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override;
  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override;
  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override;
  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override;
  void close() override { close_client(); }

 private:
  struct commit_batch;
  struct commit_flow;

  struct log_reading;
  void read_log_of(const std::shared_ptr<log_reading>& reading);
  void read_log_chunks(const std::shared_ptr<log_reading>& reading, document held);
  void complete_log(const std::shared_ptr<log_reading>& reading, spi::log_result result);

  /// Reads one document and completes with what `read` makes of it (null: there is none), as results with a status do.
  template <typename Result>
  void read_part(const actor_id& actor, std::function<Result(const kept_actor&)> read,
                 std::function<void(Result)> done);

  /// Counts an operation that begins; false: the store is closed.
  bool enter();
  void leave();
  void close_client();
  [[nodiscard]] std::string closed_message() const { return place_ + ": the store is closed"; }

  // What follows runs on the client's thread.
  void commit(const std::shared_ptr<commit_batch>& batch);
  void begin(const std::shared_ptr<commit_flow>& flow);
  void fetch(const std::shared_ptr<commit_flow>& flow);
  void judge_fetched(const std::shared_ptr<commit_flow>& flow, document_fetch fetched);
  void write(const std::shared_ptr<commit_flow>& flow, const held_document* held);
  void write_chunks(const std::shared_ptr<commit_flow>& flow, const held_document& held, std::vector<log_chunk> chunks);
  void write_content(const std::shared_ptr<commit_flow>& flow, const held_document* held,
                     const std::vector<log_chunk>& sealed);
  void judge_written(const std::shared_ptr<commit_flow>& flow, document content, document_write written);
  void drop_chunks(const actor_id& actor, const std::vector<std::string>& names);
  void finish(const std::shared_ptr<commit_flow>& flow, spi::commit_status status, std::string message = {});
  void fail(const std::shared_ptr<commit_flow>& flow, std::string message);
  [[nodiscard]] spi::load_result load_result_of(document_fetch fetched);

  // Constant after construction.
  const std::unique_ptr<document_backend> backend_;
  const spi::store_limits limits_;
  const std::string place_;

  // On the client's thread.
  document_cache cache_;
  std::unordered_map<actor_id, std::deque<std::shared_ptr<commit_flow>>> lines_;  ///< records under way, by actor

  std::mutex mutex_;
  std::condition_variable idle_;
  // Guarded by mutex_.
  std::size_t under_way_ = 0;
  bool closed_ = false;

  std::once_flag ended_;
  std::unique_ptr<http_client> client_;  ///< its thread goes before all else
};

}  // namespace troupe::internal
