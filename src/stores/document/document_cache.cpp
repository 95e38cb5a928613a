#include "stores/document/document_cache.hpp"

#include <utility>

namespace troupe::internal {
namespace {

template <typename Images, typename Bytes>
std::size_t sum(const Images& images, Bytes bytes) {
  std::size_t total = 0;
  for (const auto& image : images) total += sizeof image + bytes(image);
  return total;
}

}  // namespace

std::size_t memory_of(const document& content) noexcept {
  const spi::actor_image& image = content.actor.image;
  std::size_t logs = 0;
  for (const auto& [name, entries] : content.actor.logs) {
    logs += sum(entries, [](const auto& entry) { return entry.second.json.size() + 64; });  // 64: a node
  }
  for (const auto& [name, sealed] : content.sealed) logs += 100 + sizeof(std::uint32_t) * sealed.lengths.size();
  return sizeof content + 2 * spi::bytes_of(image.actor) + 200 +  // 200: nodes of the containers
         sum(image.cells, [](const auto& cell) { return cell.name.size() + cell.json.size(); }) +
         sum(image.reminders,
             [](const auto& reminder) { return reminder.name.size() + reminder.data.size() + reminder.plan.size(); }) +
         sum(image.requests, [](const auto& request) { return request.key.size() + request.reply.size(); }) +
         sum(image.messages, [](const auto& message) { return spi::bytes_of(message); }) +
         sum(image.marks, [](const auto& mark) { return spi::bytes_of(mark.from); }) +
         sum(image.letters, [](const auto& letter) { return spi::bytes_of(letter); }) + logs +
         sum(content.actor.items,
             [](const auto& item) { return 2 * item.first.size() + item.second.json.size() + 64; });
}

const held_document* document_cache::find(const actor_id& actor) {
  const auto found = by_actor_.find(actor);
  if (found == by_actor_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->held;
}

void document_cache::put(held_document held) {
  drop(held.content.actor.image.actor);
  const std::size_t bytes = memory_of(held.content) + held.tag.size();
  if (bytes > bytes_max_) return;
  entries_.push_front({std::move(held), bytes});
  by_actor_[entries_.front().held.content.actor.image.actor] = entries_.begin();
  bytes_ += bytes;
  while (bytes_ > bytes_max_) drop(actor_id(entries_.back().held.content.actor.image.actor));
}

void document_cache::drop(const actor_id& actor) {
  const auto found = by_actor_.find(actor);
  if (found == by_actor_.end()) return;
  const auto dropped = found->second;
  bytes_ -= dropped->bytes;
  by_actor_.erase(found);
  entries_.erase(dropped);
}

}  // namespace troupe::internal
