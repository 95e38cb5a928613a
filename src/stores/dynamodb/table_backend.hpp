#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "stores/document/document_backend.hpp"
#include "stores/dynamodb/table_answers.hpp"
#include "stores/http/http_caller.hpp"
#include "troupe/stores/dynamodb.hpp"

namespace troupe::internal {

/// Sends signed requests to one table.
class table_caller {
 public:
  table_caller(const stores::dynamodb_options& options, http_caller caller);

  /// Sends an operation of DynamoDB_20120810 until it is answered for good.
  void call(std::string operation, std::string body, std::function<void(call_result)> done);

  /// The same for a factory, on its thread.
  [[nodiscard]] call_result blocking(const std::string& operation, const std::string& body);

  [[nodiscard]] const std::string& table() const noexcept { return table_; }
  [[nodiscard]] http_caller& http() noexcept { return caller_; }

  /// Names the table for people.
  [[nodiscard]] std::string place() const;

 private:
  [[nodiscard]] http_request request(const std::string& operation, const std::string& body, wall_time now) const;

  const std::string table_;
  const std::string region_;
  const std::function<stores::dynamodb_credentials()> credentials_;
  http_caller caller_;
};

/// One DynamoDB table, an item per actor.
class table_backend final : public document_backend {
 public:
  table_backend(table_caller caller, std::chrono::hours erasures_kept, std::set<std::string> types);

  [[nodiscard]] std::string_view name() const noexcept override { return "dynamodb"; }
  void fetch(std::vector<actor_id> actors, std::function<void(std::vector<document_fetch>)> done) override;
  void write(const document& content, const write_condition& condition,
             std::function<void(document_write)> done) override;
  void write_chunk(const actor_id& actor, const log_chunk& chunk, std::function<void(bool written)> done) override;
  void read_chunk(const actor_id& actor, const chunk_place& chunk, std::function<void(chunk_fetch)> done) override;
  void drop_chunk(const actor_id& actor, const std::string& name, std::function<void()> done) override;
  void list_shards(const std::string& type, std::function<void(shards_result)> done) override;
  void list_page(const std::string& shard, const spi::list_query& query, const std::optional<actor_id>& after,
                 std::size_t entries, std::function<void(page_result)> done) override;
  [[nodiscard]] std::vector<std::string> due_shards() const override;
  void due_page(const std::string& shard, wall_time until, const std::optional<spi::due_actor>& after,
                std::size_t entries, std::function<void(page_result)> done) override;

 private:
  struct reading;

  void read_keys(const std::shared_ptr<reading>& batch, std::vector<std::string> names, std::size_t stalled);
  void take_items(const std::shared_ptr<reading>& batch, const std::vector<std::string>& names, std::size_t stalled,
                  const call_result& result);
  void put(std::string body, std::string actor, std::function<void(document_write)> done);

  /// Calls `done` with why a type could not be made known to lists; empty: it is known.
  void make_known(const std::string& type, std::function<void(std::string failure)> done);
  void query(std::string body, std::function<shard_page(const std::string&)> read,
             std::function<void(page_result)> done);
  [[nodiscard]] std::string describe(const call_result& result) const;

  table_caller caller_;
  const std::chrono::hours erasures_kept_;
  std::set<std::string> types_;  ///< in the item of the store
  std::map<std::string, std::vector<std::function<void(std::string)>>> becoming_known_;
};

}  // namespace troupe::internal
