#include <gtest/gtest.h>

#include "bookkeeper.hpp"
#include "shared_redis.hpp"
#include "support/frail_disk.hpp"
#include "support/redis_server.hpp"

// The disk of the server is full: it meets ENOSPC wherever a file would grow.
namespace troupe::fault_test {
namespace {

using testing_support::frail_disk;
using testing_support::redis_server;

TEST(RedisDisk, FullOneRefusesTurnsUntilThereIsRoom) {
  const frail_disk disk;
  redis_server server({"--appendonly", "yes", "--appendfsync", "everysec"}, disk.launcher());
  runtime rt(on_store(open_redis(server.port())));
  bookkeeper books(rt);
  books.note_all(30);
  disk.fill();
  const auto refused = books.note_until_refused();
  expect_unavailable(refused, {"nothing was written", "cannot save to its disk", "No space left"});
  rt.deactivate(books.ref(0));
  EXPECT_EQ(books.ref(0).call<&ledger::count>().get(), books.acknowledged_of(0)) << "loads go on";
  disk.make_room();
  ASSERT_TRUE(books.goes_on());
  server.process().wait_until([&] {
    const std::string info = server.run({"INFO", "persistence"});
    return info.find("aof_buffer_length:0") != std::string::npos &&
           info.find("aof_pending_bio_fsync:0") != std::string::npos;
  });
  server.kill();
  server.restart();
  books.expect_stored(open_redis(server.port()));
}

TEST(RedisDisk, ServerThatEndsOnAFullOneLosesNothingThatWasAnswered) {
  const frail_disk disk;
  redis_server server({"--appendonly", "yes"}, disk.launcher());
  runtime rt(on_store(open_redis(server.port())));
  bookkeeper books(rt);
  books.note_all(30);
  disk.fill();
  ASSERT_TRUE(books.note()) << "with appendfsync always nothing is answered that is not written";
  expect_unavailable(books.note(), {"nothing was written", "cannot be reached"});
  EXPECT_FALSE(server.process().is_running());
  disk.make_room();
  server.restart();
  ASSERT_TRUE(books.goes_on());
  books.expect_stored(open_redis(server.port()));
}

}  // namespace
}  // namespace troupe::fault_test
