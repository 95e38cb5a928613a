#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bookkeeper.hpp"
#include "contract/clause_support.hpp"
#include "contract/store_client.hpp"
#include "shared_postgres.hpp"
#include "support/tcp_fault_proxy.hpp"
#include "support/temporary_folder.hpp"

// Other clients have all the connections that the server gives.
namespace troupe::fault_test {
namespace {

using testing_support::postgres_server;
using testing_support::server_process;

/// Opens a store that takes two places.
std::shared_ptr<spi::state_store> open_small(std::uint16_t port) {
  auto options = postgres_options_of("limits", "postgresql://postgres@127.0.0.1:" + std::to_string(port) + "/postgres");
  options.connections = 1;
  return stores::postgres_store(options);
}

/// Clients that do nothing but hold their connections.
class other_clients {
 public:
  /// Adds some until they have so many places; one that finds none tries again.
  void take(std::size_t places) {
    while (sleepers_.size() < places) {
      ASSERT_TRUE(testing_support::wait_for([this] { return add(); }, std::chrono::seconds(20)));
    }
  }

  void leave() { sleepers_.clear(); }

 private:
  /// Returns whether one more was let in.
  bool add() {
    const auto log = folder_.path() / std::to_string(++logs_);
    auto client = std::make_unique<server_process>();
    client->start({postgres_server::program("psql").string(), "-X", "-q", "-d", shared_postgres().uri(), "-o",
                   log.string(), "-c", "SELECT 'in'", "-c", "\\! exec sleep 600"},
                  folder_.path() / "errors");
    const auto is_in = [&] { return std::filesystem::exists(log) && std::filesystem::file_size(log) > 0; };
    const auto is_settled = [&] { return is_in() || !client->is_running(); };
    if (!testing_support::wait_for(is_settled, std::chrono::seconds(20)) || !is_in()) return false;
    sleepers_.push_back(std::move(client));
    return true;
  }

  testing_support::temporary_folder folder_;
  int logs_ = 0;
  std::vector<std::unique_ptr<server_process>> sleepers_;
};

TEST(PostgresLimits, StoreIsRefusedWhileThereIsNoRoomAndOpenedThen) {
  other_clients others;
  others.take(postgres_places);
  const auto opens = [] {
    try {
      open_small(shared_postgres().port())->close();
      return true;
    } catch (const error& refusal) {
      EXPECT_EQ(refusal.kind(), errc::unavailable) << refusal.what();
      expect_words(refusal.what(), {"53300", "raise max_connections"});
      return false;
    }
  };
  EXPECT_FALSE(opens());
  others.leave();
  EXPECT_TRUE(testing_support::wait_for(opens, std::chrono::seconds(20)));
}

TEST(PostgresLimits, RuntimeGoesOnWhenThereIsRoomAgain) {
  testing_support::tcp_fault_proxy proxy(shared_postgres().port());
  runtime rt(on_store(open_small(proxy.port())));
  bookkeeper books(rt);
  books.note_all(6);
  other_clients others;
  others.take(postgres_places - 2);
  books.note_all(6);
  proxy.refuse_connections();
  others.take(postgres_places);
  proxy.heal();
  expect_unavailable(books.note(), {"53300", "raise max_connections"});
  others.leave();
  ASSERT_TRUE(books.goes_on());
  books.expect_stored(open_small(shared_postgres().port()));
}

TEST(PostgresLimits, ConnectionThatCannotBeMadeAnewLeavesTheWorkToTheOthers) {
  // Two that commit, and one that reads.
  const contract::store_client client(stores::postgres_store(postgres_options_of("others", shared_postgres().uri())));
  other_clients others;
  others.take(postgres_places - 4);
  // The one that was made first commits.
  shared_postgres().sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe' ORDER BY backend_start "
      "LIMIT 1");
  others.take(postgres_places - 2);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    refused +=
        client.status_of(contract::birth({"seller", std::to_string(i)})) == spi::commit_status::committed ? 0 : 1;
  }
  EXPECT_LT(refused, 100) << "it takes part in the work without being able to do it";
  EXPECT_GT(refused, 0) << "it is there";
  client.store().close();
}

}  // namespace
}  // namespace troupe::fault_test
