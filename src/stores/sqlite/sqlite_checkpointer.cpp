#include "stores/sqlite/sqlite_checkpointer.hpp"

#include <utility>

#include "stores/sqlite/sqlite_schema.hpp"

namespace troupe::internal {
namespace {

/// What the writer can move by itself without anyone noticing.
constexpr int few_pages = 128;

}  // namespace

sqlite_checkpointer::sqlite_checkpointer(const stores::sqlite_options& options)
    : connection_(open_sqlite_reader(options)) {
  thread_ = std::thread([this] { run(); });
}

void sqlite_checkpointer::wake() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_one();
}

bool sqlite_checkpointer::restart_log(sqlite_connection& writer) {
  const std::lock_guard lock(log_mutex_);
  caught_up_ = false;
  return sqlite3_wal_checkpoint_v2(writer.get(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr) == SQLITE_OK;
}

void sqlite_checkpointer::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || wanted_; });
      if (closing_) return;
      wanted_ = false;
    }
    const std::lock_guard lock(log_mutex_);
    // A failure (disk full, file locked) leaves the pages in the log, where they are as safe; the next round tries
    // anew.
    int pages = 0;
    int moved = 0;
    const int outcome =
        sqlite3_wal_checkpoint_v2(connection_->get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    caught_up_ = outcome == SQLITE_OK && pages - moved <= few_pages;
  }
}

void sqlite_checkpointer::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  connection_.reset();
}

}  // namespace troupe::internal
