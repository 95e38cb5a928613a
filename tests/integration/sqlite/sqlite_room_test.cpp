#include <csignal>

#include <sys/resource.h>

#include "sqlite_fixture.hpp"

namespace troupe::sqlite_test {
namespace {

using spi::commit_status;

spi::turn_record large(const std::string& key) {
  auto record = contract::birth({"seller", key});
  record.cells = {contract::cell("blob", '"' + std::string(50'000, 'x') + '"')};
  return record;
}

class SqliteRoom : public sqlite_fixture {
 protected:
  /// Commits until there is no room; returns how many records were committed.
  int fill(const contract::store_client& client) {
    for (int i = 0; i < 1000; ++i) {
      const auto result = client.commit(large(std::to_string(i)));
      if (result.status == commit_status::committed) continue;
      EXPECT_EQ(result.status, commit_status::unavailable) << result.message;
      EXPECT_NE(result.message.find(path().string()), std::string::npos) << result.message;
      EXPECT_NE(result.message.find("nothing was written"), std::string::npos) << result.message;
      EXPECT_NE(result.message.find("free space"), std::string::npos) << result.message;
      return i;
    }
    ADD_FAILURE() << "there is always room";
    return 0;
  }
};

TEST_F(SqliteRoom, EndsAtTheLimitAndComesBackWithIt) {
  auto limited = options();
  limited.file_bytes_max = 1'000'000;
  const auto client = open(limited);
  const int fitted = fill(client);
  ASSERT_GT(fitted, 5);
  for (int i = 0; i < fitted; ++i) {
    EXPECT_EQ(client.load({"seller", std::to_string(i)}).image.stamp.version, 1U);
  }
  const auto lost = large(std::to_string(fitted));
  EXPECT_EQ(client.load(lost.actor).image.stamp.version, 0U);
  // Every record of the batch is refused together, even the one that would fit.
  const auto results = client.commit(std::vector{contract::birth({"buyer", "tiny"}), lost});
  EXPECT_EQ(results[0].status, commit_status::unavailable);
  EXPECT_EQ(results[1].status, commit_status::unavailable);
  EXPECT_EQ(client.load({"buyer", "tiny"}).image.stamp.version, 0U);
  EXPECT_EQ(client.status_of(contract::erasure({"seller", "0"}, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(client.status_of(lost), commit_status::committed);
  EXPECT_LE(std::filesystem::file_size(path()), limited.file_bytes_max);
  close();
  EXPECT_EQ(raw_database(path()).query("PRAGMA integrity_check"), "ok");
}

/// Lets no file of this process grow past a size while it lives.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(SqliteRoom, OfTheDiskEndsWithoutHarm) {
  const auto client = open();
  int fitted = 0;
  {
    const file_size_limit limit(800'000);
    fitted = fill(client);
    ASSERT_GT(fitted, 3);
    EXPECT_EQ(client.load({"seller", "0"}).image.stamp.version, 1U) << "reads go on";
    EXPECT_EQ(client.status_of(large(std::to_string(fitted))), commit_status::unavailable) << "still no room";
  }
  EXPECT_EQ(client.status_of(large(std::to_string(fitted))), commit_status::committed);
  close();
  EXPECT_EQ(raw_database(path()).query("PRAGMA integrity_check"), "ok");
  const auto again = open();
  for (int i = 0; i <= fitted; ++i) {
    EXPECT_EQ(again.load({"seller", std::to_string(i)}).image.stamp.version, 1U) << i;
  }
}

}  // namespace
}  // namespace troupe::sqlite_test
