#include "stores/postgres/link_keeper.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {
namespace {

/// Plans are made anew so often. One that was made while a table was tiny reads all of it, and would be kept until the
/// server gathers statistics again.
constexpr std::chrono::seconds plan_life{1};

}  // namespace

link_keeper::link_keeper(const pg_place& place, std::shared_ptr<const spi::clock> clock,
                         std::shared_ptr<spi::entropy> entropy)
    : place_(place), clock_(std::move(clock)), entropy_(std::move(entropy)) {}

void link_keeper::connect() {
  link_ = open_postgres_link(place_, clock_);
  plans_made_ = clock_->steady_now();
  back_off_.reset();
}

std::chrono::milliseconds link_keeper::pause() {
  if (link_ && link_->is_alive()) return {};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_attempt_ - clock_->steady_now());
  return std::max(left, std::chrono::milliseconds(0));
}

pg_link* link_keeper::get() {
  try {
    if (link_ && link_->is_alive()) {
      if (clock_->steady_now() - plans_made_ < plan_life) return link_.get();
      link_->run("DISCARD PLANS");
      plans_made_ = clock_->steady_now();
      return link_.get();
    }
    if (pause().count() > 0) return nullptr;
    connect();
    return link_.get();
  } catch (const pg_failure& failure) {
    link_.reset();
    problem_ = "the store in " + place_.name + ": " + describe(failure);
    next_attempt_ = clock_->steady_now() + back_off_.next(entropy_->next());
    return nullptr;
  }
}

}  // namespace troupe::internal
