#include <memory>
#include <utility>

#include "stores/redis/redis_answer.hpp"
#include "stores/redis/redis_committer.hpp"

namespace troupe::internal {
namespace {

/// Returns why the lease is not taken; empty: it is.
std::string problem_of_lease(const redis_reply* reply, const redis_silence* silence, const std::string& place) {
  if (silence != nullptr) return silence->why;
  if (reply->is_error()) return place + ": " + read_error(reply->text).text;
  return reply->what == redis_reply::kind::number ? std::string() : place + " gave no number";
}

spi::lease_result not_taken(const std::string& why) {
  return {spi::read_status::unavailable, "the lease was not taken: " + why, 0};
}

}  // namespace

/// Whether the script wrote nothing because this store itself takes the lease anew, or has done so meanwhile: what it
/// was to write goes out again, under the new one.
bool redis_committer::is_superseded_by_own(const redis_batch& batch, const redis_reply& reply) const {
  if (!batch.lease || reply.what != redis_reply::kind::text || !reply.text.starts_with('L')) return false;
  return takes_under_way_ > 0 || lease_->host != batch.lease->host || lease_->epoch != batch.lease->epoch;
}

void redis_committer::end_take() {
  if (--takes_under_way_ > 0) return;
  for (auto& [number, waiting] : lanes_) {
    if (std::exchange(waiting.waits_for_lease, false)) pump(number);
  }
}

/// The first shard says which epoch is next; the others follow before anybody hears of it.
void redis_committer::take_lease(const std::string& host, std::function<void(spi::lease_result)> told) {
  ++takes_under_way_;
  const auto done = [self = shared_from_this(), told = std::move(told)](spi::lease_result result) {
    self->end_take();
    told(std::move(result));
  };
  redis_call call{{"INCR", layout_.lease_key(0, host)}, {}};
  client_->call(layout_.slot_of(0), std::move(call),
                [self = shared_from_this(), host, done](const redis_reply* reply, const redis_silence* silence) {
                  const std::string problem = problem_of_lease(reply, silence, self->client_->place());
                  if (problem.empty()) {
                    self->raise_lease({host, static_cast<std::uint64_t>(reply->number)}, done);
                  } else {
                    done(not_taken(problem));
                  }
                });
}

void redis_committer::raise_lease(const redis_lease& lease, const std::function<void(spi::lease_result)>& done) {
  struct raising {
    std::size_t missing = redis_shard_count - 1;
    std::string problem;
  };
  auto state = std::make_shared<raising>();
  for (unsigned shard = 1; shard < redis_shard_count; ++shard) {
    redis_call call{{"1", layout_.lease_key(shard, lease.host), std::to_string(lease.epoch)},
                    redis_script::raise_lease};
    client_->call(
        layout_.slot_of(shard), std::move(call),
        [self = shared_from_this(), state, lease, done](const redis_reply* reply, const redis_silence* silence) {
          const std::string problem = problem_of_lease(reply, silence, self->client_->place());
          if (!problem.empty()) state->problem = problem;
          if (--state->missing != 0) return;
          if (!state->problem.empty()) {
            done(not_taken(state->problem));
            return;
          }
          const bool is_old = self->lease_ && self->lease_->host == lease.host && self->lease_->epoch > lease.epoch;
          if (!is_old) self->lease_ = lease;
          done({spi::read_status::ok, {}, lease.epoch});
        });
  }
}

}  // namespace troupe::internal
