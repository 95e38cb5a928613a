#include <array>
#include <csignal>
#include <map>
#include <random>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sqlite_fixture.hpp"

extern char** environ;

namespace troupe::sqlite_test {
namespace {

constexpr unsigned seed = 20260412;
constexpr int kills = 12;

/// A process that commits to a store until it is killed.
class committing_process {
 public:
  explicit committing_process(const std::filesystem::path& store) {
    std::array<int, 2> pipe_ends{};
    EXPECT_EQ(pipe2(pipe_ends.data(), O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    std::string program = TROUPE_COMMIT_ENDLESSLY;
    std::string path = store.string();
    std::array<char*, 3> arguments{program.data(), path.data(), nullptr};
    EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    told_ = pipe_ends[0];
  }

  ~committing_process() { ::close(told_); }

  /// Lets it tell at least `bytes`, kills it, and returns all it told.
  std::string kill_after(std::size_t bytes) {
    std::string told = read_until(bytes);
    EXPECT_EQ(::kill(pid_, SIGKILL), 0);
    told += read_until(std::string::npos);
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
    return told;
  }

  committing_process(const committing_process&) = delete;
  committing_process& operator=(const committing_process&) = delete;

 private:
  std::string read_until(std::size_t bytes) {
    std::string told;
    std::array<char, 65536> buffer{};
    while (told.size() < bytes) {
      const ssize_t got = read(told_, buffer.data(), std::min(buffer.size(), bytes - told.size()));
      if (got <= 0) break;
      told.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return told;
  }

  pid_t pid_ = -1;
  int told_ = -1;
};

using versions = std::map<std::string, std::uint64_t>;

/// Takes the last version told of each actor. A last line that was cut off is no promise.
void note(versions& told, const std::string& output) {
  std::istringstream lines(output.substr(0, output.rfind('\n') + 1));
  std::string key;
  std::uint64_t version = 0;
  while (lines >> key >> version) told[key] = version;
}

class SqliteCrash : public sqlite_fixture {
 protected:
  /// Expects every promised turn, and each actor whole: cells and requests are of the version of its stamp. Turns that
  /// were under way when the process died count from now on.
  void expect_kept(versions& told) {
    const auto client = open();
    for (auto& [key, version] : told) {
      const auto loaded = client.load({"seller", key});
      ASSERT_EQ(loaded.status, spi::read_status::ok) << loaded.message;
      const std::uint64_t held = loaded.image.stamp.version;
      EXPECT_GE(held, version) << key << " lost a turn that was reported as committed";
      EXPECT_LE(held, version + 1) << key << " holds turns that were never begun";
      ASSERT_EQ(loaded.image.cells.size(), 2U);
      EXPECT_EQ(loaded.image.cells[0].json, std::to_string(held));
      EXPECT_EQ(loaded.image.cells[1].json.size(), held % 700 + 2);
      ASSERT_EQ(loaded.image.requests.size(), std::min<std::uint64_t>(held, 3));
      EXPECT_EQ(loaded.image.requests.back().key, std::to_string(held));
      version = held;
    }
    close();
  }
};

TEST_F(SqliteCrash, LosesNoTurnThatWasReportedAsCommitted) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  versions told;
  for (int i = 0; i < kills; ++i) {
    committing_process process(path());
    note(told, process.kill_after(1 + random() % 60'000));
    expect_kept(told);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(told.size(), 64U);
  EXPECT_EQ(raw_database(path()).query("PRAGMA integrity_check"), "ok");
}

TEST_F(SqliteCrash, BeforeTheFirstCommitLeavesAFileThatOpens) {
  for (int i = 0; i < 5; ++i) {
    committing_process(path()).kill_after(0);
    open();
    close();
    std::filesystem::remove(path());
  }
}

}  // namespace
}  // namespace troupe::sqlite_test
