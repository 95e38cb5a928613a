#include "troupe/testing/test_runtime.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <stdexcept>

#include "core/activation.hpp"
#include "core/tell_strand.hpp"
#include "runtime/letter_desk.hpp"
#include "runtime/migration.hpp"
#include "runtime/parts.hpp"
#include "runtime/reminder_desk.hpp"
#include "runtime/storage_desk.hpp"
#include "testing/declared_cells.hpp"
#include "testing/seeded_executor.hpp"
#include "testing/unfenced_store.hpp"

namespace troupe::testing {
namespace {

class seeded_entropy final : public spi::entropy {
 public:
  explicit seeded_entropy(std::uint64_t seed) : random_(seed) {}
  [[nodiscard]] std::uint64_t next() noexcept override { return random_(); }

 private:
  std::mt19937_64 random_;
};

}  // namespace

class test_runtime::impl {
 public:
  explicit impl(test_options options)
      : options_(std::move(options)),
        clock_(std::make_shared<manual_clock>(options_.start)),
        entropy_(std::make_shared<seeded_entropy>(options_.seed ^ 0x5eedU)),
        plan_(std::make_shared<fault_plan>(std::move(options_.faults))) {
    internal::check_filters(options_.filters, "runtime option ");
    if (!options_.disk) options_.disk = stores::make_memory_disk();
    begin();
  }

  ~impl() { crash_parts(); }

  void begin() {
    ++lives_;
    executor_ = std::make_shared<seeded_executor>(options_.seed + lives_ * 0x9e3779b97f4a7c15U, *clock_);
    std::shared_ptr<spi::state_store> beneath =
        stores::memory_store({.disk = options_.disk, .large_cell_bytes = options_.large_cell_bytes});
    if (options_.broken.fencing) beneath = make_unfenced_store(std::move(beneath));
    const auto shared_plan = plan_;
    store_ = std::make_shared<faulty_store>(std::move(beneath), [shared_plan](const operation_info& operation) {
      return *shared_plan ? (*shared_plan)(operation) : fault{};
    });
    internal::parts_options made;
    made.store = store_;
    made.executor = executor_;
    made.clock = clock_;
    made.entropy = entropy_;
    made.resident_max = options_.resident_actors_max;
    made.log = [this](log_level, std::string_view line) { log_.emplace_back(line); };
    made.rules = {.rollback = !options_.broken.rollback,
                  .gate = !options_.broken.gate,
                  .threads = false,
                  .receipts = !options_.broken.receipts};
    made.overload = options_.overload;
    made.reminders = options_.reminders;
    made.filters = options_.filters;
    made.retry.give_up_after = options_.store_timeout;
    made.on_send = [this](const internal::activation& from, const internal::activation& to,
                          const detail::request& what) {
      sent_message& message =
          sent_.emplace_back(sent_message{from.id(), to.id(), std::string(what.name()), {}, what.times().delay});
      what.encode_arguments(message.arguments_json);
    };
    parts_ = std::make_unique<internal::parts>(std::move(made));
    for (const auto& type : types_) parts_->system().host(type);
  }

  void crash_parts() {
    store_->drop_all();
    store_->set_plan({});
    parts_.reset();
  }

  void shutdown_parts() {
    std::atomic<bool> drained = false;
    parts_->drain([&] { drained = true; });
    executor_->wait(drained);
    executor_->settle();
    parts_.reset();
  }

