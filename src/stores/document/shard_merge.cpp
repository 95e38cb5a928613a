#include "stores/document/shard_merge.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace troupe::internal {

shard_merge::shard_merge(std::size_t shards, std::optional<spi::due_actor> after, std::size_t limit) : limit_(limit) {
  sources_.resize(shards);
  for (source& from : sources_) from.last = after;
}

std::size_t shard_merge::page_entries() const noexcept {
  // A little more than an even share, so that few shards are asked twice.
  const std::size_t rest = limit_ - merged_.size();
  return std::min(rest, 2 * (rest / sources_.size()) + 8);
}

shard_merge::source* shard_merge::smallest() noexcept {
  source* found = nullptr;
  for (source& from : sources_) {
    if (from.next == from.entries.size()) continue;
    const auto key = [](const source& s) { return std::tie(s.entries[s.next].due, s.entries[s.next].actor); };
    if (found == nullptr || key(from) < key(*found)) found = &from;
  }
  return found;
}

std::vector<shard_merge::wanted_page> shard_merge::wanted() {
  std::vector<wanted_page> pages;
  while (merged_.size() < limit_) {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const source& from = sources_[i];
      if (from.next == from.entries.size() && from.more) pages.push_back({i, from.last, page_entries()});
    }
    if (!pages.empty()) break;
    source* from = smallest();
    if (from == nullptr) break;
    merged_.push_back(std::move(from->entries[from->next++]));
  }
  return pages;
}

void shard_merge::add(std::size_t shard, shard_page page) {
  source& into = sources_[shard];
  into.entries = std::move(page.entries);
  into.next = 0;
  into.more = page.more && !into.entries.empty();
  if (!into.entries.empty()) into.last = into.entries.back();
}

}  // namespace troupe::internal
