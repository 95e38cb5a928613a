#include "stores/sqlite/sqlite_writer.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {
namespace {

/// Longest the writer waits for readers when it starts the log over; after that the log grows on.
constexpr std::chrono::milliseconds restart_patience{50};

/// Whether the failure comes from this record and would not meet its neighbours.
bool is_of_record(const sqlite_failure& failure) noexcept {
  switch (failure.code()) {
    case SQLITE_ERROR:  // a trigger of the user's own
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_CORRUPT:
      return true;
    default:
      return false;
  }
}

/// Whether a COMMIT that failed so has certainly not happened. The commit mark is the last page written: without room
/// for it there is none. A failed sync, on the other hand, may leave it there for a recovery to find.
bool is_certainly_undone(const sqlite_failure& failure) noexcept {
  return failure.code() == SQLITE_FULL || failure.code() == SQLITE_BUSY ||
         failure.extended_code() == SQLITE_IOERR_WRITE;
}

int note_log_size(void* log_pages, sqlite3* /*connection*/, const char* /*schema*/, int pages) {
  *static_cast<std::uint64_t*>(log_pages) = static_cast<std::uint64_t>(pages);
  return SQLITE_OK;
}

}  // namespace

sqlite_writer::sqlite_writer(const stores::sqlite_options& options, std::unique_ptr<sqlite_connection> connection)
    : options_(options),
      connection_(std::move(connection)),
      records_(std::make_unique<record_writer>(*connection_, options)),
      begin_(std::make_unique<sqlite_statement>(*connection_, "BEGIN IMMEDIATE")),
      commit_(std::make_unique<sqlite_statement>(*connection_, "COMMIT")),
      find_lease_(std::make_unique<sqlite_statement>(*connection_, "SELECT epoch FROM lease WHERE host = ?1")),
      checkpoint_bytes_(options.wal_bytes_max / 8),
      log_bytes_at_checkpoint_(checkpoint_bytes_),
      log_bytes_at_restart_(options.wal_bytes_max),
      page_bytes_(std::stoull(connection_->query("PRAGMA page_size"))),
      checkpointer_(options) {
  sqlite3_wal_hook(connection_->get(), note_log_size, &log_pages_);
  thread_ = std::thread([this] { run(); });
}

void sqlite_writer::commit(std::span<const spi::turn_record> records, const spi::store_limits& limits,
                           commit_done done) {
  pending_commit job{records, std::move(done), std::vector<spi::commit_result>(records.size())};
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (auto bad = refusal(records[i], limits)) job.results[i] = {spi::commit_status::rejected, *std::move(bad)};
  }
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      queue_.push_back(std::move(job));
      changed_.notify_one();
      return;
    }
  }
  for (spi::commit_result& result : job.results) {
    result = {spi::commit_status::unavailable, "the store in " + options_.path + " is closed"};
  }
  job.done(std::move(job.results));
}

void sqlite_writer::take_lease(std::string host, lease_done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!closing_) {
      leases_.push_back({std::move(host), std::move(done)});
      changed_.notify_one();
      return;
    }
  }
  done({spi::read_status::unavailable, "the store in " + options_.path + " is closed", 0});
}

void sqlite_writer::close() {
  const std::lock_guard one_at_a_time(close_mutex_);
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  checkpointer_.close();
  commit_.reset();
  begin_.reset();
  find_lease_.reset();
  records_.reset();
  connection_.reset();
}

void sqlite_writer::run() {
  while (true) {
    std::deque<pending_lease> leases;
    std::vector<pending_commit> jobs = take_jobs(leases);
    if (jobs.empty() && leases.empty()) return;
    take_leases(std::move(leases));
    write(jobs);
    for (pending_commit& job : jobs) job.done(std::move(job.results));
    care_for_log();
  }
}

std::vector<sqlite_writer::pending_commit> sqlite_writer::take_jobs(std::deque<pending_lease>& leases) {
  std::vector<pending_commit> jobs;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closing_ || !queue_.empty() || !leases_.empty(); });
  leases.swap(leases_);
  std::size_t records = 0;
  while (!queue_.empty()) {
    records += queue_.front().records.size();
    if (!jobs.empty() && records > transaction_records_max) break;
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
}

void sqlite_writer::write(std::vector<pending_commit>& jobs) {
  std::vector<pending_record> items;
  for (pending_commit& job : jobs) {
    for (std::size_t i = 0; i < job.records.size(); ++i) {
      if (job.results[i].status != spi::commit_status::rejected) items.push_back({&job.records[i], &job.results[i]});
    }
  }
  // Neighbours share pages. Stable: records of one actor keep their order.
  std::stable_sort(items.begin(), items.end(),
                   [](const pending_record& a, const pending_record& b) { return a.record->actor < b.record->actor; });
  while (!items.empty() && write_transaction(items) == transaction_end::again) {
  }
}

