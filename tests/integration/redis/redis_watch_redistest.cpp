#include <atomic>
#include <cerrno>

#include <dlfcn.h>
#include <sys/epoll.h>

#include "redis_fixture.hpp"

namespace {

/// Whether the system has no watch left for another socket (`/proc/sys/fs/epoll/max_user_watches`).
std::atomic<bool> watches_are_used_up = false;

}  // namespace

/// Stands in for that of the C library in this program.
extern "C" int epoll_ctl(int epoll, int what, int descriptor, epoll_event* event) noexcept {
  if (what == EPOLL_CTL_ADD && watches_are_used_up) {
    errno = ENOSPC;
    return -1;
  }
  static const auto system = reinterpret_cast<int (*)(int, int, int, epoll_event*)>(dlsym(RTLD_NEXT, "epoll_ctl"));
  return system(epoll, what, descriptor, event);
}

namespace troupe::redis_test {
namespace {

TEST(RedisWatch, SocketThatCannotBeWatchedIsAFailedConnection) {
  const redis_server server;
  const auto client = open(server);
  EXPECT_EQ(client.status_of(contract::birth(acme)), commit_status::committed);
  watches_are_used_up = true;
  const error refused = refusal_of(options_of(server));
  server.run({"CLIENT", "KILL", "TYPE", "normal"});
  const auto record = contract::turn(acme, {1, 11}, {2, 11});
  // The first may still meet the connection that ends.
  (void)client.commit(record);
  const auto unwritten = client.commit(contract::birth({"seller", "cask"}));
  watches_are_used_up = false;
  EXPECT_EQ(refused.kind(), errc::unavailable);
  expect_words(refused.what(), {"cannot be watched", "No space left"});
  EXPECT_EQ(unwritten.status, commit_status::unavailable);
  expect_words(unwritten.message, {"cannot be watched"});
  EXPECT_EQ(commit_until_clear(client, record).status, commit_status::committed);
}

}  // namespace
}  // namespace troupe::redis_test
