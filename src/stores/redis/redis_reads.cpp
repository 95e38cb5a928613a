#include "stores/redis/redis_reads.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "stores/redis/redis_answer.hpp"
#include "stores/redis/redis_image.hpp"
#include "stores/redis/shard_merge.hpp"
#include "stores/rules/commit_rules.hpp"

namespace troupe::internal {
namespace {

/// Actors that a list reads at a time.
constexpr std::size_t actors_at_a_time = 256;

/// Why a read has no good answer.
struct read_problem {
  spi::read_status status = spi::read_status::ok;  ///< ok: it has one
  std::string message{};
};

read_problem problem_of(const redis_reply* reply, const redis_silence* silence, const std::string& place) {
  if (silence != nullptr) return {spi::read_status::unavailable, silence->why};
  if (!reply->is_error()) return {};
  const redis_error error = read_error(reply->text);
  const bool is_damage = error.fault == redis_fault::damaged;
  return {is_damage ? spi::read_status::damaged : spi::read_status::unavailable, place + ": " + error.text};
}

spi::load_result load_result_of(const actor_id& actor, const redis_reply* reply, const redis_silence* silence,
                                const std::string& place, redis_detail detail) {
  if (reply == nullptr) return load_of_nothing(actor, spi::read_status::unavailable, silence->why);
  if (reply->is_error()) {
    const redis_error error = read_error(reply->text);
    if (error.fault != redis_fault::damaged) {
      return load_of_nothing(actor, spi::read_status::unavailable, place + ": " + error.text);
    }
    return load_of_nothing(actor, spi::read_status::damaged,
                           "what " + place + " holds of " + to_string(actor) + " is damaged: its key is no hash");
  }
  try {
    return {spi::read_status::ok, {}, image_of(actor, reply->items, detail)};
  } catch (const damaged_field& fault) {
    return load_of_nothing(actor, spi::read_status::damaged,
                           "what " + place + " holds of " + to_string(actor) + " is damaged: " + fault.what());
  }
}

/// Loads in their order; the last answer calls `done`.
struct load_operation {
  std::vector<spi::load_result> results;
  std::size_t missing = 0;
  std::function<void(std::vector<spi::load_result>)> done;
};

void load_all(const redis_reads& reads, std::span<const actor_id> actors, redis_detail detail,
              std::function<void(std::vector<spi::load_result>)> done) {
  auto operation = std::make_shared<load_operation>();
  operation->results.resize(actors.size());
  operation->missing = actors.size();
  operation->done = std::move(done);
  if (actors.empty()) {
    operation->done({});
    return;
  }
  for (std::size_t i = 0; i < actors.size(); ++i) {
    redis_call call{{"HGETALL", reads.layout.actor_key(actors[i])}, {}};
    reads.client->call(reads.layout.slot_of(redis_shard_of(actors[i])), std::move(call),
                       [operation, i, actor = actors[i], place = reads.client->place(), detail](
                           const redis_reply* reply, const redis_silence* silence) {
                         operation->results[i] = load_result_of(actor, reply, silence, place, detail);
                         if (--operation->missing == 0) operation->done(std::move(operation->results));
                       });
  }
}

/// Reads the shards page by page. `Derived` asks for a page (`ask`), reads it (`read`) and takes what is merged
/// (`take_merged`), which tells whether it wants more now.
template <typename Derived, typename Item>
class shard_reader : public std::enable_shared_from_this<Derived> {
 public:
  /// Asks the shards that have nothing left, or goes on at once where all have.
  void run() {
    const std::vector<unsigned> hungry = merge_.hungry();
    if (hungry.empty()) {
      derived().go_on();
      return;
    }
    pages_missing_ = hungry.size();
    for (const unsigned shard : hungry) {
      reads_.client->call(
          reads_.layout.slot_of(shard), derived().ask(shard, merge_.last_of(shard)),
          [self = this->shared_from_this(), shard](const redis_reply* reply, const redis_silence* silence) {
            self->take_page(shard, reply, silence);
          });
    }
  }

 protected:
  shard_reader(const redis_reads& reads, std::size_t limit)
      : reads_(reads), page_(std::clamp<std::size_t>(limit / redis_shard_count * 2, 16, 512)) {}

  /// Returns the next of all shards; nothing: there is none, or `run` has to fetch more first.
  [[nodiscard]] std::optional<Item> next() { return merge_.next(); }
  [[nodiscard]] bool is_hungry() const { return !merge_.hungry().empty(); }

  const redis_reads reads_;
  const std::size_t page_;  ///< how many a shard is asked for at a time

 private:
  void take_page(unsigned shard, const redis_reply* reply, const redis_silence* silence) {
    read_problem problem = problem_of(reply, silence, reads_.client->place());
    if (problem.status == spi::read_status::ok) {
      std::vector<Item> page = derived().read(*reply);
      const bool is_last = page.size() < page_;
      merge_.feed(shard, std::move(page), is_last);
    } else if (problem_.status == spi::read_status::ok) {
      problem_ = std::move(problem);
      problem_.message += " (shard " + std::to_string(shard) + ")";
    }
    if (--pages_missing_ != 0) return;
    problem_.status == spi::read_status::ok ? run() : derived().fail(problem_);
  }

  Derived& derived() { return static_cast<Derived&>(*this); }

  shard_merge<Item> merge_{redis_shard_count};
  std::size_t pages_missing_ = 0;
  read_problem problem_;
};

class list_operation final : public shard_reader<list_operation, std::string> {
 public:
  list_operation(const redis_reads& reads, spi::list_query query, std::function<void(spi::list_result)> done)
      : shard_reader(reads, query.limit), query_(std::move(query)), done_(std::move(done)) {
    result_.status = spi::read_status::ok;
  }

