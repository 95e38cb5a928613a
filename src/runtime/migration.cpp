#include "runtime/migration.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/activation.hpp"
#include "core/failure_text.hpp"
#include "core/tell_strand.hpp"
#include "runtime/store_question.hpp"
#include "runtime/turn_group.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

/// How it went with one actor.
struct outcome {
  std::vector<cell_schema> schemas;  ///< of the cells that its class declares
  bool rewritten = false;
};

task<void> rewrite(actor& self, std::shared_ptr<std::vector<outcome>> outcomes, std::size_t at) {
  outcome& mine = (*outcomes)[at];
  mine.rewritten = activation::rewrite_old_cells(self, mine.schemas);
  co_return;
}

class migration {
 public:
  migration(parts& of, migration_report& report) : of_(of), report_(report) {}

  /// Brings up the actors of one page of the store.
  void take(std::vector<spi::actor_image>&& page) {
    std::vector<actor_id> old;
    for (spi::actor_image& image : page) {
      ++report_.seen;
      // What the class declares is known only once one of its actors is in memory.
      if (!schemas_) {
        bring_up({std::move(image.actor)});
      } else if (image.stamp.version == 0 || !is_current(image)) {
        old.push_back(std::move(image.actor));
      }
    }
    bring_up(std::move(old));
  }

 private:
  [[nodiscard]] bool is_current(const spi::actor_image& image) const {
    return std::all_of(image.cells.begin(), image.cells.end(), [this](const spi::cell_image& cell) {
      const auto declared = std::find_if(schemas_->begin(), schemas_->end(),
                                         [&](const cell_schema& one) { return one.name == cell.name; });
      return declared == schemas_->end() || declared->version == cell.schema;
    });
  }

  void bring_up(std::vector<actor_id> actors) {
    const auto outcomes = std::make_shared<std::vector<outcome>>(actors.size());
    const auto failures = run_turns(of_, "a migration", actors,
                                    [outcomes](actor& self, std::size_t n) { return rewrite(self, outcomes, n); });
    for (std::size_t n = 0; n < actors.size(); ++n) count(std::move(actors[n]), (*outcomes)[n], failures[n]);
  }

  void count(actor_id actor, outcome& one, const std::exception_ptr& failure) {
    if (failure) {
      ++report_.failed;
      if (report_.failures.size() < migration_report::failures_max) {
        report_.failures.push_back({std::move(actor), describe(failure)});
      }
      return;
    }
    if (!schemas_) schemas_ = std::move(one.schemas);
    if (!one.rewritten) return;
    ++report_.rewritten;
    tell_strand(*of_.system().find(actor.type, actor.key),
                [](activation& a) { a.request_deactivation(deactivation_reason::requested); });
  }

  parts& of_;
  migration_report& report_;
  std::optional<std::vector<cell_schema>> schemas_;  // of the cells that the class declares; nullopt: not known yet
};

}  // namespace

migration_report migrate(parts& of, std::string_view type, const migration_options& options) {
  const std::string what = "migration of " + std::string(type);
  refuse_on_own_thread(of, what);
  if (options.actors_at_once < 1 || options.actors_at_once > 10'000) {
    throw error(errc::invalid_argument,
                what + ": actors_at_once is " + std::to_string(options.actors_at_once) + "; 1 to 10,000 is asked for");
  }
  static_cast<void>(of.system().type_named(type));
  migration_report report;
  migration under_way(of, report);
  spi::list_query query{std::string(type), options.key_prefix, {}, options.actors_at_once};
  for (bool more = true; more;) {
    auto page = ask_store<spi::list_result>(
        of, [&](spi::state_store& store, auto done) { store.async_list(query, std::move(done)); });
    if (page.status == spi::read_status::unavailable) {
      throw error(errc::unavailable, what + ": the store could not be listed behind " +
                                         (query.after ? to_string(*query.after) : "its beginning") + ": " +
                                         page.message + "; what was done is done, begin again");
    }
    more = page.actors.size() == query.limit;
    if (more) query.after = page.actors.back().actor;
    under_way.take(std::move(page.actors));
    if (options.progress) options.progress(report);
  }
  return report;
}

}  // namespace troupe::internal
