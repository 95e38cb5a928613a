#include "support/server_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::testing_support {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

/// A TCP socket, closed at the end of its scope.
class tcp_socket {
 public:
  tcp_socket() : handle_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (handle_ < 0) fail("socket");
  }
  ~tcp_socket() { close(handle_); }
  tcp_socket(const tcp_socket&) = delete;
  tcp_socket& operator=(const tcp_socket&) = delete;

  [[nodiscard]] int handle() const noexcept { return handle_; }

 private:
  int handle_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// Ids of a system user; 0 and 0 when the process stays who it is.
struct user_ids {
  uid_t user = 0;
  gid_t group = 0;
};

user_ids ids_of(const std::string& user) {
  if (user.empty() || geteuid() != 0) return {};
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) throw std::runtime_error("there is no system user " + user);
  return {entry->pw_uid, entry->pw_gid};
}

std::string end_of(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  constexpr std::size_t shown = 2000;
  return all.size() > shown ? all.substr(all.size() - shown) : all;
}

int status_of(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw); }

/// Becomes `command`. Only calls that are safe between fork and exec.
[[noreturn]] void become(char* const* arguments, int log, user_ids ids, pid_t parent) {
  setpgid(0, 0);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  if (ids.user != 0 && (setgroups(0, nullptr) != 0 || setgid(ids.group) != 0 || setuid(ids.user) != 0)) _exit(126);
  // A change of user clears it, so it comes last; the parent may be gone already.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(125);
  // A socket of the test that lived on in here would not be closed when the test closes it.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  execvp(arguments[0], arguments);
  dprintf(STDERR_FILENO, "cannot start %s: %s\n", arguments[0], std::strerror(errno));
  _exit(127);
}

}  // namespace

std::uint16_t free_port() {
  const tcp_socket socket;
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket.handle(), generic, size) != 0) fail("bind");
  if (getsockname(socket.handle(), generic, &size) != 0) fail("getsockname");
  return ntohs(address.sin_port);
}

bool accepts_connections(std::uint16_t port) {
  const tcp_socket socket;
  const sockaddr_in address = loopback(port);
  return connect(socket.handle(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void server_process::start(const std::vector<std::string>& command, const std::filesystem::path& log,
                           const std::string& user) {
  kill();
  log_ = log;
  const user_ids ids = ids_of(user);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0) fail("open " + log.string());
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(arguments.data(), output, ids, parent);
  close(output);
  if (pid_ < 0) fail("fork");
  setpgid(pid_, pid_);  // the child does so too: whoever is first
}

bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    poll(nullptr, 0, 10);  // another program cannot be awaited but by asking
  }
  return true;
}

void server_process::wait_until(const std::function<bool()>& is_ready, std::chrono::seconds limit) {
  bool is_over = false;
  const auto is_settled = [&] {
    if (is_ready()) return true;
    is_over = !is_running();
    return is_over;
  };
  if (!wait_for(is_settled, limit)) {
    throw std::runtime_error("the server was not ready in " + std::to_string(limit.count()) + " s:\n" + end_of(log_));
  }
  if (is_over) throw std::runtime_error("the server ended before it was ready:\n" + end_of(log_));
}

void server_process::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int server_process::reap() {
  int raw = 0;
  while (waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  ::kill(-pid_, SIGKILL);  // what it has started
  pid_ = -1;
  return status_of(raw);
}

int server_process::stop(int number) {
  if (pid_ <= 0) return 0;
  signal(number);
  return reap();
}

void server_process::kill() {
  if (pid_ <= 0) return;
  ::kill(-pid_, SIGKILL);
  reap();
}

bool server_process::is_running() {
  if (pid_ <= 0) return false;
  int raw = 0;
  if (waitpid(pid_, &raw, WNOHANG) != pid_) return true;
  ::kill(-pid_, SIGKILL);
  pid_ = -1;
  return false;
}

void run_to_end(const std::vector<std::string>& command, const std::filesystem::path& log, const std::string& user) {
  server_process process;
  process.start(command, log, user);
  const int status = process.stop(0);  // no signal: only the wait
  if (status != 0) {
    throw std::runtime_error(command.front() + " ended with status " + std::to_string(status) + ":\n" + end_of(log));
  }
}

void give_to(const std::filesystem::path& path, const std::string& user) {
  const user_ids ids = ids_of(user);
  if (ids.user != 0 && chown(path.c_str(), ids.user, ids.group) != 0) fail("chown " + path.string());
}

}  // namespace troupe::testing_support
