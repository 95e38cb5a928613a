#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace troupe::testing_support {

/// A program that writes a mark to its standard output for each thing it does, until it is killed or asked to end. It
/// is asked by the end of its standard input. Thread-safety: one thread.
class marking_program {
 public:
  /// Starts `command`: the program's path, then its arguments.
  explicit marking_program(std::vector<std::string> command) {
    std::array<int, 2> out{};
    std::array<int, 2> in{};
    EXPECT_EQ(pipe2(out.data(), O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(in.data(), O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    EXPECT_EQ(posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    ::close(in[0]);
    told_ = out[0];
    asked_ = in[1];
  }
  ~marking_program() {
    if (asked_ >= 0) ::close(asked_);
    ::close(told_);
  }
  marking_program(const marking_program&) = delete;
  marking_program& operator=(const marking_program&) = delete;

  /// Waits until it has written so many dots, or has ended. Returns how many it wrote meanwhile.
  std::size_t wait_for(std::size_t dots) {
    std::size_t count = 0;
    while (count < dots && read_some(dots - count, count)) {
    }
    return count;
  }

  /// Reads its marks for so long. Returns how many dots it wrote meanwhile.
  std::size_t listen_for(std::chrono::milliseconds span) {
    const auto end = std::chrono::steady_clock::now() + span;
    std::size_t count = 0;
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      pollfd told{.fd = told_, .events = POLLIN, .revents = 0};
      if (left.count() <= 0 || poll(&told, 1, static_cast<int>(left.count())) == 0) return count;
      if (!read_some(std::string::npos, count)) return count;
    }
  }

  void kill() {
    EXPECT_EQ(::kill(pid_, SIGKILL), 0);
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
  }

  /// Asks it to end in good order. Returns how many dots it wrote meanwhile.
  std::size_t end() {
    ::close(std::exchange(asked_, -1));
    const std::size_t count = wait_for(std::string::npos);
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
    return count;
  }

 private:
  /// Reads at most so many marks, and counts the dots among them. Returns whether there were any.
  bool read_some(std::size_t marks, std::size_t& dots) {
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(told_, buffer.data(), std::min(buffer.size(), marks));
    if (got <= 0) return false;
    dots += static_cast<std::size_t>(std::count(buffer.begin(), buffer.begin() + got, '.'));
    return true;
  }

  pid_t pid_ = -1;
  int told_ = -1;
  int asked_ = -1;
};

}  // namespace troupe::testing_support
