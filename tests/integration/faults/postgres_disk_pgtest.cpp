#include <stdexcept>

#include <gtest/gtest.h>

#include "bookkeeper.hpp"
#include "shared_postgres.hpp"

// The disk of the server is full: it meets ENOSPC wherever a file would grow.
namespace troupe::fault_test {
namespace {

std::shared_ptr<spi::state_store> open_schema(const std::string& schema) {
  return stores::postgres_store(postgres_options_of(schema, shared_postgres().uri()));
}

TEST(PostgresDisk, FullOneRefusesTurnsUntilThereIsRoom) {
  auto& server = shared_postgres();
  runtime rt(on_store(open_schema("full")));
  bookkeeper books(rt);
  books.note_all(30);
  postgres_disk().fill();
  // Pages that are there take some more.
  expect_unavailable(books.note_until_refused(), {"No space left on device", "53100", "the server's disk is full"});
  rt.deactivate(books.ref(0));
  EXPECT_EQ(books.ref(0).call<&ledger::count>().get(), books.acknowledged_of(0)) << "loads go on";
  postgres_disk().make_room();
  ASSERT_TRUE(books.goes_on());
  server.kill();
  server.start();
  books.expect_stored(open_schema("full"));
}

TEST(PostgresDisk, ServerThatEndsBecauseItsLogHasNoRoomLosesNothing) {
  auto& server = shared_postgres();
  runtime rt(on_store(open_schema("no_log")));
  bookkeeper books(rt);
  books.note_all(30);
  postgres_disk().fill();
  try {
    while (!books.note()) server.sql("SELECT pg_switch_wal()");
  } catch (const std::runtime_error&) {
    // it has ended meanwhile
  }
  EXPECT_TRUE(testing_support::wait_for([&] { return !server.is_running(); }, std::chrono::seconds(20)));
  expect_unavailable(books.note_until_refused(), {});
  postgres_disk().make_room();
  server.start();
  ASSERT_TRUE(books.goes_on());
  books.expect_stored(open_schema("no_log"));
}

}  // namespace
}  // namespace troupe::fault_test
