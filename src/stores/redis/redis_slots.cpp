#include "stores/redis/redis_slots.hpp"

#include <algorithm>
#include <utility>

namespace troupe::internal {

std::uint16_t redis_slots::number_of(const redis_address& address) {
  auto found = std::find(addresses_.begin(), addresses_.end(), address);
  if (found == addresses_.end()) found = addresses_.insert(found, address);
  return static_cast<std::uint16_t>(found - addresses_.begin() + 1);
}

bool redis_slots::take(const redis_reply& reply, const std::string& asked) {
  struct range {
    std::size_t first;
    std::size_t last;
    redis_address master;
  };
  std::vector<range> ranges;
  for (const redis_reply& item : reply.items) {
    if (item.items.size() < 3 || item.items[2].items.size() < 2) return false;
    const long long first = item.items[0].number;
    const long long last = item.items[1].number;
    const long long port = item.items[2].items[1].number;
    if (first < 0 || last < first || last > 16383 || port <= 0 || port > 65535) return false;
    const std::string_view host = item.items[2].items[0].text;
    ranges.push_back({static_cast<std::size_t>(first),
                      static_cast<std::size_t>(last),
                      {host.empty() || host == "?" ? asked : std::string(host), static_cast<std::uint16_t>(port)}});
  }
  if (ranges.empty()) return false;
  std::fill(owners_.begin(), owners_.end(), std::uint16_t{0});
  addresses_.clear();
  for (const range& range : ranges) {
    const std::uint16_t owner = number_of(range.master);
    for (std::size_t slot = range.first; slot <= range.last; ++slot) owners_[slot] = owner;
  }
  return true;
}

}  // namespace troupe::internal
