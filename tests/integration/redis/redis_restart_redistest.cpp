#include <atomic>
#include <thread>

#include "contract/clause_support.hpp"
#include "redis_fixture.hpp"

// The server is killed under load. With `appendfsync always` nothing that was reported may be gone, and a record that
// is committed again because its answer was lost must not be applied twice.
namespace troupe::redis_test {
namespace {

constexpr std::size_t writers = 4;
constexpr std::size_t actors_of_writer = 8;
constexpr int kills = 5;

/// Every turn appends its number to a log and puts it into a cell: a turn that is applied twice, or lost, shows.
spi::turn_record nth_turn(const actor_id& actor, std::uint64_t version) {
  auto record =
      contract::turn(actor, version == 1 ? spi::commit_stamp{} : spi::commit_stamp{version - 1, 11}, {version, 11});
  record.cells = {contract::cell("count", std::to_string(version))};
  record.logs = {{{{"turns", 1, version + 1}, 1, {{version, contract::at_ms(0), std::to_string(version)}}}}};
  return record;
}

/// Commits turn after turn for its actors, each until it is clear what became of it.
class writer {
 public:
  writer(const store_client& client, std::size_t number, const std::atomic<bool>& stopped)
      : client_(client), stopped_(stopped) {
    for (std::size_t i = 0; i < actors_of_writer; ++i) {
      actors_.push_back({"seller", std::to_string(number) + "/" + std::to_string(i)});
    }
    thread_ = std::thread([this] { run(); });
  }
  ~writer() { join(); }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  void join() {
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] const std::vector<actor_id>& actors() const noexcept { return actors_; }
  [[nodiscard]] std::uint64_t turns() const noexcept { return turns_; }
  [[nodiscard]] const std::string& surprise() const noexcept { return surprise_; }
  [[nodiscard]] std::size_t doubts() const noexcept { return doubts_; }

 private:
  void run() {
    while (!stopped_ && surprise_.empty()) {
      std::vector<spi::turn_record> records;
      for (const actor_id& actor : actors_) records.push_back(nth_turn(actor, turns_ + 1));
      while (!records.empty() && surprise_.empty()) {
        const auto results = client_.commit(records);
        std::vector<spi::turn_record> again;
        for (std::size_t i = 0; i < results.size(); ++i) {
          const auto status = results[i].status;
          doubts_ += status == commit_status::unknown ? 1U : 0U;
          if (status == commit_status::unknown || status == commit_status::unavailable) {
            again.push_back(records[i]);
          } else if (status != commit_status::committed) {
            surprise_ = results[i].message;
          }
        }
        records = std::move(again);
      }
      if (records.empty()) ++turns_;
    }
  }

  const store_client& client_;
  const std::atomic<bool>& stopped_;
  std::vector<actor_id> actors_;
  // Of the thread, until it is joined.
  std::uint64_t turns_ = 0;
  std::size_t doubts_ = 0;
  std::string surprise_;
  std::thread thread_;
};

void expect_every_turn_once(const store_client& client, const writer& writer) {
  EXPECT_EQ(writer.surprise(), "");
  for (const actor_id& actor : writer.actors()) {
    const auto image = client.load(actor).image;
    EXPECT_EQ(image.stamp.version, writer.turns()) << to_string(actor);
    EXPECT_EQ(contract::contents_of(image.cells), std::vector{contract::cell("count", std::to_string(writer.turns()))});
    std::uint64_t next = 1;
    while (next <= writer.turns()) {
      const auto page = client.read_log({.actor = actor, .log = "turns", .from = next, .limit = 5000}).entries;
      if (page.empty()) break;
      for (const auto& entry : page) {
        EXPECT_EQ(entry.sequence, next);
        EXPECT_EQ(entry.json, std::to_string(next++)) << to_string(actor);
      }
    }
    EXPECT_EQ(next, writer.turns() + 1) << to_string(actor);
  }
}

TEST(RedisRestart, UnderLoadLosesNothingAcknowledgedAndAppliesNothingTwice) {
  redis_server server({"--appendonly", "yes"});
  const auto client = open(server);
  std::atomic<bool> stopped = false;
  std::vector<std::unique_ptr<writer>> all;
  for (std::size_t w = 0; w < writers; ++w) all.push_back(std::make_unique<writer>(client, w, stopped));
  std::uint64_t reached = 0;
  for (int kill = 0; kill < kills; ++kill) {
    // Each life of the server has its share.
    server.process().wait_until([&] { return client.load(all[0]->actors()[0]).image.stamp.version >= reached + 20; });
    reached = client.load(all[0]->actors()[0]).image.stamp.version;
    server.kill();
    server.restart();
  }
  stopped = true;
  std::size_t doubts = 0;
  for (const auto& writer : all) {
    writer->join();
    doubts += writer->doubts();
    expect_every_turn_once(client, *writer);
  }
  EXPECT_GT(doubts, 0U) << "no kill met a commit under way";
}

}  // namespace
}  // namespace troupe::redis_test
