#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/activation.hpp"
#include "core/part_reads.hpp"
#include "core/resident.hpp"
#include "troupe/base/error.hpp"
#include "troupe/core/actor.hpp"
#include "troupe/detail/log_base.hpp"

namespace troupe::internal {

task<std::vector<spi::log_entry_image>> activation::read_log(std::string name, std::uint64_t from, std::uint64_t end) {
  const log_view view = view_log(turn_with_parts("troupe::log: read"), name);
  from = std::max(from, view.head.first);
  end = std::min(end, view.head.next);
  std::vector<spi::log_entry_image> entries;
  // Entries that are committed never change, so that what is read now fits what is in memory.
  std::uint64_t stored_from = from;
  const std::uint64_t stored_end = std::min(end, view.stored_end);
  while (stored_from < stored_end) {
    spi::log_query query;
    query.actor = id();
    query.log = name;
    query.from = stored_from;
    query.to = stored_end - 1;
    log_read read(*this, std::move(query));
    spi::log_result page = co_await std::move(read);
    if (page.entries.empty()) break;  // another turn has trimmed the log meanwhile
    stored_from = page.entries.back().sequence + 1;
    std::move(page.entries.begin(), page.entries.end(), std::back_inserter(entries));
  }
  for (const spi::log_entry_image& entry : view.recent) {
    if (entry.sequence >= from && entry.sequence < end) entries.push_back(entry);
  }
  co_return entries;
}

}  // namespace troupe::internal

namespace troupe::detail {
namespace {

internal::activation& activated(internal::activation* where) {
  if (where == nullptr) throw std::logic_error("troupe::log: used in the actor's constructor");
  return *where;
}

}  // namespace

log_base::log_base(actor& owner, std::string_view name, std::size_t entries_max)
    : owner_(&owner), name_(name), entries_max_(entries_max) {
  next_log = owner.logs_;
  owner.logs_ = this;
}

spi::log_head log_base::head() const { return activated(owner_->activation_).log_head_here(name_); }

void log_base::append_json(std::string json) {
  activated(owner_->activation_).append_with_turn(*this, std::move(json));
}

void log_base::drop_below(std::uint64_t first) {
  activated(owner_->activation_).trim_with_turn(name_, first, internal::log_effect::all);
}

void log_base::keep(std::uint64_t newest) { activated(owner_->activation_).trim_with_turn(name_, 0, newest); }

task<std::vector<spi::log_entry_image>> log_base::read_images(std::uint64_t from, std::uint64_t to) {
  return activated(owner_->activation_).read_log(std::string(name_), from, to);
}

task<std::vector<spi::log_entry_image>> log_base::read_newest(std::uint64_t count) {
  const spi::log_head now = head();
  const std::uint64_t from = now.next - std::min(count, now.next - now.first);
  std::vector<spi::log_entry_image> images = co_await read_images(from, now.next);
  std::reverse(images.begin(), images.end());
  co_return images;
}

task<std::uint64_t> log_base::first_at_or_after(wall_time when) {
  const spi::log_head now = head();
  std::uint64_t low = now.first;
  std::uint64_t high = now.next;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const std::vector<spi::log_entry_image> found = co_await read_images(middle, middle + 1);
    const bool is_old = found.empty() || found.front().at < when;
    if (is_old) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  co_return low;
}

void log_base::fail_decoding(std::uint64_t sequence, const char* why) const {
  throw error(errc::bad_state, "actor " + activated(owner_->activation_).display() + ": entry " +
                                   std::to_string(sequence) + " of log \"" + std::string(name_) + "\" " + why);
}

}  // namespace troupe::detail
