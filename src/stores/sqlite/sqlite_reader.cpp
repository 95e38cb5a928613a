#include "stores/sqlite/sqlite_reader.hpp"

#include <utility>

#include "stores/sqlite/sqlite_schema.hpp"

namespace troupe::internal {

sqlite_reader::sqlite_reader(const stores::sqlite_options& options)
    : connection_(open_sqlite_reader(options)), rows_(std::make_unique<row_reader>(*connection_, options.path)) {
  thread_ = std::thread([this] { run(); });
}

void sqlite_reader::post(job read) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.push_back(std::move(read));
      changed_.notify_one();
      return;
    }
  }
  read(nullptr);
}

void sqlite_reader::run() {
  while (true) {
    job next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    next(rows_.get());
  }
}

void sqlite_reader::close() {
  const std::lock_guard one_at_a_time(close_mutex_);
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  rows_.reset();
  connection_.reset();
}

}  // namespace troupe::internal
