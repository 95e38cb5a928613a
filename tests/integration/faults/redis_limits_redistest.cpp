#include <optional>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "bookkeeper.hpp"
#include "shared_redis.hpp"
#include "support/redis_server.hpp"
#include "support/tcp_fault_proxy.hpp"

// Other clients have all the connections that the server gives.
namespace troupe::fault_test {
namespace {

using boost::asio::ip::tcp;
using testing_support::redis_server;

/// Clients that do nothing but hold their connections.
class other_redis_clients {
 public:
  explicit other_redis_clients(const redis_server& server)
      : server_(boost::asio::ip::address_v4::loopback(), server.port()) {}

  /// Connects one more; returns whether it was let in.
  bool add() {
    tcp::socket socket(context_);
    socket.connect(server_);
    boost::asio::write(socket, boost::asio::buffer(std::string("PING\r\n")));
    std::string answer;
    boost::system::error_code ignored;
    boost::asio::read_until(socket, boost::asio::dynamic_buffer(answer), "\r\n", ignored);
    if (answer != "+PONG\r\n") return false;
    sockets_.push_back(std::move(socket));
    return true;
  }

  void add_until_full() {
    while (add()) {
    }
  }

  void leave() { sockets_.clear(); }

 private:
  boost::asio::io_context context_;
  tcp::endpoint server_;
  std::vector<tcp::socket> sockets_;
};

TEST(RedisLimits, StoreIsRefusedWhileThereIsNoRoomAndOpenedThen) {
  const redis_server server({"--maxclients", "8"});
  other_redis_clients others(server);
  others.add_until_full();
  try {
    open_redis(server.port())->close();
    ADD_FAILURE() << "it was opened";
  } catch (const error& refusal) {
    EXPECT_EQ(refusal.kind(), errc::unavailable) << refusal.what();
  }
  others.leave();
  std::shared_ptr<spi::state_store> store;
  EXPECT_TRUE(testing_support::wait_for(
      [&] {
        try {
          store = open_redis(server.port());
        } catch (const error&) {
          return false;  // the server has not noticed yet that they have left
        }
        return true;
      },
      std::chrono::seconds(10)));
  if (store) store->close();
}

TEST(RedisLimits, RuntimeGoesOnWhenThereIsRoomAgain) {
  const redis_server server({"--maxclients", "8"});
  testing_support::tcp_fault_proxy proxy(server.port());
  other_redis_clients others(server);
  runtime rt(on_store(open_redis(proxy.port())));
  bookkeeper books(rt);
  books.note_all(6);
  others.add_until_full();
  books.note_all(6);
  proxy.refuse_connections();
  ASSERT_TRUE(testing_support::wait_for([&] { return others.add(); }, std::chrono::seconds(10)));
  others.add_until_full();
  proxy.heal();
  expect_unavailable(books.note(), {"nothing was written"});
  expect_unavailable(books.note(), {"nothing was written"});
  others.leave();
  ASSERT_TRUE(books.goes_on());
  books.expect_stored(open_redis(server.port()));
}

}  // namespace
}  // namespace troupe::fault_test
