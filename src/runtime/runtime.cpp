#include "troupe/runtime/runtime.hpp"

#include <future>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "base/system_clock.hpp"
#include "core/activation.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "runtime/application_executor.hpp"
#include "runtime/parts.hpp"
#include "runtime/worker_pool.hpp"

namespace troupe {
namespace {

std::size_t default_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

void check(const runtime_options& options) {
  const auto positive = [](std::chrono::milliseconds value, const char* name) {
    if (value.count() > 0 && value <= internal::span_max) return;
    throw error(errc::invalid_argument, std::string("runtime option ") + name + " is " + std::to_string(value.count()) +
                                            " ms; more than 0 and at most 100 years is asked for");
  };
  positive(options.store_timeout, "store_timeout");
  positive(options.shutdown_grace, "shutdown_grace");
  if (options.threads > 1024) {
    throw error(errc::invalid_argument, "runtime option threads is " + std::to_string(options.threads) +
                                            "; at most 1024 are allowed, 0 means one per core");
  }
}

std::shared_ptr<spi::executor> make_executor(const runtime_options& options) {
  const std::size_t threads = options.threads != 0 ? options.threads : default_threads();
  if (options.executor) return internal::make_application_executor(*options.executor, threads);
  return std::make_shared<internal::worker_pool>(threads);
}

internal::parts_options assemble(runtime_options& options) {
  check(options);
  internal::parts_options made;
  made.store = options.store_instance ? options.store_instance : open_store(options.store);
  made.clock = options.clock ? options.clock : internal::make_system_clock();
  made.entropy = options.entropy ? options.entropy : internal::make_system_entropy();
  made.executor = make_executor(options);
  made.resident_max = options.resident_actors_max;
  made.log = options.log ? options.log : internal::standard_error_log();
  made.retry.give_up_after = options.store_timeout;
  return made;
}

}  // namespace

class runtime::impl {
 public:
  explicit impl(runtime_options options) : grace_(options.shutdown_grace), parts_(assemble(options)) {}

  [[nodiscard]] internal::actor_system& system() const noexcept { return parts_.system(); }
  [[nodiscard]] internal::parts& parts() noexcept { return parts_; }

  void shutdown() {
    const std::scoped_lock lock(shutdown_mutex_);
    if (over_) return;
    if (internal::this_strand != nullptr || parts_.executor().on_own_thread()) {
      throw error(errc::would_block, "runtime::shutdown on a thread of the runtime would wait for itself");
    }
    const auto drained = std::make_shared<std::promise<void>>();
    auto waiting = drained->get_future();
    system().drain([drained] { drained->set_value(); });
    if (waiting.wait_for(grace_) != std::future_status::ready) {
      system().log(log_level::warning, "shutdown: " + std::to_string(system().resident()) +
                                           " actors did not finish within " + std::to_string(grace_.count()) +
                                           " ms and are dropped");
    }
    parts_.halt();
    over_ = true;
  }

 private:
  std::chrono::milliseconds grace_;
  internal::parts parts_;
  std::mutex shutdown_mutex_;
  bool over_ = false;  // guarded by shutdown_mutex_
};

runtime::runtime(runtime_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

runtime::~runtime() {
  try {
    shutdown();
  } catch (const std::exception& failure) {
    impl_->system().log(log_level::error, failure.what());
  }
}

void runtime::start() { impl_->parts().start(); }

void runtime::shutdown() { impl_->shutdown(); }

runtime_counters runtime::counters() const { return internal::read_counters(impl_->system()); }

spi::state_store& runtime::store() const { return impl_->parts().store(); }

void runtime::add_type(detail::actor_type_info info) { impl_->system().host(std::move(info)); }

detail::activation_ptr runtime::find(std::string_view type, const std::type_info& cpp_type, std::string_view key) {
  start();
  return impl_->system().find(type, cpp_type, key);
}

void runtime::deactivate_now(std::string_view type, std::string_view key) {
  const auto target = impl_->system().find(type, key);
  internal::tell_strand(*target,
                        [](internal::activation& a) { a.request_deactivation(deactivation_reason::requested); });
}

std::string runtime::call_by_name(std::string_view type, std::string_view key, std::string_view method,
                                  std::string_view arguments_json, call_options options) {
  start();
  const auto target = impl_->system().find(type, key);
  detail::check_may_block(*target);
  struct waiting {
    std::atomic<bool> done = false;
    std::exception_ptr failure;
    std::string reply;
  };
  const auto state = std::make_shared<waiting>();
  auto* request = internal::make_request(target.get()->type(), method, arguments_json, detail::call_settings(options),
                                         [state](std::exception_ptr failure, std::string reply) {
                                           state->failure = std::move(failure);
                                           state->reply = std::move(reply);
                                           state->done.store(true, std::memory_order_release);
                                           state->done.notify_all();
                                         });
  detail::send_from_outside(*target, *request);
  detail::wait_outside(*target, state->done);
  if (state->failure) std::rethrow_exception(state->failure);
  return std::move(state->reply);
}

}  // namespace troupe
