#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "stores/redis/redis_committer.hpp"
#include "stores/redis/redis_opening.hpp"
#include "stores/redis/redis_reads.hpp"
#include "stores/rules/commit_rules.hpp"

namespace troupe::stores {
namespace {

namespace asio = boost::asio;
using internal::load_of_nothing;

/// An io_context with one thread that runs it.
class own_thread {
 public:
  own_thread() : work_(asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}
  ~own_thread() { end(); }
  own_thread(const own_thread&) = delete;
  own_thread& operator=(const own_thread&) = delete;

  [[nodiscard]] asio::any_io_executor executor() { return context_.get_executor(); }

  /// Returns when all that it has to do is done.
  void end() {
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

class redis_state_store final : public spi::state_store {
  /// Returns `done`, which counts the operation out behind it.
  template <typename Result>
  auto counted(std::function<void(Result)> done, std::size_t size) {
    return [this, done = std::move(done), size](Result result) {
      done(std::move(result));
      const std::lock_guard lock(mutex_);
      waiting_ -= size;
      if (--operations_ == 0) drained_.notify_all();
    };
  }

 public:
  redis_state_store(const redis_options& options, internal::redis_layout layout, bool is_cluster)
      : waiting_max_(options.waiting_records_max),
        patience_(options.answer_timeout + options.connect_timeout),
        thread_(options.executor ? nullptr : std::make_unique<own_thread>()),
        executor_(options.executor ? asio::any_io_executor(asio::make_strand(*options.executor)) : thread_->executor()),
        client_(std::make_shared<internal::redis_client>(executor_, options)),
        committer_(
            std::make_shared<internal::redis_committer>(client_, layout, is_cluster, options.compress_bytes_min)),
        reads_{client_, std::move(layout)},
        place_(client_->place()) {
    limits_.record_bytes_max = options.record_bytes_max;
    limits_.batch_records_max = internal::redis_script_records_max;
    limits_.large_cell_bytes = 0;  // each has a field of its own
  }

  ~redis_state_store() override { end(); }

  [[nodiscard]] std::string_view name() const noexcept override { return "redis"; }
  [[nodiscard]] spi::store_limits limits() const noexcept override { return limits_; }

  [[nodiscard]] spi::store_capabilities capabilities() const noexcept override {
    return {.host_leases = true, .consistent_scans = true, .durable = true};
  }

  void async_load(std::span<const actor_id> actors, std::function<void(std::vector<spi::load_result>)> done) override {
    if (const std::string why = begin(actors.size()); !why.empty()) {
      std::vector<spi::load_result> results;
      for (const actor_id& actor : actors) {
        results.push_back(load_of_nothing(actor, spi::read_status::unavailable, why));
      }
      done(std::move(results));
      return;
    }
    asio::post(executor_, [this, actors, done = counted(std::move(done), actors.size())]() mutable {
      reads_.load(actors, std::move(done));
    });
  }

  void async_commit(std::span<const spi::turn_record> records,
                    std::function<void(std::vector<spi::commit_result>)> done) override {
    std::vector<spi::commit_result> results(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      auto bad = internal::refusal(records[i], limits_);
      if (!bad) bad = internal::redis_refusal(records[i]);
      if (bad) results[i] = {spi::commit_status::rejected, *std::move(bad)};
    }
    if (const std::string why = begin(records.size()); !why.empty()) {
      for (spi::commit_result& result : results) result = {spi::commit_status::unavailable, why};
      done(std::move(results));
      return;
    }
    asio::post(executor_, [this, records, results = std::move(results),
                           done = counted(std::move(done), records.size())]() mutable {
      committer_->commit(records, std::move(results), std::move(done));
    });
  }

  void async_list(spi::list_query query, std::function<void(spi::list_result)> done) override {
    if (std::string why = begin(1); !why.empty()) {
      done({spi::read_status::unavailable, std::move(why), {}});
      return;
    }
    asio::post(executor_, [this, query = std::move(query), done = counted(std::move(done), 1)]() mutable {
      reads_.list(std::move(query), std::move(done));
    });
  }

  void async_scan_due(spi::due_query query, std::function<void(spi::due_result)> done) override {
    if (std::string why = begin(1); !why.empty()) {
      done({spi::read_status::unavailable, std::move(why), {}});
      return;
    }
    asio::post(executor_, [this, query = std::move(query), done = counted(std::move(done), 1)]() mutable {
      reads_.scan_due(query, std::move(done));
    });
  }

  void async_read_log(spi::log_query query, std::function<void(spi::log_result)> done) override {
    if (std::string why = begin(1); !why.empty()) {
      done({spi::read_status::unavailable, std::move(why), {}});
      return;
    }
    asio::post(executor_, [this, query = std::move(query), done = counted(std::move(done), 1)]() mutable {
      reads_.read_log(query, std::move(done));
    });
  }

  void async_read_items(spi::item_query query, std::function<void(spi::item_result)> done) override {
    if (std::string why = begin(1); !why.empty()) {
      done({spi::read_status::unavailable, std::move(why), {}, false});
      return;
    }
    asio::post(executor_, [this, query = std::move(query), done = counted(std::move(done), 1)]() mutable {
      reads_.read_items(std::move(query), std::move(done));
    });
  }

  void async_take_lease(std::string host, std::function<void(spi::lease_result)> done) override {
    if (auto bad = internal::refused_lease(host)) {
      done({spi::read_status::unavailable, *std::move(bad), 0});
      return;
    }
    if (std::string why = begin(1); !why.empty()) {
      done({spi::read_status::unavailable, std::move(why), 0});
      return;
    }
    asio::post(executor_, [this, host = std::move(host), done = counted(std::move(done), 1)]() mutable {
      committer_->take_lease(host, std::move(done));
    });
  }

  void close() override { end(); }

 private:
  /// Counts an operation of `size` records in. Returns why it cannot be taken; empty: it is.
  [[nodiscard]] std::string begin(std::size_t size) {
    const std::lock_guard lock(mutex_);
    if (closed_) return "the store on " + place_ + " is closed";
    if (waiting_ != 0 && waiting_ + size > waiting_max_) {
      return std::to_string(waiting_) + " records wait for " + place_ + " already (waiting_records_max is " +
             std::to_string(waiting_max_) + ")";
    }
    waiting_ += size;
    ++operations_;
    return {};
  }

  void end() {
    const std::lock_guard one_at_a_time(close_mutex_);
    if (ended_) return;
    {
      std::unique_lock lock(mutex_);
      closed_ = true;
      drained_.wait_for(lock, patience_, [this] { return operations_ == 0; });
    }
    // What is not done by now fails with the connection.
    std::promise<void> over;
    asio::post(executor_, [this, &over] {
      client_->close();
      over.set_value();
    });
    over.get_future().wait();
    {
      std::unique_lock lock(mutex_);
      drained_.wait(lock, [this] { return operations_ == 0; });
    }
    if (thread_) thread_->end();
    ended_ = true;
  }

  // Constant after construction.
  const std::size_t waiting_max_;
  const std::chrono::milliseconds patience_;
  spi::store_limits limits_;
  const std::unique_ptr<own_thread> thread_;  ///< null: the application's executor
  const asio::any_io_executor executor_;

  // Only on executor_, which runs one thing at a time.
  const std::shared_ptr<internal::redis_client> client_;
  const std::shared_ptr<internal::redis_committer> committer_;
  const internal::redis_reads reads_;

  const std::string place_;

  std::mutex mutex_;
  std::condition_variable drained_;
  // Guarded by mutex_.
  std::size_t operations_ = 0;
  std::size_t waiting_ = 0;  ///< records of them
  bool closed_ = false;

  std::mutex close_mutex_;
  bool ended_ = false;  ///< guarded by close_mutex_
};

}  // namespace

std::shared_ptr<spi::state_store> redis_store(redis_options options) {
  internal::check_redis_options(options);
  internal::redis_layout layout(options.prefix);
  const bool is_cluster = internal::open_redis(options, layout);
  return std::make_shared<redis_state_store>(options, std::move(layout), is_cluster);
}

}  // namespace troupe::stores