  test_options options_;
  std::shared_ptr<manual_clock> clock_;
  std::shared_ptr<seeded_entropy> entropy_;
  std::shared_ptr<fault_plan> plan_;
  std::vector<detail::actor_type_info> types_;
  std::map<std::string, std::optional<std::vector<std::string>>, std::less<>> cells_;  // of types asked for
  std::vector<std::string> log_;
  std::vector<sent_message> sent_;
  std::uint64_t lives_ = 0;
  std::shared_ptr<seeded_executor> executor_;
  std::shared_ptr<faulty_store> store_;
  std::unique_ptr<internal::parts> parts_;
};

test_runtime::test_runtime(test_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

test_runtime::~test_runtime() = default;

void test_runtime::add_type(detail::actor_type_info info) {
  impl_->parts_->system().host(info);
  impl_->types_.push_back(std::move(info));
}

detail::activation_ptr test_runtime::find(std::string_view type, const std::type_info& cpp_type, std::string_view key) {
  impl_->parts_->start();
  return impl_->parts_->system().find(type, cpp_type, key);
}

bool test_runtime::step() { return impl_->executor_->step(); }

void test_runtime::settle() {
  impl_->parts_->start();
  impl_->executor_->settle();
}

void test_runtime::advance(std::chrono::nanoseconds span) {
  if (span.count() < 0) throw std::logic_error("troupe::testing: time does not go back; set_wall sets the wall clock");
  impl_->parts_->start();
  impl_->executor_->advance(span);
}

void test_runtime::set_wall(wall_time wall) { impl_->clock_->set_wall(wall); }

wall_time test_runtime::wall_now() const { return impl_->clock_->wall_now(); }

void test_runtime::deactivate_now(std::string_view type, std::string_view key) {
  const auto target = impl_->parts_->system().find(type, key);
  internal::tell_strand(*target,
                        [](internal::activation& a) { a.request_deactivation(deactivation_reason::requested); });
}

void test_runtime::restart() {
  impl_->shutdown_parts();
  impl_->begin();
}

void test_runtime::crash() {
  impl_->crash_parts();
  impl_->begin();
}

faulty_store& test_runtime::store() { return *impl_->store_; }

spi::actor_image test_runtime::stored(const actor_id& actor) const {
  const auto reader = stores::memory_store({.disk = impl_->options_.disk});
  spi::actor_image image;
  const std::vector<actor_id> asked{actor};
  reader->async_load(asked, [&](std::vector<spi::load_result> results) { image = std::move(results.front().image); });
  return image;
}

std::optional<std::vector<std::string>> test_runtime::cells_of(std::string_view type) const {
  if (const auto known = impl_->cells_.find(type); known != impl_->cells_.end()) return known->second;
  for (const auto& info : impl_->types_) {
    if (info.name != type) continue;
    std::optional<std::vector<std::string>> names;
    try {
      if (const auto specimen = info.make()) names = internal::declared_cells(*specimen);
    } catch (...) {
      // The activation that needs the object will tell.
    }
    return impl_->cells_.emplace(type, std::move(names)).first->second;
  }
  return std::nullopt;
}

void test_runtime::put(const actor_id& actor, std::vector<spi::cell_image> cells,
                       std::vector<spi::reminder_image> reminders) {
  const auto writer = stores::memory_store({.disk = impl_->options_.disk});
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  for (spi::cell_image& cell : cells) cell.kept = false;  // of an image: here it is written
  std::sort(cells.begin(), cells.end(), by_name);
  std::sort(reminders.begin(), reminders.end(), by_name);
  std::vector<spi::turn_record> records(1);
  records[0].actor = actor;
  records[0].expected = stored(actor).stamp;
  records[0].next = {records[0].expected.version + 1, impl_->entropy_->next()};
  records[0].cells = std::move(cells);
  records[0].reminders = std::move(reminders);
  writer->async_commit(records, [](const std::vector<spi::commit_result>& results) {
    if (results.front().status != spi::commit_status::committed) throw std::logic_error(results.front().message);
  });
}

std::vector<dead_letter> test_runtime::dead_letters(const actor_id& keeper, std::uint64_t after, std::size_t limit) {
  return internal::page_of_letters(stored(keeper), after, limit);
}

void test_runtime::redrive_dead_letter(const actor_id& keeper, std::uint64_t id) {
  internal::handle_letter(*impl_->parts_, stored(keeper), id, internal::letter_request::action::redrive);
}

void test_runtime::drop_dead_letter(const actor_id& keeper, std::uint64_t id) {
  internal::handle_letter(*impl_->parts_, stored(keeper), id, internal::letter_request::action::drop);
}

std::optional<stored_item<nlohmann::json>> test_runtime::item(const actor_id& actor, const std::string& key) {
  return internal::read_item(*impl_->parts_, actor, key);
}

item_page<nlohmann::json> test_runtime::items(const actor_id& actor, const item_range& range) {
  return internal::list_items(*impl_->parts_, actor, range);
}

bool test_runtime::change_items(const actor_id& actor, const std::vector<item_change>& changes) {
  return internal::change_items(*impl_->parts_, actor, changes);
}

reminder_page test_runtime::list_reminders(const reminder_filter& filter, std::optional<actor_id> after,
                                           std::size_t limit) {
  return internal::list_reminders(*impl_->parts_, filter, std::move(after), limit);
}

std::uint64_t test_runtime::count_reminders(const reminder_filter& filter) {
  return internal::count_reminders(*impl_->parts_, filter);
}

reminder_report test_runtime::cancel_reminders(const reminder_filter& filter, const reminder_change_options& options) {
  return internal::change_reminders(*impl_->parts_, filter, internal::reminder_change::cancel, options);
}

reminder_report test_runtime::pause_reminders(const reminder_filter& filter, const reminder_change_options& options) {
  return internal::change_reminders(*impl_->parts_, filter, internal::reminder_change::pause, options);
}

reminder_report test_runtime::resume_reminders(const reminder_filter& filter, const reminder_change_options& options) {
  return internal::change_reminders(*impl_->parts_, filter, internal::reminder_change::resume, options);
}

migration_report test_runtime::migrate(std::string_view type, const migration_options& options) {
  return internal::migrate(*impl_->parts_, type, options);
}

std::vector<quarantined_actor> test_runtime::quarantined() const { return impl_->parts_->system().quarantine().list(); }

bool test_runtime::release(const actor_id& actor) { return impl_->parts_->system().quarantine().release(actor); }

runtime_counters test_runtime::counters() const { return internal::read_counters(impl_->parts_->system()); }

const std::vector<std::string>& test_runtime::log_lines() const { return impl_->log_; }

const std::vector<sent_message>& test_runtime::sent() const { return impl_->sent_; }

}  // namespace troupe::testing