sqlite_writer::transaction_end sqlite_writer::write_transaction(std::vector<pending_record>& items) {
  try {
    begin_->run();
    if (lease_is_lost(items)) {
      connection_->roll_back();
      return transaction_end::done;
    }
    if (write_items(items) == transaction_end::again) {
      connection_->roll_back();
      return transaction_end::again;
    }
    finish_transaction(items);
  } catch (const sqlite_failure& failure) {
    connection_->roll_back();
    report(items, spi::commit_status::unavailable, "nothing was written: " + describe(options_.path, failure));
  }
  return transaction_end::done;
}

bool sqlite_writer::lease_is_lost(const std::vector<pending_record>& items) {
  if (lease_.empty()) return false;
  const sqlite_reset reset(*find_lease_);
  find_lease_->bind_blob(1, lease_);
  const std::uint64_t now = find_lease_->step() ? find_lease_->bits(0) : 0;
  if (now == lease_epoch_) return false;
  for (const pending_record& item : items) {
    *item.result = {spi::commit_status::conflict, lease_message(item.record->actor, lease_, lease_epoch_, now)};
  }
  return true;
}

void sqlite_writer::take_leases(std::deque<pending_lease> leases) {
  for (pending_lease& lease : leases) {
    spi::lease_result result;
    try {
      result = take_lease(lease.host);
    } catch (const sqlite_failure& failure) {
      connection_->roll_back();
      result.message = "the lease was not taken: " + describe(options_.path, failure);
    }
    lease.done(std::move(result));
  }
}

spi::lease_result sqlite_writer::take_lease(const std::string& host) {
  begin_->run();
  sqlite_statement raise(*connection_,
                         "INSERT INTO lease(host, epoch) VALUES(?1, 1)"
                         " ON CONFLICT(host) DO UPDATE SET epoch = epoch + 1 RETURNING epoch");
  raise.bind_blob(1, host);
  const std::uint64_t epoch = raise.step() ? raise.bits(0) : 0;
  raise.reset();
  commit_->run();
  lease_ = host;
  lease_epoch_ = epoch;
  return {spi::read_status::ok, {}, epoch};
}

/// A record that fails alone leaves the batch, and the others are written without it.
sqlite_writer::transaction_end sqlite_writer::write_items(std::vector<pending_record>& items) {
  for (auto it = items.begin(); it != items.end(); ++it) {
    try {
      *it->result = records_->write(*it->record);
    } catch (const sqlite_failure& failure) {
      if (!is_of_record(failure)) throw;
      *it->result = {spi::commit_status::rejected, "the record of " + to_string(it->record->actor) +
                                                       " cannot be stored: " + describe(options_.path, failure)};
      items.erase(it);
      return transaction_end::again;
    }
  }
  return transaction_end::done;
}

void sqlite_writer::finish_transaction(const std::vector<pending_record>& items) {
  try {
    commit_->run();
  } catch (const sqlite_failure& failure) {
    if (is_certainly_undone(failure)) throw;
    connection_->roll_back();
    report(items, spi::commit_status::unknown,
           "the commit may or may not have been written: " + describe(options_.path, failure));
  }
}

void sqlite_writer::report(const std::vector<pending_record>& items, spi::commit_status status,
                           const std::string& message) {
  for (const pending_record& item : items) *item.result = {status, message};
}

void sqlite_writer::care_for_log() {
  const std::uint64_t bytes = log_pages_ * page_bytes_;
  if (bytes < log_bytes_) {  // begun anew
    log_bytes_at_checkpoint_ = checkpoint_bytes_;
    log_bytes_at_restart_ = options_.wal_bytes_max;
  }
  log_bytes_ = bytes;
  if (bytes >= log_bytes_at_checkpoint_) {
    checkpointer_.wake();
    log_bytes_at_checkpoint_ = bytes + checkpoint_bytes_;
  }
  if (bytes < log_bytes_at_restart_ && !checkpointer_.has_caught_up()) return;
  // Only the writer can start the log over while it has work: anyone else loses the race for the lock. Done as soon as
  // it is cheap, because a log that is overwritten syncs faster than one that grows.
  connection_->set_busy_timeout(restart_patience);
  const bool restarted = checkpointer_.restart_log(*connection_);
  connection_->set_busy_timeout(options_.busy_timeout);
  // Behind a long read every attempt costs its patience in vain, so the next one waits until the log has grown.
  if (!restarted) log_bytes_at_restart_ = bytes + options_.wal_bytes_max / 4;
}

}  // namespace troupe::internal
