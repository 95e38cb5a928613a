#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <future>
#include <map>
#include <vector>

#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "bookkeeper.hpp"
#include "shared_redis.hpp"
#include "support/frail_disk.hpp"
#include "support/redis_server.hpp"
#include "support/temporary_folder.hpp"

// What docs/guide/12-redis.md says of the server's settings, shown. A power cut takes from the file what the disk did
// not have yet: here the file is put back to what it was at some moment.
namespace troupe::fault_test {
namespace {

namespace fs = std::filesystem;
using testing_support::frail_disk;
using testing_support::redis_server;

/// Copies of the server's append-only file.
class file_copy {
 public:
  explicit file_copy(const redis_server& server) : server_(server) {}

  void take() {
    const fs::path folder = server_.folder() / "appendonlydir";  // from Redis 7 on
    original_ = fs::exists(folder) ? folder : server_.folder() / "appendonly.aof";
    fs::remove_all(copy());
    fs::copy(original_, copy(), fs::copy_options::recursive);
  }

  void put_back() const {
    fs::remove_all(original_);
    fs::copy(copy(), original_, fs::copy_options::recursive);
  }

 private:
  [[nodiscard]] fs::path copy() const { return folder_.path() / "copy"; }

  const redis_server& server_;
  fs::path original_;
  testing_support::temporary_folder folder_;
};

bool persistence_says(const redis_server& server, const std::string& words) {
  return server.run({"INFO", "persistence"}).find(words) != std::string::npos;
}

/// The server has forgotten turns of an actor that is in memory here. Expects that it notices it at its next commit, of
/// which nothing happens, and then goes on from what the server has.
void expect_conflict_and_then_what_is_stored(bookkeeper& books, int actor, std::int64_t turns_left) {
  const auto refused = books.note(actor);
  ASSERT_TRUE(refused) << "the turn was built on what is gone";
  EXPECT_EQ(refused->kind(), errc::conflict) << refused->what();
  EXPECT_EQ(refused->effect(), effect::none);
  EXPECT_EQ(books.ref(actor).call<&ledger::count>().get(), turns_left);
  EXPECT_FALSE(books.note(actor)) << "it begins anew with what is stored";
}

using operations_of_actors = std::map<int, std::vector<std::int64_t>>;

std::vector<std::int64_t> in_order(const operations_of_actors& of) {
  std::vector<std::int64_t> all;
  for (const auto& [actor, operations] : of) all.insert(all.end(), operations.begin(), operations.end());
  std::sort(all.begin(), all.end());
  return all;
}

/// Expects that `kept` has what was acknowledged up to some moment, the first operation at least, and nothing of what
/// came later. Returns how many operations came later.
std::size_t expect_all_up_to_a_moment(const operations_of_actors& kept, const operations_of_actors& acknowledged) {
  std::vector<std::int64_t> expected = in_order(acknowledged);
  const std::vector<std::int64_t> found = in_order(kept);
  EXPECT_FALSE(found.empty());
  const std::size_t forgotten = expected.size() - std::min(expected.size(), found.size());
  expected.resize(expected.size() - forgotten);
  EXPECT_EQ(found, expected);
  return forgotten;
}

TEST(RedisDurability, AlwaysAnswersNoTurnBeforeTheDiskHasIt) {
  const frail_disk disk;
  redis_server server({"--appendonly", "yes"}, disk.launcher());
  runtime rt(on_store(open_redis(server.port()), std::chrono::seconds(10)));
  bookkeeper books(rt, 1);
  books.note_all(3);
  disk.stall_syncs();
  auto answer = books.ref(0).call<&ledger::note>(1'000)(boost::asio::use_future);
  EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  disk.release_syncs();
  EXPECT_EQ(answer.get(), 4);
}

TEST(RedisDurability, AlwaysHasEveryAnsweredTurnInItsFile) {
  redis_server server({"--appendonly", "yes"});
  runtime rt(on_store(open_redis(server.port())));
  bookkeeper books(rt);
  file_copy file(server);
  for (int i = 0; i < 10; ++i) {
    books.note_all(1);
    file.take();
    server.kill();
    file.put_back();
    server.restart();
    books.expect_stored(open_redis(server.port()));
  }
}

TEST(RedisDurability, FileOfAnEarlierMomentShowsAsConflictsAndHoldsNoHalfTurn) {
  redis_server server({"--appendonly", "yes", "--appendfsync", "everysec"});
  runtime rt(on_store(open_redis(server.port())));
  bookkeeper books(rt, 4);
  books.note_all(4 * 5);
  server.process().wait_until([&] { return persistence_says(server, "aof_buffer_length:0"); });
  file_copy file(server);
  file.take();
  const auto kept = books.acknowledged();
  books.note_all(4 * 5);
  server.kill();
  file.put_back();
  server.restart();
  books.go_back_to(kept);
  EXPECT_EQ(books.ref(3).call<&ledger::count>().get(), 10) << "who does not write does not notice";
  for (int actor = 0; actor < 3; ++actor) expect_conflict_and_then_what_is_stored(books, actor, 5);
  rt.deactivate(books.ref(3));
  books.expect_stored(open_redis(server.port()));
}

TEST(RedisDurability, EverySecondAKilledServerForgetsWhatItHeldBackWhileTheDiskWasBusy) {
  constexpr int actors = 3;
  std::size_t forgotten = 0;
  // It holds its writes back for at most two seconds: a machine that stands still for longer spoils a try.
  for (int tries = 0; tries < 5 && forgotten == 0; ++tries) {
    const frail_disk disk;
    redis_server server({"--appendonly", "yes", "--appendfsync", "everysec"}, disk.launcher());
    runtime rt(on_store(open_redis(server.port())));
    bookkeeper books(rt, actors);
    disk.stall_syncs();
    books.note_all(actors);
    server.process().wait_until([&] { return !persistence_says(server, "aof_pending_bio_fsync:0"); });
    books.note_all(actors * 5);
    const auto acknowledged = books.acknowledged();
    server.kill();
    disk.release_syncs();
    server.restart();
    const auto kept = books.read(open_redis(server.port()));
    forgotten = expect_all_up_to_a_moment(kept, acknowledged);
    books.go_back_to(kept);
    for (int actor = 0; actor < actors; ++actor) {
      const auto left = static_cast<std::int64_t>(kept.at(actor).size());
      if (kept.at(actor) != acknowledged.at(actor)) expect_conflict_and_then_what_is_stored(books, actor, left);
    }
    books.expect_stored(open_redis(server.port()));
  }
  EXPECT_GT(forgotten, 0);
}

TEST(RedisDurability, WithoutAFileAKilledServerForgetsEverything) {
  redis_server server;
  runtime rt(on_store(open_redis(server.port())));
  bookkeeper books(rt);
  books.note_all(9);
  server.kill();
  server.restart();
  books.go_back_to({});
  for (int actor = 0; actor < 3; ++actor) expect_conflict_and_then_what_is_stored(books, actor, 0);
  books.expect_stored(open_redis(server.port()));
}

}  // namespace
}  // namespace troupe::fault_test
