#include "support/tcp_fault_proxy.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "support/loopback_service.hpp"
#include "support/server_process.hpp"

namespace troupe::testing_support {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers each piece with "got " in front, and counts the pieces.
class echo {
 public:
  [[nodiscard]] std::uint16_t port() const { return service_.port(); }
  [[nodiscard]] int pieces() {
    return service_.run([this] { return pieces_; });
  }

 private:
  asio::awaitable<void> serve(asio::ip::tcp::socket client) {
    std::array<char, 1000> bytes{};
    while (true) {
      const std::size_t size = co_await client.async_read_some(asio::buffer(bytes), asio::use_awaitable);
      ++pieces_;
      const std::string answer = "got " + std::string(bytes.data(), size);
      co_await asio::async_write(client, asio::buffer(answer), asio::use_awaitable);
    }
  }

  int pieces_ = 0;
  loopback_service service_{[this](asio::ip::tcp::socket client) { return serve(std::move(client)); }};
};

/// A client that waits for what it asks for.
class caller {
 public:
  explicit caller(const tcp_fault_proxy& proxy) { socket_.connect(loopback_service::endpoint_of(proxy.port())); }

  void say(const std::string& words) { asio::write(socket_, asio::buffer(words)); }

  /// Reads so many bytes, or what comes before the end of the connection.
  std::string hear(std::size_t count) {
    std::string heard;
    boost::system::error_code end;
    asio::read(socket_, asio::dynamic_buffer(heard, count), asio::transfer_exactly(count), end);
    return heard;
  }

  std::string ask(const std::string& words) {
    say(words);
    return hear(words.size() + 4);
  }

  [[nodiscard]] std::size_t waiting() const { return socket_.available(); }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
};

class TcpFaultProxy : public ::testing::Test {
 protected:
  echo echo_;
  tcp_fault_proxy proxy_{echo_.port()};
};

TEST_F(TcpFaultProxy, PassesWhatBothSidesSay) {
  caller one(proxy_);
  caller two(proxy_);
  EXPECT_EQ(one.ask("a"), "got a");
  EXPECT_EQ(two.ask("b"), "got b");
  EXPECT_EQ(one.ask("c"), "got c");
  EXPECT_EQ(proxy_.open_connections(), 2U);
  EXPECT_EQ(proxy_.counts().most_connections, 2U);
}

TEST_F(TcpFaultProxy, HoldsPiecesBack) {
  caller one(proxy_);
  proxy_.delay(40ms, 40ms);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(one.ask("a"), "got a");
  EXPECT_GE(std::chrono::steady_clock::now() - before, 80ms);
}

TEST_F(TcpFaultProxy, CutsWhatIsOpenAndTakesNewOnes) {
  caller one(proxy_);
  EXPECT_EQ(one.ask("a"), "got a");
  proxy_.cut();
  EXPECT_EQ(one.hear(1), "");
  EXPECT_EQ(caller(proxy_).ask("b"), "got b");
  EXPECT_EQ(proxy_.counts().cut, 1U);
}

TEST_F(TcpFaultProxy, LosesOneAnswerBehindItsRequest) {
  caller one(proxy_);
  proxy_.lose_next_answer();
  EXPECT_EQ(one.ask("a"), "");
  EXPECT_EQ(echo_.pieces(), 1) << "the server has it";
  EXPECT_EQ(caller(proxy_).ask("b"), "got b");
  EXPECT_EQ(proxy_.counts().answers_lost, 1U);
}

TEST_F(TcpFaultProxy, TearsOneAnswer) {
  caller one(proxy_);
  proxy_.tear_next_answer(2);
  EXPECT_EQ(one.ask("a"), "go");
  EXPECT_EQ(caller(proxy_).ask("b"), "got b");
  EXPECT_EQ(proxy_.counts().answers_torn, 1U);
}

TEST_F(TcpFaultProxy, SwallowsAnswersForAsLongAsTheConnectionLasts) {
  caller one(proxy_);
  proxy_.swallow_answers();
  one.say("a");
  while (proxy_.counts().silenced == 0) {
  }
  proxy_.heal();
  one.say("b");
  while (echo_.pieces() < 2) {
  }
  EXPECT_EQ(caller(proxy_).ask("c"), "got c");
  EXPECT_EQ(one.waiting(), 0U);
}

TEST_F(TcpFaultProxy, RefusesConnectionsUntilItIsHealed) {
  caller one(proxy_);
  EXPECT_EQ(one.ask("a"), "got a");
  proxy_.refuse_connections();
  EXPECT_EQ(one.hear(1), "");
  EXPECT_EQ(caller(proxy_).hear(1), "");
  proxy_.heal();
  EXPECT_EQ(caller(proxy_).ask("b"), "got b");
  EXPECT_EQ(proxy_.counts().refused, 1U);
}

TEST_F(TcpFaultProxy, EndsAConnectionWhenItsServerIsNotThere) {
  const tcp_fault_proxy nowhere(free_port());
  EXPECT_EQ(caller(nowhere).hear(1), "");
  EXPECT_EQ(nowhere.open_connections(), 0U);
}

TEST_F(TcpFaultProxy, StormsWithEachKindOfFaultAndIsWellAfterwards) {
  std::atomic<bool> over = false;
  std::thread talk([&] {
    while (!over) {
      try {
        caller(proxy_).ask("a");
      } catch (const boost::system::system_error&) {
        // it was cut while it spoke
      }
    }
  });
  proxy_.storm(1, 1s);
  const tcp_fault_counts counts = proxy_.counts();
  proxy_.cut();  // what is still silent
  over = true;
  talk.join();
  EXPECT_GT(counts.refused, 0U);
  EXPECT_GT(counts.answers_lost, 0U);
  EXPECT_GT(counts.answers_torn, 0U);
  EXPECT_GT(counts.silenced, 0U);
  EXPECT_EQ(caller(proxy_).ask("b"), "got b");
}

}  // namespace
}  // namespace troupe::testing_support
