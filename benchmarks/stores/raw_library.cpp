#include "raw_library.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

namespace bench {

raw_library::raw_library(connection_list connections, std::size_t rows, std::size_t document_bytes)
    : connections_(std::move(connections)), filler_(document_bytes > 20 ? document_bytes - 20 : 1, 'x') {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    shares_.push_back({std::vector<std::uint64_t>(rows / connections_.size()), std::mt19937_64(i + 1)});
    write(i, 512, nullptr);
  }
}

raw_row raw_library::row(std::size_t connection, std::size_t at) const {
  const std::uint64_t version = shares_[connection].versions[at];
  return {std::to_string(1'000'000 + at * connections_.size() + connection), version,
          "{\"n\":" + std::to_string(version + 1) + ",\"text\":\"" + filler_ + "\"}"};
}

std::size_t raw_library::write(std::size_t connection, std::size_t batch,
                               const std::chrono::steady_clock::time_point* until) {
  share& mine = shares_[connection];
  std::size_t written = 0;
  std::vector<std::size_t> chosen;
  std::vector<raw_row> rows;
  while (until != nullptr ? std::chrono::steady_clock::now() < *until : written < mine.versions.size()) {
    chosen.clear();
    rows.clear();
    if (until != nullptr) {
      for (std::size_t i = 0; i < batch; ++i) chosen.push_back(mine.random() % mine.versions.size());
      std::sort(chosen.begin(), chosen.end());
      chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
    } else {
      for (std::size_t i = written; i < std::min(written + batch, mine.versions.size()); ++i) chosen.push_back(i);
    }
    for (const std::size_t at : chosen) rows.push_back(row(connection, at));
    connections_[connection]->write(rows);
    for (const std::size_t at : chosen) ++mine.versions[at];
    written += chosen.size();
  }
  return written;
}

double raw_library::run(std::size_t batch, std::chrono::milliseconds span) {
  const auto begin = std::chrono::steady_clock::now();
  const auto until = begin + span;
  const std::size_t used = batch == 1 ? 1 : connections_.size();
  std::vector<std::size_t> written(used);
  std::vector<std::exception_ptr> failures(used);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < used; ++i) {
    threads.emplace_back([&, i] {
      try {
        written[i] = write(i, batch, &until);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::size_t all = 0;
  for (const std::size_t each : written) all += each;
  return static_cast<double>(all) / seconds.count();
}

raw_library::connection_list open_raw_connections(const std::string& uri) {
  raw_library::connection_list one;
  if (uri.starts_with("sqlite:")) {
    const std::string path = uri.substr(7, uri.find('?') == std::string::npos ? std::string::npos : uri.find('?') - 7);
    one.push_back(open_raw_sqlite(path + ".raw", uri.find("synchronous=normal") == std::string::npos));
  }
#ifdef BENCH_REDIS
  if (uri.starts_with("redis:") || uri.starts_with("redis+unix:")) one.push_back(open_raw_redis(uri));
#endif
#ifdef BENCH_POSTGRES
  if (uri.starts_with("postgresql:") || uri.starts_with("postgres:")) return open_raw_postgres(uri);
#endif
  return one;
}

}  // namespace bench
