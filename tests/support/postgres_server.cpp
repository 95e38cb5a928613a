#include "support/postgres_server.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace troupe::testing_support {
namespace {

const std::string system_user = "postgres";

std::string contents_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool is_answering(std::uint16_t port, const std::filesystem::path& log) {
  try {
    run_to_end({postgres_server::program("pg_isready").string(), "-q", "-h", "127.0.0.1", "-p", std::to_string(port)},
               log);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

std::filesystem::path postgres_server::program(const std::string& name) {
  namespace fs = std::filesystem;
  std::vector<fs::path> found;
  const fs::path versions = "/usr/lib/postgresql";
  if (fs::is_directory(versions)) {
    for (const auto& version : fs::directory_iterator(versions)) {
      if (fs::exists(version.path() / "bin" / name)) found.push_back(version.path() / "bin" / name);
    }
  }
  if (!found.empty()) return *std::max_element(found.begin(), found.end());
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::exists(fs::path(folder) / name)) return fs::path(folder) / name;
  }
  throw std::runtime_error("PostgreSQL's program " + name +
                           " is neither in /usr/lib/postgresql/*/bin nor in PATH; install postgresql");
}

postgres_server::postgres_server(postgres_fsync fsync, std::vector<std::string> settings,
                                 std::vector<std::string> launcher)
    : data_(folder_.path() / "data"), launcher_(std::move(launcher)), port_(free_port()) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  std::filesystem::create_directory(data_);
  give_to(data_, system_user);
  run_to_end({program("initdb").string(), "-D", data_.string(), "-U", "postgres", "-E", "UTF8", "--locale=C",
              "--auth=trust", "--no-sync", "--no-instructions"},
             folder_.path() / "initdb.log", system_user);
  std::ofstream configuration(data_ / "postgresql.conf", std::ios::app);
  configuration << "listen_addresses = '127.0.0.1'\nport = " << port_ << "\nunix_socket_directories = ''\n"
                << "fsync = " << (fsync == postgres_fsync::on ? "on" : "off") << "\nshared_buffers = 64MB\n"
                << "max_wal_size = 256MB\nlogging_collector = off\n";
  for (const std::string& line : settings) configuration << line << "\n";
  configuration.close();
  std::ofstream access(data_ / "pg_hba.conf", std::ios::trunc);
  access << "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
  access.close();
  start();
}

void postgres_server::start() {
  std::filesystem::remove(data_ / "postmaster.pid");
  std::vector<std::string> command = launcher_;
  command.insert(command.end(), {program("postgres").string(), "-D", data_.string()});
  process_.start(command, folder_.path() / "server.log", system_user);
  process_.wait_until([&] { return is_answering(port_, folder_.path() / "ready.log"); });
}

std::string postgres_server::uri(const std::string& database) const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string postgres_server::uri_of(const std::string& user, const std::string& password,
                                    const std::string& database) const {
  return "postgresql://" + user + ":" + password + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string postgres_server::sql(const std::string& text, const std::string& database) {
  const std::filesystem::path output = folder_.path() / "psql.out";
  std::filesystem::remove(output);
  run_to_end(
      {program("psql").string(), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", uri(database), "-c", text},
      output);
  std::string printed = contents_of(output);
  if (printed.ends_with('\n')) printed.pop_back();
  return printed;
}

std::vector<pid_t> postgres_server::processes() const {
  std::vector<pid_t> found{process_.pid()};
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    // "pid (name) state parent ...", where the name may contain anything but is the last in parentheses.
    const std::string status = contents_of(entry.path() / "stat");
    const std::size_t end = status.rfind(')');
    if (end == std::string::npos || status.size() < end + 5) continue;
    if (std::atol(status.c_str() + end + 4) == process_.pid()) found.push_back(static_cast<pid_t>(std::stol(name)));
  }
  return found;
}

void postgres_server::signal_all(int number) const {
  for (const pid_t process : processes()) ::kill(process, number);
}

void postgres_server::kill() {
  signal_all(SIGKILL);
  process_.kill();
}

void postgres_server::freeze() { signal_all(SIGSTOP); }
void postgres_server::thaw() { signal_all(SIGCONT); }

}  // namespace troupe::testing_support
