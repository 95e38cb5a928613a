#include "core/request_history.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {

bool request_history::too_old(const spi::request_image& request, wall_time now) const noexcept {
  return window_.age_max.count() > 0 && now - request.at > window_.age_max;
}

void request_history::load(std::vector<spi::request_image> stored) {
  known_.reset();
  if (stored.empty()) return;
  known_ = std::make_unique<contents>();
  for (auto& request : stored) known_->order.push_back({std::move(request), 0});
  for (const auto& request : known_->order) known_->by_key[request.key] = &request;
}

const request_history::entry* request_history::find(std::string_view key, wall_time now) const {
  if (!known_) return nullptr;
  const auto found = known_->by_key.find(key);
  if (found == known_->by_key.end() || too_old(*found->second, now)) return nullptr;
  return found->second;
}

std::vector<std::string> request_history::add(spi::request_image request, std::uint64_t sequence) {
  std::vector<std::string> dropped;
  if (!known_) known_ = std::make_unique<contents>();
  auto& [order, by_key] = *known_;
  if (const auto same = by_key.find(request.key); same != by_key.end()) {
    const auto at = std::find_if(order.begin(), order.end(), [&](const auto& r) { return &r == same->second; });
    by_key.erase(same);
    // Erasing from the middle of a deque moves elements, so the views are made anew.
    order.erase(at);
    by_key.clear();
    for (const auto& kept : order) by_key[kept.key] = &kept;
    dropped.push_back(request.key);
  }
  while (!order.empty() && (order.size() >= window_.count_max || too_old(order.front(), request.at))) {
    by_key.erase(order.front().key);
    dropped.push_back(std::move(order.front().key));
    order.pop_front();
  }
  order.push_back({std::move(request), sequence});
  by_key[order.back().key] = &order.back();
  return dropped;
}

std::vector<std::string> request_history::clear() {
  std::vector<std::string> dropped;
  if (!known_) return dropped;
  for (entry& known : known_->order) dropped.push_back(std::move(known.key));
  known_.reset();
  return dropped;
}

}  // namespace troupe::internal
