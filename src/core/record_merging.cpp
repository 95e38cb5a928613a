#include "core/record_merging.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "core/mail.hpp"

namespace troupe::internal {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>&& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

bool may_merge(const spi::turn_record& queued, const spi::turn_record& more, const spi::store_limits& limits) {
  std::size_t replies = 0;
  for (const auto& request : queued.requests_added) replies += request.key.size() + request.reply.size();
  std::size_t reminders = 0;
  if (queued.reminders && !more.reminders) {
    for (const auto& reminder : *queued.reminders) reminders += reminder.name.size() + reminder.data.size();
  }
  const std::size_t messages = queued.messages ? spi::bytes_of(*queued.messages) : 0;
  std::size_t cells = 0;
  if (more.keeps_cells) {
    for (const auto& cell : queued.cells) cells += cell.name.size() + cell.json.size();
  }
  return spi::bytes_of(more) + replies + reminders + messages + cells <= limits.record_bytes_max;
}

void merge_records(spi::turn_record& queued, spi::turn_record&& more) {
  queued.next = more.next;
  if (!more.keeps_cells) {
    queued.cells = std::move(more.cells);
    queued.keeps_cells = false;
  }
  queued.erase = more.erase;
  if (more.erase) {
    queued.messages.reset();
    queued.reminders.reset();
    queued.requests_added.clear();
    queued.requests_dropped.clear();
    return;
  }
  if (more.reminders) queued.reminders = std::move(more.reminders);
  if (queued.messages && more.messages) {
    merge_changes(*queued.messages, std::move(*more.messages));
  } else if (more.messages) {
    queued.messages = std::move(more.messages);
  }
  // A key that came and went while the record waited never reaches the store; one that it replaces itself stays.
  std::erase_if(queued.requests_added, [&](const auto& added) {
    return std::find(more.requests_dropped.begin(), more.requests_dropped.end(), added.key) !=
           more.requests_dropped.end();
  });
  append(queued.requests_dropped, std::move(more.requests_dropped));
  append(queued.requests_added, std::move(more.requests_added));
}

}  // namespace troupe::internal
