#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "stores/cosmos/container_answers.hpp"
#include "stores/cosmos/container_requests.hpp"
#include "stores/document/document_backend.hpp"
#include "stores/http/http_caller.hpp"

namespace troupe::internal {

/// Sends signed requests to one account.
class container_caller {
 public:
  /// `key` is the account's key, base64 decoded.
  container_caller(container_name name, std::string key, http_caller caller);

  void call(cosmos_request request, std::function<void(call_result)> done);

  /// The same for a factory, on its thread.
  [[nodiscard]] call_result blocking(const cosmos_request& request);

  [[nodiscard]] const container_name& name() const noexcept { return name_; }

  /// Names the container for people.
  [[nodiscard]] std::string place() const;

 private:
  [[nodiscard]] http_request sign(const cosmos_request& request, wall_time now) const;

  const container_name name_;
  const std::string key_;
  http_caller caller_;
};

/// One container of Cosmos DB, a document per actor.
class container_backend final : public document_backend {
 public:
  container_backend(container_caller caller, std::chrono::hours erasures_kept);

  [[nodiscard]] std::string_view name() const noexcept override { return "cosmos"; }
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
  using make_query = std::function<cosmos_request(const std::string& continuation)>;
  using read_page = std::function<shard_page(const http_response&)>;

  void query(make_query make, read_page read, const std::string& continuation, std::function<void(page_result)> done);
  [[nodiscard]] document_fetch fetched(const call_result& result, const actor_id& actor) const;
  [[nodiscard]] std::string describe(const call_result& result) const;

  container_caller caller_;
  const std::chrono::hours erasures_kept_;
};

}  // namespace troupe::internal
