#include "core/request_history.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {

bool request_history::too_old(const spi::request_image& request, wall_time now) const noexcept {
  return window_.age_max.count() > 0 && now - request.at > window_.age_max;
}

void request_history::load(std::vector<spi::request_image> stored) {
  order_.assign(std::make_move_iterator(stored.begin()), std::make_move_iterator(stored.end()));
  by_key_.clear();
  for (const auto& request : order_) by_key_[request.key] = &request;
}

const spi::request_image* request_history::find(std::string_view key, wall_time now) const {
  const auto found = by_key_.find(key);
  if (found == by_key_.end() || too_old(*found->second, now)) return nullptr;
  return found->second;
}

std::vector<std::string> request_history::add(spi::request_image request) {
  std::vector<std::string> dropped;
  if (const auto same = by_key_.find(request.key); same != by_key_.end()) {
    const auto at = std::find_if(order_.begin(), order_.end(), [&](const auto& r) { return &r == same->second; });
    by_key_.erase(same);
    // Erasing from the middle of a deque moves elements, so the views are made anew.
    order_.erase(at);
    by_key_.clear();
    for (const auto& kept : order_) by_key_[kept.key] = &kept;
    dropped.push_back(request.key);
  }
  while (!order_.empty() && (order_.size() >= window_.count_max || too_old(order_.front(), request.at))) {
    by_key_.erase(order_.front().key);
    dropped.push_back(std::move(order_.front().key));
    order_.pop_front();
  }
  order_.push_back(std::move(request));
  by_key_[order_.back().key] = &order_.back();
  return dropped;
}

}  // namespace troupe::internal
