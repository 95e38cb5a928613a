#include <hiredis/hiredis.h>

#include "../redis/redis_fixture.hpp"
#include "support/redis_tls_server.hpp"

namespace troupe::redis_test {
namespace {

using testing_support::redis_tls_server;

static_assert(HIREDIS_MAJOR >= 1, "these tests are of a hiredis that has TLS");

class RedisTls : public ::testing::Test {
 protected:
  redis_tls_server server;
};

spi::turn_record first_turn() {
  spi::turn_record record;
  record.actor = acme;
  record.next = {1, 7};
  record.cells = {{.name = "state", .schema = 1, .json = "42"}};
  return record;
}

TEST_F(RedisTls, StoreWritesAndReadsOverIt) {
  const auto client = open(server.options());
  EXPECT_EQ(client.commit(first_turn()).status, commit_status::committed);
  const auto again = open(server.options());
  EXPECT_EQ(again.load(acme).image.cells.at(0).json, "42");
}

TEST_F(RedisTls, StoreConnectsAgainWhenTheServerWasKilled) {
  const auto client = open(server.options());
  EXPECT_EQ(client.commit(first_turn()).status, commit_status::committed);
  server.server().kill();
  server.server().restart();
  auto next = first_turn();
  next.expected = next.next;
  next.next = {2, 7};
  EXPECT_EQ(commit_until_clear(client, next).status, commit_status::committed);
  EXPECT_EQ(client.load(acme).image.stamp.version, 2U);
}

TEST_F(RedisTls, ServerOfAnotherAuthorityIsRefused) {
  auto options = server.options();
  options.tls_ca_file = server.file("stranger.pem");
  const error why = refusal_of(options);
  EXPECT_EQ(why.kind(), errc::unavailable) << why.what();
  expect_words(why.what(), {"certificate"});
}

TEST_F(RedisTls, ClientWithoutACertificateIsTurnedAway) {
  auto options = server.options();
  options.tls_certificate_file.clear();
  options.tls_key_file.clear();
  EXPECT_EQ(refusal_of(options).kind(), errc::unavailable);
}

TEST_F(RedisTls, FilesThatAreNotThereAreNamedByTheOptions) {
  auto options = server.options();
  options.tls_ca_file = server.file("nowhere.pem");
  const error why = refusal_of(options);
  EXPECT_EQ(why.kind(), errc::invalid_argument);
  expect_words(why.what(), {"tls_ca_file"});
}

TEST_F(RedisTls, PlainTextToATlsPortIsRefusedInTime) {
  auto options = server.options();
  options.tls = stores::redis_tls::off;
  EXPECT_EQ(refusal_of(options).kind(), errc::unavailable);
}

}  // namespace
}  // namespace troupe::redis_test