  void start() {
    range_ = redis_range_of(query_);
    range_ ? run() : done_(std::move(result_));
  }

  redis_call ask(unsigned shard, const std::optional<std::string>& behind) const {
    redis_call call;
    call.command = {
        "ZRANGEBYLEX", reads_.layout.index_key(shard), behind ? "(" + *behind : range_->from, range_->to, "LIMIT",
        "0",           std::to_string(page_)};
    return call;
  }

  static std::vector<std::string> read(const redis_reply& reply) {
    std::vector<std::string> page;
    page.reserve(reply.items.size());
    for (const redis_reply& member : reply.items) page.emplace_back(member.text);
    return page;
  }

  void fail(const read_problem& problem) { done_({problem.status, problem.message, {}}); }

  /// Reads the actors whose names are next; those that have gone meanwhile leave the list, so that more may be needed.
  void go_on() {
    actors_.clear();
    const std::size_t wanted = std::min(query_.limit - result_.actors.size(), actors_at_a_time);
    while (actors_.size() < wanted && !is_hungry()) {
      const auto member = next();
      if (!member) break;
      auto actor = redis_actor_of(*member);
      if (!actor) {
        note_damage("the index of " + reads_.client->place() + " has a member that names no actor");
      } else if (redis_is_listed(query_, *actor)) {
        actors_.push_back(*std::move(actor));
      }
    }
    if (actors_.empty() && is_hungry()) {
      run();
    } else if (actors_.empty()) {
      done_(std::move(result_));
    } else {
      load_all(reads_, actors_, redis_detail::listed,
               [self = shared_from_this()](std::vector<spi::load_result> loads) { self->take(std::move(loads)); });
    }
  }

 private:
  void note_damage(std::string what) {
    if (result_.status == spi::read_status::ok) result_.message = std::move(what);
    result_.status = spi::read_status::damaged;
  }

  void take(std::vector<spi::load_result> loads) {
    for (spi::load_result& load : loads) {
      if (load.status == spi::read_status::unavailable) {
        fail({load.status, load.message});
        return;
      }
      const bool is_damaged = load.status == spi::read_status::damaged;
      if (is_damaged) note_damage(std::move(load.message));
      if (is_damaged || load.image.stamp.version != 0) result_.actors.push_back(std::move(load.image));
    }
    result_.actors.size() < query_.limit ? run() : done_(std::move(result_));
  }

  const spi::list_query query_;
  const std::function<void(spi::list_result)> done_;
  std::optional<redis_range> range_;
  std::vector<actor_id> actors_;
  spi::list_result result_;
};

/// An entry of what is due, as the shards have it.
struct due_entry {
  wall_time due;
  std::string member;

  friend auto operator<=>(const due_entry&, const due_entry&) = default;
};

class due_operation final : public shard_reader<due_operation, due_entry> {
 public:
  due_operation(const redis_reads& reads, const spi::due_query& query, std::function<void(spi::due_result)> done)
      : shard_reader(reads, query.limit), until_(query.until), limit_(query.limit), done_(std::move(done)) {
    if (query.after) after_ = due_entry{query.after->due, redis_member_of(query.after->actor)};
    result_.status = spi::read_status::ok;
  }

  redis_call ask(unsigned shard, const std::optional<due_entry>& behind) const {
    const std::optional<due_entry>& after = behind ? behind : after_;
    redis_call call;
    call.script = redis_script::scan_due;
    call.command = {"1",
                    reads_.layout.due_key(shard),
                    std::to_string(redis_score_of(until_)),
                    std::to_string(page_),
                    after ? std::to_string(redis_score_of(after->due)) : std::string(),
                    after ? after->member : std::string()};
    return call;
  }

  std::vector<due_entry> read(const redis_reply& reply) {
    std::vector<due_entry> page;
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
      const auto due = redis_time_of(reply.items[i + 1].text);
      page.push_back({due.value_or(wall_time{}), std::string(reply.items[i].text)});
    }
    return page;
  }

  void fail(const read_problem& problem) { done_({problem.status, problem.message, {}}); }

  void go_on() {
    while (result_.actors.size() < limit_ && !is_hungry()) {
      const auto entry = next();
      if (!entry || entry->due > until_) {
        done_(std::move(result_));
        return;
      }
      if (auto actor = redis_actor_of(entry->member)) {
        result_.actors.push_back({*std::move(actor), entry->due});
      } else {
        result_.status = spi::read_status::damaged;
        result_.message = "what is due in " + reads_.client->place() + " has a member that names no actor";
      }
    }
    result_.actors.size() < limit_ ? run() : done_(std::move(result_));
  }

 private:
  const wall_time until_;
  const std::size_t limit_;
  const std::function<void(spi::due_result)> done_;
  std::optional<due_entry> after_;
  spi::due_result result_;
};

}  // namespace

void redis_reads::load(std::span<const actor_id> actors,
                       std::function<void(std::vector<spi::load_result>)> done) const {
  load_all(*this, actors, redis_detail::all, std::move(done));
}

void redis_reads::list(spi::list_query query, std::function<void(spi::list_result)> done) const {
  std::make_shared<list_operation>(*this, std::move(query), std::move(done))->start();
}

void redis_reads::scan_due(const spi::due_query& query, std::function<void(spi::due_result)> done) const {
  std::make_shared<due_operation>(*this, query, std::move(done))->run();
}

}  // namespace troupe::internal
