#include "troupe/runtime/runtime.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "base/log.hpp"
#include "base/system_clock.hpp"
#include "core/activation.hpp"
#include "core/current_strand.hpp"
#include "core/later.hpp"
#include "core/tell_strand.hpp"
#include "runtime/application_executor.hpp"
#include "runtime/letter_desk.hpp"
#include "runtime/migration.hpp"
#include "runtime/parts.hpp"
#include "runtime/reminder_desk.hpp"
#include "runtime/storage_desk.hpp"
#include "runtime/worker_pool.hpp"

namespace troupe {
namespace {

/// How long an alarm on the application's executor sleeps before it looks at a clock that was injected.
constexpr std::chrono::milliseconds injected_clock_nap{50};

/// How long a shutdown waits before it looks again whether it has to run the actors itself.
constexpr std::chrono::milliseconds shutdown_nap{5};

std::size_t default_threads() { return std::max(1U, std::thread::hardware_concurrency()); }

void check(const runtime_options& options) {
  const auto positive = [](std::chrono::milliseconds value, const char* name) {
    if (value.count() > 0 && value <= internal::span_max) return;
    throw error(errc::invalid_argument, std::string("runtime option ") + name + " is " + std::to_string(value.count()) +
                                            " ms; more than 0 and at most 100 years is asked for");
  };
  positive(options.store_timeout, "store_timeout");
  positive(options.shutdown_grace, "shutdown_grace");
  internal::check(options.overload);
  internal::check(options.reminders);
  internal::check_filters(options.filters, "runtime option ");
  if (options.threads > 1024) {
    throw error(errc::invalid_argument, "runtime option threads is " + std::to_string(options.threads) +
                                            "; at most 1024 are allowed, 0 means one per core");
  }
}

std::shared_ptr<spi::executor> make_executor(const runtime_options& options, std::shared_ptr<const spi::clock> clock) {
  const std::size_t threads = options.threads != 0 ? options.threads : default_threads();
  if (!options.executor) return std::make_shared<internal::worker_pool>(threads, std::move(clock));
  // Nobody knows how fast a clock runs that is not the machine's.
  const std::chrono::nanoseconds nap_max = options.clock ? injected_clock_nap : std::chrono::nanoseconds::max();
  return internal::make_application_executor(*options.executor,
                                             {.pumps_max = threads, .clock = std::move(clock), .nap_max = nap_max});
}

internal::parts_options assemble(runtime_options& options) {
  check(options);
  internal::parts_options made;
  made.store = options.store_instance ? options.store_instance : open_store(options.store);
  made.clock = options.clock ? options.clock : internal::make_system_clock();
  made.entropy = options.entropy ? options.entropy : internal::make_system_entropy();
  made.executor = make_executor(options, made.clock);
  made.resident_max = options.resident_actors_max;
  made.overload = options.overload;
  made.reminders = options.reminders;
  made.filters = options.filters;
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
    if (ending_.load() == std::this_thread::get_id()) return;  // a handler that the shutdown itself runs
    const std::scoped_lock lock(shutdown_mutex_);
    if (over_) return;
    if (internal::this_strand != nullptr || parts_.executor().on_own_thread()) {
      throw error(
          errc::would_block,
          "runtime::shutdown on a thread of the runtime would wait for itself: call it from another thread, or, "
          "with an executor of the application's, when its context has been stopped and run() has returned");
    }
    ending_ = std::this_thread::get_id();
    const auto drained = std::make_shared<std::promise<void>>();
    const auto waiting = drained->get_future();
    parts_.drain([drained] { drained->set_value(); });
    if (!wait_for(waiting)) {
      system().log(log_level::warning, "shutdown: " + std::to_string(system().resident()) +
                                           " actors did not finish within " + std::to_string(grace_.count()) +
                                           " ms and are dropped");
    }
    parts_.halt();
    over_ = true;
    ending_ = std::thread::id();
  }

 private:
  /// Waits for as long as the grace; returns whether everything has ended by then.
  [[nodiscard]] bool wait_for(const std::future<void>& drained) {
    for (std::chrono::milliseconds left = grace_; left.count() > 0; left -= shutdown_nap) {
      parts_.executor().run_in_its_place();
      if (drained.wait_for(std::min(left, shutdown_nap)) == std::future_status::ready) return true;
    }
    return false;
  }

  std::chrono::milliseconds grace_;
  internal::parts parts_;
  std::mutex shutdown_mutex_;
  std::atomic<std::thread::id> ending_{};  // the thread that shuts down
  bool over_ = false;                      // guarded by shutdown_mutex_
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

std::vector<dead_letter> runtime::dead_letters(const actor_id& keeper, std::uint64_t after, std::size_t limit) {
  return internal::page_of_letters(internal::read_actor(impl_->parts(), keeper), after, limit);
}

void runtime::redrive_dead_letter(const actor_id& keeper, std::uint64_t id) {
  start();
  internal::handle_letter(impl_->parts(), internal::read_actor(impl_->parts(), keeper), id,
                          internal::letter_request::action::redrive);
}

void runtime::drop_dead_letter(const actor_id& keeper, std::uint64_t id) {
  start();
  internal::handle_letter(impl_->parts(), internal::read_actor(impl_->parts(), keeper), id,
                          internal::letter_request::action::drop);
}

std::optional<stored_item<nlohmann::json>> runtime::item(const actor_id& actor, const std::string& key) {
  start();
  return internal::read_item(impl_->parts(), actor, key);
}

item_page<nlohmann::json> runtime::items(const actor_id& actor, const item_range& range) {
  start();
  return internal::list_items(impl_->parts(), actor, range);
}

bool runtime::change_items(const actor_id& actor, const std::vector<item_change>& changes) {
  start();
  return internal::change_items(impl_->parts(), actor, changes);
}

reminder_page runtime::list_reminders(const reminder_filter& filter, std::optional<actor_id> after, std::size_t limit) {
  start();
  return internal::list_reminders(impl_->parts(), filter, std::move(after), limit);
}

std::uint64_t runtime::count_reminders(const reminder_filter& filter) {
  start();
  return internal::count_reminders(impl_->parts(), filter);
}

reminder_report runtime::cancel_reminders(const reminder_filter& filter, const reminder_change_options& options) {
  start();
  return internal::change_reminders(impl_->parts(), filter, internal::reminder_change::cancel, options);
}

reminder_report runtime::pause_reminders(const reminder_filter& filter, const reminder_change_options& options) {
  start();
  return internal::change_reminders(impl_->parts(), filter, internal::reminder_change::pause, options);
}

reminder_report runtime::resume_reminders(const reminder_filter& filter, const reminder_change_options& options) {
  start();
  return internal::change_reminders(impl_->parts(), filter, internal::reminder_change::resume, options);
}

migration_report runtime::migrate(std::string_view type, const migration_options& options) {
  start();
  return internal::migrate(impl_->parts(), type, options);
}

runtime_counters runtime::counters() const { return internal::read_counters(impl_->system()); }

std::vector<quarantined_actor> runtime::quarantined() const { return impl_->system().quarantine().list(); }

bool runtime::release(const actor_id& actor) { return impl_->system().quarantine().release(actor); }

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
  internal::send_by_name(target, method, arguments_json, detail::call_settings(options),
                         [state](std::exception_ptr failure, std::string reply) {
                           state->failure = std::move(failure);
                           state->reply = std::move(reply);
                           state->done.store(true, std::memory_order_release);
                           state->done.notify_all();
                         });
  detail::wait_outside(*target, state->done);
  if (state->failure) std::rethrow_exception(state->failure);
  return std::move(state->reply);
}

}  // namespace troupe
