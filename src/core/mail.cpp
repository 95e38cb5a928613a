#include "core/mail.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/append.hpp"
#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

/// Messages and dead letters are numbered by the version of the actor whose record brings them, and their place in it:
/// versions never repeat in an actor's life, so no counter has to be stored.
constexpr unsigned place_bits = 20;

/// What a later record drops or replaces never reaches the store: drops are applied before additions.
template <class T, class Key>
void merge_list(std::vector<T>& added, std::vector<Key>& dropped, std::vector<T>&& more_added,
                std::vector<Key>&& more_dropped, Key T::*key) {
  const bool all_new =
      more_dropped.empty() && (added.empty() || more_added.empty() || added.back().*key < more_added.front().*key);
  if (!added.empty() && !all_new) {
    std::set<Key> gone(more_dropped.begin(), more_dropped.end());
    for (const T& one : more_added) gone.insert(one.*key);
    std::erase_if(added, [&](const T& one) { return gone.contains(one.*key); });
  }
  append(dropped, std::move(more_dropped));
  append(added, std::move(more_added));
}

std::uint64_t number_of(std::uint64_t version, std::size_t place) { return (version << place_bits) | place; }

}  // namespace

void mail::load(spi::actor_image& image, steady_time now, wall_time wall_now) {
  out.load(image.stream, std::move(image.messages), now, wall_now);
  in.load(std::move(image.marks));
  for (const spi::letter_image& letter : image.letters) letters_.insert(letter.id);
}

spi::message_changes mail::describe(message_effects& effects, std::uint64_t version, wall_time now,
                                    std::size_t room) const {
  if (effects.received && in.judge(*effects.received) != receipts::judgement::fresh) {
    throw error(errc::conflict, "the durable message was handled by another turn meanwhile");
  }
  if (effects.letter_taken && !letters_.contains(*effects.letter_taken)) {
    throw error(errc::conflict, "dead letter " + std::to_string(*effects.letter_taken) + " was taken meanwhile");
  }
  if (effects.sent.size() + effects.buried.size() + undeliverable_.size() >= std::size_t{1} << place_bits) {
    throw error(errc::too_large, "one turn sends " + std::to_string(effects.sent.size()) + " durable messages");
  }
  for (const unsent_message& sent : effects.sent) {
    room -= std::min(room, spi::bytes_of(sent.to) + sent.method.size() + sent.arguments.size());
  }
  for (const spi::letter_image& letter : effects.buried) room -= std::min(room, spi::bytes_of(letter));
  spi::message_changes changes;
  out.describe_changes(changes, room / 2);
  room -= spi::bytes_of(changes);
  std::size_t place = 0;
  for (unsent_message& sent : effects.sent) {
    spi::message_image& image = changes.sent_added.emplace_back();
    image.sequence = number_of(version, ++place);
    image.to = std::move(sent.to);
    image.method = std::move(sent.method);
    image.arguments = std::move(sent.arguments);
    image.sent = now;
    image.not_before = now;
  }
  if (!effects.sent.empty() && out.stream() == 0) changes.stream = next_stream;
  const auto add_letter = [&](const spi::letter_image& letter) {
    changes.letters_added.push_back(letter);
    changes.letters_added.back().id = number_of(version, ++place);
  };
  for (const spi::letter_image& letter : effects.buried) add_letter(letter);
  for (const auto& [sequence, letter] : undeliverable_) {
    const std::size_t bytes = spi::bytes_of(letter);
    if (bytes > room) break;
    room -= bytes;
    changes.sent_dropped.push_back(sequence);
    add_letter(letter);
  }
  if (effects.letter_taken) changes.letters_dropped.push_back(*effects.letter_taken);
  return changes;
}

void mail::apply(const message_effects& effects, spi::message_changes& changes, wall_time now, std::uint64_t record) {
  if (changes.stream != 0) out.begin_stream(changes.stream);
  const auto first_new = changes.sent_added.end() - static_cast<std::ptrdiff_t>(effects.sent.size());
  const std::size_t kept = changes.letters_added.size() - effects.buried.size();
  out.forget_changes(changes);
  undeliverable_.erase(undeliverable_.begin(), undeliverable_.begin() + static_cast<std::ptrdiff_t>(kept));
  out.add({first_new, changes.sent_added.end()}, record);
  if (effects.received) in.note(*effects.received, now, record, changes);
  for (const spi::letter_image& letter : changes.letters_added) letters_.insert(letter.id);
  for (const std::uint64_t id : changes.letters_dropped) letters_.erase(id);
}

void mail::leave_only_outbox(const actor_id& self, spi::message_changes& changes) {
  // The mark of what it sent to itself goes, so the message must go with it: else it would arrive a second time.
  std::vector<std::uint64_t> arrived = out.take_up_to(self, in.arrived(self, out.stream()));
  std::erase_if(changes.sent_added, [&](const spi::message_image& message) {
    return std::binary_search(arrived.begin(), arrived.end(), message.sequence);
  });
  append(changes.sent_dropped, std::move(arrived));
  changes.marks_set.clear();
  in.clear(changes);
  // What it could not handle is gone with it, as what it sent and could not be delivered.
  changes.letters_added.clear();
  changes.letters_dropped.assign(letters_.begin(), letters_.end());
  letters_.clear();
}

void merge_changes(spi::message_changes& queued, spi::message_changes&& more) {
  if (more.stream != 0) queued.stream = more.stream;
  merge_list(queued.sent_added, queued.sent_dropped, std::move(more.sent_added), std::move(more.sent_dropped),
             &spi::message_image::sequence);
  merge_list(queued.marks_set, queued.marks_dropped, std::move(more.marks_set), std::move(more.marks_dropped),
             &spi::mark_image::from);
  merge_list(queued.letters_added, queued.letters_dropped, std::move(more.letters_added),
             std::move(more.letters_dropped), &spi::letter_image::id);
}

}  // namespace troupe::internal
